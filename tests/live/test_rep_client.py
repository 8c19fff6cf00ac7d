"""The rep's client on a real room: whom it listens to, what it hands out, and what it does when things end.

A plain participant of kind agent plays the coach's end of the wire.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from coach_end import COACH, DEADLINE, CoachEnd, agent_in, nudge_payload, state, until
from livekit import rtc

from cornerman_client import (
    ClientClosed,
    CoachClient,
    CoachRefused,
    CoachUnavailable,
    CornermanClientError,
    Nudge,
    Standing,
    contract,
)


class HeldClock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sleeping: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        awake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleeping.append((self._now + seconds, awake))
        await awake

    def is_waited_for(self) -> bool:
        return any(not awake.done() for _, awake in self._sleeping)

    def advance(self, seconds: float) -> None:
        self._now += seconds
        for at, awake in self._sleeping:
            if at <= self._now and not awake.done():
                awake.set_result(None)


async def next_of(stream: AsyncIterator[Any]) -> Any:
    async with asyncio.timeout(DEADLINE):
        return await anext(stream)


async def refused(call: Awaitable[str]) -> rtc.RpcError:
    with pytest.raises(rtc.RpcError) as refusal:
        await call
    return refusal.value


JoinAgent = Callable[[str], Awaitable[rtc.Room]]


@pytest.fixture
async def join_agent(livekit_server: Any, room_name: str) -> AsyncIterator[JoinAgent]:
    """Joins as `agent_in` does, until the test ends."""
    async with AsyncExitStack() as joined:
        yield lambda identity: joined.enter_async_context(agent_in(livekit_server, room_name, identity))


@pytest.fixture
async def client(join: Any) -> AsyncIterator[CoachClient]:
    async with CoachClient(await join("rep")) as attached:
        yield attached


@pytest.fixture
async def coach(client: CoachClient, join_agent: JoinAgent) -> CoachEnd:
    return CoachEnd(await join_agent(COACH))


async def test_the_first_nudge_is_taken_up_before_the_room_lists_the_coach(join: Any, join_agent: JoinAgent) -> None:
    rep = await join("rep")
    async with CoachClient(rep) as client:
        coach = CoachEnd(await join_agent(COACH))
        answer = asyncio.create_task(coach.nudge())
        assert (await next_of(client.nudges())).headline == "Ask what waiting would cost them"
        assert COACH not in rep.remote_participants
        assert await answer == "shown"
        assert COACH in rep.remote_participants  # before that, the SDK would have answered to the whole room
        assert client.coach == COACH
        await until(lambda: coach.hellos() == 1)
        assert await coach.nudge("1-2") == "shown"
        assert coach.hellos() == 1


async def test_a_client_attached_before_connecting_is_ready_afterwards(join: Any, join_agent: JoinAgent) -> None:
    room = rtc.Room()
    async with CoachClient(room):
        coach = CoachEnd(await join_agent(COACH))
        await join("rep", into=room)
        await until(lambda: coach.hellos() == 1)
        assert await coach.nudge() == "shown"


async def test_each_revision_is_handed_out_once(client: CoachClient, coach: CoachEnd) -> None:
    nudges = client.nudges()
    handed_out = []
    for rev in (0, 1):
        assert await coach.nudge(rev=rev) == "shown"
        handed_out.append(await next_of(nudges))
    assert await coach.nudge(rev=1, headline="The same once more") == "shown"
    assert await coach.nudge(rev=0, headline="Long since revised") == "shown"
    assert await coach.nudge("1-2") == "shown"
    handed_out.append(await next_of(nudges))
    assert [(nudge.id, nudge.rev) for nudge in handed_out] == [("1-1", 0), ("1-1", 1), ("1-2", 0)]


async def test_of_an_unread_card_only_the_latest_revision_is_handed_out(client: CoachClient, coach: CoachEnd) -> None:
    for id_, rev in (("1-1", 0), ("1-2", 0), ("1-1", 1)):
        await coach.nudge(id_, rev)
    nudges = client.nudges()
    assert [(n.id, n.rev) for n in (await next_of(nudges), await next_of(nudges))] == [("1-1", 1), ("1-2", 0)]


async def test_a_prospect_gets_one_fixed_answer_whatever_it_sends(client: CoachClient, join: Any) -> None:
    prospect = CoachEnd(await join("prospect"))
    answers = [
        await refused(prospect.call(method, payload))
        for method in contract.REP_METHODS
        for payload in (nudge_payload(), state(), "not JSON")
    ]
    assert {(answer.code, answer.message, answer.data) for answer in answers} == {
        (contract.STRANGER_CODE, contract.STRANGER_TEXT, answers[0].data)
    }
    assert not answers[0].data
    assert client.state is None
    assert client.coach is None
    assert prospect.asked == []


async def test_an_impostor_with_the_prefix_is_undone_once_the_room_lists_it(
    client: CoachClient, join: Any, join_agent: JoinAgent
) -> None:
    impostor = CoachEnd(await join("cornerman-fake"))
    nudges, states = client.nudges(), client.states()
    calls = [asyncio.create_task(impostor.nudge("9-1")), asyncio.create_task(impostor.call(contract.STATE, state(9)))]
    assert (await next_of(nudges)).status == "live"
    assert (await next_of(states)).segment == 9
    taken_back: Nudge = await next_of(nudges)
    assert (taken_back.id, taken_back.rev, taken_back.status) == ("9-1", 1, "withdrawn")
    assert "waiting" not in taken_back.headline
    assert await next_of(states) is None
    assert client.state is None
    assert client.coach is None
    for call in (*calls, impostor.nudge("9-2")):
        assert (await refused(call)).code == contract.STRANGER_CODE
    coach = CoachEnd(await join_agent(COACH), segment=1)
    assert await coach.nudge("1-1") == "shown"
    assert (await next_of(nudges)).id == "1-1"


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "SECRET not JSON",
        '"SECRET"',
        "[" * 5000,
        '{"headline": "SECRET"}',
        nudge_payload(v=2, headline="SECRET"),
        nudge_payload(id="SECRET"),
        nudge_payload(id="1-\u202eSECRET"),
        nudge_payload(headline="SECRET\x1b[2J"),
        nudge_payload(headline="\u202eSECRET"),
        nudge_payload(headline="   ", detail="SECRET"),
        nudge_payload(headline="SECRET" * 20),
        nudge_payload(because=[], headline="SECRET"),
        nudge_payload(sources=[], headline="SECRET"),
        nudge_payload(unknown="SECRET" * 3000),
    ],
    ids=lambda payload: str(len(payload)),
)
async def test_a_payload_that_cannot_be_shown_is_refused_without_an_echo(
    client: CoachClient, coach: CoachEnd, payload: str
) -> None:
    refusal = await refused(coach.call(contract.NUDGE, payload))
    assert refusal.code == contract.BAD_REQUEST_CODE
    assert "SECRET" not in f"{refusal.message}{refusal.data}"
    assert await coach.nudge("1-7") == "shown"
    assert (await next_of(client.nudges())).id == "1-7"


async def test_of_two_coaches_only_the_higher_segment_is_obeyed(client: CoachClient, join_agent: JoinAgent) -> None:
    old = CoachEnd(await join_agent("cornerman-one"), segment=1)
    nudges = client.nudges()
    assert await old.nudge("1-1") == "shown"
    assert (await next_of(nudges)).id == "1-1"
    successor = CoachEnd(await join_agent("cornerman-two"), segment=2)
    assert await successor.call(contract.STATE, state(2)) == "ok"
    assert client.coach == "cornerman-two"
    assert await old.nudge("1-2") == "dropped"
    assert await old.call(contract.STATE, state(1)) == "dropped"
    assert client.state is not None
    assert client.state.segment == 2
    # A card of the old segment is still the successor's to take back.
    assert await successor.nudge("1-1", 1, status="withdrawn", headline="Withdrawn") == "shown"
    assert (await next_of(nudges)).status == "withdrawn"
    await until(lambda: successor.hellos() == 1)
    await client.feedback("1-1", "dismissed")
    assert successor.asked[-1][0] == contract.FEEDBACK
    assert contract.FEEDBACK not in {method for method, _ in old.asked}


async def test_a_successor_that_mints_the_same_ids_is_heard(client: CoachClient, join_agent: JoinAgent) -> None:
    first_room = await join_agent("cornerman-one")
    first = CoachEnd(first_room, segment=3)
    nudges = client.nudges()
    assert await first.nudge("3-1") == "shown"
    assert (await next_of(nudges)).id == "3-1"
    await until(lambda: first.hellos() == 1 and client.coach == "cornerman-one")
    second = CoachEnd(await join_agent("cornerman-two"), segment=3)
    assert await second.nudge("3-1", headline="Another card under the same id") == "shown"
    assert (await next_of(nudges)).headline == "Another card under the same id"


async def test_hello_is_repeated_until_the_coach_is_ready(join: Any, join_agent: JoinAgent) -> None:
    rep = await join("rep")
    async with CoachClient(rep) as client:
        coach = CoachEnd(await join_agent(COACH), registered=False)
        assert await coach.nudge() == "shown"
        # Being listed is a reason to say hello, too: only after it does nothing but repeating reach the coach.
        await until(lambda: COACH in rep.remote_participants and client.greeting_error is not None)
        await asyncio.sleep(0.1)
        error = client.greeting_error
        assert isinstance(error, CoachUnavailable)
        assert error.code == rtc.RpcError.ErrorCode.UNSUPPORTED_METHOD
        coach.register()
        await until(lambda: coach.hellos() == 1 and client.state is not None)
        assert client.greeting_error is None
        method, hello = coach.asked[0]
        assert (method, hello["v"], hello["client"]) == (contract.HELLO, 1, "cornerman-client-python")


@pytest.mark.parametrize("scenario", ["SIMULATE_FULL_RECONNECT", "SIMULATE_SIGNAL_RECONNECT"])
async def test_hello_is_said_again_after_a_reconnect(join: Any, join_agent: JoinAgent, scenario: str) -> None:
    rep = await join("rep")
    async with CoachClient(rep) as client:
        coach = CoachEnd(await join_agent(COACH))
        await coach.nudge()
        await until(lambda: coach.hellos() == 1 and COACH in rep.remote_participants)
        standings = client.standings()
        assert await next_of(standings) == client.standing == Standing(COACH, False, None)
        told = asyncio.create_task(_until_connected(standings))
        await rep.simulate_scenario(rtc.SimulateScenarioKind.Value(scenario))
        await until(lambda: coach.hellos() >= 2)
        assert client.closed_reason is None
        async with asyncio.timeout(DEADLINE):
            *before, last = await told
        assert [standing.reconnecting for standing in before][:1] == [True]
        assert not last.reconnecting
        assert await coach.nudge("1-2") == "shown"


async def test_the_coach_counts_as_lost_after_three_silent_heartbeats(join: Any, join_agent: JoinAgent) -> None:
    clock = HeldClock()
    async with CoachClient(await join("rep"), clock=clock) as client:
        standings = client.standings()
        assert await next_of(standings) == Standing(None, False, None)
        clock.advance(100)
        assert not client.coach_lost
        coach = CoachEnd(await join_agent(COACH))
        async with asyncio.timeout(DEADLINE):
            while not coach.hellos() or client.state is None:
                clock.advance(0.25)
                await asyncio.sleep(0.05)
        await coach.call(contract.STATE, state())
        assert await next_of(standings) == Standing(COACH, False, None)
        clock.advance(44.9)
        assert not client.coach_lost
        clock.advance(0.2)
        await until(clock.is_waited_for)
        clock.advance(45)
        lost: Standing = await next_of(standings)
        assert lost.coach_lost
        await coach.call(contract.STATE, state())
        assert await next_of(standings) == Standing(COACH, False, None)


async def test_a_second_tab_closes_the_first_for_good(client: CoachClient, coach: CoachEnd, join: Any) -> None:
    await coach.nudge()
    second = await join("rep")
    async with asyncio.timeout(DEADLINE):
        assert [nudge.id async for nudge in client.nudges()] == ["1-1"]
    assert client.closed_reason == "duplicate_identity"
    with pytest.raises(ClientClosed) as closed:
        await client.feedback("1-1", "useful")
    assert closed.value.reason == "duplicate_identity"
    async with CoachClient(second) as client_of_second:
        assert await coach.nudge() == "shown"
        assert (await next_of(client_of_second.nudges())).id == "1-1"
    assert second.isconnected()


async def test_closing_leaves_no_task_no_method_and_no_open_iterator(join: Any, join_agent: JoinAgent) -> None:
    rep = await join("rep")
    coach_room = await join_agent(COACH)
    painting = asyncio.Event()

    async def paint(nudge: Nudge) -> None:
        painting.set()
        await asyncio.sleep(60)

    before = asyncio.all_tasks()
    client = CoachClient(rep, paint=paint)
    client.start()
    coach = CoachEnd(coach_room, registered=False)
    await until(lambda: COACH in rep.remote_participants)
    asked = asyncio.create_task(coach.nudge())
    reading = [asyncio.create_task(_exhaust(each())) for each in (client.nudges, client.states, client.standings)]
    await painting.wait()
    await client.aclose()
    await client.aclose()
    async with asyncio.timeout(DEADLINE):
        await asyncio.gather(*reading)
        assert await asked == "dropped"
    await until(lambda: not asyncio.all_tasks() - before)
    assert client.closed_reason == "closed"
    assert (await refused(coach.nudge("1-2"))).code == rtc.RpcError.ErrorCode.UNSUPPORTED_METHOD
    with pytest.raises(ClientClosed):
        client.start()


async def _until_connected(standings: AsyncIterator[Standing]) -> list[Standing]:
    """Standings up to the one that says the room is connected again."""
    told: list[Standing] = []
    async for standing in standings:
        told.append(standing)
        if not standing.reconnecting:
            break
    return told


async def test_a_room_has_one_client_at_a_time(join: Any, client: CoachClient, coach: CoachEnd) -> None:
    second = CoachClient(client._room)
    with pytest.raises(CornermanClientError, match="has a client already"):
        second.start()
    await second.aclose()
    assert await coach.nudge() == "shown"
    await client.aclose()
    async with CoachClient(client._room):
        assert await coach.nudge() == "shown"


async def test_another_painter_is_given_the_cards_again(client: CoachClient, coach: CoachEnd) -> None:
    painted: list[str] = []

    async def paint(nudge: Nudge) -> bool:
        painted.append(nudge.id)
        return False

    assert await coach.nudge() == "shown"
    await until(lambda: coach.hellos() == 1)
    client.paint = paint
    await until(lambda: coach.hellos() == 2)
    assert await coach.nudge("1-2") == "hidden"
    assert painted == ["1-2"]


async def _exhaust(stream: AsyncIterator[Any]) -> None:
    async for _ in stream:
        pass


async def test_what_the_rep_says_reaches_the_coach(client: CoachClient, coach: CoachEnd) -> None:
    with pytest.raises(CoachUnavailable, match="no coach"):
        await client.hello()
    await until(lambda: coach.hellos() == 1)
    await coach.call(contract.STATE, state(consent="waiting"))
    assert client.state is not None
    assert client.state.participants[0].consent == "waiting"
    answer = await client.consent(["ann"], granted=True, how="read out", text="An assistant listens.")
    assert answer.status == "listening"
    assert client.state == answer
    await client.feedback("1-1", "pinned")
    await client.control("quiet")
    assert (await client.source("card:price")).text == "Ask what\nit costs."
    assert await client.ask("What now?") == "1-q1"
    said = [ask for ask in coach.asked if ask[0] != contract.HELLO]
    assert said == [
        (
            contract.CONSENT,
            {"v": 1, "identities": ["ann"], "granted": True, "how": "read out", "text": "An assistant listens."},
        ),
        (contract.FEEDBACK, {"v": 1, "id": "1-1", "feedback": "pinned"}),
        (contract.CONTROL, {"v": 1, "attention": "quiet"}),
        (contract.SOURCE, {"v": 1, "id": "card:price"}),
        (contract.ASK, {"v": 1, "question": "What now?"}),
    ]


async def test_a_refusal_is_told_with_its_code_and_nothing_a_screen_could_obey(
    client: CoachClient, coach: CoachEnd
) -> None:
    await coach.call(contract.STATE, state())
    coach.refusal = rtc.RpcError(contract.NOT_FOUND_CODE, "no such source \x1b[2J")
    with pytest.raises(CoachRefused) as refusal:
        await client.source("card:none")
    assert refusal.value.code == contract.NOT_FOUND_CODE
    assert "\x1b" not in str(refusal.value)


async def test_a_hidden_page_says_so_and_is_sent_the_card_again_when_seen(client: CoachClient, coach: CoachEnd) -> None:
    await coach.call(contract.STATE, state())
    await until(lambda: coach.hellos() == 1)
    client.visible = False
    assert await coach.nudge() == "hidden"
    client.visible = True
    await until(lambda: coach.hellos() == 2)
    assert await coach.nudge() == "shown"
    assert await coach.nudge("1-2") == "shown"
    nudges = client.nudges()
    assert [(await next_of(nudges)).id, (await next_of(nudges)).id] == ["1-1", "1-2"]


async def test_the_ack_tells_the_time_to_paint_and_never_calls_a_slow_card_shown(
    join: Any, join_agent: JoinAgent
) -> None:
    painted: list[str] = []

    async def paint(nudge: Nudge) -> None:
        painted.append(nudge.id)
        if nudge.id == "1-2":
            await asyncio.sleep(60)
        if nudge.id == "1-3":
            raise RuntimeError("the embedder's fault")

    async with CoachClient(await join("rep"), paint=paint):
        coach = CoachEnd(await join_agent(COACH))
        ack = contract.parse_ack(await coach.nudge("1-1"))
        assert ack.status == "shown"
        assert ack.painted_ms is not None
        assert await coach.nudge("1-1") == ack.model_dump_json()
        assert await coach.nudge("1-2") == "hidden"
        assert await coach.nudge("1-3") == "hidden"
    assert painted == ["1-1", "1-2", "1-3"]


async def test_a_client_with_a_bad_token_says_what_is_wrong(livekit_server: Any) -> None:
    with pytest.raises(CoachUnavailable, match="401"):
        async with CoachClient.connect(livekit_server.url, "not-a-token"):
            pass
