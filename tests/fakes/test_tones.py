"""Tone-coded words come through what calls do to audio, and only what was spoken is heard."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some
from livekit import rtc
from numpy.typing import NDArray

from cornerman.demo_call import SPEAKERS, Speaker, samples
from fakes.carriers import speech_probability
from fakes.tones import VOCABULARY, Heard, Spoken, ToneEar, speak

ROOT = Path(__file__).parents[2]
SENTENCE = "that is too expensive for us can you give us a discount"


def heard_in(signal: NDArray[np.int16], rate: int = 16_000) -> list[Heard]:
    ear = ToneEar(rate)
    return [*ear.push(signal.tobytes()), *ear.finish()]


def assert_heard_as_spoken(heard: list[Heard], spoken: tuple[Spoken, ...], *, within: float = 0.04) -> None:
    assert [word.text for word in heard] == [word.text for word in spoken]
    for was, is_ in zip(spoken, heard, strict=True):
        assert abs(is_.start - was.start) <= within, (was, is_)
        assert abs(is_.end - was.end) <= within, (was, is_)


def over_opus(signal: NDArray[np.int16], rate: int, bit_rate: int, application: str) -> NDArray[np.int16]:
    """What a far end plays at 48 kHz."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = rate, "mono", "s16"
    encoder.bit_rate, encoder.time_base = bit_rate, Fraction(1, rate)
    encoder.options = {"application": application, "frame_duration": "20"}
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = 48_000, "mono"
    size = rate // 50
    packets = []
    for at in range(0, len(signal) - size + 1, size):
        frame = av.AudioFrame.from_ndarray(signal[None, at : at + size], format="s16", layout="mono")
        frame.sample_rate, frame.pts = rate, at
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    blocks = [frame.to_ndarray().reshape(-1) for packet in packets for frame in decoder.decode(packet)]
    decoded = np.concatenate(blocks)
    if decoded.dtype.kind == "f":
        decoded = (decoded * 32_767).clip(-32_768, 32_767)
    return decoded.astype(np.int16)


def resampled(signal: NDArray[np.int16], rate: int, to: int) -> NDArray[np.int16]:
    """As the rooms' own resampler does it."""
    resampler = rtc.AudioResampler(rate, to, quality=rtc.AudioResamplerQuality.HIGH)
    out = [*resampler.push(bytearray(signal.tobytes())), *resampler.flush()]
    return np.concatenate([np.frombuffer(frame.data, dtype=np.int16) for frame in out])


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 48_000])
def test_every_word_is_heard_when_it_was_spoken(rate: int) -> None:
    signal, spoken = speak(VOCABULARY, rate=rate, lead=0.5, tail=0.5)
    assert_heard_as_spoken(heard_in(signal, rate), spoken, within=0.02)


@pytest.mark.parametrize("bit_rate", [16_000, 32_000])
@pytest.mark.parametrize(
    ("rate", "application"), [(48_000, "voip"), (48_000, "audio"), (16_000, "voip"), (8_000, "voip")]
)
def test_words_come_through_opus(rate: int, application: str, bit_rate: int) -> None:
    signal, spoken = speak(VOCABULARY, rate=rate, lead=0.5, tail=0.5)
    assert_heard_as_spoken(heard_in(over_opus(signal, rate, bit_rate, application), 48_000), spoken)


def test_words_come_through_a_telephone() -> None:
    signal, spoken = speak(VOCABULARY, rate=48_000, lead=0.5, tail=0.5)
    narrow = resampled(signal, 48_000, 8_000)
    coded = resampled(over_opus(resampled(narrow, 8_000, 48_000), 48_000, 24_000, "voip"), 48_000, 16_000)
    assert_heard_as_spoken(heard_in(coded), spoken)


@pytest.mark.parametrize("gain", [0.05, 0.5, 1.4])
def test_words_are_heard_softly_and_loudly(gain: float) -> None:
    signal, spoken = speak(VOCABULARY, tail=0.5)
    changed = (signal * gain).clip(-32_768, 32_767).astype(np.int16)
    assert_heard_as_spoken(heard_in(changed), spoken)


def test_words_are_heard_over_noise() -> None:
    signal, spoken = speak(VOCABULARY, lead=0.5, tail=0.5)
    noise = np.random.default_rng(1).standard_normal(len(signal)) * 400
    assert_heard_as_spoken(heard_in((signal + noise).clip(-32_768, 32_767).astype(np.int16)), spoken)


