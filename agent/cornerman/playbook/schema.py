"""The shape of every file of a playbook, as pydantic models: what an author may write.

Plain values as read from YAML go in, checked models come out; unknown fields are refused, because a misspelt
`negativ` must not pass as a playbook without negatives. References between files are not known here. The text below a
field is what an author's editor shows of it: `editor_schema` publishes all of this.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from cornerman.playbook.kinds import STAGES, SpeakerRole, Stage
from cornerman.playbook.values import (
    CardId,
    Count,
    Detail,
    Flag,
    Headline,
    Identifier,
    Interval,
    Kind,
    Language,
    Percent,
    PhraseText,
    Priority,
    Pronunciations,
    Roles,
    Seconds,
    Stages,
    Text,
    TimeToLive,
    Title,
    Titles,
)


class Written(BaseModel):
    """Base of everything an author writes."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class BudgetPart(Written):
    """How often the rep may be interrupted, and what moments inherit. Seconds; defaults are the product's."""

    interval_s: Interval = 20.0
    """One nudge in this many seconds."""
    burst: Count = 2
    """Nudges in a row after a quiet spell."""
    cooldown_s: Seconds = 60.0
    """Seconds before the same card may return."""
    per_call: Count = 3
    """How often a card may be shown in a call."""
    ttl_s: TimeToLive = 15.0
    """Seconds after which it is too late to show a card; at most cooldown_s."""
    offers: Flag = True
    """Offer the next open item of the checklist, or a line of the stage, when nobody has spoken for a while."""

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> BudgetPart:
        if self.ttl_s > self.cooldown_s:
            raise ValueError(
                f"ttl_s {self.ttl_s:g} is longer than cooldown_s {self.cooldown_s:g}, so a card would return while it "
                "still stands; lower ttl_s or raise cooldown_s"
            )
        return self


class SignPart(Written):
    """What tells that the call is in a stage: phrases, kinds of moment, or both."""

    stage: Stage
    role: Roles = ("rep", "prospect", "colleague")
    """Who has to say the phrases; default: anybody."""
    phrases: tuple[PhraseText, ...] = ()
    """What is said in this stage; written as in moments."""
    kinds: tuple[Kind, ...] = ()
    """Kinds of moment that belong to it, besides those that do anyway (discount_request to negotiation ...)."""


class ChecklistPart(Written):
    """One thing to find out. It is ticked when it was heard, or when it was asked and the prospect answered."""

    id: Identifier
    title: Title
    ask: Headline
    """A question that finds it out."""
    stage: Stage | None = None
    """When it is best asked; default: at any time."""
    role: Roles = ("prospect",)
    """Who has to say what is in heard."""
    heard: tuple[PhraseText, ...] = ()
    """What is said once it is known; written as in moments. Not in a question, and not denied."""
    asked: tuple[PhraseText, ...] = ()
    """What the rep's question for it holds; a prospect's answer of some words ticks it."""


def _each_stage(schema: dict[str, Any]) -> None:
    """Names every stage to the editor, which completes fields that are named and no others."""
    lines = schema.pop("additionalProperties")
    schema.pop("propertyNames", None)
    schema |= {"properties": dict.fromkeys(STAGES, lines), "required": list(STAGES), "additionalProperties": False}


class PlaybookPart(Written):
    """playbook.yaml: whose playbook it is, what is true in each stage, what to find out, how often to interrupt."""

    name: Title
    company: Title
    """Your company, as people say it; recognisers listen for it."""
    language: Language
    """BCP 47 tag, like en or de-AT. English and German are understood whole."""
    kinds: tuple[Identifier, ...] = ()
    """Kinds of moment of your own, besides the ones that are always there."""
    stages: Annotated[
        dict[Stage, Annotated[tuple[Headline, ...], Field(min_length=1)]], Field(json_schema_extra=_each_stage)
    ]
    """Lines that are true and useful in a stage whatever is said; every stage needs one."""
    signs: tuple[SignPart, ...] = ()
    """What tells which stage the call is in."""
    checklist: tuple[ChecklistPart, ...] = ()
    """What has to be found out in a call."""
    goodbyes: tuple[PhraseText, ...] = ()
    """How your calls end, besides what everybody says (goodbye, talk to you soon ...)."""
    budget: BudgetPart = BudgetPart()

    @field_validator("stages")
    @classmethod
    def _need_every_stage(cls, stages: dict[Stage, tuple[str, ...]]) -> dict[Stage, tuple[str, ...]]:
        missing = [stage for stage in STAGES if stage not in stages]
        if missing:
            raise ValueError(f"nothing is said for {', '.join(missing)}; write at least one line for each")
        return stages


class MomentPart(Written):
    """One moment: what is said then, by whom, and the card to show. What is left out is inherited from the budget."""

    id: Identifier
    kind: Kind
    """What kind of moment it is; own kinds are declared in playbook.yaml."""
    role: Roles = ("prospect",)
    """Who has to say it."""
    phrases: tuple[PhraseText, ...] = ()
    """What is said: words, (one|of several), [left out or not], {percent} {money} {number} {competitor} {product},
    ... for up to three words of any kind."""
    negative: tuple[PhraseText, ...] = ()
    """Phrases that take the moment back when they stand in the same clause; [] says that none are needed."""
    hints: tuple[PhraseText, ...] = ()
    """Phrases that speak for it without being enough: they count with what was said before, and with meaning."""
    examples: tuple[Text, ...] = ()
    """Whole sentences that mean it, for noticing by meaning."""
    unlike: tuple[Text, ...] = ()
    """Whole sentences that come near the examples and do not mean it."""
    stages: Stages = ()
    """Stages it counts in; none: all."""
    card: CardId
    """The card to show, like objections/too-expensive, or {competitor} for the battlecard of whom they named."""
    priority: Priority = 500
    """0 to 1000; of cards that want to be shown at once the highest goes first."""
    cooldown_s: Seconds | None = None
    """Seconds before the card may return; default: the budget's."""
    per_call: Count | None = None
    """How often the card may be shown in a call; default: the budget's."""
    ttl_s: TimeToLive | None = None
    """Seconds after which it is too late to show it; default: the budget's."""
    critical: Flag = False
    """Shown at once, whatever the budget says."""


