"""Prices that were said: what is one, and how it stands to what the other side asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from cornerman.coach.language import Amount

LEAST_PRICE = 5.0
"""A bare number below it counts things more often than money: "one of them", "two of us"."""
LOWEST_OFFER = 0.35
"""The least share of a price that is an offer for it: less is another thing's price, or another thing counted. The
lowest first offers in public records of haggling over used goods are about half of what was asked.
"""


def is_price(amount: Amount) -> bool:
    """Whether an amount is said as a price."""
    return amount.kind == "money" or (amount.kind == "number" and amount.value >= LEAST_PRICE)


def against(amount: Amount, named: Sequence[float]) -> Literal["lower", "same"] | None:
    """How an amount stands to the prices the other side named: an offer below them, one of them, or neither."""
    if not named or amount.kind not in ("money", "number"):
        return None
    if amount.value in named:
        return "same"
    return "lower" if LOWEST_OFFER * max(named) <= amount.value < max(named) else None