def test_a_detector_takes_the_words_for_speech() -> None:
    signal, spoken = speak(VOCABULARY, lead=0.5, tail=0.5)
    probability = speech_probability(signal)
    middle = (np.arange(len(probability)) + 0.5) * 512 / 16_000
    shares = [float((probability[(middle >= word.start) & (middle < word.end)] > 0.5).mean()) for word in spoken]
    assert min(shares) >= 0.8
    opened = middle[np.argmax(probability > 0.5)] + 256 / 16_000
    assert opened <= spoken[0].start + 0.1
    # A gate that stays open for a quarter of a second never closes inside a sentence.
    inside = probability[(middle >= spoken[0].start + 0.1) & (middle < spoken[-1].end)]
    closed = "".join("." if value > 0.35 else "x" for value in inside)
    assert "x" * 8 not in closed


@settings(max_examples=25, deadline=None)
@given(cuts=some.lists(some.integers(0, 170_000), max_size=60))
def test_any_cut_of_the_bytes_gives_the_same_words(cuts: list[int]) -> None:
    signal, _ = speak(SENTENCE, tail=0.3)
    raw = signal.tobytes()
    bounds = [0, *sorted(cut for cut in cuts if cut < len(raw)), len(raw)]
    ear = ToneEar(16_000)
    pieces = [word for at, to in pairwise(bounds) for word in ear.push(raw[at:to])]
    assert [*pieces, *ear.finish()] == heard_in(signal)


def test_a_word_cut_away_is_lost() -> None:
    signal, spoken = speak("we need the report", tail=0.3)
    need = spoken[1]
    without = np.concatenate([signal[: round(need.start * 16_000)], signal[round(need.end * 16_000) :]])
    assert [word.text for word in heard_in(without)] == ["we", "the", "report"]


def test_audio_fed_twice_is_heard_twice() -> None:
    signal, spoken = speak("we need the report", tail=0.3)
    at = round((spoken[1].end + 0.06) * 16_000)
    doubled = np.concatenate([signal[:at], signal[:at], signal[at:]])
    assert [word.text for word in heard_in(doubled)] == ["we", "need", "we", "need", "the", "report"]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_word_cut_in_two_is_heard_once_at_most(share: float) -> None:
    signal, spoken = speak("report", lead=0.2, tail=0.3)
    at = round((spoken[0].start + share * 0.3) * 16_000)
    halves = [heard_in(signal[:at]), heard_in(np.concatenate([np.zeros(3_200, np.int16), signal[at:]]))]
    assert sum(len(half) for half in halves) <= 1


def test_two_voices_at_once_are_no_word_of_either() -> None:
    one, _ = speak("report report report", tail=0.3)
    other, _ = speak("friday friday friday", tail=0.3)
    assert heard_in(one // 2 + other // 2) == []


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_ordinary_speech_holds_no_words(speaker: Speaker) -> None:
    assert heard_in(samples(speaker)) == []


@pytest.mark.parametrize("level", [0, 300, 3_000, 10_000])
def test_noise_and_silence_hold_no_words(level: int) -> None:
    noise = np.random.default_rng(level).standard_normal(60 * 16_000) * level
    assert heard_in(noise.clip(-32_768, 32_767).astype(np.int16)) == []


def test_a_word_is_certain_before_it_ends() -> None:
    signal, spoken = speak("report", lead=0.2, tail=0.3)
    ear = ToneEar(16_000)
    certain = None
    for at in range(0, len(signal), 160):
        ear.push(signal[at : at + 160].tobytes())
        if ear.under_way is not None and certain is None:
            certain = (ear.position, ear.under_way)
    assert certain is not None
    position, word = certain
    assert position < spoken[0].end
    assert (word.text, word.complete) == ("report", False)
    assert ear.under_way is None
    assert ear.silence == pytest.approx(0.3, abs=0.03)


def test_a_word_nobody_could_hear_is_refused() -> None:
    with pytest.raises(ValueError, match="cornerman: not in"):
        speak("we need cornerman")


def test_lines_of_the_playbooks_own_test_can_be_spoken() -> None:
    lines = yaml.safe_load((ROOT / "playbook" / "tests.yaml").read_text(encoding="utf-8"))
    firing = {line["text"] for line in lines if "fires" in line and set(line["text"].split()) <= set(VOCABULARY)}
    assert {"that is too expensive for us", "we are also looking at northstar", "we need single sign on"} <= firing
