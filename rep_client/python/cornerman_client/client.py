"""The rep's side of the private line: nudges and call states in, feedback, consent and wishes out.

`CoachClient` attaches to a LiveKit room the rep is in, or joins one. It answers `coach_nudge` and `coach_state`, but
only to the coach; it says hello to every coach that appears, so that nothing sent before is missed. Promises: nobody
but the coach is listened to and all others get one fixed answer; each revision of a card is handed out once; no payload
is echoed or logged; every task is ended by `aclose()`; a room has one client at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Self, Unpack
from weakref import WeakSet

from livekit import rtc

from cornerman_client import contract
from cornerman_client.cards import DROPPED, Cards, Paint
from cornerman_client.clock import Clock, MonotonicClock
from cornerman_client.contract import Nudge, State
from cornerman_client.encryption import room_options
from cornerman_client.errors import ClientClosed, CoachUnavailable, CornermanClientError
from cornerman_client.greeting import Greeter
from cornerman_client.inbox import Latest, NudgeInbox
from cornerman_client.line import CoachLine
from cornerman_client.options import ClientOptions, own_version
from cornerman_client.privacy import ACQUAINTANCE_SECONDS, can_be_answered
from cornerman_client.reading import BAD_REQUEST_TEXT, Unreadable, read_nudge, read_state
from cornerman_client.rep_calls import RepCalls
from cornerman_client.standing import Presence, Standing
from cornerman_client.trust import Coaches

CONNECT_SECONDS = 20.0
DISCONNECT_SECONDS = 5.0

_with_client: WeakSet[rtc.Room] = WeakSet()
"""Rooms that have a client: a second one would take the first one's methods away, and unregister them in the end."""


