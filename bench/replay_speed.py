"""How much faster than life a call is replayed, by words alone and with meaning, and what a long one costs in memory.

The calls are made here: ordinary talk with a moment now and then, 150 words a minute, turns of 2 to 45 s. Times are the
best of some runs, for what else the machine does only ever adds. With meaning every sentence is worked out anew, though
the talk repeats itself. Memory is the process's largest resident size above
what it was when the playbook was loaded and a first short call replayed.

    python -m bench.replay_speed            # from the root of the repository
    python -m bench.replay_speed --profile  # and where the time goes, with partials
"""

from __future__ import annotations

import argparse
import cProfile
import io
import pstats
import resource
import time
from itertools import cycle

import psutil
from rich.console import Console
from rich.text import Text

from cornerman.paths import find_project_file
from cornerman.playbook import load_playbook
from cornerman.providers.embedding import Comparison, Embedder
from cornerman.replay.call_file import RecordedCall, Speaker, SpokenTurn, spread
from cornerman.replay.synthesis import Pacing, tape_of
from cornerman.replay.virtual import Book, Played, play

WORDS_A_SECOND = 2.5
BETWEEN_TURNS = 0.4
TURN_SECONDS = (4, 2, 9, 3, 14, 6, 2, 24, 5, 3, 11, 45)
TALK = (
    "so what we do at the moment is that every ticket comes into one mailbox, and somebody sorts them by hand. "
    "I would say that takes two people most of the morning, and on Mondays it is rather worse than that. "
    "we looked at the numbers again last week, and roughly four in ten could have been answered by the help pages. "
    "honestly that is too expensive for a team of our size. "
    "and how would the old tickets come over, is that something your people do or do we do that ourselves. "
    "my colleague had the same question when we spoke about it, and I did not know the answer either. "
    "we would need single sign on before anybody in security even looks at it. "
    "right, and then there is the phone, which is a different system altogether and not part of this. "
    "let me think about it until next month, there is a lot going on right now. "
    "it works well enough for the small shops, but the big ones have their own people and their own way. "
)
LIMIT_MEGABYTES = 50.0
FINALS_GOAL, WORDS_GOAL, MEANING_GOAL = 2000.0, 300.0, 100.0
MEGABYTE = 2**20


def made_call(hours: float) -> RecordedCall:
    """A call of this length between a rep and a prospect, the same each time."""
    words, lengths, voices = cycle(TALK.split()), cycle(TURN_SECONDS), cycle(("prospect", "rep"))
    turns: list[SpokenTurn] = []
    now = 0.0
    while now < 3600 * hours:
        seconds = next(lengths)
        text = " ".join(next(words) for _ in range(round(seconds * WORDS_A_SECOND)))
        turns.append(SpokenTurn(len(turns), next(voices), now, now + seconds, spread(text, now, now + seconds)))
        now += seconds + BETWEEN_TURNS
    speakers = (Speaker("rep", "Rep", "rep"), Speaker("prospect", "Prospect", "prospect"))
    return RecordedCall("made", "en", speakers, tuple(turns))


def timed(call: RecordedCall, book: Book, runs: int, *, finals_only: bool) -> tuple[float, Played]:
    """The shortest of some runs, in seconds, and what was played. Reading and compiling the playbook are not in it."""
    times: list[float] = []
    for _ in range(runs):
        began = time.perf_counter()
        played = play(tape_of(call, Pacing(finals_only=finals_only)), book)
        times.append(time.perf_counter() - began)
    return min(times), played


def growth(book: Book, hours: float) -> float:
    """Megabytes by which a call of this length makes the process grow at most."""
    play(tape_of(made_call(0.1), Pacing()), book)
    before = psutil.Process().memory_info().rss
    play(tape_of(made_call(hours), Pacing()), book)
    return max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before, 0) / MEGABYTE


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    console = Console(soft_wrap=True, highlight=False)
    playbook = load_playbook(find_project_file("playbook"))
    book = Book.of(playbook)
    grown = growth(book, 2.0)  # first: the largest size a process had never shrinks
    call = made_call(1.0)
    with_meaning = Book.of(playbook, comparison=Comparison(Embedder(), playbook))
    for what, goal, under, finals_only in (
        ("finals alone", FINALS_GOAL, book, True),
        ("word by word", WORDS_GOAL, book, False),
        ("word by word, with meaning", MEANING_GOAL, with_meaning, False),
    ):
        took, played = timed(call, under, options.runs, finals_only=finals_only)
        console.print(
            Text(
                f"1 h call, {what}: {took:6.2f} s = {3600 / took:6.0f} times life (goal: {goal:.0f}); "
                f"{len(played.fires)} turns with a moment, {len(played.nudges)} nudges"
            )
        )
    console.print(Text(f"2 h call, word by word: {grown:.1f} MB of growth (goal: under {LIMIT_MEGABYTES:.0f})"))
    if options.profile:
        profile = cProfile.Profile()
        profile.runcall(timed, call, book, 1, finals_only=False)
        text = io.StringIO()
        pstats.Stats(profile, stream=text).sort_stats("tottime").print_stats(18)
        console.print(Text(text.getvalue()))


if __name__ == "__main__":
    main()
