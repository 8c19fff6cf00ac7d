"""Delays of advising, from what the coach, the rep and the model's server each noted of the same turns.

In: for each turn when it was fed; requests as they came to the model's server; cards as the rep was shown them; the
rep's answers as they came to the coach. All times are of the machine's monotonic clock. Out: delays in milliseconds.
Nothing is estimated: what was not seen is left out and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Noted = dict[str, Any]

SOON = 4.0
"""Seconds after which a card is of another turn."""
PROSPECT = "prospect"
ECHO = "bench_echo"
"""The method of reps by which they echo."""
HEADLINE = "Ask what they would compare it with before you defend the offer at any price now"
"""What the model's server answers: 80 characters, and 300 of detail."""
DETAIL = (
    "It may be an older bill of theirs, or a number in somebody's head. Each of them needs another answer. "
    "Set the price beside the cost they named, and wait. If the gap is real, resize the plan before you "
    "touch that price, and keep what they asked for most. Then stay silent until they have answered you."
)


@dataclass(slots=True)
class Delays:
    """Of the turns of one call. `lost`: what was waited for and never seen, by what it was."""

    values: dict[str, list[float]] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, since: float, until: float | None) -> None:
        """A delay, if its end was seen."""
        if until is None:
            self.lost[name] = self.lost.get(name, 0) + 1
        else:
            self.values.setdefault(name, []).append((until - since) * 1000)

    def join(self, other: Delays) -> None:
        """Takes in those of another call."""
        for name, values in other.values.items():
            self.values.setdefault(name, []).extend(values)
        for name, count in other.lost.items():
            self.lost[name] = self.lost.get(name, 0) + count


@dataclass(frozen=True, slots=True)
class Seen:
    """What was noted of one call."""

    turns: Sequence[Noted]
    requests: Sequence[Noted]
    painted: Sequence[Noted]
    acks: Sequence[Noted]

    def requests_of(self, turn: str) -> list[Noted]:
        """The requests for advice on a turn, in order."""
        return [one for one in self.requests if one["turn"] == turn]

    def requests_on_all(self, turn: Noted) -> list[Noted]:
        """Those made when all of its words were there: with its last partial, for a card, or when it was over."""
        return [one for one in self.requests_of(turn["turn"]) if one["arrived"] >= turn["partial"]]

    def shown(self, since: float, **wanted: Any) -> Noted | None:
        """The first card soon after that which is like this, as it was painted."""
        return next(
            (
                one
                for one in self.painted
                if since <= one["at"] < since + SOON and all(one[name] == value for name, value in wanted.items())
            ),
            None,
        )

    def acked(self, painted: Noted | None) -> float | None:
        """When the rep's answer to it was with the coach."""
        if painted is None:
            return None
        return next(
            (one["at"] for one in self.acks if (one["id"], one["rev"]) == (painted["id"], painted["rev"])), None
        )


def request_delays(seen: Seen) -> Delays:
    """From what makes a request, the last partial or the end of a turn, to the request at the model's server. Beside it
    how long the coach's own step took of that.
    """
    found = Delays()
    for turn in seen.turns:
        asked = next(iter(seen.requests_on_all(turn)), None)
        cause = "partial" if asked is not None and asked["arrived"] < turn["over"] else "over"
        found.add("request", turn[cause], asked["arrived"] if asked is not None else None)
        found.values.setdefault("own step", []).append(turn[f"{cause}_took"] * 1000)
    return found


def first_piece_delays(seen: Seen, headline: str) -> Delays:
    """From the piece that makes a headline whole, as the server sends it, to the rep's answer at the coach."""
    found = Delays()
    for turn in seen.turns:
        for asked in seen.requests_of(turn["turn"])[:1]:
            if asked["first_sent"] is not None:
                painted = seen.shown(asked["first_sent"], headline=headline)
                found.add("piece", asked["first_sent"], seen.acked(painted))
    return found


def reflex_delays(seen: Seen) -> Delays:
    """From the partial that has a moment in it to the rep's answer to its plain card."""
    found = Delays()
    for turn in seen.turns:
        painted = seen.shown(turn["partial"], rev=0)
        soon = painted is not None and painted["at"] < turn["over"]
        found.add("reflex", turn["partial"], seen.acked(painted) if soon else None)
    return found


def answer_delays(seen: Seen, headline: str, detail: str) -> Delays:
    """From the end of a turn to the model's first words, and to the whole answer, each answered by the rep. Beside them
    what the model itself took: from its request to the piece that it sent.
    """
    found = Delays()
    for turn in seen.turns:
        words = seen.shown(turn["partial"], headline=headline)
        whole = seen.shown(turn["partial"], headline=headline, detail=detail, final=True)
        found.add("words", turn["over"], seen.acked(words))
        found.add("whole", turn["over"], seen.acked(whole))
        for asked in seen.requests_of(turn["turn"]):
            if not asked["closed_early"]:
                found.add("model's words", asked["arrived"], asked["headline_sent"])
                found.add("model's whole", asked["arrived"], asked["all_sent"])
    return found
