"""The calls of the demo page: who may join one, the coach that is sent to it, the recorded prospect, and its end.

In: what the page asks for. Out: tokens and where the recording stands. Promises: at most `MOST_CALLS` at once; every
call is one owned task and ends when the rep has been away for a while or the server closes; its room is deleted then,
which sends everybody home and closes the coach's journal.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import aiohttp
from livekit import api, rtc
from pydantic import BaseModel, ConfigDict

from cornerman.config import Settings
from cornerman.demo.cast import COMPANY, GUEST, NAMES, PROSPECT, REP
from cornerman.demo.page_prospect import RecordedProspect
from cornerman.dispatch import Account, Call, Person, create_call, send_coach
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress
from cornerman.livekit_server.server_api import server_api

logger = logging.getLogger(__name__)

MOST_CALLS = 8
COMES_WITHIN = 60.0
"""Seconds after which a call nobody came to is over."""
AWAY = 30.0
"""Seconds a rep may be away: reloading the page takes less."""
LOOK_FOR_REP_EVERY = 0.25
LOOK_EVERY = 3.0
COACH_COMES_WITHIN = 5.0
"""Seconds the coach of the rep's token has before another is asked for."""
DEADLINE = 5.0
"""Seconds for one question to the LiveKit server."""
UNREACHABLE = (TimeoutError, aiohttp.ClientError, api.TwirpError, rtc.ConnectError)


class CallWish(BaseModel):
    """What kind of call the page asks for; the body of `POST /api/calls`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prospect: Literal["recorded", "browser"] = "recorded"
    rep_voice: Literal["recorded", "own"] = "recorded"
    consent: Literal["rep_discloses", "granted"] = "rep_discloses"


class TooManyCallsError(CornermanError):
    """There is no place for another call."""


class PageCall:
    """One call, from `begin` to `aclose`. `terms` is what a product's back end would have got of `create_call`."""

    def __init__(self, wish: CallWish, terms: Call, server: ServerAddress, settings: Settings, livekit: api.LiveKitAPI):
        self.id = secrets.token_urlsafe(12)
        self.wish = wish
        self.terms = terms
        self.trouble = ""
        """Why the coach or the recorded prospect did not come; empty while nothing is wrong."""
        self._server = server
        self._worker = settings.worker
        self._livekit = livekit
        self._prospect = RecordedProspect() if wish.prospect == "recorded" else None
        self._zero: float | None = None
        self._life: asyncio.Task[None] | None = None

    def begin(self) -> asyncio.Task[None]:
        """Waits for the rep; the task ends when the call does."""
        self._life = asyncio.create_task(self._live(), name=f"page.call.{self.terms.room}")
        return self._life

    async def aclose(self) -> None:
        """Ends the call."""
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)

    @property
    def visitor(self) -> str:
        """Who the prospect's page is: the prospect, or, where that is a recording, a guest who looks on."""
        return PROSPECT if self._prospect is None else GUEST

    @property
    def position(self) -> float | None:
        """Where the recording is, in seconds; None before it began."""
        return None if self._zero is None else asyncio.get_running_loop().time() - self._zero

    async def play(self) -> float:
        """Begins the recording, once; says where it is.

        Raises:
            CornermanError: the recorded prospect is not there.
        """
        if self._zero is None:
            began = asyncio.get_running_loop().time() if self._prospect is None else await self._prospect.play()
            self._zero = began if self._zero is None else self._zero
        return asyncio.get_running_loop().time() - self._zero

    async def _live(self) -> None:
        if not await self._rep_came():
            return
        tasks = [asyncio.create_task(self._coached(), name=f"page.coach.{self.terms.room}")]
        if self._prospect is not None:
            tasks.append(asyncio.create_task(self._attended(self._prospect), name=f"page.prospect.{self.terms.room}"))
        try:
            await self._until_rep_is_gone()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._delete_room()

    async def _rep_came(self) -> bool:
        """The rep is the first to join: the token that makes the room brings the coach."""
        for _ in range(int(COMES_WITHIN / LOOK_FOR_REP_EVERY)):
            if await self._rep_is_there():
                return True
            await asyncio.sleep(LOOK_FOR_REP_EVERY)
        return False

    async def _coached(self) -> None:
        """A server under load was seen to lose a dispatch; this asks again where no coach came by itself."""
        await asyncio.sleep(COACH_COMES_WITHIN)
        try:
            await send_coach(
                self._livekit,
                self.terms.room,
                self.terms.metadata,
                agent_name=self._worker.agent_name,
                identity_prefix=self._worker.identity_prefix,
            )
        except CornermanError as error:
            self._troubled("no coach came", error)

    async def _attended(self, prospect: RecordedProspect) -> None:
        try:
            await prospect.attend(self._server.url, self.terms.tokens[PROSPECT])
        except (CornermanError, *UNREACHABLE) as error:
            self._troubled("the recorded prospect did not come", error)

    def _troubled(self, what: str, error: BaseException) -> None:
        self.trouble = f"{what}: {error}" if isinstance(error, CornermanError) else what
        logger.warning("demo page: %s", what, extra={"room": self.terms.room, "error": type(error).__name__})

    async def _until_rep_is_gone(self) -> None:
        clock = asyncio.get_running_loop().time
        seen = clock()
        while clock() < seen + AWAY:
            await asyncio.sleep(LOOK_EVERY)
            if await self._rep_is_there():
                seen = clock()

    async def _rep_is_there(self) -> bool:
        try:
            async with asyncio.timeout(DEADLINE):
                listed = await self._livekit.room.list_participants(api.ListParticipantsRequest(room=self.terms.room))
        except UNREACHABLE:
            return False
        return any(one.identity == REP for one in listed.participants)

    async def _delete_room(self) -> None:
        try:
            async with asyncio.timeout(DEADLINE):
                await self._livekit.room.delete_room(api.DeleteRoomRequest(room=self.terms.room))
        except UNREACHABLE as error:
            logger.info("nothing to delete", extra={"room": self.terms.room, "error": type(error).__name__})


