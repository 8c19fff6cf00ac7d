"""All that thinks slowly about one call: better words for cards, the running summary, insights, and notes.

In: every input of the coach and what it decided, the rep's questions, the account. Out: advice as inputs of the coach,
insights and notes for the rep, and notes on disk when the call ends. Nothing here is waited for where words are heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cornerman.advising.gathering import Gathering
from cornerman.advising.grounding import Forbidden, Grounds, Offered, check, warm
from cornerman.advising.insights import Insights
from cornerman.advising.lane import Lane
from cornerman.advising.notes.files import forget_notes
from cornerman.advising.notes.notebook import Notebook
from cornerman.advising.notes.writer import NotesWriter
from cornerman.advising.outcomes import Outcomes
from cornerman.advising.picture import Picture
from cornerman.advising.summary import Summary
from cornerman.coach.word_memory import forget_words
from cornerman.config import LlmSettings, Settings
from cornerman.contract import Account, JobMetadata, wire
from cornerman.crm import AccountRecord, AccountSource, known_of
from cornerman.events import Decision, Event, Purge, Turn
from cornerman.playbook import Playbook
from cornerman.providers.llm import Models, Used
from cornerman.record.keeping import PLAIN, Keeping
from cornerman.retrieval import Retriever
from cornerman.retrieval.index import Index
from cornerman.seeing import Watcher
from cornerman.tools import McpServers, Toolbox, provider_tools


@dataclass(frozen=True, slots=True)
class Brains:
    """What every call of a process shares: the models, None where there are none, and the playbook, searchable."""

    models: Models | None
    retriever: Retriever
    forbidden: Forbidden

    @classmethod
    def of(
        cls,
        settings: Settings,
        playbook: Playbook,
        index: Index | None = None,
        forbidden: Forbidden | None = None,
        models: Models | None = None,
    ) -> Brains:
        """As the settings say. Returns at once: the search, unless its `index` is given, loads in threads of its own.
        `forbidden` and `models`: the playbook's and the settings', where they are made already.

        Raises:
            CornermanError: a model or a tool cannot be had as the settings want it.
        """
        provider_tools(settings.tools, settings.llm)  # a tool that cannot be had is told at start
        warm(playbook.language)
        Notebook(playbook)  # compiles its phrases, for all calls of the process
        models = models or models_of(settings.llm)
        retriever = Retriever(playbook, settings.retrieval, settings.meaning, index=index)
        retriever.start()
        return cls(models, retriever, forbidden or Forbidden(playbook))

    async def aclose(self) -> None:
        """Ends what the calls shared."""
        await self.retriever.aclose()
        if self.models is not None:
            await self.models.aclose()


def models_of(settings: LlmSettings) -> Models | None:
    """The models, warmed up; None where none is configured.

    Raises:
        CornermanError: settings or keys do not suffice.
    """
    if settings.provider == "none":
        return None
    models = Models(settings)
    models.prewarm()
    return models


class Advising:
    """One call's slow thinking. `note` takes facts for the journal's readers, `keep_text` what a model made of some
    participants' words; `changed` is called when what the rep sees of it changed.
    """

    def __init__(
        self,
        brains: Brains,
        settings: Settings,
        metadata: JobMetadata,
        playbook: Playbook,
        accounts: AccountSource,
        screen: Watcher,
        *,
        folder: Path,
        keeping: Keeping = PLAIN,
        gauges: Callable[[float], Mapping[str, float]],
        now: Callable[[], float],
        feed: Callable[[Event], None],
        note: Callable[..., None],
        keep_text: Callable[[tuple[str, ...], Mapping[str, object]], None],
        changed: Callable[[], None],
    ) -> None:
        self._models = brains.models
        self._account = metadata.account or Account()
        self._accounts = accounts
        self._note = note
        self._now = now
        self._changed = changed
        self._look_up: asyncio.Task[AccountRecord | None] | None = None
        names = {identity: one.name for identity, one in metadata.participants.items()}
        self._picture = Picture(names, metadata.role_of)
        self._mcp = McpServers(settings.tools.mcp) if settings.tools.mcp and brains.models is not None else None
        self._toolbox = Toolbox(
            playbook=playbook,
            retriever=brains.retriever,
            accounts=accounts,
            account=self._account,
            settings=settings.tools,
            now=now,
            on_late=lambda late: self._lane.came_late(late),
            query=lambda text: self._gathering.query(text),
            provided=provider_tools(settings.tools, settings.llm) if brains.models is not None else (),
            mcp=self._mcp,
        )
        self._gathering = Gathering(
            playbook,
            metadata.rep,
            self._picture,
            brains.retriever,
            self._toolbox,
            screen,
            advising=settings.advising,
            retrieval=settings.retrieval,
            seeing=settings.screen,
            now=now,
        )
        self._lane = Lane(
            settings,
            playbook,
            self._picture,
            self._gathering,
            self._toolbox,
            brains.models,
            Outcomes(accounts, metadata.account, folder.name, feed),
            forbidden=brains.forbidden,
            company=self._account.company,
            rep=metadata.rep,
            feed=feed,
            now=now,
            used=self._used,
        )
        self._summary = (
            Summary(
                brains.models,
                self._picture,
                verbatim=settings.advising.verbatim,
                every=settings.advising.summarise_every,
                deadline=settings.llm.summary_deadline,
                used=self._used,
            )
            if brains.models is not None
            else None
        )
        products = [product.name for product in playbook.products]
        base = Grounds(
            names=frozenset(filter(None, [playbook.company, self._account.company, *products])),
            forbidden=brains.forbidden,
            language=playbook.language,
        )
        self._notes = NotesWriter(
            Notebook(playbook, gauges, self._account.company),
            playbook,
            settings.notes,
            models=brains.models if settings.notes.enabled else None,
            check=check,
            base=base,
            folder=folder if settings.notes.enabled else None,
            keeping=keeping,
            now=now,
            used=self._used,
        )
        self._looks = (
            Insights(
                playbook,
                settings.insights,
                models=brains.models,
                check=check,
                base=base,
                now=now,
                told=self._looked,
                used=self._used,
            )
            if brains.models is not None and settings.insights.enabled
            else None
        )
        self._keep_text = keep_text
        self._folder = folder
        self._keeping = keeping
        self._keeps_notes = settings.notes.enabled
        self.insights: wire.Insights | None = None
        """The newest look at the whole call."""
        self._usage: dict[str, dict[str, float]] = {}

    @property
    def engine(self) -> wire.Engine:
        """Whether a model advises."""
        return self._lane.engine

    @property
    def usage(self) -> Mapping[str, Mapping[str, float]]:
        """What each model took in this call: requests, tokens, images, seconds."""
        return self._usage

    def start(self) -> None:
        """Begins what runs beside the call."""
        if self._mcp is not None:
            self._mcp.start()
        if self._models is not None:
            self._models.follow_health(lambda _health: self._changed())
        if self._looks is not None:
            self._looks.start()
        self._notes.start()

    def follow(self, event: Event, now: float, made: Sequence[Decision]) -> None:
        """Takes in one input of the coach and what it decided."""
        self._lane.follow(event, now, made)
        self._notes.follow(event, now, made)
        if isinstance(event, Purge) and not self._keeps_notes:
            forget_notes(self._folder, event.identity, self._keeping)  # those of an earlier coach, who kept some
        if self._looks is not None:
            self._looks.follow(event)
        if self._summary is not None:
            if isinstance(event, Turn):
                self._summary.turn_completed(now)
                self._gathering.summary = self._summary.text
            elif isinstance(event, Purge):
                self._summary.forget()
        if isinstance(event, Purge):
            if self._mcp is not None:
                self._mcp.forget()
            forget_words()  # the last: whoever forgets may look at words once more

    def question(self, ask: str, text: str) -> None:
        """What the rep asks; to be told before the `Ask` itself."""
        self._lane.question(ask, text)

    def source(self, name: str) -> Offered | None:
        """What a card cites that is not of the playbook."""
        return self._lane.source(name)

    def notes_page(self, number: int) -> wire.NotesPage:
        """A page of the notes so far."""
        return self._notes.page(number)

    def account_is(self, look_up: asyncio.Task[AccountRecord | None]) -> None:
        """The account look-up that began before the call."""
        self._look_up = look_up
        look_up.add_done_callback(self._account_known)

    async def aclose(self) -> None:
        """Gives up what is under way and writes what remains."""
        if self._look_up is not None:
            self._look_up.cancel()
        await self._lane.aclose()
        if self._summary is not None:
            await self._summary.aclose()
        if self._looks is not None:
            await self._looks.aclose()
        await self._notes.finish()
        if self._mcp is not None:
            await self._mcp.aclose()
        await self._accounts.aclose()

    def _account_known(self, look_up: asyncio.Task[AccountRecord | None]) -> None:
        found = None if look_up.cancelled() else look_up.result()
        record = known_of(self._account, found)
        self._note(account=(record.id or record.company) if record is not None else None)
        if record is not None:
            self._gathering.account_is(record)

    def _looked(self, insights: wire.Insights | None, saw: frozenset[str]) -> None:
        self.insights = insights
        if insights is not None:
            self._keep_text(tuple(sorted(saw)), {"insights": insights.model_dump(mode="json")})
        self._changed()

    def _used(self, used: Used) -> None:
        self._note(
            llm=used.provider,
            at=self._now(),
            prompt=used.prompt_tokens,
            cached=used.cached_tokens,
            completion=used.completion_tokens,
            images=used.images,
            seconds=round(used.seconds, 3),
        )
        total = self._usage.setdefault(
            used.provider, {"requests": 0, "prompt": 0, "cached": 0, "completion": 0, "images": 0, "seconds": 0.0}
        )
        total["requests"] += 1
        total["prompt"] += used.prompt_tokens
        total["cached"] += used.cached_tokens
        total["completion"] += used.completion_tokens
        total["images"] += used.images
        total["seconds"] = round(total["seconds"] + used.seconds, 3)
