"""What was said beside what the coach's journals say was heard: nothing lost, nothing doubled, nobody mistaken.

In: what the callers told they said, the lines with their words, a folder of finished journals. Out: a `Mishearing` for
every participant whose words differ, empty where all is as it was said. Each voice must say words that no other voice
of its call says; so a word in the wrong place is somebody else's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.load.facts import Fact
from bench.load.lines import Line
from bench.load.plan import CallPlan
from cornerman.errors import CornermanError
from cornerman.events import Turn
from cornerman.record.reading import Segment, segments_of

MOST_STEPS = 400


@dataclass(frozen=True, slots=True)
class Mishearing:
    """Words of `identity` in `call` that were said and not heard, heard more often than said, or are not theirs."""

    call: str
    identity: str
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = {"lost": self.lost, "heard more often than said": self.doubled, "another's": self.foreign}
        told = "; ".join(f"{len(words)} {what} ({_shortened(words)})" for what, words in parts.items() if words)
        return f"{self.call}, {self.identity}: {told}"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a call's journals hold. `segments`: more than one where the coach was restarted; `ended`: whether it was
    closed in order. `words` by identity, in the order heard.
    """

    words: Mapping[str, tuple[str, ...]]
    segments: int
    ended: bool


def heard_in_journal(journals: Path, room: str) -> Heard:
    """Reads a call's journal.

    Raises:
        CornermanError: there is none, or several rooms of this name had one.
    """
    folders = list(journals.glob(f"{room}-RM_*"))
    if len(folders) != 1:
        raise CornermanError(f"{room} has {len(folders)} journals in {journals}, not one")
    segments = segments_of(folders[0])
    words: dict[str, list[str]] = {}
    for segment in segments:
        for turn in _turns(segment):
            words.setdefault(turn.identity, []).extend(word.text.strip(".,!?").lower() for word in turn.words)
    ended = bool(segments) and any("sent" in note for note in segments[-1].notes())
    return Heard({identity: tuple(texts) for identity, texts in words.items()}, len(segments), ended)


def _turns(segment: Segment) -> list[Turn]:
    found = [one.event for one in segment.heard() if isinstance(one.event, Turn)]
    return sorted(found, key=lambda turn: turn.start)


def said_words(facts: Sequence[Fact], lines: Mapping[str, Line]) -> dict[tuple[str, str], list[str]]:
    """All words of lines that were said to their end, in order, by call and identity."""
    found: dict[tuple[str, str], list[str]] = {}
    for fact in sorted((fact for fact in facts if fact.kind == "said"), key=lambda fact: float(fact["start"])):
        words = [word.text for word in lines[str(fact["line"])].words]
        found.setdefault((fact.call, fact.identity), []).extend(words)
    return found


def misheard(
    plans: Sequence[CallPlan], facts: Sequence[Fact], lines: Mapping[str, Line], journals: Mapping[str, Heard]
) -> list[Mishearing]:
    """Everybody whose words differ; `journals` by room."""
    said = said_words(facts, lines)
    found = []
    for plan in plans:
        heard = journals[plan.room].words
        for identity in {caller.identity for caller in plan.people} | set(heard):
            one = _compared(plan.room, identity, said.get((plan.room, identity), []), list(heard.get(identity, ())))
            if one.lost or one.doubled or one.foreign:
                found.append(one)
    return found


def _compared(call: str, identity: str, said: list[str], heard: list[str]) -> Mishearing:
    own = set(said)
    foreign = tuple(word for word in heard if word not in own)
    lost, doubled = difference(said, [word for word in heard if word in own])
    return Mishearing(call, identity, tuple(lost), tuple(doubled), foreign)


def difference(said: Sequence[str], heard: Sequence[str]) -> tuple[list[str], list[str]]:
    """The fewest words to be taken from and put into what was said to make it what was heard (Myers' greedy way, quick
    where there are few); where there are more than `MOST_STEPS`, those whose counts differ.
    """
    furthest, steps = {1: 0}, []
    for step in range(MOST_STEPS + 1):
        steps.append(dict(furthest))
        for diagonal in range(-step, step + 1, 2):
            down = diagonal == -step or (diagonal != step and furthest[diagonal - 1] < furthest[diagonal + 1])
            at = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            while at < len(said) and at - diagonal < len(heard) and said[at] == heard[at - diagonal]:
                at += 1
            furthest[diagonal] = at
            if at >= len(said) and at - diagonal >= len(heard):
                return _traced(said, heard, steps)
    return list((Counter(said) - Counter(heard)).elements()), list((Counter(heard) - Counter(said)).elements())


def _traced(
    said: Sequence[str], heard: Sequence[str], steps: Sequence[Mapping[int, int]]
) -> tuple[list[str], list[str]]:
    lost, doubled = [], []
    at, to = len(said), len(heard)
    for step in range(len(steps) - 1, 0, -1):
        furthest, diagonal = steps[step], at - to
        down = diagonal == -step or (diagonal != step and furthest[diagonal - 1] < furthest[diagonal + 1])
        came = diagonal + 1 if down else diagonal - 1
        at, to = furthest[came], furthest[came] - came
        if down:
            doubled.append(heard[to])
        else:
            lost.append(said[at])
    return lost[::-1], doubled[::-1]


def _shortened(words: Sequence[str]) -> str:
    return " ".join(words[:8]) + (" ..." if len(words) > 8 else "")