class PageCalls:
    """All calls of the page."""

    def __init__(self, server: ServerAddress, settings: Settings, livekit: api.LiveKitAPI) -> None:
        self.server = server
        self._settings = settings
        self._livekit = livekit
        self._calls: dict[str, PageCall] = {}

    async def begin(self, wish: CallWish) -> PageCall:
        """A new call.

        Raises:
            TooManyCallsError: `MOST_CALLS` are under way.
        """
        terms = await self._terms(wish)
        if len(self._calls) >= MOST_CALLS:
            raise TooManyCallsError(f"{MOST_CALLS} calls are under way: leave one of them first")
        call = PageCall(wish, terms, self.server, self._settings, self._livekit)
        self._calls[call.id] = call
        call.begin().add_done_callback(lambda _: self._calls.pop(call.id, None))
        return call

    async def _terms(self, wish: CallWish) -> Call:
        granted: Literal["granted"] | None = "granted" if wish.consent == "granted" else None
        return await create_call(
            [
                Person(REP, NAMES[REP], role="rep", consent=granted),
                Person(PROSPECT, NAMES[PROSPECT], consent=granted),
                Person(GUEST, NAMES[GUEST], role="observer"),
            ],
            room=f"page-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}",
            account=Account(company=COMPANY),
            consent=wish.consent,
            server=self.server,
            agent_name=self._settings.worker.agent_name,
            identity_prefix=self._settings.worker.identity_prefix,
        )

    def find(self, name: str) -> PageCall | None:
        """The call of this id, unless it is over."""
        return self._calls.get(name)

    async def aclose(self) -> None:
        """Ends all calls."""
        await asyncio.gather(*(call.aclose() for call in list(self._calls.values())))


@asynccontextmanager
async def page_calls(server: ServerAddress, settings: Settings) -> AsyncIterator[PageCalls]:
    """No calls yet; all of them ended when the block is left."""
    async with server_api(server) as livekit:
        calls = PageCalls(server, settings, livekit)
        try:
            yield calls
        finally:
            await calls.aclose()
