"""What a number in a text says, and when another text says the same.

A quantity is a value with what it measures. Percent is supported by percent only, money by money of the same currency
and period, time by time in the same unit, where only twelve months are a year: "42 days" is not said by "six weeks". A
number that counts something is supported where the same number counts something of the same name, or stands alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

QuantityKind = Literal[
    "number", "percent", "fraction", "money", "time", "times", "ordinal", "designation", "clock", "day", "term"
]

NO_TOPIC: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that was said.

    - `value`: percent in percent, fractions as a share of one, time in its `unit`, clock in minutes of half a day.
    - `unit`: a currency (empty: not named), the base that time is counted in, the name a designation belongs to, the
      month of a day, "factor" for times that are no frequency, or the term itself.
    - `of`: stems of what is counted, or of what money is paid for.
    """

    kind: QuantityKind
    value: float
    unit: str = ""
    of: frozenset[str] = frozenset()

    @property
    def key(self) -> float:
        """The value, so that the same number read from different writings is the same."""
        return round(self.value, 6)


@dataclass(frozen=True, slots=True)
class Stated:
    """A quantity as a ground states it, with what its sentence is about, and whom or what that names."""

    quantity: Quantity
    topic: frozenset[str] = NO_TOPIC
    names: frozenset[str] = NO_TOPIC


class Quantities:
    """All that several sentences say in numbers."""

    def __init__(self, found: Iterable[Stated] = ()) -> None:
        self._by_key: dict[float, list[Stated]] = {}
        self._terms: set[str] = set()
        for one in found:
            if one.quantity.kind == "term":
                self._terms.add(one.quantity.unit)
            else:
                self._by_key.setdefault(one.quantity.key, []).append(one)

    def support(self, claim: Quantity, topic: frozenset[str] = NO_TOPIC, names: frozenset[str] = NO_TOPIC) -> bool:
        """Whether the claim is said here; with a topic, in a sentence that shares some of it; a price with names, in a
        sentence about one of them.
        """
        if claim.kind == "term":
            return claim.unit in self._terms
        same = [one for one in self._by_key.get(claim.key, ()) if _same(claim, one.quantity)]
        if claim.kind == "money" and claim.of and not _said_rates(claim, same):
            return False
        if claim.kind == "money" and names:
            same = [one for one in same if not one.names or names & one.names]
        return any(not topic or topic & one.topic for one in same)


def _said_rates(claim: Quantity, same: Iterable[Stated]) -> bool:
    """Whether "$49 a seat" fits "$49 per seat and month": where any rate is named, it holds all that is claimed."""
    rates = [one.quantity.of for one in same if one.quantity.of]
    return not rates or any(claim.of <= one for one in rates)


def _same(claim: Quantity, ground: Quantity) -> bool:
    """Whether two quantities of one value say the same."""
    if claim.kind != ground.kind:
        # A number that nothing is said of may be any count or price, never a percentage or a time.
        return claim.kind == "number" and not claim.of and ground.kind == "money"
    if claim.kind == "money":
        return not claim.unit or not ground.unit or claim.unit == ground.unit
    if claim.kind == "time":
        return claim.unit == ground.unit and (claim.of == ground.of or not ground.of)
    if claim.kind in ("designation", "day", "times"):
        return claim.unit == ground.unit
    if claim.kind == "clock":
        return claim.unit == ground.unit or not claim.unit or not ground.unit
    if claim.kind in ("number", "percent"):
        return not claim.of or not ground.of or bool(claim.of & ground.of)
    return True
