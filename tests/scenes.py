"""Small playbooks and spoken lines for tests of the mind."""

from __future__ import annotations

from dataclasses import dataclass, field

from cornerman.coach import Coach, CoachSettings
from cornerman.contract import Role
from cornerman.events import (
    Attendance,
    Consent,
    Decision,
    Event,
    Held,
    Moment,
    MomentWithdrawn,
    Nudge,
    Partial,
    Turn,
    Wake,
    Word,
)
from cornerman.playbook import Budget, Card, Competitor, Compliance, MomentDefinition, Playbook
from cornerman.playbook.kinds import SpeakerRole
from cornerman_client.contract import Source

WORD_SECONDS = 0.3


def definition(
    name: str,
    *phrases: str,
    kind: str = "price_objection",
    roles: tuple[SpeakerRole, ...] = ("prospect",),
    negative: tuple[str, ...] = (),
    card: str = "",
    priority: int = 500,
    cooldown_s: float = 60.0,
    per_call: int = 3,
    ttl_s: float = 15.0,
    critical: bool = False,
) -> MomentDefinition:
    """A moment whose card has its name."""
    return MomentDefinition(
        id=name,
        kind=kind,
        roles=roles,
        phrases=phrases,
        negative=negative,
        hints=(),
        examples=(),
        unlike=(),
        stages=(),
        card=card or name,
        priority=priority,
        cooldown_s=cooldown_s,
        per_call=per_call,
        ttl_s=ttl_s,
        critical=critical,
        locator=f"moments/{name}.yaml:1",
    )


def playbook(*moments: MomentDefinition, competitors: tuple[Competitor, ...] = ()) -> Playbook:
    """A playbook of these moments, a card for each and for each competitor."""
    names = [moment.card for moment in moments if moment.card != "{competitor}"]
    names += [competitor.card for competitor in competitors]
    cards = {
        name: Card(name, f"Say something about {name}", "", Source(id=name, title=name.title(), locator=f"{name}.md"))
        for name in names
    }
    return Playbook(
        name="test",
        company="Test",
        language="en",
        kinds=(),
        moments=moments,
        cards=cards,
        competitors=competitors,
        products=(),
        sections={},
        stages={},
        checklist=(),
        budget=Budget(20.0, 2, 60.0, 3, 15.0),
        discounts=None,
        compliance=Compliance(),
        rubric=None,
        tests=(),
        pronunciations={},
        digest="0" * 64,
        warnings=(),
    )


def spoken(text: str, start: float = 0.0) -> tuple[Word, ...]:
    """The words of a text, one every 0.3 s."""
    return tuple(
        Word(word, round(start + index * WORD_SECONDS, 3), round(start + (index + 0.9) * WORD_SECONDS, 3))
        for index, word in enumerate(text.split())
    )


@dataclass
class Scene:
    """A coach with a rep and a prospect who both consented, and everything it decided."""

    playbook: Playbook
    settings: CoachSettings = field(default_factory=CoachSettings)
    now: float = 0.0
    decided: list[Decision] = field(default_factory=list)
    wake_at: float | None = None

    def __post_init__(self) -> None:
        self.coach = Coach(self.playbook, self.settings)
        for identity, role in (("rep", "rep"), ("prospect", "prospect")):
            self.hear(Attendance(identity, identity.title(), role, True))  # type: ignore[arg-type]
            self.hear(Consent(identity, "granted", "test"))

    def hear(self, event: Event, at: float | None = None) -> list[Decision]:
        """Feeds one event, with the wakes that are due before it, as the driver does."""
        at = self.now if at is None else at
        made: list[Decision] = []
        while self.wake_at is not None and self.wake_at <= at and not isinstance(event, Wake):
            made.extend(self._step(Wake(), max(self.wake_at, self.now)))
        made.extend(self._step(event, at))
        return made

    def _step(self, event: Event, at: float) -> list[Decision]:
        self.now = at
        decisions = self.coach.hear(event, at)
        self.wake_at = decisions.wake_at
        self.decided.extend(decisions.made)
        return list(decisions.made)

    def partial(
        self, text: str, *, turn: str = "t1", who: Role = "prospect", at: float | None = None
    ) -> list[Decision]:
        """An unfinished turn reads so."""
        return self.hear(Partial(turn, who, who, spoken(text, self.now if at is None else at)), at)

    def turn(self, text: str, *, turn: str = "t1", who: Role = "prospect", at: float | None = None) -> list[Decision]:
        """A turn ended so."""
        words = spoken(text, self.now if at is None else at)
        start, end = (words[0].start, words[-1].end) if words else (0.0, 0.0)
        return self.hear(Turn(turn, who, who, words, start, end, 0.9), at)

    @property
    def nudges(self) -> list[Nudge]:
        return [decision for decision in self.decided if isinstance(decision, Nudge)]

    @property
    def held(self) -> list[Held]:
        return [decision for decision in self.decided if isinstance(decision, Held)]

    @property
    def moments(self) -> list[Moment]:
        return [decision for decision in self.decided if isinstance(decision, Moment)]

    @property
    def withdrawn(self) -> list[MomentWithdrawn]:
        return [decision for decision in self.decided if isinstance(decision, MomentWithdrawn)]
