"""Gathers what a request needs, most of it while the turn is still being said.

In: partials and turns, the account once it is known, the rep's questions. Out: `Materials`. Nothing here waits for a
network, nor a turn for a frame: what is there is taken, what comes later may refine the card.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from cornerman import tracing
from cornerman.advising.grounding import Offered
from cornerman.advising.looking_up import LookingUp
from cornerman.advising.materials import Materials
from cornerman.advising.needs import ALL, Needs
from cornerman.advising.picture import Picture, SaidTurn
from cornerman.config import AdvisingSettings, RetrievalSettings, ScreenSettings
from cornerman.crm import AccountRecord, dossier_of
from cornerman.events import AdviceRequest, Evidence, Nudge, Seen
from cornerman.playbook import Playbook, Section
from cornerman.retrieval import Hit, Query, Retriever
from cornerman.seeing import Frame, SeeingError, Watcher, points_at_screen, rate_for
from cornerman.tools import Toolbox, percent_heard

FINE_WITHIN: Final = 1.0
"""Seconds a question about the screen waits for a fine frame of it; nothing else waits for any."""
READY_WITHIN: Final = 0.02
"""Seconds a request waits for look-ups that its own words named: they are computed here, in less."""
BEST: Final = 0.12
"""Score under which a section has little to do with a turn (see `Hit.score`)."""


class Gathering:
    """What is at hand for the requests of one call."""

    def __init__(
        self,
        playbook: Playbook,
        rep: str,
        picture: Picture,
        retriever: Retriever,
        toolbox: Toolbox,
        screen: Watcher,
        *,
        advising: AdvisingSettings,
        retrieval: RetrievalSettings,
        seeing: ScreenSettings,
        now: Callable[[], float],
    ) -> None:
        self._playbook = playbook
        self._rep = rep
        self._picture = picture
        self._retriever = retriever
        self._toolbox = toolbox
        self._screen = screen
        self._settings = advising
        self._most = retrieval.sections
        self._seeing = seeing
        self._now = now
        self._looking_up = LookingUp(self._find)
        self._needs = Needs(playbook)
        self._account_told = False
        self._record: AccountRecord | None = None
        self._pointed: set[str] = set()
        self.dossier: Offered | None = None
        self.summary = ""

    def account_is(self, record: AccountRecord) -> None:
        """The account is known now."""
        self._record = record
        dossier = dossier_of(record)
        self.dossier = Offered(dossier.source.id, dossier.source.title, dossier.text, dossier.source.locator)
        self._account_told = dossier.is_all

    def query(self, text: str) -> Query:
        """A search for this text as the call stands."""
        record = self._record
        account = tuple(record.fields.values()) if record else ()
        return Query(text, self._picture.stage, account, self._picture.shown, self._most)

    def said(self, turn: SaidTurn) -> None:
        """A prospect's turn goes on, or has ended: what it is likely to need is looked up."""
        self._looking_up.ahead(turn.text)
        self._look_up(turn.text, percent_heard(turn.text, self._playbook.language), turn.identity)
        if points_at_screen(turn.text, self._playbook.language):
            self._pointed.add(turn.turn)
            self._screen.pointing(self._now())

    def watch(self, *, advised: bool) -> None:
        """Has the screen looked at as often as the settings say, if anything can need it; `advised`: somebody may."""
        presenting = self._picture.stage == "presentation"
        rate = rate_for(self._seeing, presenting=presenting, prospect_speaks=self._picture.prospect_speaking)
        wanted = advised and self._picture.attention == "live"
        self._screen.need(rate if wanted else 0.0, presenting=presenting)

    async def materials(self, request: AdviceRequest, question: str) -> Materials:
        """Everything that is at hand."""
        picture, cause = self._picture, request.cause
        turn = picture.turn(cause.turn) if isinstance(cause, Evidence) else None
        text = question or (turn.text if turn else "")
        card = picture.card_in(turn.turn) if turn else None
        playbook_card = self._playbook.cards.get(card.card) if card else None
        percentages = percent_heard(text, self._playbook.language)
        keys = self._look_up(text, percentages, turn.identity if turn else self._rep)
        hits = await self._looking_up.hits(text) if text.strip() else ()
        now = self._now()
        recent = picture.recent(now, self._settings.verbatim)
        recent = recent if turn is None or turn in recent else (*recent, turn)
        sections = self._sections(card, hits)
        results = await self._toolbox.ready(keys, READY_WITHIN)
        frame = await self._frame(request, question, asked_by_card=playbook_card is not None and playbook_card.look)
        return Materials(
            cause=cause,
            now=now,
            stage=picture.stage,
            recent=recent,
            sections=sections,
            hits=hits,
            results=results,
            dossier=self.dossier,
            summary=self.summary,
            question=question,
            percentages=percentages if turn else (),
            card=f"{card.headline}. {card.detail}" if card else "",
            frame=frame,
            tools=ALL
            if question
            else self._needs.of(
                recent,
                stage=picture.stage,
                moments={moment.kind for moment in picture.moments_in(turn.turn)} if turn else (),
                sections=sections,
                results=results,
                account_told=self._account_told,
                sees=frame is not None,
            ),
        )

    def forget(self) -> None:
        """Drops what was made of words that are to be forgotten."""
        self._looking_up.forget()
        self._pointed.clear()
        self.summary = ""

    async def aclose(self) -> None:
        """Ends what is under way."""
        await self._looking_up.aclose()

    def _look_up(self, text: str, percentages: Sequence[float], identity: str) -> tuple[str, ...]:
        """Has looked up what these words name, once; returns the keys of it."""
        named = self._needs.competitors(text)
        return self._toolbox.prefetch(competitors=named, percents=percentages, saw=(identity,))

    async def _frame(self, request: AdviceRequest, question: str, *, asked_by_card: bool) -> Frame | None:
        """The newest good frame, if this request is about the screen; a fine one where the rep asks about it."""
        cause = request.cause
        pointed = isinstance(cause, Evidence) and cause.turn in self._pointed
        asked = points_at_screen(question, self._playbook.language)
        if asked and self._seeing.policy != "off":
            try:
                async with asyncio.timeout(FINE_WITHIN):
                    return await self._screen.detail()
            except (SeeingError, TimeoutError):
                pass  # what was seen last has to do
        points = isinstance(cause, Seen) or pointed or asked_by_card or asked
        return self._screen.attach(points=points, presenting=self._picture.stage == "presentation")

    def _sections(self, card: Nudge | None, hits: tuple[Hit, ...]) -> tuple[Section, ...]:
        """What the card that is shown rests on, and what was found, each once."""
        known = self._playbook.sections
        of_card = [known[source.id] for source in card.sources if source.id in known] if card is not None else []
        return tuple(dict.fromkeys([*of_card, *(hit.section for hit in hits)]))

    async def _find(self, text: str) -> tuple[Hit, ...]:
        with tracing.span("retrieval") as span:
            hits = tuple(hit for hit in await self._retriever.search(self.query(text)) if hit.score >= BEST)
            tracing.tell(span, hits=len(hits))
        return hits
