"""Whatever a provider does, every word is heard once, in order, with its true time, by the real plugins.

The providers are fakes that hear the words in the audio they are sent; waits between tries pass at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from fakes import faults
from fakes.deepgram_flux import FakeDeepgramFlux
from fakes.deepgram_nova import FakeDeepgramNova
from fakes.faults import Behaviour
from fakes.hearing import until
from fakes.openai_http import FakeOpenAIHttp
from fakes.openai_realtime import FakeOpenAIRealtime
from fakes.server import FakeProvider
from hearing.rig import Rig
from livekit.agents.cli.log import JsonFormatter

from cornerman.config import ProviderSettings, SttSettings
from cornerman.hearing import listener
from cornerman.log_privacy import PrivacyFilter
from cornerman.providers.speech import Heard, SpeechProviders

AT_REAL_PACE = True
KEY = "sk-never-to-be-seen-4711"
WORDS = "we need the report friday"
HANG = 1.6
TRUE = 0.3
"""Seconds by which a word's time may be off."""
AT_ONCE = 4
"""Listeners that a busy machine of two cores still keeps at real pace."""


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPGRAM_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


@dataclass(frozen=True, slots=True)
class Kind:
    """One provider: the fake, where it answers, and its settings."""

    fake: Callable[[], FakeProvider]
    path: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def link(self, fake: FakeProvider, **more: Any) -> ProviderSettings:
        named = {**self.settings, "base_url": fake.url + self.path, "replay_speed": 8.0, **more}
        return ProviderSettings.model_validate(named)

    def chain(self, fake: FakeProvider, *fallback: ProviderSettings, **more: Any) -> SttSettings:
        """Settings with this provider first."""
        first = self.link(fake).model_dump()
        chosen = {"hang": HANG, "tail": 0.5, "breaker_failures": 50, **more}
        return SttSettings.model_validate({**first, **chosen, "fallback": fallback})


NOVA = Kind(FakeDeepgramNova, "/v1/listen", {"provider": "deepgram", "options": {"endpointing_ms": 300}})
FLUX = Kind(FakeDeepgramFlux, "/v2/listen", {"provider": "deepgram", "model": "flux-general-en"})
REALTIME = Kind(FakeOpenAIRealtime, "/v1", {"provider": "openai"})
HTTP = Kind(FakeOpenAIHttp, "/v1", {"provider": "openai_http", "options": {"deadline": 2.5, "interim_every": 0.0}})

KINDS = {"nova": NOVA, "flux": FLUX, "realtime": REALTIME, "http": HTTP}

