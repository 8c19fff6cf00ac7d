"""Builds the frozen `Playbook` from parts that were found faultless.

What is cited without a document of its own (stages, checklist, discounts, compliance) becomes a section here, so that
every source of every nudge can be opened.
"""

from __future__ import annotations

from cornerman.playbook.entries import Entry
from cornerman.playbook.files import COMPLIANCE_FILE, DISCOUNTS_FILE, GAUGES_FILE, PLAYBOOK_FILE
from cornerman.playbook.gauge_checks import limit_of, window_of
from cornerman.playbook.gauge_schema import GaugePart
from cornerman.playbook.kinds import COMPLIANCE_KIND, STAGES, Stage
from cornerman.playbook.measures import MEASURES
from cornerman.playbook.model import (
    Budget,
    Card,
    ChecklistItem,
    Compliance,
    Criterion,
    Disclosure,
    DiscountRule,
    Discounts,
    ForbiddenClaim,
    GaugeDefinition,
    MomentDefinition,
    Playbook,
    PlaybookTest,
    Rubric,
    Said,
    Section,
    StageGuidance,
    StageSign,
)
from cornerman.playbook.parts import Parts
from cornerman.playbook.schema import (
    CompliancePart,
    DisclosurePart,
    DiscountsPart,
    ForbiddenPart,
    LineTestPart,
    MomentPart,
    PlaybookPart,
    RubricPart,
)
from cornerman.playbook.values import WrittenPhrase
from cornerman_client.contract import Source


def assemble(parts: Parts, head: Entry[PlaybookPart], digest: str, warnings: tuple[str, ...]) -> Playbook:
    """The playbook of faultless parts; the result shares nothing that could change with them."""
    sections = dict(parts.library.sections)
    cards = dict(parts.library.cards)
    budget = Budget(**head.part.budget.model_dump())
    compliance, claims = _compliance(parts.compliance, budget, sections, cards)
    return Playbook(
        name=head.part.name,
        company=head.part.company,
        language=head.part.language,
        kinds=head.part.kinds,
        moments=(*(_moment(entry, budget) for entry in parts.moments), *claims),
        cards=cards,
        competitors=tuple(parts.library.competitors),
        products=tuple(parts.library.products),
        sections=sections,
        stages=_stages(head.part, sections),
        checklist=_checklist(head.part, sections),
        budget=budget,
        discounts=_discounts(parts.discounts.part, sections) if parts.discounts else None,
        compliance=compliance,
        rubric=_rubric(parts.rubric.part) if parts.rubric else None,
        tests=tuple(_test(entry) for entry in parts.tests),
        pronunciations=dict(parts.library.pronunciations),
        digest=digest,
        warnings=warnings,
        signs=_signs(head.part),
        goodbyes=_texts(head.part.goodbyes),
        gauges=tuple(_gauge(entry, sections, cards) for entry in parts.gauges),
    )


def _section(sections: dict[str, Section], file: str, slug: str, title: str, text: str) -> Source:
    """Adds a section for something that stands in a YAML file, and cites it."""
    section = Section(f"{file.removesuffix('.yaml')}#{slug}", title, text, f"{file}#{slug}")
    sections[section.id] = section
    return section.as_source()


def _texts(phrases: tuple[WrittenPhrase, ...]) -> tuple[str, ...]:
    return tuple(written.text for written in phrases)


def _moment(entry: Entry[MomentPart], budget: Budget) -> MomentDefinition:
    part = entry.part
    return MomentDefinition(
        id=part.id,
        kind=part.kind,
        roles=part.role,
        phrases=_texts(part.phrases),
        negative=_texts(part.negative),
        hints=_texts(part.hints),
        examples=part.examples,
        unlike=part.unlike,
        stages=part.stages,
        card=part.card,
        priority=part.priority,
        cooldown_s=budget.cooldown_s if part.cooldown_s is None else part.cooldown_s,
        per_call=part.per_call or budget.per_call,
        ttl_s=budget.ttl_s if part.ttl_s is None else part.ttl_s,
        critical=part.critical,
        locator=f"{entry.file}:{entry.line()}",
    )


def _compliance(
    entry: Entry[CompliancePart] | None, budget: Budget, sections: dict[str, Section], cards: dict[str, Card]
) -> tuple[Compliance, list[MomentDefinition]]:
    if entry is None:
        return Compliance(), []
    claims: list[MomentDefinition] = []
    for index, rule in enumerate(entry.part.forbidden):
        card = _rule_card(rule, sections, cards)
        claims.append(_claim_moment(rule, card, budget, f"{entry.file}:{entry.line('forbidden', index)}"))
    forbidden = tuple(
        ForbiddenClaim(rule.id, claim.card, rule.reason)
        for rule, claim in zip(entry.part.forbidden, claims, strict=True)
    )
    disclosures = tuple(
        Disclosure(
            rule.id, rule.title, _texts(rule.phrases), rule.stage, _rule_card(rule, sections, cards), rule.reason
        )
        for rule in entry.part.disclosures
    )
    return Compliance(forbidden, disclosures), claims


