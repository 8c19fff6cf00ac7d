"""Scenes with a reasoning lane whose answers the test gives: on the price, on anything else, and on questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from prepared import prepared
from scenes import Scene, definition

from cornerman.coach import CoachSettings
from cornerman.contract import wire
from cornerman.events import Advice, AdviceDropped, AdviceKept, AdviceRequest, AdviceStatus, Decision, Nudge
from cornerman.playbook import Playbook

ADVISED = CoachSettings(interval=20.0, burst=2, advised=True, early=True)
PRICE = definition("price", "too expensive")
LATER = definition("later", "next quarter", kind="timing_stall", priority=100)
BOOK = prepared(PRICE, LATER, offers=False)
TOO_EXPENSIVE = "that is too expensive"
ABOUT_MAIL = "we answer mail all day long"
SECTION = wire.Source(id="objections/mail#answer", title="Mail", locator="objections/mail.md#answer")
LOG = wire.Action(id="outcome-1", label="Log the outcome")
BOTH = ("prospect", "rep")


class AdvisedScene(Scene):
    """A scene that has begun to be about a sale, and what its reasoning lane says."""

    def __init__(self, book: Playbook = BOOK, settings: CoachSettings = ADVISED) -> None:
        super().__init__(book, settings)
        self.steps = 0

    def advise(
        self,
        status: AdviceStatus,
        headline: str = "",
        detail: str = "",
        *,
        at: float,
        request: str = "",
        sources: Sequence[wire.Source] = (SECTION,),
        action: wire.Action | None = None,
        saw: tuple[str, ...] = BOTH,
    ) -> list[Decision]:
        """The next step of the newest request's answer, or of another's."""
        self.steps += 1
        name = request or self.requests[-1].id
        return self.hear(Advice(name, self.steps, status, headline, detail, tuple(sources), action, saw), at)

    @property
    def requests(self) -> list[AdviceRequest]:
        return [one for one in self.decided if isinstance(one, AdviceRequest)]

    @property
    def kept(self) -> list[str]:
        return [one.request for one in self.decided if isinstance(one, AdviceKept)]

    @property
    def dropped(self) -> list[str]:
        return [one.request for one in self.decided if isinstance(one, AdviceDropped)]

    @property
    def card(self) -> Nudge:
        """The newest revision of all."""
        return self.nudges[-1]


def without_stages(book: Playbook = BOOK) -> Playbook:
    """A playbook with nothing ready for a question."""
    return replace(book, stages={})


def on_price(*, at: float = 1.0, settings: CoachSettings = ADVISED) -> AdvisedScene:
    """The prospect has found it too expensive: the plain card is there, and better words are asked for."""
    scene = AdvisedScene(settings=settings)
    scene.turn(TOO_EXPENSIVE, turn="p1", at=at)
    return scene


def on_mail(*, at: float = 60.0) -> AdvisedScene:
    """Long after that the prospect said something that no card is for; it is asked about."""
    scene = on_price()
    scene.advise("silent", at=2.0)
    scene.turn(ABOUT_MAIL, turn="p2", at=at)
    return scene


def with_two_cards() -> AdvisedScene:
    """Two cards at once, which is all there may be for the next 20 s, but one question to the model."""
    scene = AdvisedScene()
    scene.turn(f"{TOO_EXPENSIVE} so come back next quarter", turn="p1", at=1.0)
    assert ([one.card for one in scene.nudges], len(scene.requests)) == (["price", "later"], 1)
    scene.advise("silent", at=2.0)
    return scene
