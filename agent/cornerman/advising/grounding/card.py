"""The check of a card as the rep reads it: headline and detail by themselves, and what they say together.

A falsehood may be parted: "You can give them a" over "quarter off." Each half is true of nothing; read in one they are
an amount that neither holds. In: headline, the detail so far, the ids they cite, the grounds. Out: a fault, or None.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cornerman.advising.grounding.check import check, unsupported
from cornerman.advising.grounding.discounts import discounts_in, wrong_discount
from cornerman.advising.grounding.evidence import evidence_of
from cornerman.advising.grounding.free import free_of
from cornerman.advising.grounding.instructions import steers
from cornerman.advising.grounding.measures import Found
from cornerman.advising.grounding.offered import Fault, Grounds
from cornerman.advising.grounding.reading import Reading, read

_ENDS: Final = re.compile(r"[.!?;:,\u2026]+(?=\s|$)")


def check_card(headline: str, detail: str, cited: Sequence[str], grounds: Grounds) -> Fault | None:
    """What is wrong with a card of these words; None: it may be shown. The detail may be empty, or not yet whole."""
    fault = check(headline, cited, grounds)
    if fault is None and detail:
        fault = check(detail, cited, grounds) or _together(headline, detail, cited, grounds)
    return fault


def _together(headline: str, detail: str, cited: Sequence[str], grounds: Grounds) -> Fault | None:
    """What only stands there once the marks between the parts are read over."""
    evidence = evidence_of(grounds, cited)
    language = evidence.language
    parts = [read(part, language, generous=False) for part in (headline, detail)]
    text = _ENDS.sub("", f"{headline} {detail}")
    whole = read(text, language, generous=False)
    read_before = {_key(one) for part in parts for one in part.found}
    for one in whole.found:
        if _key(one) not in read_before and not evidence.quantities.support(one.quantity):
            return unsupported(one)
    before = {_key(one) for part in parts for one in discounts_in(part, grounds.verdicts)}
    new = [one for one in discounts_in(whole, grounds.verdicts) if _key(one) not in before and _starts(one, parts)]
    if new and wrong_discount(Reading(whole.tokens, tuple(new), whole.line), grounds.verdicts, evidence):
        return Fault("discount", "says of a discount what the table does not")
    if steers(text, whole.line):
        return Fault("instruction", "gives an order that is no advice on the conversation")
    if grounds.forbidden.claimed(text):
        return Fault("forbidden", "makes a claim that the playbook forbids")
    free = free_of(whole.line, language)
    if len(free) > sum(len(free_of(part.line, language)) for part in parts) and not evidence.free:
        return Fault("price", "calls free what no source does")
    return None


def _key(one: Found) -> tuple[str, float, str]:
    return one.quantity.kind, one.quantity.key, one.quantity.unit


def _starts(one: Found, parts: Sequence[Reading]) -> bool:
    """Whether the amount is the first or the last thing of a part: only there can it belong to the other."""
    return any(
        other.first <= 1 or other.end >= len(part.tokens) - 1
        for part in parts
        for other in part.found
        if _key(other) == _key(one)
    )
