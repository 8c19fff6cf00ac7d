"""What can be advised without a model: the discount table's own verdict, and the section that answers a question.

In: what was gathered for a request. Out: one last step of advice, in the words of the playbook. Signs of markup in them
are made plain; a section that holds a link, gives orders or makes a forbidden claim is not shown: somebody may have
tampered with it. Where there is nothing to say, the card stays as it is.
"""

from __future__ import annotations

from typing import Final

from cornerman.advising.answer import MAX_DETAIL, MAX_HEADLINE, cut_to
from cornerman.advising.grounding import Forbidden, Grounds, check
from cornerman.advising.materials import Materials, as_source, of_result, of_section
from cornerman.advising.untrusted import neutral
from cornerman.events import Advice, AdviceRequest, Question
from cornerman.playbook import Section
from cornerman.tools import DiscountVerdict

ANSWERS: Final = 0.3
"""Score from which a section is taken to answer a question; below, the stage's prepared line is the better answer."""
COMPLIANCE: Final = "compliance#"
UNFIT: Final = frozenset({"markup", "link", "instruction"})
"""Faults that no text of a card may have, whoever wrote it."""


def plain_advice(request: AdviceRequest, materials: Materials, forbidden: Forbidden) -> Advice:
    """The last step of an answer that no model gives."""
    if isinstance(request.cause, Question):
        return _answer(request, materials, forbidden)
    for result in reversed(materials.results):
        if result.verdict is not None and result.verdict.percent in materials.percentages:
            detail, sources = cut_to(result.verdict.sentence, MAX_DETAIL), (as_source(of_result(result)),)
            return Advice(request.id, 0, "final", _headline(result.verdict), detail, sources, saw=materials.saw)
    return Advice(request.id, 0, "failed")


def _answer(request: AdviceRequest, materials: Materials, forbidden: Forbidden) -> Advice:
    good = (hit.section for hit in materials.hits if hit.score >= ANSWERS)
    section = next((one for one in good if _is_fit(one, forbidden)), None)
    if section is None:
        return Advice(request.id, 0, "failed")
    title, text = _words(section)
    source = section.as_source().model_copy(update={"title": title})
    return Advice(request.id, 0, "final", title, text, (source,))


def _words(section: Section) -> tuple[str, str]:
    """Headline and detail of a card that shows this section."""
    whole = neutral(section.text, len(section.text))
    return cut_to(neutral(section.title, len(section.title)), MAX_HEADLINE), cut_to(whole, MAX_DETAIL)


def _is_fit(section: Section, forbidden: Forbidden) -> bool:
    """Whether a card may show it. What compliance forbids may be named where it says so."""
    names_claims = section.id.startswith(COMPLIANCE)
    grounds = Grounds({section.id: of_section(section)})
    for text in _words(section):
        fault = check(text, [section.id], grounds)
        if (fault is not None and fault.kind in UNFIT) or (not names_claims and forbidden.claimed(text)):
            return False
    return True


def _headline(verdict: DiscountVerdict) -> str:
    percent = f"{verdict.percent:g} %"
    match verdict.allowed:
        case "yes":
            return f"{percent} is yours to give, against something"
        case "with_approval":
            return cut_to(f"{percent} needs approval: {verdict.by}", MAX_HEADLINE)
        case _:
            return f"{percent} may not be given"
