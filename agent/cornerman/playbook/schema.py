"""The shape of every file of a playbook, as pydantic models: what an author may write.

Plain values as read from YAML go in, checked models come out; unknown fields are refused, because a misspelt
`negativ` must not pass as a playbook without negatives. References between files are not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from cornerman.playbook.kinds import STAGES, SpeakerRole, Stage
from cornerman.playbook.phrases import Slot, expand

HEADLINE_CHARACTERS: Final = 80
DETAIL_CHARACTERS: Final = 400

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,7}")
_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
# The 39 phones of the CMU pronouncing dictionary, without stress marks, as the offline recogniser reads them.
_ARPABET = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
_PHONES = frozenset(_ARPABET.split())


@dataclass(frozen=True, slots=True)
class WrittenPhrase:
    """A phrase as its author wrote it, found readable: how many sequences it stands for, and the slots in all of them.

    The sequences themselves are not kept: 100,000 phrases of 64 each would fill the memory.
    """

    text: str
    variants: int
    slots: frozenset[str]


def _read_phrase(value: Any) -> WrittenPhrase:
    if not isinstance(value, str):
        raise ValueError('a phrase must be text; put it in quotes, like "{percent} off" or "[very] expensive"')
    phrases = expand(value)
    slots = [frozenset(one.name for one in phrase if isinstance(one, Slot)) for phrase in phrases]
    return WrittenPhrase(value, len(phrases), frozenset.intersection(*slots))


def _checked_id(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value[:60]!r} is no id; use small letters a-z, digits and single hyphens or underscores")
    return value


def _checked_language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f'{value[:60]!r} is no BCP 47 language tag; write one like "en" or "pt-BR"')
    return value


def _checked_pronunciation(value: str) -> str:
    phones = [phone.rstrip("012") for phone in value.upper().split()]
    wrong = [phone for phone in phones if phone not in _PHONES]
    if wrong or not phones:
        raise ValueError(
            f"{', '.join(wrong)[:60] or 'nothing'} is no ARPAbet; write phones with spaces, like N AO R TH S T AA R"
        )
    return " ".join(phones)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Headline = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=HEADLINE_CHARACTERS)]
Detail = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=DETAIL_CHARACTERS)]
Identifier = Annotated[Title, AfterValidator(_checked_id)]
Language = Annotated[Title, AfterValidator(_checked_language)]
Pronunciation = Annotated[Title, AfterValidator(_checked_pronunciation)]
Pronunciations = dict[str, Annotated[tuple[Pronunciation, ...], BeforeValidator(_as_list), Field(min_length=1)]]
PhraseText = Annotated[WrittenPhrase, PlainValidator(_read_phrase), WithJsonSchema({"type": "string", "minLength": 1})]
Seconds = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=86_400)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000)]
Priority = Annotated[int, Field(strict=True, ge=0, le=1000)]
Percent = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=100)]
Flag = Annotated[bool, Field(strict=True)]
Roles = Annotated[tuple[SpeakerRole, ...], BeforeValidator(_as_list), Field(min_length=1)]
Stages = Annotated[tuple[Stage, ...], BeforeValidator(_as_list)]


class Written(BaseModel):
    """Base of everything an author writes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BudgetPart(Written):
    """How often the rep may be interrupted, and what moments inherit. Seconds; defaults are the product's."""

    interval_s: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=3_600)] = 20.0
    burst: Count = 2
    cooldown_s: Seconds = 60.0
    per_call: Count = 3
    ttl_s: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=1, le=600)] = 15.0

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> BudgetPart:
        if self.ttl_s > self.cooldown_s:
            raise ValueError(
                f"ttl_s {self.ttl_s:g} is longer than cooldown_s {self.cooldown_s:g}, so a card would return while it "
                "still stands; lower ttl_s or raise cooldown_s"
            )
        return self


class ChecklistPart(Written):
    """One thing to find out."""

    id: Identifier
    title: Title
    ask: Headline


