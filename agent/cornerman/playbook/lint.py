"""What is allowed in a playbook and still not wise: cards nobody sees, phrases without exceptions, links to nowhere.

A playbook as read goes in; warnings with file, line and mend go to the log. What makes a playbook unusable is not
here: the loader refuses it. What needs the languages the coach compares words in is `cornerman.playbook_check`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from cornerman.playbook.course import lint_course
from cornerman.playbook.entries import Entry
from cornerman.playbook.faults import FaultLog
from cornerman.playbook.files import BATTLECARDS_FOLDER, DOCUMENT_FOLDERS, TESTS_FILE, PlaybookFiles
from cornerman.playbook.gauge_checks import lint_gauges
from cornerman.playbook.loader import Reading
from cornerman.playbook.model import COMPETITOR_CARD
from cornerman.playbook.parts import Parts
from cornerman.playbook.schema import BudgetPart, ForbiddenPart, MomentPart

READING_PACE: Final = 238 / 60
"""Words a second in silent reading, the mean over 190 studies (Brysbaert 2019, Journal of Memory and Language 109)."""

_LINK = re.compile(r"\[[^\]\n]*\]\(<?([^)>\s]+)>?[^)\n]*\)")
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_CODE = re.compile(r"\s{0,3}(```|~~~)")


def lint(reading: Reading, log: FaultLog) -> None:
    """Notes everything that can be seen without saying a word."""
    parts = reading.parts
    _negatives(parts, log)
    _unused(parts, log)
    _long_cards(parts, log)
    _budgets(parts, log)
    _links(reading.files, parts, log)
    _tests(reading, log)
    lint_course(parts, log)
    lint_gauges(parts, log)


def _negatives(parts: Parts, log: FaultLog) -> None:
    for part, file, line in _with_phrases(parts):
        if part.phrases and not part.negative and "negative" not in part.model_fields_set:
            mend = "write what must not fire it, or 'negative: []' if nothing comes near"
            log.warn(file, line, f"'{part.id}' has no negative phrases; {mend}")


def _with_phrases(parts: Parts) -> Iterator[tuple[MomentPart | ForbiddenPart, str, int]]:
    for entry in parts.moments:
        yield entry.part, entry.file, entry.line()
    if parts.compliance:
        for index, rule in enumerate(parts.compliance.part.forbidden):
            yield rule, parts.compliance.file, parts.compliance.line("forbidden", index)


def _unused(parts: Parts, log: FaultLog) -> None:
    shown = {entry.part.card for entry in parts.moments} | {entry.part.card for entry in parts.gauges}
    for card in parts.library.cards:
        battlecard = card.startswith(f"{BATTLECARDS_FOLDER}/")
        if card in shown or (battlecard and COMPETITOR_CARD in shown):
            continue
        wanted = f'"{COMPETITOR_CARD}"' if battlecard else card
        log.warn(f"{card}.md", 1, f"no moment shows this card; give a moment 'card: {wanted}', or remove the file")
    if parts.head:
        used = {entry.part.kind for entry in parts.moments}
        for index, kind in enumerate(parts.head.part.kinds):
            if kind not in used:
                line = parts.head.line("kinds", index)
                log.warn(parts.head.file, line, f"no moment has the kind '{kind}'; write one, or remove the kind")


def _long_cards(parts: Parts, log: FaultLog) -> None:
    """A card that is gone before it can be read has only distracted."""
    inherited = _inherited(parts)
    stands: dict[str, float] = {}
    for entry in parts.moments:
        ttl = inherited.ttl_s if entry.part.ttl_s is None else entry.part.ttl_s
        shown = [entry.part.card]
        if entry.part.card == COMPETITOR_CARD:
            shown = [one for one in parts.library.cards if one.startswith(f"{BATTLECARDS_FOLDER}/")]
        for card in shown:
            stands[card] = min(ttl, stands.get(card, ttl))
    for measured in parts.gauges:
        part = measured.part
        if part.card is not None:
            stands[part.card] = min(part.ttl_s, stands.get(part.card, part.ttl_s))
        elif part.headline is not None and part.detail is not None:
            _long_card(measured.file, measured.line("detail"), part.headline, part.detail, part.ttl_s, log)
    for card, text in parts.library.cards.items():
        if card in stands:
            line = parts.library.detail_lines[card]
            _long_card(f"{card}.md", line, text.headline, text.detail, stands[card], log)
    if parts.compliance:
        for group in ("forbidden", "disclosures"):
            for index, rule in enumerate(getattr(parts.compliance.part, group)):
                line = parts.compliance.line(group, index, "detail")
                _long_card(parts.compliance.file, line, rule.headline, rule.detail, inherited.ttl_s, log)


def _long_card(file: str, line: int, headline: str, detail: str, ttl: float, log: FaultLog) -> None:
    seconds = len(f"{headline} {detail}".split()) / READING_PACE
    if seconds > ttl:
        wrong = f"headline and detail take {seconds:.0f} s to read, and the card stands for {ttl:g} s"
        log.warn(file, line, f"{wrong}; shorten the detail, or raise ttl_s")


def _budgets(parts: Parts, log: FaultLog) -> None:
    inherited = _inherited(parts)
    first: dict[str, tuple[Entry[MomentPart], float, int]] = {}
    for entry in parts.moments:
        part = entry.part
        cooldown = inherited.cooldown_s if part.cooldown_s is None else part.cooldown_s
        cap = part.per_call or inherited.per_call
        if cap == 1 and part.cooldown_s is not None:
            line = entry.line("cooldown_s")
            log.warn(entry.file, line, "with per_call 1 the card never returns; remove cooldown_s, or raise per_call")
        earlier, earlier_cooldown, earlier_cap = first.setdefault(part.card, (entry, cooldown, cap))
        if (cooldown, cap) != (earlier_cooldown, earlier_cap):
            line = entry.line("cooldown_s" if cooldown != earlier_cooldown else "per_call")
            wrong = (
                f"the card '{part.card}' returns after {cooldown:g} s, {cap} times a call here, but after "
                f"{earlier_cooldown:g} s, {earlier_cap} times at {earlier.file}:{earlier.line()}"
            )
            log.warn(entry.file, line, f"{wrong}, and both count together; give both moments the same")


def _inherited(parts: Parts) -> BudgetPart:
    return parts.head.part.budget if parts.head else BudgetPart()


def _links(files: PlaybookFiles, parts: Parts, log: FaultLog) -> None:
    for folder in DOCUMENT_FOLDERS:
        for path, text in files.within(folder):
            for line, target in links_in(text):
                if _ADDRESS.match(target):
                    continue
                if (wrong := _dead(path, target, files, parts)) is not None:
                    mend = "correct it, or give a full address"
                    log.warn(path, line, f"the link '{target[:80]}' leads to no {wrong} of this playbook; {mend}")


def links_in(text: str) -> Iterator[tuple[int, str]]:
    """Line and target of each Markdown link; what stands in code fences is no link."""
    fence = ""
    for number, row in enumerate(text.split("\n"), 1):
        code = _CODE.match(row)
        if code and (not fence or code.group(1) == fence):
            fence = "" if fence else code.group(1)
        elif not fence:
            yield from ((number, target) for target in _LINK.findall(row))


def _dead(path: str, target: str, files: PlaybookFiles, parts: Parts) -> str | None:
    """What the link's target is not: a document or a section; None for a living link."""
    name, _, slug = unquote(target).partition("#")
    document = posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) if name else path
    if not document.endswith(".md") or document not in files.present:
        return "document"
    dead = slug and f"{document.removesuffix('.md')}#{slug}" not in parts.library.sections
    return "section" if dead else None


def _tests(reading: Reading, log: FaultLog) -> None:
    if TESTS_FILE not in reading.files.present:
        mend = "write lines that must fire and lines that must not"
        log.warn(TESTS_FILE, 1, f"the playbook has no tests; {mend}")
    elif reading.parts.tests and not any(entry.part.silent for entry in reading.parts.tests):
        log.warn(TESTS_FILE, 1, "no line says what must stay silent; add some with 'silent: true'")
