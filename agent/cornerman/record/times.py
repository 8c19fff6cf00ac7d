"""How long each step took from the spoken words to the rep's eye, as calls' journals have it.

In: segments of journals. Out: for cards of the playbook and for cards a model had worded, the spread of each step, in
seconds. A card counts by its first revision that was shown, and from the words on only where words caused it. Painting
counts for every revision.

What the steps are: `heard` is when the words arrived from the recogniser, `decided` when the coach let the card out,
`sent` when its call to the rep left, `acked` when the rep's answer was in. The rep's client says how long it painted;
when the card was seen is reckoned from that, see `Delivery.seen`. Journals of older coaches lack what they did not
write, and count for the other steps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from cornerman.events import Delivery
from cornerman.record.codec import read_event
from cornerman.record.reading import Segment

STEPS = (
    "spoken to heard",
    "heard to decided",
    "decided to sent",
    "sent to acked",
    "painted",
    "spoken to acked",
    "spoken to seen",
)
CARDS = "cards of the playbook"
ADVICE = "cards worded by a model"


@dataclass(frozen=True, slots=True)
class Spread:
    """How a step's times are spread: how many there are, median, 95th percentile and the longest, in seconds."""

    count: int
    median: float
    p95: float
    longest: float


def times_of(calls: Iterable[Sequence[Segment]]) -> Mapping[str, Mapping[str, Spread]]:
    """The spread of each step that was ever taken, for `CARDS` and `ADVICE`; each call is its segments in order."""
    taken: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for segments in calls:
        for worded, step, seconds in _steps(segments):
            taken[worded][step].append(seconds)
    return {
        worded: {step: _spread(taken[worded][step]) for step in STEPS if taken[worded][step]}
        for worded in (CARDS, ADVICE)
        if worded in taken
    }


def _steps(segments: Sequence[Segment]) -> Iterable[tuple[str, str, float]]:
    """Every step of one call: by whom the card was worded, which step, seconds."""
    revisions: dict[tuple[str, int], Mapping[str, Any]] = {}
    shown: set[str] = set()
    for line in (line for segment in segments for line in segment.lines):
        if line.get("out") == "nudge":
            revisions[line["id"], line["rev"]] = line
        elif line.get("in") == "delivery":
            delivery, nudge = read_event(line, None), revisions.get((line["nudge"], line["rev"]))
            # A card of a process whose journal is lost is known by its delivery only.
            if not isinstance(delivery, Delivery) or delivery.outcome != "shown" or nudge is None:
                continue
            worded = ADVICE if nudge.get("advised") else CARDS
            if delivery.painted is not None:
                yield worded, "painted", delivery.painted
            if nudge["status"] != "withdrawn" and delivery.nudge not in shown:
                shown.add(delivery.nudge)
                yield from ((worded, *step) for step in _of_card(nudge, delivery, float(line["now"])))


def _of_card(nudge: Mapping[str, Any], delivery: Delivery, acked: float) -> Iterable[tuple[str, float]]:
    heard, decided = float(nudge["heard"]), float(nudge["decided"])
    yield "heard to decided", decided - heard
    if delivery.sent is not None:
        yield "decided to sent", delivery.sent - decided
        yield "sent to acked", acked - delivery.sent
    if "turn" in nudge["because"][0]:
        spoken, seen = float(nudge["spoken"]), delivery.seen(acked)
        yield "spoken to heard", heard - spoken
        yield "spoken to acked", acked - spoken
        if seen is not None:
            yield "spoken to seen", seen - spoken


def _spread(seconds: Sequence[float]) -> Spread:
    if len(seconds) == 1:
        return Spread(1, seconds[0], seconds[0], seconds[0])
    cuts = quantiles(seconds, n=100, method="inclusive")
    return Spread(len(seconds), cuts[49], cuts[94], max(seconds))
