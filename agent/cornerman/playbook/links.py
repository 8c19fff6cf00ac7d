"""What only shows when the files of a playbook are seen together: duplicate ids, dead references, contradictions.

Parts in, faults out. Where the file that declares something could not be read, references to it are not called dead.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cornerman.playbook.course import check_course, course_phrases
from cornerman.playbook.documents import warn_of_length
from cornerman.playbook.entries import Entry
from cornerman.playbook.faults import FaultLog
from cornerman.playbook.files import (
    BATTLECARDS_FOLDER,
    COMPLIANCE_FILE,
    DOCUMENT_FOLDERS,
    MOMENTS_FOLDER,
    PlaybookFiles,
)
from cornerman.playbook.gauge_checks import check_gauges
from cornerman.playbook.kinds import COMPLIANCE_KIND, GAUGE_KINDS, RESERVED_KINDS, SCREEN_KIND, WORD_KINDS
from cornerman.playbook.languages import shortcomings
from cornerman.playbook.model import COMPETITOR_CARD
from cornerman.playbook.parts import Parts
from cornerman.playbook.schema import BudgetPart, ForbiddenPart, MomentPart

MAX_PHRASES: Final = 500_000
"""Written phrases times what they stand for, over the whole playbook; a matcher of that size still fits in memory."""

Place = tuple[str, int]


def check_links(parts: Parts, files: PlaybookFiles, log: FaultLog) -> None:
    """Checks everything that concerns more than one part."""
    declaring = (f"{MOMENTS_FOLDER}/", COMPLIANCE_FILE)
    all_names_known = not any(fault.file.startswith(declaring) for fault in log.faults)
    _check_ids(parts, log)
    _check_kinds(parts, log)
    check_course(parts, log)
    _check_cards(parts, files, log)
    check_gauges(parts, log)
    _check_budgets(parts, log)
    if all_names_known:
        _check_tests(parts, log)
    _check_discounts(parts, log)
    _check_phrase_count(parts, log)
    _check_headlines(parts, log)
    _check_language(parts, log)


def _check_ids(parts: Parts, log: FaultLog) -> None:
    compliance = parts.compliance
    rules = [
        (rule.id, (compliance.file, compliance.line(group, index, "id")))
        for group in ("forbidden", "disclosures")
        if compliance
        for index, rule in enumerate(getattr(compliance.part, group))
    ]
    moments = [(entry.part.id, (entry.file, entry.line("id"))) for entry in parts.moments]
    _check_unique("moment or compliance rule", [*moments, *rules], log)
    if parts.head:
        _check_unique("checklist item", _listed(parts.head, "checklist"), log)
    if parts.discounts:
        _check_unique("discount rule", _listed(parts.discounts, "rules"), log)
    if parts.rubric:
        _check_unique("criterion", _listed(parts.rubric, "criteria"), log)


def _listed(entry: Entry[Any], name: str) -> list[tuple[str, Place]]:
    items = getattr(entry.part, name)
    return [(item.id, (entry.file, entry.line(name, index, "id"))) for index, item in enumerate(items)]


def _check_unique(what: str, found: Iterable[tuple[str, Place]], log: FaultLog) -> None:
    first: dict[str, Place] = {}
    for name, place in found:
        earlier = first.setdefault(name, place)
        if earlier != place:
            log.add(*place, f"the {what} '{name}' exists already at {earlier[0]}:{earlier[1]}; rename one")


def _check_kinds(parts: Parts, log: FaultLog) -> None:
    own = parts.head.part.kinds if parts.head else ()
    for index, kind in enumerate(own):
        if parts.head and (kind in RESERVED_KINDS or kind in own[:index]):
            place = (parts.head.file, parts.head.line("kinds", index))
            log.add(*place, f"the kind '{kind}' exists already; remove it, or choose another name")
    for entry in parts.moments:
        kind, place = entry.part.kind, (entry.file, entry.line("kind"))
        if kind in GAUGE_KINDS or kind == SCREEN_KIND:
            log.add(*place, f"the kind '{kind}' is measured, not said; use a kind of words")
        elif kind == COMPLIANCE_KIND:
            log.add(*place, "compliance rules have a file of their own; move this to compliance.yaml")
        elif kind not in WORD_KINDS and kind not in own and parts.head:
            known = ", ".join([*sorted(WORD_KINDS), *own])
            log.add(*place, f"the kind '{kind[:60]}' is unknown; use one of {known}, or declare it in playbook.yaml")


def _check_cards(parts: Parts, files: PlaybookFiles, log: FaultLog) -> None:
    for entry in parts.moments:
        card, place = entry.part.card, (entry.file, entry.line("card"))
        if card == COMPETITOR_CARD:
            _check_competitor_card(entry, parts, files, log)
        else:
            _check_card(card, place, parts, files, log)
    for measured in parts.gauges:
        if measured.part.card is not None:
            _check_card(measured.part.card, (measured.file, measured.line("card")), parts, files, log)


def _check_card(card: str, place: Place, parts: Parts, files: PlaybookFiles, log: FaultLog) -> None:
    if card == COMPETITOR_CARD:
        log.add(*place, f"no competitor is named when a gauge is passed; name a card instead of {card}")
    elif card in parts.library.cards or f"{card}.md" in files.present:
        return
    elif card.endswith(".md") and card.removesuffix(".md") in parts.library.cards:
        log.add(*place, f"a card's id has no ending; write '{card.removesuffix('.md')}'")
    else:
        mend = f"write {card}.md, or name a card that exists" if _is_document_id(card) else _card_hint(parts)
        log.add(*place, f"there is no card '{card[:80]}'; {mend}")


def _is_document_id(card: str) -> bool:
    return card.count("/") == 1 and card.split("/")[0] in DOCUMENT_FOLDERS


def _card_hint(parts: Parts) -> str:
    example = next(iter(parts.library.cards), "objections/too-expensive")
    return f"a card is named by folder and file, like '{example}'"


def _check_competitor_card(entry: Entry[MomentPart], parts: Parts, files: PlaybookFiles, log: FaultLog) -> None:
    if not parts.library.competitors and not files.within(BATTLECARDS_FOLDER):
        log.add(entry.file, entry.line("card"), "there is no battlecard to show; write one in battlecards/<name>.md")
    for index, written in enumerate(entry.part.phrases):
        if "competitor" not in written.slots:
            line = entry.line("phrases", index)
            log.add(
                entry.file,
                line,
                f"the card {COMPETITOR_CARD} needs a competitor; add the slot {{competitor}} to the phrase",
            )


def _check_budgets(parts: Parts, log: FaultLog) -> None:
    inherited = parts.head.part.budget if parts.head else BudgetPart()
    for entry in parts.moments:
        part = entry.part
        if not part.phrases and not part.examples:
            log.add(entry.file, entry.line(), f"the moment '{part.id}' can never fire; give it phrases or examples")
        if part.ttl_s is None and part.cooldown_s is None:
            continue
        ttl = inherited.ttl_s if part.ttl_s is None else part.ttl_s
        cooldown = inherited.cooldown_s if part.cooldown_s is None else part.cooldown_s
        if ttl > cooldown:
            line = entry.line("cooldown_s" if part.cooldown_s is not None else "ttl_s")
            wrong = (
                f"ttl_s {ttl:g} is longer than cooldown_s {cooldown:g}, so the card would return while it still stands"
            )
            log.add(entry.file, line, f"{wrong}; lower ttl_s or raise cooldown_s")


def _check_tests(parts: Parts, log: FaultLog) -> None:
    if parts.head is None:
        return
    known = {entry.part.id for entry in parts.moments} | {entry.part.kind for entry in parts.moments}
    known |= WORD_KINDS | set(parts.head.part.kinds) | {COMPLIANCE_KIND}
    if parts.compliance:
        known |= {rule.id for rule in parts.compliance.part.forbidden}
    for entry in parts.tests:
        for index, name in enumerate(entry.part.fires):
            if name not in known:
                log.add(
                    entry.file,
                    entry.line("fires", index),
                    f"'{name[:60]}' is neither a moment's id nor a kind; correct the name",
                )


def _check_discounts(parts: Parts, log: FaultLog) -> None:
    if parts.discounts is None:
        return
    ceiling = parts.discounts.part.ceiling_percent
    for index, rule in enumerate(parts.discounts.part.rules):
        if rule.percent > ceiling:
            place = (parts.discounts.file, parts.discounts.line("rules", index, "percent"))
            log.add(*place, f"{rule.percent:g} % is above ceiling_percent {ceiling:g}; lower it or raise the ceiling")


def _check_phrase_count(parts: Parts, log: FaultLog) -> None:
    owners: list[tuple[MomentPart | ForbiddenPart, Place]] = [
        (entry.part, (entry.file, entry.line())) for entry in parts.moments
    ]
    if parts.compliance:
        file, line = parts.compliance.file, parts.compliance.line
        rules = parts.compliance.part.forbidden
        owners += [(rule, (file, line("forbidden", index))) for index, rule in enumerate(rules)]
    counted = [
        (sum(written.variants for written in (*part.phrases, *part.negative, *getattr(part, "hints", ()))), place)
        for part, place in owners
    ]
    counted += [
        (one.variants, listed.place(at)) for listed in course_phrases(parts) for at, one in enumerate(listed.phrases)
    ]
    total = 0
    for variants, place in counted:
        total += variants
        if total > MAX_PHRASES:
            wrong = f"up to here the phrases stand for more than {MAX_PHRASES} variants"
            log.add(*place, f"{wrong}; remove or shorten some")
            return


def _check_headlines(parts: Parts, log: FaultLog) -> None:
    if parts.compliance is None:
        return
    for group in ("forbidden", "disclosures"):
        for index, rule in enumerate(getattr(parts.compliance.part, group)):
            line = parts.compliance.line(group, index, "headline")
            warn_of_length(parts.compliance.file, line, rule.headline, log)


def _check_language(parts: Parts, log: FaultLog) -> None:
    """A language that is understood in part is worth a warning."""
    missing = shortcomings(parts.head.part.language) if parts.head else None
    if parts.head and missing:
        log.warn(parts.head.file, parts.head.line("language"), missing)
