"""The coach's end of the rep's line, played by a plain participant of kind agent, for tests of the rep's client.

In: what the rep's client asks, kept in `asked`. Out: answers of a coach who knows of one prospect, Ann; nudges and
states as a test words them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from livekit import api, rtc

from cornerman.livekit_server import ServerAddress
from cornerman_client import State, contract

COACH = "cornerman-test"
DEADLINE = 20.0
NOT_THERE = frozenset({rtc.RpcError.ErrorCode.UNSUPPORTED_METHOD, rtc.RpcError.ErrorCode.CONNECTION_TIMEOUT})
"""What a call of the rep fails with before its client is there."""


def nudge_payload(**other: Any) -> str:
    """A whole nudge, with other fields than these where they are named."""
    fields: dict[str, Any] = {
        "v": 1,
        "id": "1-1",
        "rev": 0,
        "kind": "price_objection",
        "headline": "Ask what waiting would cost them",
        "priority": 500,
        "ttl_ms": 20000,
        "because": [
            {"type": "words", "speaker": "Ann", "role": "prospect", "start": 61.0, "end": 62.5, "quote": "too much"}
        ],
        "sources": [{"id": "card:price", "title": "Price card", "locator": "objections/price.md"}],
        "timing": {"spoken": 62.5, "heard": 62.7, "decided": 62.7, "sent": 62.7},
    }
    return json.dumps(fields | other)


def state(
    segment: int = 1, *, consent: contract.ConsentState = "granted", attention: contract.Attention = "live"
) -> str:
    """A state in which Ann is heard if she agreed."""
    granted = consent == "granted"
    ann = contract.Hearing(identity="ann", name="Ann", role="prospect", present=True, consent=consent, heard=granted)
    return State(
        segment=segment,
        at=1.0,
        status="listening" if granted else "waiting_for_consent",
        consent_mode="rep_discloses",
        participants=(ann,),
        attention=attention,
    ).to_json()


class CoachEnd:
    """Calls the rep's methods, and does as the rep's client asks."""

    def __init__(
        self,
        room: rtc.Room,
        *,
        segment: int = 1,
        consent: contract.ConsentState = "granted",
        registered: bool = True,
    ) -> None:
        self.room = room
        self.segment = segment
        self.consent = consent
        self.attention: contract.Attention = "live"
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refusal: rtc.RpcError | None = None
        if registered:
            self.register()

    def register(self) -> None:
        for method in contract.COACH_METHODS:
            self.room.local_participant.register_rpc_method(method, self._answer)

    def state(self) -> str:
        return state(self.segment, consent=self.consent, attention=self.attention)

    async def _answer(self, call: rtc.RpcInvocationData) -> str:
        asked = json.loads(call.payload)
        self.asked.append((call.method, asked))
        if self.refusal:
            raise self.refusal
        if call.method == contract.CONSENT:
            self.consent = "granted" if asked["granted"] else "declined"
        if call.method == contract.CONTROL:
            self.attention = asked["attention"]
        if call.method == contract.FEEDBACK:
            return "ok"
        if call.method == contract.SOURCE:
            return contract.SourceText(id="card:price", title="Price card", text="Ask what\nit costs.").to_json()
        if call.method == contract.ASK:
            return contract.Asked(id=f"{self.segment}-q1").to_json()
        return self.state()

    async def call(self, method: str, payload: str) -> str:
        return await self.room.local_participant.perform_rpc(
            destination_identity="rep", method=method, payload=payload, response_timeout=8, max_round_trip_latency=2
        )

    async def reach(self, method: str, payload: str) -> str:
        """Calls the rep until its client is there."""
        async with asyncio.timeout(DEADLINE):
            while True:
                try:
                    return await self.call(method, payload)
                except rtc.RpcError as error:
                    if error.code not in NOT_THERE:
                        raise
                await asyncio.sleep(0.1)

    async def nudge(self, id: str = "1-1", rev: int = 0, **other: Any) -> str:  # noqa: A002
        return await self.call(contract.NUDGE, nudge_payload(id=id, rev=rev, **other))

    def hellos(self) -> int:
        return sum(method == contract.HELLO for method, _ in self.asked)


@asynccontextmanager
async def agent_in(server: ServerAddress, room_name: str, identity: str = COACH) -> AsyncIterator[rtc.Room]:
    """Joins as what a dispatched worker is to the room: a participant of kind agent; leaves at the end."""
    room = rtc.Room()
    token = (
        api.AccessToken(server.api_key, server.api_secret.get_secret_value())
        .with_identity(identity)
        .with_kind("agent")
        .with_grants(api.VideoGrants(room_join=True, room=room_name))
    )
    try:
        async with asyncio.timeout(DEADLINE):
            await room.connect(server.url, token.to_jwt())
        yield room
    finally:
        async with asyncio.timeout(DEADLINE):
            await room.disconnect()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not true():
            await asyncio.sleep(0.01)
