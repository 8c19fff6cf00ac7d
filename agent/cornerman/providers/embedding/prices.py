"""Sentences made alike in what they say of money: "80?" and "I could do $1,500" ask for less in the same way.

A small model takes a price for what it is near, not for what it means in the sentence; with every price the same, only
the rest of the sentence counts. On labelled haggling this raised what was found at equal precision by a third.
"""

from __future__ import annotations

import re

ANY_PRICE = "fifty dollars"

_PRICE = re.compile(
    r"(?<![\w.])[$€£]?\s?(?:\d[\d,.]*\d|\d|\.\d+)k?\s?[$€£]?"
    r"(?!\w|\s?%|\spercent)(?:\s(?:dollars?|bucks?|euros?|pounds?|cents?)\b)?",
    re.IGNORECASE,
)


def with_any_price(sentence: str) -> str:
    """The sentence with every number in digits replaced by one and the same price."""
    return _PRICE.sub(f" {ANY_PRICE} ", sentence).strip()
