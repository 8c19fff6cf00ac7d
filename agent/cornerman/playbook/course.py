"""The course of a call as an author writes it (signs of stages, checklist, disclosures, goodbyes), looked at closely.

Parts in. Out: faults where something names what is not there or can tell nothing, warnings where a phrase can never be
heard or says nothing new, and all phrases, to be counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cornerman.playbook.entries import Entry
from cornerman.playbook.faults import FaultLog
from cornerman.playbook.kinds import KIND_STAGES, STAGES, WORD_KINDS, Stage
from cornerman.playbook.parts import Parts
from cornerman.playbook.phrases import Phrase, expand
from cornerman.playbook.schema import CompliancePart, PlaybookPart, SignPart
from cornerman.playbook.values import WrittenPhrase
from cornerman.playbook.yaml_tree import Step

BARGAINING_SLOTS: Final = ("lower", "same")
"""Slots that compare a price with the other side's, which is done for moments only."""

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of phrases and where its entries stand. `whose` is what a warning calls it."""

    whose: str
    phrases: tuple[WrittenPhrase, ...]
    entry: Entry[PlaybookPart] | Entry[CompliancePart]
    steps: tuple[Step, ...]

    def place(self, index: int) -> Place:
        """File and line of an entry of the list."""
        return self.entry.file, self.entry.line(*self.steps, index)


def course_phrases(parts: Parts) -> Iterator[Listed]:
    """Every list of phrases that tells the course of a call."""
    head, compliance = parts.head, parts.compliance
    if head:
        for index, sign in enumerate(head.part.signs):
            yield Listed(f"a sign of {sign.stage}", sign.phrases, head, ("signs", index, "phrases"))
        for index, item in enumerate(head.part.checklist):
            for group, phrases in (("heard", item.heard), ("asked", item.asked)):
                yield Listed(f"'{group}' of '{item.id}'", phrases, head, ("checklist", index, group))
        yield Listed("a goodbye", head.part.goodbyes, head, ("goodbyes",))
    if compliance:
        for index, rule in enumerate(compliance.part.disclosures):
            steps = ("disclosures", index, "phrases")
            yield Listed(f"the disclosure '{rule.id}'", rule.phrases, compliance, steps)


def check_course(parts: Parts, log: FaultLog) -> None:
    """Notes signs that tell nothing, kinds that are not there, and kinds that tell two stages."""
    if parts.head is None:
        return
    head = parts.head
    told: dict[str, Stage] = {}
    for index, sign in enumerate(head.part.signs):
        if not sign.phrases and not sign.kinds:
            log.add(head.file, head.line("signs", index), "the sign tells nothing; give it phrases or kinds")
        _check_kinds(head, index, sign, told, log)


def lint_course(parts: Parts, log: FaultLog) -> None:
    """Notes what will never be heard, and what is said twice."""
    for listed in course_phrases(parts):
        _never_filled(listed, parts, log)
        _repeated(listed, log)
    if parts.head:
        _never_ticked(parts.head, log)
        _two_stages(parts.head, log)
        _untold(parts.head, log)


def _check_kinds(head: Entry[PlaybookPart], index: int, sign: SignPart, told: dict[str, Stage], log: FaultLog) -> None:
    own = head.part.kinds
    for at, kind in enumerate(sign.kinds):
        place = (head.file, head.line("signs", index, "kinds", at))
        if kind not in WORD_KINDS and kind not in own:
            known = ", ".join([*sorted(WORD_KINDS), *own])
            log.add(*place, f"the kind '{kind[:60]}' tells no stage; use one of {known}, or declare it under 'kinds'")
        elif told.setdefault(kind, sign.stage) != sign.stage:
            log.add(*place, f"the kind '{kind}' tells {told[kind]} already; remove it here or there")


def _never_filled(listed: Listed, parts: Parts, log: FaultLog) -> None:
    """A slot that nothing fills."""
    head = "the phrase can never be heard"
    names = {one.name for one in parts.library.competitors}, {one.name for one in parts.library.products}
    unnamed = [slot for slot, known in zip(("competitor", "product"), names, strict=True) if not known]
    for index, written in enumerate(listed.phrases):
        for slot in sorted(written.slots & set(unnamed)):
            log.warn(*listed.place(index), f"{head}: the playbook names no {slot}; name one, or remove the phrase")
        for slot in sorted(written.slots & set(BARGAINING_SLOTS)):
            log.warn(*listed.place(index), f"{head}: {{{slot}}} is for moments; write {{money}} or {{number}}")


def _repeated(listed: Listed, log: FaultLog) -> None:
    """A phrase whose every variant stands earlier in its list."""
    seen: dict[Phrase, int] = {}
    for index, written in enumerate(listed.phrases):
        variants = expand(written.text)
        if all(variant in seen for variant in variants):
            line = listed.place(seen[variants[0]])[1]
            log.warn(*listed.place(index), f"this is {listed.whose} already, on line {line}; remove it")
        for variant in variants:
            seen.setdefault(variant, index)


def _never_ticked(head: Entry[PlaybookPart], log: FaultLog) -> None:
    for index, item in enumerate(head.part.checklist):
        if not item.heard and not item.asked:
            wrong = f"'{item.id}' is never ticked, so it is offered in every call"
            log.warn(head.file, head.line("checklist", index), f"{wrong}; give it 'heard' or 'asked'")


def _two_stages(head: Entry[PlaybookPart], log: FaultLog) -> None:
    """A phrase that tells two stages tells neither."""
    seen: dict[Phrase, list[tuple[SignPart, int]]] = {}
    for index, sign in enumerate(head.part.signs):
        for at, written in enumerate(sign.phrases):
            line = head.line("signs", index, "phrases", at)
            others = [known for variant in expand(written.text) for known in seen.get(variant, ())]
            for other, earlier in others:
                if other.stage != sign.stage and set(other.role) & set(sign.role):
                    wrong = f"this tells {sign.stage}, and {other.stage} on line {earlier}, so it tells neither"
                    log.warn(head.file, line, f"{wrong}; keep it in one of them")
                    break
            for variant in expand(written.text):
                seen.setdefault(variant, []).append((sign, line))


def _untold(head: Entry[PlaybookPart], log: FaultLog) -> None:
    """Where there are signs at all, every stage but the first needs one to be reached."""
    if not head.part.signs:
        return
    kinds = KIND_STAGES | {kind: sign.stage for sign in head.part.signs for kind in sign.kinds}
    told = {sign.stage for sign in head.part.signs if sign.phrases} | set(kinds.values())
    missing = [stage for stage in STAGES[1:] if stage not in told]
    if missing:
        wrong = f"nothing tells {', '.join(missing)}, so no call comes there"
        log.warn(head.file, head.line("signs"), f"{wrong}; write a sign")
