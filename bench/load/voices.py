"""Voices that can be told apart by what they say: each has words that no other voice of the load says, as far as the
fakes' vocabulary goes, and no other of its own call in any case.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from bench.load.lines import TESTS, Line, tone_line
from bench.load.plan import Caller, CallPlan, Saying, granted

TRIGGER = ("too", "expensive")
"""What each prospect says besides, and the rep never does: the one thing the load's playbook notices."""
TRIGGER_KIND = "price_objection"
DENIAL = "not"
"""What no voice says: before the trigger it would mean that nothing is too expensive."""
REP, PROSPECT = "rep", "prospect"
MOST_WORDS, FEWEST_WORDS = 6, 2
WORDS_A_LINE = 5
LINES_A_VOICE = 6
TURN = 3.0
"""Seconds from the beginning of one line to that of the other's."""
STAGGER = 0.73

PLAYBOOK = {
    "playbook.yaml": """\
name: load
company: Clearwater
language: en
stages:
  opening: [Agree on how the call should end together]
  discovery: [Ask what happens if nothing changes at all]
  presentation: [Show the one thing they asked for first]
  negotiation: [Ask for something with every single concession made]
  closing: [Agree on one next step and a date]
budget: {interval_s: 1, burst: 10, cooldown_s: 4, per_call: 1000, ttl_s: 4, offers: false}
""",
    "moments/price.yaml": """\
- id: price
  kind: price_objection
  phrases: [too expensive]
  negative: []
  card: objections/price
""",
    "objections/price.md": """\
---
title: Price
headline: Ask what they compare the price with today
detail: Then go back to the value they named.
---
# Answer
Ask what they compare it with.
""",
}


def write_playbook(folder: Path) -> Path:
    """A playbook that notices the trigger, again and again."""
    for name, text in PLAYBOOK.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def words_of_voice(number: int, voices: int) -> list[str]:
    """The words that are this voice's own."""
    if str(TESTS) not in sys.path:
        sys.path.append(str(TESTS))
    from fakes.tones import VOCABULARY

    pool = [word for word in VOCABULARY if word not in (*TRIGGER, DENIAL)]
    each = max(FEWEST_WORDS, min(MOST_WORDS, len(pool) // voices))
    return [pool[(number * each + index) % len(pool)] for index in range(each)]


def lines_of_voice(name: str, own: list[str], folder: Path, *, triggers: bool, seed: int) -> list[Line]:
    """What a voice says: its own words in ever other orders, no word twice in a row. `triggers`: each second line."""
    chance = random.Random(seed)
    made = []
    for number in range(LINES_A_VOICE):
        words: list[str] = []
        while len(words) < WORDS_A_LINE:
            words.append(chance.choice([word for word in own if words[-1:] != [word]]))
        triggering = triggers and number % 2 == 0
        if triggering:
            words[1:1] = TRIGGER
        kind, until = (TRIGGER_KIND, TRIGGER[-1]) if triggering else ("", "")
        made.append(tone_line(f"{name}-{number}", " ".join(words), folder, kind=kind, until=until))
    return made


def distinct_calls(calls: int, folder: Path, agent_name: str, run: str) -> tuple[list[CallPlan], dict[str, Line]]:
    """Calls of two who speak by turns without end, and their lines."""
    plans, lines = [], {}
    for call in range(calls):
        people = []
        for side, identity in enumerate((REP, PROSPECT)):
            voice = 2 * call + side
            own = words_of_voice(voice, 2 * calls)
            said = lines_of_voice(f"voice-{voice}", own, folder, triggers=identity == PROSPECT, seed=voice)
            lines.update({line.name: line for line in said})
            sayings = tuple(Saying((2 * at + side) * TURN, line.name) for at, line in enumerate(said))
            people.append(Caller(identity, sayings))
        plans.append(
            CallPlan(
                f"{run}-{call}",
                people[0],
                (people[1],),
                agent_name=agent_name,
                metadata=granted((PROSPECT,), REP),
                every=2 * LINES_A_VOICE * TURN,
                after=STAGGER * call,
            )
        )
    return plans, lines
