"""Delays of coaching, from what prospects said and what their reps were told. All times are of one machine's monotonic
clock.

A nudge belongs to a trigger by its own evidence: it quotes the trigger's words. Of those that were told after the
trigger's last word and within `LATEST`, before the same words were said again, the first counts. Nothing is estimated:
a trigger without a nudge is lost, and counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Noted = dict[str, Any]

LATEST = 12.0
"""Seconds after which a nudge is of no use to anybody, and counts as lost."""


@dataclass(slots=True)
class Delays:
    """In seconds. `nudge`: from the trigger's last word to the rep's answer to the first nudge for it; `inside` and
    `ending`: of these, triggers inside longer utterances and at their ends. `first` and `final`: from the end of the
    utterance's voice to the rep's answer to the model's first words, and to the last of its whole advice; below 0
    while the utterance goes on. `first_ending`: of the first, where the trigger ends the utterance. `lost`: triggers
    that brought no nudge; `unadvised`: of which no whole advice was seen.
    """

    nudge: list[float] = field(default_factory=list)
    inside: list[float] = field(default_factory=list)
    ending: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    first_ending: list[float] = field(default_factory=list)
    final: list[float] = field(default_factory=list)
    said: int = 0
    lost: int = 0
    unadvised: int = 0

    def join(self, other: Delays) -> None:
        """Takes in those of another run."""
        for name in ("nudge", "inside", "ending", "first", "first_ending", "final"):
            getattr(self, name).extend(getattr(other, name))
        self.said += other.said
        self.lost += other.lost
        self.unadvised += other.unadvised


def delays_of(said: Sequence[Noted], told: Sequence[Noted], headlines: Collection[str]) -> Delays:
    """Delays of all calls of a run; `headlines` are those that the model writes."""
    found = Delays()
    for trigger in said:
        found.said += 1
        nudges = list(_of(trigger, said, told))
        if not nudges:
            found.lost += 1
        else:
            delay = nudges[0]["at"] - trigger["due"]
            found.nudge.append(delay)
            (found.inside if trigger["inside"] else found.ending).append(delay)
        advice = [nudge["at"] - trigger["over"] for nudge in nudges if nudge["headline"] in headlines]
        whole = [nudge["at"] - trigger["over"] for nudge in nudges if nudge["headline"] in headlines and nudge["final"]]
        found.first += advice[:1]
        found.first_ending += [] if trigger["inside"] else advice[:1]
        found.final += whole[-1:]
        found.unadvised += not whole
    return found


def _of(trigger: Noted, said: Sequence[Noted], told: Sequence[Noted]) -> Iterator[Noted]:
    """What was told for this trigger, in order: by its quote, or by the id of a nudge that quoted it."""
    same = [one["due"] for one in said if one["call"] == trigger["call"] and one["words"] == trigger["words"]]
    until = min([due for due in same if due > trigger["due"]], default=float("inf"))
    until = min(until, trigger["due"] + LATEST)
    for nudge in told:
        is_of_call = nudge["call"] == trigger["call"] and nudge["status"] != "withdrawn"
        if is_of_call and trigger["due"] <= nudge["at"] < until and _quotes(nudge, trigger["words"]):
            yield nudge


def _quotes(nudge: Noted, words: str) -> bool:
    """A quote holds the trigger's words, or is a part of them."""
    quotes = [_plain(quote) for quote in nudge["quotes"]]
    return any(words in quote or (quote and quote in words) for quote in quotes)


def _plain(text: str) -> str:
    letters = "".join(letter for letter in text.lower() if letter.isalnum() or letter == " ")
    return " ".join(letters.split())