STREAMED: dict[str, tuple[Behaviour, ...]] = {
    "nothing": (),
    "refused": (faults.refuse(503),),
    "no key": (faults.refuse(401),),
    "throttled": (faults.throttle(after_audio=0.8),),
    "killed": (faults.kill(0.8),),
    "killed twice": (faults.kill(0.8), faults.kill(1.3)),
    "closed 1011": (faults.close(1011, 0.8),),
    "closed 1000": (faults.close(1000, 0.8),),
    "hanging": (faults.hang(0.8),),
    "stuck": (faults.hang(0.8, reads=False),),
    "garbage": (faults.garbage(0.8),),
    "refused, then killed": (faults.refuse(503), faults.kill(0.8)),
}
UPLOADED: dict[str, tuple[Behaviour, ...]] = {
    "nothing": (),
    "refused": (faults.refuse(503),),
    "no key": (faults.refuse(401),),
    "throttled": (faults.throttle(),),
    "killed": (faults.kill(),),
    "killed twice": (faults.kill(), faults.kill()),
    "failing": (faults.complain(),),
    "hanging": (faults.hang(),),
    "garbage": (faults.garbage(),),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an utterance."""

    texts: tuple[str, ...]
    off: float
    """The worst word's time, in seconds."""
    waits: tuple[int, ...]
    """Seconds between tries, without the jitter."""
    failures: int


async def heard_through(kind: Kind, behaviours: tuple[Behaviour, ...]) -> Outcome:
    with kind.fake() as fake:
        fake.script.play(*behaviours)
        async with Rig(kind.chain(fake)) as rig:
            await rig.microphone.silence(0.3)
            await rig.say(WORDS)
            await rig.hears_all(30.0)
            off = max(rig.errors) if len(rig.said) == len(rig.spoken) else float("inf")
            failed = [note for note in rig.notes if note["hearing"] == "failed"]
            return Outcome(tuple(rig.texts), off, tuple(2 if wait < 3 else 4 for wait in rig.waits), len(failed))


@pytest.mark.parametrize("name", KINDS)
async def test_every_word_is_heard_once_in_order_and_at_its_time(name: str) -> None:
    kind, table = KINDS[name], UPLOADED if name == "http" else STREAMED
    room = asyncio.Semaphore(AT_ONCE)

    async def in_turn(behaviours: tuple[Behaviour, ...]) -> Outcome:
        async with room:
            return await heard_through(kind, behaviours)

    outcomes = await asyncio.gather(*(in_turn(behaviours) for behaviours in table.values()))
    found = dict(zip(table, outcomes, strict=True))
    assert {fault: outcome.texts for fault, outcome in found.items()} == dict.fromkeys(table, tuple(WORDS.split()))
    assert {fault: outcome.off for fault, outcome in found.items() if outcome.off > TRUE} == {}
    assert {fault: outcome.waits for fault, outcome in found.items()} == {
        fault: (2, 4)[: len(behaviours)] for fault, behaviours in table.items()
    }


async def test_a_hang_is_noticed_only_where_speech_was_sent() -> None:
    with NOVA.fake() as fake:
        fake.script.play(faults.hang())
        async with Rig(NOVA.chain(fake, only_speech=False, hang=0.4)) as rig:
            await rig.microphone.silence(1.2)
            assert rig.notes == []
            assert fake.records[0].audio > 0.8
            await rig.say("we need")
            await rig.hears_all()
            assert [note["kind"] for note in rig.notes] == ["hang"]
            assert rig.texts == ["we", "need"]


@pytest.mark.parametrize("kind", [NOVA, FLUX], ids=["nova", "flux"])
async def test_a_hang_is_noticed_after_a_single_word_too(kind: Kind) -> None:
    with kind.fake() as fake:
        fake.script.play(faults.hang())
        async with Rig(kind.chain(fake)) as rig:
            await rig.say("yes")
            await rig.hears_all()
            assert rig.texts == ["yes"]
            assert [note["kind"] for note in rig.notes] == ["hang"]


async def test_silence_costs_no_connection_and_moves_no_word() -> None:
    async def heard_over_silence(kind: Kind) -> None:
        with kind.fake() as fake:
            async with Rig(kind.chain(fake, hang=0.5)) as rig:
                for words in ("we need", "too expensive"):
                    await rig.microphone.silence(1.3)
                    await rig.say(words)
                await rig.hears_all()
                assert rig.texts == ["we", "need", "too", "expensive"]
                assert max(rig.errors) <= TRUE
                assert rig.notes == []
                assert len(fake.records) == 1
                assert rig.kept.withheld >= 0.4

    await asyncio.gather(*map(heard_over_silence, (NOVA, FLUX, REALTIME)))


async def test_after_the_third_try_the_next_provider_hears_it_all_and_new_words_return_to_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listener, "QUIET_SECONDS", 0.6)
    with NOVA.fake() as first, FLUX.fake() as second:
        first.script.play(faults.kill(0.8), then=faults.refuse(503))
        async with Rig(NOVA.chain(first, FLUX.link(second), breaker_rest=1.0)) as rig:
            await rig.microphone.silence(0.3)
            await rig.say(WORDS)
            await rig.hears_all()
            assert rig.texts == WORDS.split()
            assert max(rig.errors) <= TRUE
            assert [round(wait) for wait in rig.waits] == pytest.approx([2, 4, 8], abs=1.6)
            assert second.heard == tuple(WORDS.split())
            first.script.play()
            tries = len(first.records)
            async with asyncio.timeout(10):
                while len(first.records) == tries:
                    await rig.microphone.silence(0.1)
            await rig.say("thanks team")
            await rig.hears_all()
            assert rig.texts == [*WORDS.split(), "thanks", "team"]
            assert second.heard == tuple(WORDS.split())
            assert first.records[-1].words == ("thanks", "team")
            takeovers = [note for note in rig.notes if note["hearing"] == "takeover"]
            assert [note["provider"] for note in takeovers] == ["deepgram-2", "deepgram"]
            assert rig.kept.dropped == 0


