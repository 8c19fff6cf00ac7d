"""The rep sees who is heard and who is not; a second provider takes over; what was misheard is taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from calls import LiveCall, decisions_of, subscribed_to, until
from fakes.faults import healthy, refuse
from fakes.openai_realtime import FakeOpenAIRealtime
from hearing_calls import FIRST, HURRIED, HearingWorker, granted, hearing_worker, humming, say, texts_of

from cornerman.contract import wire
from cornerman.livekit_server import ServerAddress
from cornerman_client import CoachClient

CONSENT = granted("prospect", "rep")
SECOND = ["thanks", "good", "meeting", "and", "hello", "team"]


@pytest.fixture(scope="module")
def second() -> Iterator[FakeOpenAIRealtime]:
    """The provider behind the first."""
    with FakeOpenAIRealtime() as fake:
        yield fake


@pytest.fixture(scope="module")
def hearing(
    second: FakeOpenAIRealtime, livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HearingWorker]:
    """A worker that hears with Deepgram first, then with OpenAI."""
    fallback = json.dumps([{"provider": "openai", "base_url": f"{second.url}/v1", "replay_speed": 8}])
    environment = {**HURRIED, "CORNERMAN__STT__FALLBACK": fallback}
    with hearing_worker(livekit_server, tmp_path_factory.mktemp("chain"), "nova", environment) as running:
        yield running


def prospect_of(client: CoachClient) -> wire.Hearing | None:
    people = client.state.participants if client.state else ()
    return next((one for one in people if one.identity == "prospect"), None)


async def test_the_rep_sees_that_somebody_is_not_heard_and_why_and_that_they_are_again(
    call: LiveCall, hearing: HearingWorker, second: FakeOpenAIRealtime
) -> None:
    hearing.fake.script.play(then=refuse(503))
    second.script.play(then=refuse(503))
    await call.dispatch(consent=CONSENT)
    client = await call.rep()
    prospect = await call.person("prospect")

    def not_heard() -> bool:
        now = prospect_of(client)
        return now is not None and not now.heard and "restarted" in now.why

    async with humming(prospect):
        await until(not_heard, "the rep sees that the prospect is not heard")
    hearing.fake.script.play()
    second.script.play()
    await say(call, prospect, FIRST)
    async with humming(prospect):
        await until(lambda: (one := prospect_of(client)) is not None and one.heard, "the prospect is heard again")
    shown = prospect_of(client)
    assert shown is not None
    assert (shown.why, shown.lost_s) == ("", 0.0)


async def test_the_next_provider_takes_over_from_kept_audio_and_the_first_comes_back(
    call: LiveCall, hearing: HearingWorker, second: FakeOpenAIRealtime
) -> None:
    hearing.fake.script.play(then=refuse(503))
    await call.dispatch(consent=CONSENT)
    client = await call.rep()
    prospect = await call.person("prospect")
    await subscribed_to(prospect)
    before = len(second.heard)
    await say(call, prospect, FIRST)
    async with humming(prospect):
        await until(lambda: len(texts_of(call, "prospect")) >= len(FIRST), "the second provider's words")
        assert second.heard[before:] == tuple(FIRST)
        await until(lambda: (one := prospect_of(client)) is not None and one.provider == "openai", "the rep sees it")
        hearing.fake.script.play(then=healthy())
        await until(
            lambda: (one := prospect_of(client)) is not None and one.provider == "deepgram", "back to the first"
        )
    heard = len(hearing.fake.heard)
    await say(call, prospect, SECOND)
    async with humming(prospect):
        await until(lambda: len(texts_of(call, "prospect")) >= len(FIRST + SECOND), "the first provider's words")
    assert hearing.fake.heard[heard:] == tuple(SECOND)
    await call.end()
    assert texts_of(call, "prospect") == FIRST + SECOND
    told = [note for note in call.segment().notes() if note.get("hearing") == "takeover"]
    assert [(note["before"], note["provider"]) for note in told] == [("deepgram", "openai"), ("openai", "deepgram")]


async def test_a_card_for_words_that_were_misheard_is_withdrawn_and_counted(
    call: LiveCall, hearing: HearingWorker
) -> None:
    hearing.fake.script.play(healthy(revise={"good": "expensive"}))
    await call.dispatch(consent=granted("prospect"))
    client = await call.rep()
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await subscribed_to(prospect)
    await say(call, prospect, ["that", "is", "too", "good", "for", "us"])
    async with humming(prospect):
        first = await call.nudge("price_objection")
        gone = await call.nudge("price_objection", status="withdrawn")
    assert gone.id == first.id
    await call.end()
    assert texts_of(call, "prospect") == ["that", "is", "too", "good", "for", "us"]
    (counted,) = [note["nudges"] for note in call.segment().notes() if "nudges" in note]
    assert (counted["shown"], counted["withdrawn"]) == (1, 1)
    assert decisions_of(call, "nudge")[-1]["status"] == "withdrawn"


async def test_a_language_that_does_not_fit_is_told_once(call: LiveCall) -> None:
    await call.dispatch(consent=CONSENT, language="de")
    client = await call.rep()
    state = await call.coach_is_there(client)
    assert [one for one in state.trouble if "the playbook is in en" in one] == list(state.trouble)
    await call.end()
    assert len([note for note in call.segment().notes() if "misfit" in note]) == 1
