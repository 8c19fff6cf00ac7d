"""The names that a playbook knows, and those of the call's own people, reach each provider in the form it takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from fakes.deepgram_flux import FakeDeepgramFlux
from fakes.deepgram_nova import FakeDeepgramNova
from fakes.hearing import ONCE, feed, listening, until
from fakes.openai_http import FakeOpenAIHttp
from fakes.openai_realtime import FakeOpenAIRealtime
from fakes.record import Record
from fakes.server import FakeProvider

from cornerman.config import SttSettings
from cornerman.paths import find_project_file
from cornerman.playbook.loader import load_playbook
from cornerman.providers.openai import LONGEST_PROMPT
from cornerman.providers.speech import Heard, SpeechProviders

OWN = ("Ann Example", "Fabrikam")
"""Somebody on the call, and the company they buy for."""
SILENCE = np.zeros(8_000, dtype=np.int16)


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPGRAM_API_KEY", "a key")
    monkeypatch.setenv("OPENAI_API_KEY", "a key")


@pytest.fixture(scope="module")
def playbook_names() -> tuple[str, ...]:
    names = load_playbook(find_project_file("playbook")).names()
    assert len(names) >= 4
    return names


async def record_of(
    fake: FakeProvider, settings: SttSettings, names: Sequence[str], own: Sequence[str] = OWN, language: str = "en-US"
) -> Record:
    """What the fake was asked by an engine that was made for a call with these names."""
    providers = SpeechProviders(settings, Heard(names=tuple(names)))
    engine = providers.chain(own)[0].new(language)
    stream = engine.recogniser.stream(conn_options=ONCE)
    async with listening(stream):
        await feed(stream, SILENCE)
        await until(lambda: fake.records[0].audio and (settings.provider == "deepgram" or fake.records[0].control))
    await engine.aclose()
    await providers.aclose()
    return fake.records[0]


def nova(fake: FakeDeepgramNova, model: str = "", **options: object) -> SttSettings:
    return SttSettings(provider="deepgram", model=model, base_url=fake.listen_url, options=options)


def realtime(fake: FakeOpenAIRealtime, model: str, **options: object) -> SttSettings:
    return SttSettings(provider="openai", model=model, base_url=fake.base_url, options=options)


def transcription(record: Record) -> dict[str, object]:
    """The transcription part of the session that was asked for."""
    (update,) = [message for message in record.control if message["type"] == "session.update"]
    found: dict[str, object] = update["session"]["audio"]["input"]["transcription"]
    return found


@pytest.mark.parametrize("model", ["", "nova-3", "nova-3-medical"])
async def test_nova_3_takes_keyterms_those_of_the_call_first(model: str, playbook_names: tuple[str, ...]) -> None:
    async with FakeDeepgramNova() as fake:
        record = await record_of(fake, nova(fake, model), playbook_names)
    assert record.values("keyterm") == (*OWN, *playbook_names)
    assert record.values("keywords") == ()


async def test_nova_2_takes_single_words_as_keywords(playbook_names: tuple[str, ...]) -> None:
    async with FakeDeepgramNova() as fake:
        record = await record_of(fake, nova(fake, "nova-2"), playbook_names)
    single = [name for name in (*OWN, *playbook_names) if " " not in name]
    assert [value.partition(":")[0] for value in record.values("keywords")] == single
    assert record.values("keyterm") == ()


async def test_flux_takes_keyterms(playbook_names: tuple[str, ...]) -> None:
    async with FakeDeepgramFlux() as fake:
        settings = SttSettings(provider="deepgram", model="flux-general-en", base_url=fake.listen_url)
        record = await record_of(fake, settings, playbook_names)
    assert record.values("keyterm") == (*OWN, *playbook_names)


async def test_a_realtime_model_is_told_the_names_in_its_prompt(playbook_names: tuple[str, ...]) -> None:
    async with FakeOpenAIRealtime() as fake:
        record = await record_of(fake, realtime(fake, "gpt-4o-transcribe"), playbook_names)
    assert transcription(record)["prompt"] == f"Names: {', '.join((*OWN, *playbook_names))}"
    assert "keywords" not in transcription(record)


async def test_a_realtime_model_that_knows_keywords_is_given_them(playbook_names: tuple[str, ...]) -> None:
    async with FakeOpenAIRealtime() as fake:
        record = await record_of(fake, realtime(fake, "gpt-transcribe"), playbook_names)
    assert transcription(record)["keywords"] == [*OWN, *playbook_names]
    assert "prompt" not in transcription(record)


@pytest.mark.parametrize(("model", "field"), [("whisper-1", "prompt"), ("gpt-transcribe", "keywords")])
async def test_an_upload_carries_the_names(model: str, field: str, playbook_names: tuple[str, ...]) -> None:
    async with FakeOpenAIHttp() as fake:
        settings = SttSettings(provider="openai_http", model=model, base_url=fake.base_url)
        providers = SpeechProviders(settings, Heard(names=playbook_names))
        engine = providers.chain(OWN)[0].new("en-US")
        transcriber = engine.recogniser._transcriber  # type: ignore[attr-defined]  # no voice needed to see the form
        await transcriber.transcribe(SILENCE.tobytes(), final=True)
        await engine.aclose()
        await providers.aclose()
        (form,) = fake.records[0].control
    names = [*OWN, *playbook_names]
    assert form[field] == (names if field == "keywords" else f"Names: {', '.join(names)}")


MANY = tuple(f"Name{number:03} Surname" for number in range(150))


async def test_no_more_than_a_hundred_names_are_sent() -> None:
    async with FakeDeepgramNova() as fake:
        assert (await record_of(fake, nova(fake), MANY)).values("keyterm") == (*OWN, *MANY)[:100]
    async with FakeDeepgramNova() as fake:
        record = await record_of(fake, nova(fake, "nova-2"), [f"Name{number}" for number in range(150)])
        assert len(record.values("keywords")) == 99
    async with FakeDeepgramFlux() as flux:
        settings = SttSettings(provider="deepgram", model="flux-general-en", base_url=flux.listen_url)
        assert (await record_of(flux, settings, MANY)).values("keyterm") == (*OWN, *MANY)[:100]
    async with FakeOpenAIRealtime() as other:
        record = await record_of(other, realtime(other, "gpt-transcribe"), MANY)
        assert transcription(record)["keywords"] == list((*OWN, *MANY)[:100])


async def test_a_prompt_holds_as_many_names_as_fit_each_whole() -> None:
    async with FakeOpenAIRealtime() as fake:
        record = await record_of(fake, realtime(fake, "gpt-4o-transcribe"), MANY)
    prompt = str(transcription(record)["prompt"])
    told = prompt.removeprefix("Names: ").split(", ")
    assert LONGEST_PROMPT - 20 <= len(prompt) <= LONGEST_PROMPT
    assert told == list((*OWN, *MANY)[: len(told)])


async def test_a_name_is_said_once_and_none_at_all_if_there_is_none() -> None:
    async with FakeDeepgramNova() as fake:
        record = await record_of(fake, nova(fake), ["Fabrikam", "Northstar"])
        assert record.values("keyterm") == ("Ann Example", "Fabrikam", "Northstar")
    async with FakeDeepgramNova() as fake:
        record = await record_of(fake, nova(fake), [], own=[])
        assert record.values("keyterm") == record.values("keywords") == ()
    async with FakeOpenAIRealtime() as other:
        asked = transcription(await record_of(other, realtime(other, "gpt-4o-transcribe"), [], own=[]))
        assert "prompt" not in asked
        assert "keywords" not in asked


async def test_what_the_operator_wrote_comes_before_what_the_playbook_knows() -> None:
    async with FakeDeepgramNova() as fake:
        record = await record_of(fake, nova(fake, keyterm=["Mine"]), MANY)
        assert record.values("keyterm") == ("Mine",)
    async with FakeDeepgramFlux() as flux:
        settings = SttSettings(
            provider="deepgram", model="flux-general-en", base_url=flux.listen_url, options={"keyterm": ["Mine"]}
        )
        assert (await record_of(flux, settings, MANY)).values("keyterm") == ("Mine",)
    async with FakeOpenAIRealtime() as other:
        record = await record_of(other, realtime(other, "gpt-4o-transcribe", prompt="Mine"), MANY)
        assert transcription(record)["prompt"] == "Mine"


@pytest.mark.parametrize(("options", "sent"), [({}, "true"), ({"mip_opt_out": False}, "false")])
async def test_audio_is_not_given_to_train_models_unless_the_operator_says_so(
    options: dict[str, object], sent: str
) -> None:
    async with FakeDeepgramNova() as fake:
        assert (await record_of(fake, nova(fake).model_copy(update={"options": options}), [])).value(
            "mip_opt_out"
        ) == sent
    async with FakeDeepgramFlux() as flux:
        settings = SttSettings(provider="deepgram", model="flux-general-en", base_url=flux.listen_url, options=options)
        assert (await record_of(flux, settings, [])).value("mip_opt_out") == sent


async def test_the_language_of_the_participant_is_asked_for() -> None:
    async with FakeDeepgramNova() as fake:
        assert (await record_of(fake, nova(fake), [], language="de")).value("language") == "de"
    async with FakeDeepgramFlux() as flux:
        settings = SttSettings(provider="deepgram", model="flux-general-multi", base_url=flux.listen_url)
        record = await record_of(flux, settings, [], language="de-AT")
        assert record.values("language_hint") == ("de",)
    async with FakeOpenAIRealtime() as other:
        record = await record_of(other, realtime(other, "gpt-4o-transcribe"), [], language="de-AT")
        assert transcription(record)["language"] == "de"
