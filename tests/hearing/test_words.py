"""Recognised words get their call times: mapped where they are told, laid over the voice where they are not."""

from __future__ import annotations

from itertools import pairwise

from fakes.tones import VOCABULARY, speak
from hypothesis import given, settings
from hypothesis import strategies as st
from livekit import rtc
from livekit.agents import LanguageCode, stt
from livekit.agents.types import TimedString

from cornerman.hearing.audio_time import TimeMap
from cornerman.hearing.kept_audio import Piece
from cornerman.hearing.words import LONGEST_TEXT, LONGEST_WORD, words_of

RATE = 16_000
FRAME = RATE // 50
NOW = 99.0


def nothing() -> list[Piece]:
    return []


def timed(*words: tuple[str, float, float]) -> stt.SpeechData:
    strings = [TimedString(text, start_time=start, end_time=end) for text, start, end in words]
    return stt.SpeechData(LanguageCode("en"), " ".join(text for text, _, _ in words), words=strings)


def untimed(text: str) -> stt.SpeechData:
    return stt.SpeechData(LanguageCode("en"), text)


def pieces_of(said: str, at: float) -> tuple[list[Piece], list[tuple[float, float]]]:
    """Audio of these words as it was kept, and when each word was said."""
    samples, spoken = speak(said, lead=0.2, tail=0.2)
    pieces = []
    for start in range(0, len(samples) - FRAME + 1, FRAME):
        middle = (start + FRAME / 2) / RATE
        sounds = any(word.start <= middle <= word.end for word in spoken)
        frame = rtc.AudioFrame(samples[start : start + FRAME].tobytes(), RATE, 1, FRAME)
        pieces.append(Piece(frame, at + start / RATE, at + (start + FRAME) / RATE, sounds, True))
    return pieces, [(at + word.start, at + word.end) for word in spoken]


def test_told_times_are_mapped_to_call_time() -> None:
    times = TimeMap()
    times.sent(10.0, 1.0)
    times.filled(0.6)
    times.sent(60.0, 1.0)
    words = words_of(timed(("we", 0.2, 0.5), ("need", 1.7, 2.0)), times, nothing, NOW)
    assert [(word.text, word.start, word.end) for word in words] == [("we", 10.2, 10.5), ("need", 60.1, 60.4)]


def test_a_word_without_a_time_was_said_now() -> None:
    (word,) = words_of(stt.SpeechData(LanguageCode("en"), "we", words=[TimedString("we")]), TimeMap(), nothing, NOW)
    assert (word.start, word.end) == (NOW, NOW)


def test_words_that_are_nothing_but_space_or_control_characters_are_none() -> None:
    words = words_of(timed((" ", 0.0, 0.1), ("\x00\x1b", 0.1, 0.2), ("we", 0.2, 0.3)), TimeMap(), nothing, NOW)
    assert [word.text for word in words] == ["we"]
    assert words_of(untimed(" \n "), TimeMap(), nothing, NOW) == []


def test_words_without_times_are_laid_over_the_voice_they_were_heard_in() -> None:
    pieces, truth = pieces_of("we need the report next week", 30.0)
    words = words_of(untimed("we need the report next week"), TimeMap(), lambda: pieces, NOW)
    assert [word.text for word in words] == ["we", "need", "the", "report", "next", "week"]
    for word, (start, end) in zip(words, truth, strict=True):
        assert abs(word.start - start) <= 0.15
        assert abs(word.end - end) <= 0.15


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=8), st.integers(1, 12))
def test_laid_words_are_in_order_and_inside_their_audio_however_many_they_are(said: list[str], count: int) -> None:
    pieces, _ = pieces_of(" ".join(said), 30.0)
    words = words_of(untimed(" ".join(["word"] * count)), TimeMap(), lambda: pieces, NOW)
    assert len(words) == count
    assert all(before.end <= after.start + 0.001 for before, after in pairwise(words))
    assert pieces[0].start <= words[0].start <= words[-1].end <= pieces[-1].end


def test_laid_words_jump_the_silence_that_was_not_kept() -> None:
    first, _ = pieces_of("we need", 30.0)
    second, _ = pieces_of("the report", 50.0)
    words = words_of(untimed("we need the report"), TimeMap(), lambda: [*first, *second], NOW)
    assert [word.start < 40.0 for word in words] == [True, True, False, False]


def test_without_audio_to_lay_them_over_words_were_said_now() -> None:
    words = words_of(untimed("we need"), TimeMap(), nothing, NOW)
    assert [(word.text, word.start, word.end) for word in words] == [("we", NOW, NOW), ("need", NOW, NOW)]


def test_what_is_too_long_to_be_speech_is_cut() -> None:
    (word,) = words_of(untimed("a" * 500), TimeMap(), nothing, NOW)
    assert len(word.text) == LONGEST_WORD
    words = words_of(untimed("we need " * 100_000), TimeMap(), nothing, NOW)
    assert sum(len(word.text) + 1 for word in words) <= LONGEST_TEXT + 1
    (word,) = words_of(timed(("a" * 500, 0.0, 0.1)), TimeMap(), nothing, NOW)
    assert len(word.text) == LONGEST_WORD
