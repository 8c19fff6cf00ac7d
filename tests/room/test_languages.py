"""What is spoken, what the playbook is in and what providers hear are compared; a misfit is told once."""

from __future__ import annotations

from cornerman.config import ProviderSettings, SttSettings
from cornerman.contract import JobMetadata, Listed
from cornerman.providers.speech import Heard, SpeechProviders
from cornerman.room.languages import Languages


def languages(metadata: JobMetadata, *, playbook: str = "en", provider: str = "offline") -> Languages:
    settings = SttSettings(provider=provider)  # type: ignore[arg-type]
    chain = SpeechProviders(settings, Heard()).chain()
    return Languages(metadata, default="en-US", playbook=playbook, providers=chain)


def test_a_participant_s_own_language_comes_before_the_call_s_and_that_before_the_settings() -> None:
    own = {"ana": Listed(language="es")}
    assert languages(JobMetadata(rep="rep", language="de", participants=own)).of("ana") == "es"
    assert languages(JobMetadata(rep="rep", language="de", participants=own)).of("ben") == "de"
    assert languages(JobMetadata(rep="rep")).of("ben") == "en-US"


def test_what_fits_is_not_mentioned() -> None:
    assert languages(JobMetadata(rep="rep", language="en-GB")).misfits() == []


def test_a_language_that_nobody_hears_and_one_that_the_playbook_is_not_in_are_told() -> None:
    deaf = languages(JobMetadata(rep="rep", language="de"), playbook="de").misfits()
    assert deaf == ["language: no speech provider hears de; who speaks it is not heard"]
    (cardless,) = languages(JobMetadata(rep="rep", language="de"), provider="deepgram").misfits()
    assert "the playbook is in en" in cardless
    assert "de is spoken" in cardless


def test_a_fallback_that_hears_the_language_is_enough() -> None:
    settings = SttSettings(fallback=(ProviderSettings(provider="deepgram"),))
    chain = SpeechProviders(settings, Heard()).chain()
    metadata = JobMetadata(rep="rep", language="de")
    assert Languages(metadata, default="en-US", playbook="de", providers=chain).misfits() == []


def test_another_language_is_told_once_and_only_when_it_is_sure() -> None:
    call = languages(JobMetadata(rep="rep", participants={"ana": Listed(name="Ana Lima")}), provider="deepgram")
    assert [call.heard("ana", "pt") for _ in range(2)] == [None, None]
    assert call.heard("ana", "en") is None
    told = [call.heard("ana", "pt-BR") for _ in range(6)]
    assert told == [None, None, "language: Ana Lima seems to speak pt-BR, heard as en-US", None, None, None]
