"""What judging one partial costs, with few phrases and with many.

Three playbooks: 100 phrases, 10,000, and the sample as it ships. Every further phrase begins with a word of the talk,
so that a search begins to match everywhere and seldom ends. Partials grow word by word to turns of 30 s, as live; each
is read and judged as `Noticing` has it done. The playbooks take turns partial by partial, so that what else the machine
does meets all alike.

    python -m bench.matching            # from the root of the repository
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.measured import percentile
from bench.replay_speed import TALK
from cornerman.coach.moments import Detector
from cornerman.coach.transcript import Utterance
from cornerman.events import Word
from cornerman.paths import find_project_file
from cornerman.playbook import Playbook, load_playbook

FEW, MANY = 100, 10_000
TURN_WORDS = 75
"""Words of a turn of 30 s, the length cap, at 150 a minute."""
GOAL_MILLISECONDS, GOAL_RATIO = 1.0, 1.5


def with_phrases(playbook: Playbook, count: int) -> Playbook:
    """The playbook with so many phrases, its own first."""
    chance = random.Random(20)
    vocabulary = sorted({word.strip(".,").lower() for word in TALK.split()})
    left = count
    moments = []
    for definition in playbook.moments:
        moments.append(replace(definition, phrases=definition.phrases[:left], hints=(), negative=()))
        left -= min(left, len(definition.phrases))
    rare = [f"{first}{second}" for first in vocabulary for second in ("ing", "ner", "tal")]
    made = tuple(f"{chance.choice(vocabulary)} {' '.join(chance.sample(vocabulary + rare, 3))}" for _ in range(left))
    moments.append(replace(moments[0], id="made", phrases=made))
    return replace(playbook, moments=tuple(moments))


def partials(turns: int) -> Iterator[Utterance]:
    """Growing turns of a prospect."""
    words = cycle(TALK.split())
    for turn in range(turns):
        said = [next(words) for _ in range(TURN_WORDS)]
        spoken = tuple(Word(text, at * 0.4, at * 0.4 + 0.35) for at, text in enumerate(said))
        yield from (Utterance(f"t{turn}", "p", "prospect", spoken[:count], False) for count in range(1, TURN_WORDS + 1))


def measure(detectors: dict[str, Detector], turns: int) -> dict[str, list[float]]:
    """Milliseconds of each partial under each playbook."""
    took: dict[str, list[float]] = {name: [] for name in detectors}
    for utterance in partials(turns):
        for name, detector in detectors.items():
            began = time.perf_counter()
            detector.detect(detector.read(utterance))
            took[name].append((time.perf_counter() - began) * 1000)
    return took


def main() -> None:
    """Measures and prints; exit status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sample = load_playbook(find_project_file("playbook"))
    few, many, ships = f"{FEW} phrases", f"{MANY:,} phrases", "the sample playbook"
    detectors = {
        few: Detector(with_phrases(sample, FEW)),
        many: Detector(with_phrases(sample, MANY)),
        ships: Detector(sample),
    }
    measure(detectors, 5)  # caches of stems warm up
    rounds = [measure(detectors, options.turns) for _ in range(options.rounds)]
    table = Table(title=f"one partial judged, milliseconds; medians of {options.rounds} rounds")
    for column in ("playbook", "p50", "p99"):
        table.add_column(column)
    found: dict[str, tuple[float, float]] = {}
    for name in detectors:
        p50, p99 = (median(percentile(one[name], share) for one in rounds) for share in (0.5, 0.99))
        found[name] = p50, p99
        table.add_row(name, f"{p50:.3f}", f"{p99:.3f}")
    console = Console(soft_wrap=True, highlight=False)
    console.print(table)
    ratio = found[many][0] / found[few][0]
    console.print(f"{MANY:,} to {FEW}: {ratio:.2f} times (goal: {GOAL_RATIO}); p99 goal: {GOAL_MILLISECONDS:g} ms")
    if found[many][1] >= GOAL_MILLISECONDS or ratio > GOAL_RATIO:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
