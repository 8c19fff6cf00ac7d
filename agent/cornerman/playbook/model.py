"""A loaded playbook: frozen values that know neither files nor a call.

The loader builds them whole and checked: every card a moment names exists, every source can be opened by
`section_text`, ids are unique. Durations are seconds. Nothing depends on where the folder lies, so two machines with
the same files hold equal playbooks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from cornerman.playbook.kinds import GaugeKind, SpeakerRole, Stage
from cornerman_client.contract import Source

COMPETITOR_CARD: Final = "{competitor}"
SpokenNames = tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...]
"""For each slot its names, and for each name the ways it is said."""


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of a document with its text: the unit of retrieval and of citation.

    `id` is like "objections/too-expensive#answer", `locator` like "objections/too-expensive.md#answer"; `title` names
    document and heading.
    """

    id: str
    title: str
    text: str
    locator: str

    def as_source(self) -> Source:
        """The section as a nudge cites it."""
        return Source(id=self.id, title=self.title, locator=self.locator)


@dataclass(frozen=True, slots=True)
class Card:
    """Pre-written guidance: a headline to say or ask, a detail, and the section that supports both. `look`: advice on
    it needs to see the rep's screen.
    """

    id: str
    headline: str
    detail: str
    source: Source
    look: bool = False


@dataclass(frozen=True, slots=True)
class MomentDefinition:
    """What counts as a moment, and what to say then.

    `phrases`, `negative` and `hints` are in the phrase language, checked, as written; a negative takes a match in its
    clause back, a hint needs more that speaks for it. `examples` mean it, `unlike` come near them and do not. `stages`
    empty means any stage. `card` is a card's id, or `COMPETITOR_CARD` for the battlecard of the competitor named in
    the words. `locator` is the file and line it stands at.
    """

    id: str
    kind: str
    roles: tuple[SpeakerRole, ...]
    phrases: tuple[str, ...]
    negative: tuple[str, ...]
    hints: tuple[str, ...]
    examples: tuple[str, ...]
    unlike: tuple[str, ...]
    stages: tuple[Stage, ...]
    card: str
    priority: int
    cooldown_s: float
    per_call: int
    ttl_s: float
    critical: bool
    locator: str


@dataclass(frozen=True, slots=True)
class GaugeDefinition:
    """When a conversation gauge is worth a word to the rep, and the card to show then.

    `side` says which side of `limit` fires, the limit itself not included; both in the gauge's unit. `window_s` is what
    it is measured over, 0 where the gauge has no window. `locator` is the file and line it stands at.
    """

    id: str
    gauge: GaugeKind
    side: Literal["above", "below"]
    limit: float
    window_s: float
    card: str
    priority: int
    cooldown_s: float
    per_call: int
    ttl_s: float
    locator: str


@dataclass(frozen=True, slots=True)
class Competitor:
    """Somebody else the prospect may buy from; `card` is the id of the battlecard."""

    name: str
    aliases: tuple[str, ...]
    card: str


@dataclass(frozen=True, slots=True)
class Product:
    """Something of ours with a name; `document` is the id its sections start with."""

    name: str
    aliases: tuple[str, ...]
    document: str