class CoachClient(RepCalls):
    """One rep's line to the coach of one call.

    Use it as an async context manager, or call `start()` and `aclose()`. A room that is not connected yet is fine: the
    methods are registered the moment it is. A client is for one connection: once closed, make a new one.

    Args:
        room: the rep's room; it stays the caller's to connect and disconnect.
        identity_prefix: the reserved prefix of the coach's identity.
        client: name of the embedding program, told to the coach.
        version: its version.
        shows: what it can show beyond plain cards.
        paint: awaited with each new revision, withdrawn ones too; when it returns, the card is on the screen, unless it
            returns `False`: then no person can see it. The coach is told the time that took. After one second the card
            counts as hidden. Without a painter, cards count as shown once they wait for whoever reads `nudges()`.
        clock: for tests.
    """

    def __init__(
        self,
        room: rtc.Room,
        *,
        identity_prefix: str = contract.DEFAULT_IDENTITY_PREFIX,
        client: str = "cornerman-client-python",
        version: str | None = None,
        shows: Sequence[str] = (),
        paint: Paint | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._room = room
        self._clock: Clock = clock or MonotonicClock()
        self._listed = asyncio.Event()
        hello = contract.Hello(client=client, version=version or own_version(), shows=tuple(shows))
        super().__init__(CoachLine(room), hello)
        self._coaches = Coaches(identity_prefix, self._listed_as_agent)
        self._inbox = NudgeInbox()
        self._cards = Cards(self._inbox, paint, self._clock)
        self._states: Latest[State | None] = Latest()
        self._state_sender: str | None = None
        self._obeyed: tuple[str, int] | None = None
        self._presence = Presence(self._clock, lambda: self._coaches.leader, self._on_lost)
        self._greeter = Greeter(self._say_hello, self._clock)
        self._started = False
        self._registered_on: rtc.LocalParticipant | None = None
        self._listening: tuple[tuple[Any, Any], ...] = (
            ("connection_state_changed", self._on_connection_state),
            ("reconnected", self._on_reconnected),
            ("disconnected", self._on_disconnected),
            ("participant_connected", self._on_participant),
            ("participant_disconnected", self._on_participant_left),
        )

    # -- life --

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, url: str, token: str, *, room_key: str | None = None, **options: Unpack[ClientOptions]
    ) -> AsyncIterator[Self]:
        """Joins a room of its own, without media, and leaves it at the end. `room_key`: that of an end-to-end encrypted
        room. Options are the constructor's.

        Raises:
            CoachUnavailable: the room cannot be joined.
        """
        room = rtc.Room()
        client = cls(room, **options)
        try:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await room.connect(url, token, room_options(room_key, auto_subscribe=False))
            except (rtc.ConnectError, TimeoutError) as error:
                why = f" ({error.message})" if isinstance(error, rtc.ConnectError) else ""
                raise CoachUnavailable(f"the room cannot be joined{why}; check the URL and the token") from error
            client.start()
            yield client
        finally:
            await client.aclose()
            # A server that does not answer the goodbye must not hide why we are leaving.
            with suppress(TimeoutError):
                async with asyncio.timeout(DISCONNECT_SECONDS):
                    await room.disconnect()

    def start(self) -> None:
        """Registers the rep's methods, now or as soon as the room is connected, and looks for the coach.

        Raises:
            ClientClosed: the client was closed before.
            CornermanClientError: the room has a client already.
        """
        if self.closed_reason is not None:
            raise ClientClosed(self.closed_reason)
        if self._started:
            return
        if self._room in _with_client:
            raise CornermanClientError("the room has a client already; close that one first")
        _with_client.add(self._room)
        self._started = True
        self._presence.start()
        for event, listener in self._listening:
            self._room.on(event, listener)
        self._on_connection_state()

    async def aclose(self) -> None:
        """Unregisters the methods, ends every task and every iterator. Safe to call twice."""
        for event, listener in self._listening:
            self._room.off(event, listener)
        if self._registered_on is not None and self._room.isconnected():
            for method in contract.REP_METHODS:
                self._registered_on.unregister_rpc_method(method)
        self._registered_on = None
        self._close("closed")
        await self._presence.aclose()
        await self._greeter.aclose()
        await self._cards.aclose()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    # -- what the coach says --

    def nudges(self) -> AsyncIterator[Nudge]:
        """New revisions of cards as they come; each replaces the one of the same id you were given before.

        A revision with status `withdrawn` may name a card you never saw. Ends when the client is closed.
        """
        return self._inbox.read()

    def states(self) -> AsyncIterator[State | None]:
        """The call state, now and at every change; None where it is not to be believed any more, because its sender
        turned out to be no coach. Ends when the client is closed.
        """
        return self._states.read()

    def standings(self) -> AsyncIterator[Standing]:
        """How the line to the coach stands, now and at every change. Ends when the client is closed."""
        return self._presence.standings.read()

    @property
    def state(self) -> State | None:
        """The newest call state; None before the coach said anything, or when that is not to be believed any more."""
        return self._states.value

    @property
    def standing(self) -> Standing:
        """How the line to the coach stands now."""
        return self._presence.standing

    @property
    def coach(self) -> str | None:
        """The identity of the coach that is obeyed, None while there is none."""
        return self._coaches.leader

    @property
    def coach_lost(self) -> bool:
        """Whether a coach that was heard has been silent for 45 s: three heartbeats."""
        return self._presence.lost

    @property
    def closed_reason(self) -> str | None:
        """Why the client is closed: `closed`, or the room's reason in lower case.

        On `duplicate_identity` the rep joined elsewhere, for example in a second tab: joining again here would throw
        that one out in turn.
        """
        return self._presence.closed_reason

    @property
    def unread_dropped(self) -> int:
        """How many unread cards were dropped because nobody read them."""
        return self._inbox.overflowed

    @property
    def greeting_error(self) -> CornermanClientError | None:
        """Why the last hello failed, None when it was answered."""
        return self._greeter.last_error

    @property
    def visible(self) -> bool:
        """Whether the rep can see the cards. While not, nudges are taken up and answered `hidden`."""
        return self._cards.visible

    @visible.setter
    def visible(self, value: bool) -> None:
        shows_again = value and not self._cards.visible
        self._cards.visible = value
        if shows_again:
            self._ask_for_cards()

    @property
    def paint(self) -> Paint | None:
        """Who puts cards on the screen, see the constructor; another painter is given unexpired cards again."""
        return self._cards.paint

    @paint.setter
    def paint(self, paint: Paint | None) -> None:
        another = paint is not None and paint != self._cards.paint
        self._cards.paint = paint
        if another:
            self._ask_for_cards()

    def _ask_for_cards(self) -> None:
        """On hello the coach sends unexpired cards again, and now they are seen."""
        if (coach := self.coach) and self._started and self.closed_reason is None:
            self._greeter.greet(coach, again=True)

    def _reachable_coach(self) -> str:
        if self.closed_reason is not None:
            raise ClientClosed(self.closed_reason)
        if (coach := self.coach) is None:
            raise CoachUnavailable("there is no coach in the room yet")
        return coach

    def _take_answer(self, coach: str, state: State) -> None:
        # an answer that outlives its coach changes nothing
        if coach in self._coaches.known and self._coaches.trusts(coach):
            self._take_state(coach, state)

    # -- incoming calls --

    async def _on_nudge(self, call: rtc.RpcInvocationData) -> str:
        entered = self._clock.now()
        self._admit(call.caller_identity)
        try:
            nudge = read_nudge(call.payload)
        except Unreadable:
            raise rtc.RpcError(contract.BAD_REQUEST_CODE, BAD_REQUEST_TEXT) from None
        if not self._obeys(call.caller_identity, nudge.segment):
            return DROPPED
        self._presence.heard()
        return await self._privately(
            call.caller_identity, await self._cards.take_up(nudge, call.caller_identity, entered)
        )

    async def _on_state(self, call: rtc.RpcInvocationData) -> str:
        self._admit(call.caller_identity)
        try:
            state = read_state(call.payload)
        except Unreadable:
            raise rtc.RpcError(contract.BAD_REQUEST_CODE, BAD_REQUEST_TEXT) from None
        return await self._privately(
            call.caller_identity, "ok" if self._take_state(call.caller_identity, state) else DROPPED
        )

    async def _privately(self, caller: str, answer: str) -> str:
        """Gives the answer once it reaches the caller alone: a caller the room has not listed yet is kept waiting."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ACQUAINTANCE_SECONDS):
                while not can_be_answered(self._room, caller) and self.closed_reason is None:
                    await self._listed.wait()
        if not can_be_answered(self._room, caller):
            raise rtc.RpcError(contract.NOT_READY_CODE, contract.NOT_READY_TEXT)
        self._refuse_strangers(caller)
        return answer

    def _admit(self, caller: str) -> None:
        """Turns strangers away, all with the same words; greets a coach that called before the room listed it."""
        if self.closed_reason is not None:
            raise rtc.RpcError(contract.STRANGER_CODE, contract.STRANGER_TEXT)
        self._refuse_strangers(caller)
        self._coaches.meet(caller)
        self._greeter.greet(caller)

    def _refuse_strangers(self, caller: str) -> None:
        if not self._coaches.trusts(caller):
            self._disown(caller)
            raise rtc.RpcError(contract.STRANGER_CODE, contract.STRANGER_TEXT)

    def _obeys(self, caller: str, segment: int) -> bool:
        obeyed = self._coaches.obeys(caller, segment)
        if obeyed:
            before, self._obeyed = self._obeyed, (caller, segment)
            if before and before[0] != caller and segment <= before[1]:
                # A successor without its predecessor's journal mints the same ids for other cards.
                self._cards.forget_all()
        self._presence.tell()
        return obeyed

    def _take_state(self, coach: str, state: State) -> bool:
        if not self._obeys(coach, state.segment):
            return False
        self._presence.heard()
        self._state_sender = coach
        self._states.put(state)
        return True

    # -- what the room says --

    def _listed_as_agent(self, identity: str) -> bool | None:
        participant = self._room.remote_participants.get(identity)
        return None if participant is None else participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT

    def _register(self) -> None:
        if self.closed_reason is not None or not self._room.isconnected():
            return
        me = self._room.local_participant
        if self._registered_on is me:
            return
        self._registered_on = me
        me.register_rpc_method(contract.NUDGE, self._on_nudge)
        me.register_rpc_method(contract.STATE, self._on_state)
        for participant in tuple(self._room.remote_participants.values()):
            self._on_participant(participant)

    def _on_connection_state(self, *_: object) -> None:
        self._presence.reconnecting = self._room.connection_state == rtc.ConnectionState.CONN_RECONNECTING
        self._presence.tell()
        self._register()

    def _on_reconnected(self) -> None:
        for coach in self._coaches.known:
            self._greeter.greet(coach, again=True)

    def _on_disconnected(self, reason: rtc.DisconnectReason.ValueType) -> None:
        self._close(rtc.DisconnectReason.Name(reason).lower())

    def _on_participant(self, participant: rtc.RemoteParticipant) -> None:
        listed, self._listed = self._listed, asyncio.Event()
        listed.set()
        identity = participant.identity
        if self._coaches.trusts(identity):
            self._coaches.meet(identity)
            self._greeter.greet(identity)
        else:
            self._disown(identity)
        self._presence.tell()

    def _on_participant_left(self, participant: rtc.RemoteParticipant) -> None:
        self._coaches.part(participant.identity)
        self._greeter.forget(participant.identity)
        self._presence.tell()

    def _disown(self, impostor: str) -> None:
        """Undoes what a caller with the coach's prefix said before the room listed it as no agent."""
        self._greeter.forget(impostor)
        self._cards.withdraw_from(impostor)
        if self._state_sender == impostor:
            self._state_sender = None
            self._states.put(None)

    def _on_lost(self) -> None:
        coach = self.coach
        if coach is not None and self._listed_as_agent(coach) is None:
            # Gone before the room ever listed it: it must not keep out a successor of a lower segment.
            self._coaches.part(coach)

    def _close(self, reason: str) -> None:
        if self._presence.close(reason):
            if self._started:
                _with_client.discard(self._room)
            for coach in self._coaches.known:
                self._greeter.forget(coach)
            self._inbox.close()
            self._states.close()
            self._listed.set()
