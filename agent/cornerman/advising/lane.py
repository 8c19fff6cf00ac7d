"""The reasoning lane of one call: turns the coach's requests into checked words, and never makes the coach wait.

In: every input of the coach and what it decided, in order. Out: `Advice`, step by step, as inputs of the coach. One
answer is under way at a time and the newest request wins; what it replaces is given up, upstream too. A model that
hangs, lies or is not there costs the card its better words and nothing else: the plain card stands. Tasks live in here
and end with the call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Final

from cornerman import metrics, tracing
from cornerman.advising.gathering import Gathering
from cornerman.advising.generation import Generation, Progress
from cornerman.advising.grounding import Forbidden, Grounds, Offered, Said, check
from cornerman.advising.instructions import rules_for
from cornerman.advising.materials import Materials, as_source, said_in
from cornerman.advising.outcomes import Outcomes
from cornerman.advising.picture import Picture
from cornerman.advising.plain_advice import plain_advice
from cornerman.advising.prompt import prompt_of
from cornerman.config import Settings
from cornerman.contract import wire
from cornerman.events import (
    Act,
    Advice,
    AdviceDropped,
    AdviceKept,
    AdviceRequest,
    CallEnd,
    Decision,
    Event,
    Evidence,
    Nudge,
    Partial,
    Purge,
    Question,
    Turn,
)
from cornerman.playbook import Playbook
from cornerman.providers.llm import Models, Purpose, Used
from cornerman.tools import Late, Toolbox

logger = logging.getLogger(__name__)

CARD_FIRST: Final = 0.02
"""Seconds after a card was sent at which better words for it are begun: by then it has left, not held up by them."""
LATE: Final = 8.0
"""Seconds after an answer in which a late result may still refine its card."""


class _Answer:
    """An answer under way, or the last one. `kept`: its words are wanted now, not only if the turn ends like this."""

    def __init__(self, request: AdviceRequest, now: float) -> None:
        self.request = request
        self.asked_at = now
        self.kept = not request.early
        self.step = 0
        self.told_words = False
        self.over = False
        self.outcome = ""
        self.offered: dict[str, Offered] = {}
        self.grounds = Grounds({})
        self.task: asyncio.Task[None] | None = None
        self.generation: Generation | None = None
        self.timers: list[asyncio.TimerHandle] = []

    def stop_timers(self) -> None:
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()


class Lane:
    """One call's reasoning. `feed` takes events for the coach, `used` meters the models."""

    def __init__(
        self,
        settings: Settings,
        playbook: Playbook,
        picture: Picture,
        gathering: Gathering,
        toolbox: Toolbox,
        models: Models | None,
        outcomes: Outcomes,
        *,
        forbidden: Forbidden,
        company: str,
        rep: str,
        feed: Callable[[Event], None],
        now: Callable[[], float],
        used: Callable[[Used], None],
    ) -> None:
        self._settings = settings.advising
        self._llm = settings.llm
        self._playbook = playbook
        self._picture = picture
        self._gathering = gathering
        self._toolbox = toolbox
        self._models = models
        self._outcomes = outcomes
        self._forbidden = forbidden
        self._rep = rep
        self._rules = rules_for(playbook)
        self._feed = feed
        self._now = now
        self._used = used
        own = [name for one in playbook.products for name in (one.name, *one.aliases)]
        self._names = frozenset(filter(None, [playbook.company, company, *own]))
        self._known = frozenset(name for one in playbook.competitors for name in (one.name, *one.aliases))
        self._questions: dict[str, str] = {}
        self._answer: _Answer | None = None
        self._sources: dict[str, Offered] = {}
        self._read: dict[tuple[Said, frozenset[str]], object] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._answering: set[asyncio.Task[None]] = set()
        """Those of them that answer; one that is told already may still be at its end."""
        self._closed = False

    @property
    def engine(self) -> wire.Engine:
        """Whether a model advises."""
        return self._models.health if self._models is not None else "rules_only"

    def follow(self, event: Event, now: float, made: Sequence[Decision]) -> None:
        """Takes in one input of the coach and what it decided. Never raises: the coach goes on without its lane."""
        try:
            self._follow(event, now, made)
        except Exception as error:
            # the message might quote what was said
            logger.error("the reasoning lane lost an event: %s", type(error).__name__)

    def question(self, ask: str, text: str) -> None:
        """What the rep asks, to be told before the `Ask` itself; kept nowhere but here, until it is answered."""
        self._questions = {ask: text}

    def source(self, name: str) -> Offered | None:
        """What a card cites that is not of the playbook."""
        return self._sources.get(name)

    async def aclose(self) -> None:
        """Gives up what is under way."""
        self._closed = True
        self._give_up()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._toolbox.aclose()
        await self._gathering.aclose()

    # -- what happens --

    def _follow(self, event: Event, now: float, made: Sequence[Decision]) -> None:
        self._picture.follow(event, made)
        match event:
            case Partial() | Turn() if event.role == "prospect" and event.words:
                turn = self._picture.turn(event.turn)
                if turn is not None:
                    self._gathering.said(turn)
                    if self._models is not None:
                        self._models.warm()
            case Purge():
                self._forget(event.identity)
            case CallEnd():
                self._give_up()
        wait = CARD_FIRST if any(isinstance(one, Nudge) and one.rev == 0 for one in made) else 0.0
        for decision in made:
            match decision:
                case AdviceRequest():
                    self._begin(decision, now, wait)
                case AdviceKept() if self._answer is not None and self._answer.request.id == decision.request:
                    self._keep(self._answer)
                case AdviceDropped():
                    self._give_up()
                case Act():
                    self._own(self._outcomes.carry_out(decision.action), "advising.outcome")
        self._gathering.watch(advised=self._models is not None)

    def _forget(self, identity: str) -> None:
        """Somebody's words are gone: so is everything that may rest on them."""
        self._give_up()
        for task in self._answering:
            task.cancel()
        self._answer = None
        self._questions.clear()
        self._sources.clear()
        self._read = {}
        self._gathering.forget()
        self._outcomes.forget(identity)
        self._toolbox.forget(identity)

    def _begin(self, request: AdviceRequest, now: float, wait: float) -> None:
        if self._closed:
            return
        self._give_up()
        answer = self._answer = _Answer(request, now)
        metrics.advice("early" if request.early else "asked")
        self._start(answer, "advising.answer", wait)
        if answer.kept:
            self._keep(answer)

    def _keep(self, answer: _Answer, *, thinking: bool = True) -> None:
        """The words are wanted from now on: the clock of the card begins."""
        answer.kept = True
        if answer.over:
            return
        loop = asyncio.get_running_loop()
        deadline = self._settings.card_deadline
        if isinstance(answer.request.cause, Question):
            deadline = self._llm.answer_deadline
        answer.timers.append(loop.call_later(deadline, self._time_is_up, answer))
        if thinking:
            answer.timers.append(loop.call_later(self._settings.thinking_after, self._think, answer))

    def _give_up(self) -> None:
        answer = self._answer
        if answer is not None and answer.generation is not None:
            answer.generation.give_up()
        if answer is None or answer.over:
            return
        answer.over, answer.outcome = True, "superseded"
        answer.stop_timers()
        if answer.task is not None:
            answer.task.cancel()
        self._toolbox.cancel(answer.request.id)
        metrics.advice("superseded")

    def _think(self, answer: _Answer) -> None:
        if self._models is not None and not answer.told_words and not answer.over:
            self._tell(answer, Advice(answer.request.id, 0, "thinking"))

    def _time_is_up(self, answer: _Answer) -> None:
        if answer.over:
            return
        if answer.generation is not None:
            answer.generation.cut_short()
        if not answer.over:
            self._tell(answer, Advice(answer.request.id, 0, "failed"))
        if answer.task is not None:
            answer.task.cancel()

    # -- one answer --

    async def _traced(self, answer: _Answer, wait: float) -> None:
        await asyncio.sleep(wait)
        with tracing.span("advice", request=answer.request.id, early=answer.request.early) as span:
            try:
                await self._advise(answer)
            finally:
                tracing.tell(span, outcome=answer.outcome or None)

    async def _advise(self, answer: _Answer) -> None:
        request = answer.request
        question = self._questions.get(request.cause.ask, "") if isinstance(request.cause, Question) else ""
        try:
            materials = await self._gathering.materials(request, question)
            if self._models is None:
                self._advise_plainly(answer, materials)
                return
            await self._generate(answer, self._models, materials)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            logger.error("advice went wrong: %s", type(error).__name__)
            metrics.advice("broken")
        if not answer.over:
            self._tell(answer, Advice(request.id, 0, "failed"))

    async def _generate(self, answer: _Answer, models: Models, materials: Materials) -> None:
        request = answer.request
        prompt = prompt_of(self._rules, materials, self._settings.context)
        said = said_in(self._picture)
        asked = isinstance(request.cause, Question)
        saw = tuple(sorted({*self._picture.speakers, *((self._rep,) if asked else ())}))

        def grounds(known: Sequence[Offered]) -> Grounds:
            answer.offered = {one.id: one for one in known}
            answer.grounds = Grounds(
                offered=answer.offered,
                said=said,
                names=self._names | self._picture.people,
                known=self._known,
                verdicts=tuple(one.verdict for one in self._toolbox.results() if one.verdict is not None),
                forbidden=self._forbidden,
                language=self._playbook.language,
                turns=self._read,
            )
            return answer.grounds

        def tell(progress: Progress) -> None:
            if answer.over:
                return
            if progress.status == "failed" and not answer.told_words:
                self._advise_plainly(answer, materials)
            else:
                self._tell(answer, self._advice(answer, progress, saw))

        answer.generation = Generation(
            request.id,
            models,
            self._toolbox,
            saw=saw,
            needed=materials.tools,
            grounds=grounds,
            tell=tell,
            used=self._used,
        )
        purpose: Purpose = "question" if asked else "answer"
        await answer.generation.run(prompt, purpose, self._llm.answer_deadline)

    def _advice(self, answer: _Answer, progress: Progress, saw: tuple[str, ...]) -> Advice:
        request = answer.request
        sources = tuple(as_source(answer.offered[name]) for name in progress.cited if name in answer.offered)
        action, detail = None, progress.detail
        if progress.status == "final":
            proposal = self._outcomes.proposed(self._toolbox.results(), progress.action, saw)
            if proposal is not None and check(proposal.summary, progress.cited, answer.grounds) is None:
                action, detail = wire.Action(id=proposal.id, label=proposal.label), proposal.summary
        return Advice(request.id, 0, progress.status, progress.headline, detail, sources, action, saw)

    def _advise_plainly(self, answer: _Answer, materials: Materials) -> None:
        """What can be said without a model."""
        advice = plain_advice(answer.request, materials, self._forbidden)
        for one in materials.offered:
            answer.offered[one.id] = one
        self._tell(answer, advice)

    def _tell(self, answer: _Answer, advice: Advice) -> None:
        """Hands a step to the coach."""
        if answer.over or self._closed:
            return
        answer.step += 1
        answer.told_words = answer.told_words or bool(advice.headline)
        if advice.status in ("final", "silent", "failed"):
            answer.over, answer.outcome = True, advice.status
            answer.stop_timers()
            metrics.advice(advice.status)
        for source in advice.sources:
            if source.id not in self._playbook.sections and source.id in answer.offered:
                self._sources[source.id] = answer.offered[source.id]
        self._feed(replace(advice, step=answer.step))

    def came_late(self, late: Late) -> None:
        """A look-up is done that an answer went on without: the card is made anew if it still matters."""
        answer = self._answer
        if answer is None or answer.request.id != late.generation or not answer.over or self._closed or not answer.kept:
            return
        if self._now() - answer.asked_at > LATE or not isinstance(answer.request.cause, Evidence | Question):
            return
        again = _Answer(answer.request, answer.asked_at)
        again.step, again.kept, again.offered = answer.step, True, answer.offered
        self._answer = again
        self._start(again, "advising.again")
        self._keep(again, thinking=False)

    def _start(self, answer: _Answer, name: str, wait: float = 0.0) -> None:
        answer.task = self._own(self._traced(answer, wait), name)
        self._answering.add(answer.task)
        answer.task.add_done_callback(self._answering.discard)

    def _own(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
