"""Somebody sets the clock of the coach's machine by an hour, forward and then back, in the middle of a call: nothing
that goes by time notices.
"""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from pathlib import Path

from advising_calls import replays_the_same
from calls import LiveCall, decisions_of, live_call, until
from fault_calls import DISCOUNT, INNOCENT, OBJECTION, api_of, fault_call, figure, one_coach
from hearing_calls import HURRIED, Said, farthest, hearing_worker, words_of
from own_server import OwnServer
from shifted_clock import ShiftedClock

PLAYS_MANY_CALLS = True
HOUR = 3600
NEAR = 5.0
"""Seconds a word's time may be off on a machine that is busy; a jump would show as an hour."""
LONGEST_TTL = 60_000
SLOW_BUDGET = {"CORNERMAN__BUDGET__INTERVAL": "600", "CORNERMAN__BUDGET__BURST": "2"}
RIVAL = ["we", "are", "also", "looking", "at", "northstar"]


def held(call: LiveCall) -> dict[str, str]:
    """Kinds of cards the budget held, and why."""
    return {str(one["kind"]): str(one["reason"]) for one in decisions_of(call, "held")}


async def test_an_hour_forward_and_back(own_server: OwnServer, room_name: str, tmp_path: Path) -> None:
    """Turns end, cards come and expire, and the budget holds the third card, all as if nothing had happened."""
    clock = ShiftedClock(tmp_path)
    clock.shift(HOUR)
    ahead = await asyncio.to_thread(clock.told) - time.time()
    assert abs(ahead - HOUR) < NEAR, "the clock cannot be moved here"
    clock.shift(0)
    server = own_server.address
    with hearing_worker(server, tmp_path, "nova", {**HURRIED, **SLOW_BUDGET, **clock.environment}) as worker:
        async with (
            api_of(server) as livekit,
            live_call(server, livekit, room_name, worker.agent_name, worker.journals) as call,
        ):
            said: list[Said] = []
            async with fault_call(call) as them:
                for shifted, words in ((0, OBJECTION), (HOUR, DISCOUNT), (-HOUR, RIVAL)):
                    clock.shift(shifted)
                    said.append(await them.say("prospect", words))
                    await them.say("rep", INNOCENT)
                    await them.all_in_the_journal()
                before = them.now
                figure(f"clock moved {clock.how}: next state", await them.heard_again(before))
                await one_coach(call, them.client)

                first, second = await call.nudge("price_objection"), await call.nudge("discount_request")
                assert 0 < first.ttl_ms < LONGEST_TTL
                assert 0 < second.ttl_ms < LONGEST_TTL
                await until(lambda: "competitor_mention" in held(call), "the card that the budget holds")
            spoken = [word for one in said for word in one.words]
            assert farthest(words_of(call, "prospect"), spoken) < NEAR
            times = [float(line["now"]) for line in call.segment().lines if "in" in line]
            assert all(earlier <= later for earlier, later in pairwise(times))
            assert times[-1] - times[0] < HOUR / 2
            folder = await call.end()
            assert replays_the_same(folder) > 0