async def test_the_next_provider_is_not_sent_again_what_is_final() -> None:
    with NOVA.fake() as first, NOVA.fake() as second:
        first.script.play(faults.kill(2.2), then=faults.refuse(503))
        async with Rig(NOVA.chain(first, NOVA.link(second))) as rig:
            await rig.microphone.silence(0.3)
            await rig.say("we need", tail=0.6)
            await rig.say("the report friday")
            await rig.hears_all()
            assert rig.texts == WORDS.split()
            assert max(rig.errors) <= TRUE
            assert second.heard == ("the", "report", "friday")


async def test_a_breaker_that_one_participant_opened_sends_the_others_straight_to_the_next_provider() -> None:
    with NOVA.fake() as first, NOVA.fake() as second:
        first.script.play(then=faults.refuse(503))
        settings = NOVA.chain(first, NOVA.link(second), breaker_failures=3)
        providers = SpeechProviders(settings, Heard())
        async with Rig(settings, providers=providers) as loser:
            await until(lambda: loser.listener.provider == "deepgram-2")
            assert len(first.records) == 3
            async with Rig(settings, providers=providers) as other:
                await other.say(WORDS)
                await other.hears_all()
                assert other.texts == WORDS.split()
                assert other.waits == []
                assert other.notes == []
        assert len(first.records) == 3
        await providers.aclose()


async def test_what_nobody_could_hear_is_bounded_counted_and_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "cornerman")
    kept = 1.5
    with NOVA.fake() as fake:
        fake.stop_listening()
        settings = NOVA.chain(fake, retry=(0.1,), breaker_failures=10_000).model_copy(update={"keep": kept})
        async with Rig(settings, patient=True) as rig:
            await rig.say("that is too expensive for us")
            await until(lambda: rig.listener.failing)
            assert rig.kept.lag <= kept
            assert 0.5 <= rig.listener.dropped <= 2.6
            assert 0.5 <= rig.listener.behind <= kept
            fake.listen_again()
            await rig.microphone.silence(0.8)
            async with asyncio.timeout(10):
                while not rig.texts:
                    await rig.microphone.silence(0.1)
            assert rig.texts == ["expensive", "for", "us"][-len(rig.texts) :]
            assert not rig.listener.failing
            assert rig.listener.behind == 0.0
    assert [record.message for record in caplog.records].count("audio is being dropped unheard") == 1


async def test_one_participants_trouble_does_not_hold_up_another() -> None:
    with NOVA.fake() as stuck, NOVA.fake() as well:
        stuck.script.play(then=faults.hang(reads=False))
        async with Rig(NOVA.chain(stuck, hang=0.5)) as one, Rig(NOVA.chain(well)) as other:
            await asyncio.gather(one.say("we need"), other.say("the report"))
            await asyncio.gather(one.microphone.silence(0.5), other.hears_all())
            assert one.texts == []
            assert {note["kind"] for note in one.notes} == {"hang"}
            assert other.texts == ["the", "report"]
            assert other.notes == []
            stuck.script.play()
            await one.hears_all()
            assert one.texts == ["we", "need"]


async def test_a_key_is_in_no_log_and_in_no_note(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    behaviours = (faults.refuse(401), faults.throttle(), faults.kill(), faults.garbage(), faults.close(1011))

    async def notes_of(kind: Kind) -> str:
        with kind.fake() as fake:
            fake.script.play(*behaviours)
            async with Rig(kind.chain(fake)) as rig:
                await rig.say(WORDS)
                await rig.hears_all()
                assert rig.texts == WORDS.split()
                assert len(rig.notes) == len(behaviours)
                return str(rig.notes)

    told = "".join(await asyncio.gather(*map(notes_of, KINDS.values())))
    assert told.count("status_401") == len(KINDS)
    for record in caplog.records:
        told += logging.Formatter().format(record) + JsonFormatter().format(record)
        PrivacyFilter().filter(record)
        told += repr(vars(record))
    assert "speech stream failed" in told
    assert KEY not in told


async def test_a_recovery_in_which_nobody_speaks_is_told() -> None:
    with NOVA.fake() as fake:
        fake.stop_listening()
        async with Rig(NOVA.chain(fake, retry=(0.1,), breaker_failures=10_000), patient=True) as rig:
            await rig.say("we")
            await until(lambda: rig.listener.failing)
            fake.listen_again()
            async with asyncio.timeout(20):
                while rig.listener.failing:
                    await rig.microphone.silence(0.2)
            await rig.microphone.silence(0.1)
            assert rig.told[-1] is False
