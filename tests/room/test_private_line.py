"""What the private line tells of a delivery: when it left, and how long the rep's client says it painted."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from livekit import rtc
from prometheus_client import REGISTRY
from scenes import Scene, definition, playbook

from cornerman.contract import wire
from cornerman.events import Delivery, Nudge
from cornerman.room.private_line import PrivateLine

BOOK = playbook(definition("price", "too expensive"))


class Rep:
    """The rep's end: answers each nudge with what the test gives, half a second of call time later."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.now = 5.0
        self.asked = 0

    async def perform_rpc(self, *, method: str, **_: Any) -> str:
        if method == wire.NUDGE:
            self.asked += 1
            self.now += 0.5
            return self.answer
        return "ok"


def card() -> Nudge:
    scene = Scene(BOOK)
    scene.partial("that is too expensive", at=2.5)
    (nudge,) = scene.nudges
    return nudge


async def deliver(rep: Rep, *nudges: Nudge) -> list[Delivery]:
    """Hands nudges over one after the other, each when the one before was answered."""
    told: asyncio.Queue[Delivery] = asyncio.Queue()
    line = PrivateLine(
        cast("rtc.LocalParticipant", rep),
        "rep",
        rep_sid=lambda: "PA_1",
        now=lambda: rep.now,
        delivered=told.put_nowait,
        state=lambda: wire.State(segment=1, at=rep.now, status="listening", consent_mode="granted"),
    )
    line.start()
    try:
        found = []
        for nudge in nudges:
            line.nudge(nudge)
            async with asyncio.timeout(20):
                found.append(await told.get())
        return found
    finally:
        await line.aclose()


def count(name: str) -> float:
    return REGISTRY.get_sample_value(name) or 0.0


PAINTED = "cornerman_nudge_painted_seconds"
SEEN = "cornerman_spoken_to_seen_seconds"


async def test_what_the_client_says_of_painting_reaches_journal_and_metrics() -> None:
    nudge, before = card(), {name: count(f"{name}_sum") for name in (PAINTED, SEEN)}
    (told,) = await deliver(Rep('{"status":"shown","painted_ms":24.5}'), nudge)
    assert told == Delivery(nudge.id, 0, "shown", 0, 5.0, 0.0245)
    assert count(f"{PAINTED}_sum") - before[PAINTED] == pytest.approx(0.0245)
    seen = told.seen(5.5)
    assert seen is not None
    assert count(f"{SEEN}_sum") - before[SEEN] == pytest.approx(seen - nudge.spoken)


async def test_a_card_is_seen_for_the_first_time_once() -> None:
    nudge, before = card(), (count(f"{PAINTED}_count"), count(f"{SEEN}_count"))
    await deliver(Rep('{"status":"shown","painted_ms":10}'), nudge, nudge)
    assert (count(f"{PAINTED}_count"), count(f"{SEEN}_count")) == (before[0] + 2, before[1] + 1)


@pytest.mark.parametrize("claimed", ["1e12", "Infinity", "1e400"])
async def test_a_painting_cannot_have_taken_longer_than_the_answer(claimed: str) -> None:
    (told,) = await deliver(Rep(f'{{"status":"shown","painted_ms":{claimed}}}'), card())
    assert (told.outcome, told.painted) == ("shown", 0.5)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("shown", "shown"),
        ('{"status":"hidden","painted_ms":10}', "hidden"),
        ('{"status":"dropped"}', "dropped"),
        ('{"status":"shown","painted_ms":-1}', "unknown"),
        ('{"status":"shown","painted_ms":NaN}', "unknown"),
    ],
)
async def test_nothing_is_told_of_painting_where_nothing_was_painted_or_said(answer: str, outcome: str) -> None:
    before = count(f"{PAINTED}_count")
    (told,) = await deliver(Rep(answer), card())
    assert (told.outcome, told.painted, told.sent) == (outcome, None, 5.0)
    assert count(f"{PAINTED}_count") == before


async def test_what_expired_before_it_left_was_not_sent() -> None:
    rep = Rep("shown")
    rep.now = 900.0
    (told,) = await deliver(rep, card())
    assert (told.outcome, told.sent, rep.asked) == ("expired", None, 0)