def _rule_card(rule: ForbiddenPart | DisclosurePart, sections: dict[str, Section], cards: dict[str, Card]) -> str:
    """The id of the card made from a rule, which is its own support."""
    title = rule.title if isinstance(rule, DisclosurePart) else f"Compliance: {rule.id.replace('-', ' ')}"
    text = f"{rule.headline}\n\n{rule.detail}\n\nWhy: {rule.reason}"
    source = _section(sections, COMPLIANCE_FILE, rule.id, title, text)
    card = Card(f"compliance/{rule.id}", rule.headline, rule.detail, source)
    cards[card.id] = card
    return card.id


def _claim_moment(rule: ForbiddenPart, card: str, budget: Budget, locator: str) -> MomentDefinition:
    return MomentDefinition(
        id=rule.id,
        kind=COMPLIANCE_KIND,
        roles=("rep",),
        phrases=_texts(rule.phrases),
        negative=_texts(rule.negative),
        hints=(),
        examples=rule.examples,
        unlike=(),
        stages=(),
        card=card,
        priority=rule.priority,
        cooldown_s=budget.cooldown_s,
        per_call=budget.per_call,
        ttl_s=budget.ttl_s,
        critical=True,
        locator=locator,
    )


def _gauge(entry: Entry[GaugePart], sections: dict[str, Section], cards: dict[str, Card]) -> GaugeDefinition:
    part = entry.part
    side, limit = limit_of(part)
    return GaugeDefinition(
        id=part.id,
        gauge=part.gauge,
        side=side,
        limit=limit,
        window_s=window_of(part),
        card=part.card or _gauge_card(part, sections, cards),
        priority=part.priority,
        cooldown_s=part.cooldown_s,
        per_call=part.per_call,
        ttl_s=part.ttl_s,
        locator=f"{entry.file}:{entry.line()}",
    )


def _gauge_card(part: GaugePart, sections: dict[str, Section], cards: dict[str, Card]) -> str:
    """The id of the card written with a gauge, which is its own support."""
    side, limit = limit_of(part)
    window = window_of(part)
    over = f", measured over {window:g} s" if window else ""
    due = f"Due when {part.gauge.replace('_', ' ')} is {side} {limit:g} ({MEASURES[part.gauge].unit}){over}."
    text = f"{part.headline}\n\n{part.detail}\n\nWhy: {part.reason}\n\n{due}"
    source = _section(sections, GAUGES_FILE, part.id, f"Gauge: {part.id.replace('-', ' ')}", text)
    card = Card(f"gauges/{part.id}", part.headline or "", part.detail or "", source)
    cards[card.id] = card
    return card.id


def _stages(head: PlaybookPart, sections: dict[str, Section]) -> dict[Stage, StageGuidance]:
    stages: dict[Stage, StageGuidance] = {}
    for stage in STAGES:
        lines = head.stages[stage]
        text = "\n".join(f"- {line}" for line in lines)
        source = _section(sections, PLAYBOOK_FILE, f"stage-{stage}", f"Stage: {stage}", text)
        stages[stage] = StageGuidance(stage, lines, source)
    return stages


def _checklist(head: PlaybookPart, sections: dict[str, Section]) -> tuple[ChecklistItem, ...]:
    items: list[ChecklistItem] = []
    for part in head.checklist:
        source = _section(sections, PLAYBOOK_FILE, f"checklist-{part.id}", f"Checklist: {part.title}", part.ask)
        items.append(
            ChecklistItem(
                id=part.id,
                title=part.title,
                ask=part.ask,
                source=source,
                heard=_texts(part.heard),
                asked=_texts(part.asked),
                roles=part.role,
                stage=part.stage,
            )
        )
    return tuple(items)


def _signs(head: PlaybookPart) -> tuple[StageSign, ...]:
    return tuple(StageSign(part.stage, part.role, _texts(part.phrases), part.kinds) for part in head.signs)


def _discounts(part: DiscountsPart, sections: dict[str, Section]) -> Discounts:
    rules: list[DiscountRule] = []
    for rule in part.rules:
        text = f"{rule.by} may give up to {rule.percent:g} % to {rule.to}, against {rule.against}."
        text = f"{text} {rule.note}".strip()
        source = _section(sections, DISCOUNTS_FILE, rule.id, f"Discount: {rule.id.replace('-', ' ')}", text)
        rules.append(DiscountRule(rule.id, rule.by, rule.percent, rule.to, rule.against, rule.note, source))
    return Discounts(part.currency, part.ceiling_percent, tuple(rules))


def _rubric(part: RubricPart) -> Rubric:
    criteria = tuple(Criterion(one.id, one.title, one.weight, one.look_for) for one in part.criteria)
    return Rubric(part.lowest, part.highest, criteria)


def _test(entry: Entry[LineTestPart]) -> PlaybookTest:
    part = entry.part
    context = tuple(Said(said.role, said.text) for said in part.context)
    return PlaybookTest(Said(part.role, part.text), context, part.fires, part.meaning, f"{entry.file}:{entry.line()}")
