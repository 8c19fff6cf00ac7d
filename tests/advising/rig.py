"""A call without a room: real coach, driver, journal, search, tools and plugin; a model's server that plays a script.

In: what people say, word for word, and the script of the model. Out: every revision that would have gone to the rep.
Everything but LiveKit and the model behind the server is what calls run on.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from fakes.openai_chat import FakeOpenAIChat

from cornerman.advising.advising import Advising, Brains
from cornerman.coach import Coach, CoachSettings
from cornerman.config import Settings
from cornerman.contract import JobMetadata
from cornerman.crm import AccountSource, NoAccounts
from cornerman.events import Ask, Attendance, Consent, Delivery, Feedback, Nudge, Partial, Speaking, Turn, Word
from cornerman.paths import find_project_file
from cornerman.playbook import load_playbook
from cornerman.record.journal import Journal
from cornerman.room.clock import CallClock
from cornerman.room.driver import Driver
from cornerman.seeing import Watcher

Value = TypeVar("Value")
PATIENCE = 15.0


def answer(
    headline: str = "",
    detail: str = "",
    sources: Sequence[str] = (),
    *,
    action: str | None = None,
) -> str:
    """An answer as a model writes it; silent without sources."""
    fields = {"sources": list(sources), "headline": headline, "detail": detail, "action": action}
    return json.dumps(fields)


def settings_for(model: FakeOpenAIChat | None, **sections: dict[str, Any]) -> Settings:
    """Settings with this model, or none."""
    llm: dict[str, Any] = {"provider": "openai", "model": "fake", "base_url": model.base_url} if model else {}
    given = {"meaning": {"enabled": "off"}, "retrieval": {"meaning": "off"}, "insights": {"enabled": False}}
    given["notes"] = {"enabled": False}
    merged = {**given, "llm": llm}
    for name, values in sections.items():
        merged[name] = {**merged.get(name, {}), **values}
    return Settings(**merged)


@dataclass
class Rig:
    """One such call. `nudges` are all revisions in order, each acknowledged at once as shown."""

    driver: Driver
    clock: CallClock
    advising: Advising
    folder: Path
    nudges: list[Nudge] = field(default_factory=list)
    states: int = 0
    _turns: int = 0

    def now(self) -> float:
        """Seconds since the call began."""
        return self.clock.now()

    def says(self, text: str, *, who: str = "pat", role: str = "prospect", partials: bool = True) -> str:
        """A turn, all its partials and its end, without waiting for its words to be said. Returns its id."""
        turn = self.begins(text, who=who, role=role) if partials else self._new_turn()
        self.ends(turn, text, who=who, role=role)
        return turn

    def begins(self, text: str, *, who: str = "pat", role: str = "prospect", turn: str = "") -> str:
        """Words of a turn that goes on, one more in each partial."""
        turn = turn or self._new_turn()
        self.driver.feed(Speaking(who, True, self.now()))
        words = self._words(text)
        for count in range(1, len(words) + 1):
            self.driver.feed(Partial(turn, who, role, words[:count]))  # type: ignore[arg-type]
        return turn

    def pauses(self, who: str = "pat") -> None:
        """The voice falls silent."""
        self.driver.feed(Speaking(who, False, self.now()))

    def ends(self, turn: str, text: str, *, who: str = "pat", role: str = "prospect") -> None:
        """The turn is over, and these were its words."""
        self.pauses(who)
        words = self._words(text)
        self.driver.feed(Turn(turn, who, role, words, words[0].start, words[-1].end, 0.9))  # type: ignore[arg-type]

    def asks(self, question: str, name: str = "1-q1") -> None:
        """The rep asks."""
        self.advising.question(name, question)
        self.driver.feed(Ask(name))

    def confirms(self, nudge: str) -> None:
        """The rep confirms a card's action."""
        self.driver.feed(Feedback(nudge, "confirm"))

    def latest(self) -> dict[str, Nudge]:
        """Each card as it stands."""
        return {nudge.id: nudge for nudge in self.nudges}

    async def until(self, condition: Callable[[], Value | None], what: str) -> Value:
        """Waits until something is so."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not (value := condition()):
                    await asyncio.sleep(0.005)
                return value
        except TimeoutError:
            raise AssertionError(f"never came: {what}; cards: {self.nudges}") from None

    async def final(self, headline: str) -> Nudge:
        """Waits for a last revision with this headline."""
        return await self.until(
            lambda: next((one for one in self.nudges if one.final and one.headline == headline), None),
            f"the last words of {headline!r}",
        )

    def _new_turn(self) -> str:
        self._turns += 1
        return f"t{self._turns}"

    def _words(self, text: str) -> tuple[Word, ...]:
        now = round(self.now(), 3)
        spoken = text.split()
        step = min(0.3, 2.0 / max(len(spoken), 1))
        start = now - step * len(spoken)
        return tuple(
            Word(word, round(start + at * step, 3), round(start + (at + 1) * step, 3)) for at, word in enumerate(spoken)
        )


@asynccontextmanager
async def call_with(
    model: FakeOpenAIChat | None,
    folder: Path,
    *,
    settings: Settings | None = None,
    accounts: AccountSource | None = None,
    metadata: dict[str, Any] | None = None,
    began: float = 60.0,
) -> AsyncIterator[Rig]:
    """A call that began a minute ago, in which the rep and a prospect are heard and something of a sale was said."""
    settings = settings or settings_for(model)
    playbook = load_playbook(find_project_file("playbook"))
    job = JobMetadata.model_validate({"v": 1, "rep": "rep", **(metadata or {})})
    clock = CallClock(time.time() - began)
    header = {"playbook": {"digest": playbook.digest}, "budget": {"interval": 0.05, "burst": 50}}
    journal = Journal(folder / "call", {**header, "advising": {"models": ["openai"], "early": settings.advising.early}})
    coach_settings = CoachSettings(
        interval=0.05, burst=50, segment=journal.segment, advised=True, early=settings.advising.early
    )
    coach = Coach(playbook, coach_settings)
    brains = Brains.of(settings, playbook)
    rig: Rig

    def show(nudge: Nudge) -> None:
        rig.nudges.append(nudge)
        asyncio.get_running_loop().call_soon(driver.feed, Delivery(nudge.id, nudge.rev, "shown"))

    driver = Driver(
        coach,
        journal,
        clock,
        nudge=show,
        ask=lambda _: None,
        decided=lambda: None,
        followed=lambda event, now, made: advising.follow(event, now, made),
    )

    def changed() -> None:
        rig.states += 1

    watcher = Watcher(settings.screen, may_see=lambda: True, now=clock.now, changed=driver.feed)
    advising = Advising(
        brains,
        settings,
        job,
        playbook,
        accounts or NoAccounts(),
        watcher,
        folder=journal.folder,
        gauges=coach.gauges,
        now=clock.now,
        feed=driver.feed,
        note=driver.note,
        keep_text=driver.keep_text,
        changed=changed,
    )
    rig = Rig(driver, clock, advising, journal.folder)
    advising.start()
    for identity, role in (("rep", "rep"), ("pat", "prospect")):
        driver.feed(Attendance(identity, identity.title(), role, True))  # type: ignore[arg-type]
        driver.feed(Consent(identity, "granted", "metadata"))
    try:
        yield rig
    finally:
        await advising.aclose()
        driver.close()
        await watcher.aclose()
        await brains.aclose()
