"""The check every text passes before a rep sees it: nothing in it that its grounds do not say.

In: a text (a headline, or the detail as far as it is written), the ids it cites, and the grounds. Out: the first fault
found, or None. It errs towards a fault: what is refused costs a better card, what slips through costs trust.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from cornerman.advising.grounding.discounts import discounts_in, sentence_round, wrong_discount
from cornerman.advising.grounding.evidence import Evidence, evidence_of
from cornerman.advising.grounding.free import free_of, is_reported
from cornerman.advising.grounding.instructions import steers
from cornerman.advising.grounding.markup import markup_fault
from cornerman.advising.grounding.measures import Found
from cornerman.advising.grounding.names import unknown_name
from cornerman.advising.grounding.offered import Fault, Grounds
from cornerman.advising.grounding.promises import untold_promise
from cornerman.advising.grounding.quantity import Quantity
from cornerman.advising.grounding.quotes import invented_quote
from cornerman.advising.grounding.reading import Reading, bare, read
from cornerman.advising.grounding.topics import topic_of
from cornerman.advising.grounding.units import PERCENTS
from cornerman.coach.language import word_set

_BESIDE: Final = word_set(
    ". , ; : ! ? and but or with without plus vs versus than to against while instead from und aber oder mit gegen als"
)
"""What parts the words round a price from what is said of another."""


def check(text: str, cited: Sequence[str], grounds: Grounds) -> Fault | None:
    """What is wrong with a text that leans on these sources; None: it may be shown."""
    if fault := markup_fault(text):
        return fault
    if any(one not in grounds.offered for one in cited):
        return Fault("source", "cites what was not offered")
    evidence = evidence_of(grounds, cited)
    claim = read(text, evidence.language, generous=False)
    if steers(text, claim.line):
        return Fault("instruction", "gives an order that is no advice on the conversation")
    if invented_quote(text, evidence):
        return Fault("quote", "quotes what was not said")
    if wrong_discount(claim, grounds.verdicts, evidence):
        return Fault("discount", "says of a discount what the table does not")
    if fault := _number_fault(claim, evidence, discounts_in(claim, grounds.verdicts)):
        return fault
    if untold_promise(claim.line, evidence.given_word, evidence.language):
        return Fault("quote", "tells of a promise that nobody made")
    if _falsely_free(claim, evidence):
        return Fault("price", "calls free what no source does")
    if unknown_name(claim, evidence):
        return Fault("name", "names what no source does")
    if grounds.forbidden.claimed(text):
        return Fault("forbidden", "makes a claim that the playbook forbids")
    return None


def _falsely_free(claim: Reading, evidence: Evidence) -> bool:
    grounds = evidence.free + (evidence.free_heard if is_reported(claim.line) else ())
    return any(not any(one & near for near in grounds) for one in free_of(claim.line, evidence.language))


def _number_fault(claim: Reading, evidence: Evidence, discounts: Sequence[Found]) -> Fault | None:
    for one in claim.found:
        if one in discounts:
            continue  # held against the verdicts
        topic, names = _topic(claim, one, evidence), _names(claim, one, evidence)
        if one.quantity.kind in ("percent", "fraction") and not topic:
            return unsupported(one)  # a share of nothing in particular
        if not any(evidence.quantities.support(meant, topic, names) for meant in _meant(one, claim)):
            return unsupported(one)
    covered = {at for one in claim.found for at in range(one.first, one.end)}
    for at, token in enumerate(claim.tokens):
        if at in covered:
            continue
        if token.digits:
            return Fault("number", "names a number that no source gives")
        if token.low in PERCENTS or token.low == "percentage":
            words = " ".join(other.low for other in claim.tokens[at - 1 : at + 1])
            if token.low != "percentage" and words != "what percent":
                return Fault("percent", "names a percentage that cannot be read")
    return None


def _meant(one: Found, claim: Reading) -> Iterator[Quantity]:
    """The quantity, and for a bare number the unit it may share with a time elsewhere: "in six weeks; we take 3"."""
    yield one.quantity
    if one.quantity.kind == "number" and not one.quantity.of:
        for other in claim.found:
            if other.quantity.kind == "time" and not other.quantity.of and other is not one:
                yield replace(other.quantity, value=one.quantity.value)


def _topic(claim: Reading, one: Found, evidence: Evidence) -> frozenset[str]:
    """What the sentence round a number is about, as far as the grounds know of it."""
    first, last = sentence_round(claim.tokens, one)
    words = (bare(token.low) for at, token in enumerate(claim.tokens) if first <= at < last)
    return topic_of(words, evidence.language) & evidence.topics


def _names(claim: Reading, one: Found, evidence: Evidence) -> frozenset[str]:
    """What is named beside a price, up to the next word that sets another beside it."""
    if one.quantity.kind != "money":
        return frozenset()
    tokens, first, last = claim.tokens, one.first, one.end
    while first and tokens[first - 1].low not in _BESIDE:
        first -= 1
    while last < len(tokens) and tokens[last].low not in _BESIDE:
        last += 1
    return evidence.names_of(tokens[first:last])


def unsupported(one: Found) -> Fault:
    """The fault of a quantity that nothing supports."""
    kind = one.quantity.kind
    if kind == "money":
        return Fault("price", "names a price that no source gives")
    if kind in ("percent", "fraction"):
        return Fault("percent", "names a share that no source gives")
    return Fault("number", "names a number or date that no source gives")