@dataclass(frozen=True, slots=True)
class StageGuidance:
    """Headlines that are true and useful in a stage whatever is said."""

    name: Stage
    guidance: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class StageSign:
    """What tells that the call is in a stage: phrases said by one of `roles`, and kinds of moments."""

    stage: Stage
    roles: tuple[SpeakerRole, ...]
    phrases: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing to find out in the call; `ask` is a question that finds it out.

    It is found out when one of `roles` says one of `heard`, or when the prospect answers a question of the seller's
    that holds one of `asked`. `stage` is when it is best asked (None: at any time).
    """

    id: str
    title: str
    ask: str
    source: Source
    heard: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    roles: tuple[SpeakerRole, ...] = ("prospect",)
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """How often the rep may be interrupted; `cooldown_s`, `per_call` and `ttl_s` are what moments inherit. `offers`:
    whether the next open item or a line of the stage is offered in a silence.
    """

    interval_s: float
    burst: int
    cooldown_s: float
    per_call: int
    ttl_s: float
    offers: bool = True


@dataclass(frozen=True, slots=True)
class DiscountRule:
    """Who may give at most what percent, to whom, against what."""

    id: str
    by: str
    percent: float
    to: str
    against: str
    note: str
    source: Source


@dataclass(frozen=True, slots=True)
class Discounts:
    """The discount table; nothing may go beyond `ceiling_percent`."""

    currency: str
    ceiling_percent: float
    rules: tuple[DiscountRule, ...]


@dataclass(frozen=True, slots=True)
class ForbiddenClaim:
    """Something the rep must not say; it is a moment (`id`) with a card (`card`) as well."""

    id: str
    card: str
    reason: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Something the rep has to say; `phrases` are ways to say it, `stage` until when (None: before the end)."""

    id: str
    title: str
    phrases: tuple[str, ...]
    stage: Stage | None
    card: str
    reason: str


@dataclass(frozen=True, slots=True)
class Compliance:
    """What must not and what must be said."""

    forbidden: tuple[ForbiddenClaim, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the rubric; `weight` in percent of the whole."""

    id: str
    title: str
    weight: float
    look_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rubric:
    """How a call is looked back on; marks run from `lowest` to `highest`."""

    lowest: int
    highest: int
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a playbook's own test."""

    role: SpeakerRole
    text: str


@dataclass(frozen=True, slots=True)
class PlaybookTest:
    """A line after some context, and the moment ids or kinds that must be noticed in it; none: it must stay silent.
    `meaning`: words alone need not notice them.
    """

    line: Said
    context: tuple[Said, ...]
    fires: tuple[str, ...]
    meaning: bool
    locator: str

    @property
    def silent(self) -> bool:
        """Nothing at all may be noticed."""
        return not self.fires


@dataclass(frozen=True, slots=True)
class Playbook:
    """A company's playbook, whole and checked.

    `digest` is the SHA-256 of its files; `warnings` are faults one can live with. `goodbyes` are phrases that end a
    call, besides those everybody uses.
    """

    name: str
    company: str
    language: str
    kinds: tuple[str, ...]
    moments: tuple[MomentDefinition, ...]
    cards: Mapping[str, Card]
    competitors: tuple[Competitor, ...]
    products: tuple[Product, ...]
    sections: Mapping[str, Section]
    stages: Mapping[Stage, StageGuidance]
    checklist: tuple[ChecklistItem, ...]
    budget: Budget
    discounts: Discounts | None
    compliance: Compliance
    rubric: Rubric | None
    tests: tuple[PlaybookTest, ...]
    pronunciations: Mapping[str, tuple[str, ...]]
    digest: str
    warnings: tuple[str, ...]
    signs: tuple[StageSign, ...] = ()
    goodbyes: tuple[str, ...] = ()
    gauges: tuple[GaugeDefinition, ...] = ()

    def terms(self) -> dict[str, tuple[str, ...]]:
        """Words of competitor and product names with their ARPAbet pronunciations, for a recogniser's dictionary."""
        return dict(self.pronunciations)

    def names(self) -> tuple[str, ...]:
        """Names a recogniser should know: competitors, products and the company, with what else people call them."""
        spoken = (form for _, names in self.spoken_names() for _, forms in names for form in forms)
        return tuple(dict.fromkeys([self.company, *spoken]))

    def spoken_names(self) -> SpokenNames:
        """What the naming slots of phrases may be filled with."""
        named = (("competitor", self.competitors), ("product", self.products))
        return tuple((slot, tuple((one.name, (one.name, *one.aliases)) for one in those)) for slot, those in named)

    def section_text(self, source_id: str) -> str:
        """The text behind a source.

        Raises:
            KeyError: no card, section, rule or stage of this playbook has the id.
        """
        return self.sections[source_id].text