class CardPart(Written):
    """Front matter of a card: what to say or ask, and what supports it."""

    title: Title
    headline: Headline
    """6 to 12 words, read at a glance while listening."""
    detail: Detail
    section: Title | None = None
    """The heading to cite, as in its address (needs-approval for "Needs approval"); default: the first."""
    look: bool = False
    """Advice on it needs to see the rep's screen."""


class BattlecardPart(CardPart):
    """Front matter of a battlecard: a card for when they name this competitor."""

    competitor: Title
    aliases: tuple[Title, ...] = ()
    """What else people call them."""
    pronunciations: Pronunciations = {}
    """ARPAbet by word of the name, for the embedded recogniser: northstar: N AO R TH S T AA R."""


class ProductPart(Written):
    """Front matter of a product document; `name` where it is about something that is called by a name."""

    title: Title
    name: Title | None = None
    """What people call it."""
    aliases: tuple[Title, ...] = ()
    """What else people call it."""
    pronunciations: Pronunciations = {}
    """ARPAbet by word of the name, for the embedded recogniser."""


class DiscountPart(Written):
    """Who may give at most what, to whom, against what."""

    id: Identifier
    by: Title
    """Who may give it."""
    percent: Percent
    """At most so much."""
    to: Text
    """To whom."""
    against: Text
    """What they give in return."""
    note: str = ""


class DiscountsPart(Written):
    """discounts.yaml: who may give what."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    """ISO 4217, like USD."""
    ceiling_percent: Percent
    """No rule goes beyond it."""
    rules: Annotated[tuple[DiscountPart, ...], Field(min_length=1)]


class ForbiddenPart(Written):
    """A claim the rep must not make, and the card that says what to say instead."""

    id: Identifier
    phrases: Annotated[tuple[PhraseText, ...], Field(min_length=1)]
    """What the rep would say; written as in moments."""
    negative: tuple[PhraseText, ...] = ()
    """Phrases that take it back when they stand in the same clause; [] says that none are needed."""
    examples: tuple[Text, ...] = ()
    """Whole sentences that mean it, for noticing by meaning."""
    headline: Headline
    detail: Detail
    reason: Text
    """Why it is forbidden."""
    priority: Priority = 1000


class DisclosurePart(Written):
    """Something the rep has to say, with the card that reminds of it; `stage` until when."""

    id: Identifier
    title: Title
    phrases: Annotated[tuple[PhraseText, ...], Field(min_length=1)]
    """Ways to say it."""
    stage: Stage | None = None
    """The card comes when the call leaves this stage without it; default: when somebody says goodbye."""
    headline: Headline
    detail: Detail
    reason: Text
    """Why it has to be said."""


class CompliancePart(Written):
    """compliance.yaml: what the rep must not say, and what has to be said."""

    forbidden: tuple[ForbiddenPart, ...] = ()
    disclosures: tuple[DisclosurePart, ...] = ()


class CriterionPart(Written):
    """One line of the rubric; `weight` in percent."""

    id: Identifier
    title: Title
    weight: Percent
    look_for: Annotated[tuple[Text, ...], Field(min_length=1)]


class RubricPart(Written):
    """rubric.yaml: how a call is looked back on."""

    lowest: Annotated[int, Field(strict=True, ge=0, le=100)] = 1
    highest: Annotated[int, Field(strict=True, ge=1, le=100)] = 5
    criteria: Annotated[tuple[CriterionPart, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> RubricPart:
        if self.lowest >= self.highest:
            raise ValueError(f"lowest {self.lowest} is not below highest {self.highest}; swap or correct them")
        whole = sum(criterion.weight for criterion in self.criteria)
        if abs(whole - 100) > 0.01:
            raise ValueError(f"the weights add up to {whole:g}, not to 100; correct them")
        return self


class SaidPart(Written):
    """One line somebody says."""

    role: SpeakerRole
    text: Text


class LineTestPart(SaidPart):
    """One line and what must come of it: `fires` names what must be noticed, `silent: true` says nothing may be."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["fires"]},
                {"required": ["silent"], "properties": {"silent": {"const": True}, "meaning": {"const": False}}},
            ]
        }
    )

    context: tuple[SaidPart, ...] = ()
    """Lines said before it."""
    fires: Titles = ()
    """Ids or kinds of moments that must be noticed."""
    silent: Flag = False
    """Nothing may be noticed, not even for a moment while the line is being said."""
    meaning: Flag = False
    """No phrase says it: only comparing it with the examples does. Said where there is a model to compare."""

    @model_validator(mode="after")
    def _say_one_thing(self) -> LineTestPart:
        if self.silent == bool(self.fires):
            both = "both" if self.silent else "neither"
            mend = "write 'fires: [price_objection]' or 'silent: true'"
            raise ValueError(f"the line says {both} what must fire and that nothing may; {mend}")
        if self.silent and self.meaning:
            raise ValueError("a silent line must stay silent by words and by meaning; remove 'meaning'")
        return self