class PlaybookPart(Written):
    """playbook.yaml."""

    name: Title
    company: Title
    language: Language
    kinds: tuple[Identifier, ...] = ()
    stages: dict[Stage, Annotated[tuple[Headline, ...], Field(min_length=1)]]
    checklist: tuple[ChecklistPart, ...] = ()
    budget: BudgetPart = BudgetPart()

    @field_validator("stages")
    @classmethod
    def _need_every_stage(cls, stages: dict[Stage, tuple[str, ...]]) -> dict[Stage, tuple[str, ...]]:
        missing = [stage for stage in STAGES if stage not in stages]
        if missing:
            raise ValueError(f"nothing is said for {', '.join(missing)}; write at least one line for each")
        return stages


class MomentPart(Written):
    """One entry of moments/*.yaml. What is None is inherited from the budget."""

    id: Identifier
    kind: Title
    role: Roles = ("prospect",)
    phrases: tuple[PhraseText, ...] = ()
    negative: tuple[PhraseText, ...] = ()
    examples: tuple[Text, ...] = ()
    stages: Stages = ()
    card: Title
    priority: Priority = 500
    cooldown_s: Seconds | None = None
    per_call: Count | None = None
    ttl_s: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=1, le=600)] | None = None
    critical: Flag = False


class CardPart(Written):
    """Front matter of objections/*.md and plays/*.md; `section` names the heading to cite (default: the first)."""

    title: Title
    headline: Headline
    detail: Detail
    section: Title | None = None


class BattlecardPart(CardPart):
    """Front matter of battlecards/*.md."""

    competitor: Title
    aliases: tuple[Title, ...] = ()
    pronunciations: Pronunciations = {}


class ProductPart(Written):
    """Front matter of products/*.md; `name` where the document is about something that is called by a name."""

    title: Title
    name: Title | None = None
    aliases: tuple[Title, ...] = ()
    pronunciations: Pronunciations = {}


class DiscountPart(Written):
    """Who may give at most what, to whom, against what."""

    id: Identifier
    by: Title
    percent: Percent
    to: Text
    against: Text
    note: str = ""


class DiscountsPart(Written):
    """discounts.yaml."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    ceiling_percent: Percent
    rules: Annotated[tuple[DiscountPart, ...], Field(min_length=1)]


class ForbiddenPart(Written):
    """A claim the rep must not make, and the card that says what to say instead."""

    id: Identifier
    phrases: Annotated[tuple[PhraseText, ...], Field(min_length=1)]
    negative: tuple[PhraseText, ...] = ()
    examples: tuple[Text, ...] = ()
    headline: Headline
    detail: Detail
    reason: Text
    priority: Priority = 1000


class DisclosurePart(Written):
    """Something the rep has to say, with the card that reminds of it; `stage` until when."""

    id: Identifier
    title: Title
    phrases: Annotated[tuple[PhraseText, ...], Field(min_length=1)]
    stage: Stage | None = None
    headline: Headline
    detail: Detail
    reason: Text


class CompliancePart(Written):
    """compliance.yaml."""

    forbidden: tuple[ForbiddenPart, ...] = ()
    disclosures: tuple[DisclosurePart, ...] = ()


class CriterionPart(Written):
    """One line of the rubric; `weight` in percent."""

    id: Identifier
    title: Title
    weight: Percent
    look_for: Annotated[tuple[Text, ...], Field(min_length=1)]


class RubricPart(Written):
    """rubric.yaml."""

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
    """One entry of tests.yaml: `fires` names what must be noticed, `silent: true` says nothing may be."""

    context: tuple[SaidPart, ...] = ()
    fires: Annotated[tuple[Title, ...], BeforeValidator(_as_list)] = ()
    silent: Flag = False

    @model_validator(mode="after")
    def _say_one_thing(self) -> LineTestPart:
        if self.silent == bool(self.fires):
            both = "both" if self.silent else "neither"
            mend = "write 'fires: [price_objection]' or 'silent: true'"
            raise ValueError(f"the line says {both} what must fire and that nothing may; {mend}")
        return self
