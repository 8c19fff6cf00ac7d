"""The rep is late, leaves, comes twice, or has a client that does little: no word is lost, no stale card comes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from calls import LiveCall, decisions_of, inputs_of, plain_rep, planted, subscribed_to, turns_of, until
from livekit import rtc

from cornerman.contract import wire
from cornerman_client import CoachClient

LISTENING = {"mode": "granted", "granted": ["prospect"]}
SHOWN = "shown"


def outcomes(call: LiveCall) -> list[str]:
    return [one["outcome"] for one in inputs_of(call, "delivery")]


def sent(call: LiveCall) -> Mapping[str, Any]:
    """How many calls of each of the rep's methods left the coach, from the finished journal."""
    (counts,) = [note for note in call.segment().notes() if "sent" in note]
    found: Mapping[str, Any] = counts["sent"]
    return found


async def test_without_a_rep_what_is_said_is_kept_and_the_card_held(call: LiveCall) -> None:
    await call.dispatch(consent=LISTENING)
    await call.coach_came()
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    await prospect.play(planted("buying_signal"))
    await until(lambda: turns_of(call, "prospect"), "the turn is in the journal")
    assert "steps" in " ".join(turns_of(call, "prospect"))
    held = await until(lambda: decisions_of(call, "held"), "the card is held when its time is over")
    assert [(one["kind"], one["reason"]) for one in held] == [("buying_signal", "rep_absent")]
    await call.end()
    assert decisions_of(call, "nudge") == []
    assert sent(call) == {}


async def test_a_rep_who_comes_late_gets_the_card_that_still_holds(call: LiveCall) -> None:
    await call.dispatch(consent=LISTENING)
    await call.coach_came()
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    await prospect.play(planted("buying_signal"))
    await until(lambda: decisions_of(call, "moment"), "the moment is noticed")
    assert decisions_of(call, "nudge") == []
    await call.rep()
    nudge = await call.nudge("buying_signal")
    assert nudge.because[0].type == "words"
    assert nudge.ttl_ms > 0
    await until(lambda: outcomes(call) == [SHOWN], "the delivery is in the journal")
    await call.end()


async def test_a_rep_who_comes_back_gets_the_unexpired_card_again(call: LiveCall) -> None:
    await call.dispatch(consent=LISTENING)
    client = await call.rep()
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await call.heard(client, prospect)
    await prospect.play(planted("buying_signal")[: -16_000 * 2])
    first = await call.nudge("buying_signal")
    await client._room.disconnect()
    await until(lambda: not inputs_of(call, "attendance")[-1]["present"], "the coach sees that the rep left")
    assert client.closed_reason is not None

    back = await call.rep()
    await call.coach_is_there(back)
    again = await until(lambda: [one for one in call.nudges if one.id == first.id][1:], "the card again")
    assert again[-1].headline == first.headline
    assert again[-1].ttl_ms < first.ttl_ms
    assert back.state is not None
    assert back.state.nudges_shown == 1
    await call.end()


async def test_a_second_tab_takes_over_and_the_first_stays_away(call: LiveCall) -> None:
    await call.dispatch(consent=LISTENING)
    first = await call.rep()
    prospect = await call.person("prospect")
    await call.coach_is_there(first)
    await call.heard(first, prospect)
    second = await call.rep()
    await until(lambda: first.closed_reason, "the first tab is closed")
    assert first.closed_reason == "duplicate_identity"
    await call.coach_is_there(second)

    await prospect.play(planted("buying_signal"))
    await call.nudge("buying_signal")
    await until(lambda: SHOWN in outcomes(call), "the delivery is in the journal")
    assert not first._room.isconnected()
    assert second._room.isconnected()
    assert second.closed_reason is None
    await call.end()


async def test_a_rep_without_any_client_costs_one_expired_card_and_no_storm(call: LiveCall) -> None:
    await call.dispatch(consent=LISTENING)
    room = await plain_rep(call)
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    await prospect.play(planted("buying_signal"))
    await until(lambda: outcomes(call), "the delivery is in the journal")
    assert outcomes(call) == ["expired"]
    # The coach lives on: a client that comes now is told the state, and the words are all there.
    async with CoachClient(room) as client:
        state = await call.coach_is_there(client)
        assert state.status == "listening"
        assert "steps" in " ".join(turns_of(call, "prospect"))
        await call.end()
    counts = sent(call)
    assert 1 <= counts[wire.NUDGE] <= 8, "retries back off"
    assert counts[wire.STATE] <= 5, "no state goes to somebody who cannot take it"


async def test_a_client_that_never_answers_does_not_stop_the_next_card(call: LiveCall) -> None:
    await call.dispatch(consent=LISTENING)
    room = await plain_rep(call)
    over = asyncio.Event()
    received: list[wire.Nudge] = []

    async def stuck_at_first(invocation: rtc.RpcInvocationData) -> str:
        received.append(wire.Nudge.model_validate_json(invocation.payload))
        if len(received) == 1:
            await over.wait()
        return SHOWN

    room.local_participant.register_rpc_method(wire.NUDGE, stuck_at_first)
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    await prospect.play(planted("buying_signal"))
    await until(lambda: received, "the card that is never answered")
    await prospect.play(planted("requirement"))
    await until(lambda: len({nudge.kind for nudge in received}) == 2, "the next card")
    await until(lambda: SHOWN in outcomes(call), "the next card is shown")
    assert outcomes(call)[0] == "unknown"
    assert {nudge.kind for nudge in received} == {"requirement", "buying_signal"}
    assert all(nudge.ttl_ms > 0 for nudge in received)
    over.set()
    await call.end()


async def test_a_minimal_client_that_answers_one_word_gets_its_cards(call: LiveCall) -> None:
    await call.dispatch(consent=LISTENING)
    room = await plain_rep(call)
    received: list[wire.Nudge] = []

    async def shown(invocation: rtc.RpcInvocationData) -> str:
        received.append(wire.Nudge.model_validate_json(invocation.payload))
        return SHOWN

    room.local_participant.register_rpc_method(wire.NUDGE, shown)
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    await prospect.play(planted("buying_signal"))
    await until(lambda: SHOWN in outcomes(call), "the card is shown")
    answered = set(outcomes(call))
    await call.end()
    assert [nudge.kind for nudge in received][:1] == ["buying_signal"]
    assert answered == {SHOWN}
    assert sent(call)[wire.STATE] <= 2, "no state goes to somebody who cannot take it"
