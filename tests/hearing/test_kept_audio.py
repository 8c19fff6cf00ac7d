"""Kept audio gives each voice to the provider once, gives it again only where asked, and loses none silently."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from livekit import rtc

from cornerman.hearing.kept_audio import KeptAudio

SAMPLES = 1000
FRAME = SAMPLES / 16_000
"""A sixteenth of a second: exact as a float, so that the model may count in frames."""
PREFIX, TAIL, CAPACITY = 3, 5, 40


def frame(number: int) -> rtc.AudioFrame:
    samples = np.full(SAMPLES, number % 30_000, dtype=np.int16)
    return rtc.AudioFrame(samples.tobytes(), 16_000, 1, SAMPLES)


def keeping(capacity: int = CAPACITY) -> KeptAudio:
    return KeptAudio(capacity=capacity * FRAME, prefix=PREFIX * FRAME, tail=TAIL * FRAME)


@dataclass
class Plain:
    """The same promises in the plainest way: every frame that ever came has a number and stays."""

    capacity: int = CAPACITY
    only_speech: bool = True
    voices: list[bool] = field(default_factory=list)
    oldest: int = 0
    next: int = 0
    replayed_until: int = 0
    settled: int = 0
    withheld: int = 0
    dropped: int = 0

    def voiced(self, number: int) -> bool:
        around = range(max(number - TAIL, 0), min(number + PREFIX + 1, len(self.voices)))
        return any(self.voices[other] for other in around)

    def append(self, voice: bool) -> None:
        self.voices.append(voice)
        oldest = max(self.oldest, len(self.voices) - self.capacity)
        lost = range(max(self.oldest, self.next, self.settled), oldest)
        self.dropped += sum(1 for number in lost if self.voiced(number))
        self.oldest = oldest
        self.next = max(self.next, oldest)

    def drain(self) -> list[int]:
        given = []
        while self.next < len(self.voices):
            replaying = self.next < self.replayed_until
            if self.voiced(self.next) or not (self.only_speech or replaying):
                given.append(self.next)
            elif len(self.voices) - 1 - self.next < PREFIX:
                break
            elif not replaying:
                self.withheld += 1
            self.next += 1
        return given

    def rewind(self) -> None:
        self.replayed_until = len(self.voices)
        self.next = max(self.oldest, self.settled)

    def forget(self) -> None:
        self.oldest = self.next = len(self.voices)


def drained(kept: KeptAudio) -> list[int]:
    given = []
    while (piece := kept.take()) is not None:
        given.append(round(piece.start / FRAME))
    return given


steps = st.lists(
    st.one_of(
        st.tuples(st.just("voice"), st.integers(1, 12)),
        st.tuples(st.just("silence"), st.integers(1, 20)),
        st.tuples(st.just("drain"), st.just(0)),
        st.tuples(st.just("settle"), st.integers(0, 30)),
        st.tuples(st.just("rewind"), st.just(0)),
        st.tuples(st.just("forget"), st.just(0)),
    ),
    max_size=40,
)


@given(steps, st.booleans(), st.integers(PREFIX + TAIL + 2, CAPACITY))
@example([("silence", 20), ("drain", 0), ("voice", 3), ("rewind", 0), ("drain", 0)], False, CAPACITY)
def test_it_gives_what_the_plainest_keeping_would_give(
    story: list[tuple[str, int]], only_speech: bool, capacity: int
) -> None:
    kept, plain = keeping(capacity), Plain(capacity, only_speech)
    kept.only_speech = only_speech
    for what, count in [*story, ("drain", 0)]:
        match what:
            case "voice" | "silence":
                for _ in range(count):
                    number, voice = len(plain.voices), what == "voice"
                    kept.append(frame(number), number * FRAME, voice=voice, speech=voice)
                    plain.append(voice)
            case "drain":
                assert drained(kept) == plain.drain()
            case "settle":
                plain.settled = max(plain.settled, plain.next - count)
                kept.settle((plain.next - count) * FRAME)
            case "rewind":
                kept.rewind()
                plain.rewind()
            case "forget":
                kept.forget()
                plain.forget()
        assert kept.withheld == plain.withheld * FRAME
        assert kept.dropped == plain.dropped * FRAME
        assert kept.lag <= capacity * FRAME
        assert kept.behind <= kept.lag
        assert len(kept._pieces) <= capacity


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 15), st.booleans()), max_size=30))
def test_a_voice_is_given_once_with_its_beginning_and_silence_beyond_the_tail_not_at_all(
    story: list[tuple[bool, int, bool]],
) -> None:
    kept, plain = keeping(10_000), Plain(10_000)
    given: list[int] = []
    for voice, count, asks in [*story, (False, PREFIX + TAIL + 1, True)]:
        for _ in range(count):
            kept.append(frame(len(plain.voices)), len(plain.voices) * FRAME, voice=voice, speech=voice)
            plain.append(voice)
        if asks:
            given += drained(kept)
    given += drained(kept)
    last = len(plain.voices)
    assert given == [number for number in range(last) if plain.voiced(number)]
    assert kept.withheld == (last - len(given) - PREFIX) * FRAME
    assert kept.dropped == 0


def test_what_is_given_is_the_very_audio_that_came() -> None:
    kept = keeping()
    for number in range(6):
        kept.append(frame(number), number * FRAME, voice=True, speech=True)
    while (piece := kept.take()) is not None:
        assert bytes(piece.frame.data) == bytes(frame(round(piece.start / FRAME)).data)


def test_a_rewind_gives_again_what_is_not_final_and_says_from_where() -> None:
    kept = keeping()
    for number in range(10):
        kept.append(frame(number), number * FRAME, voice=True, speech=True)
    drained(kept)
    kept.settle(4 * FRAME)
    assert kept.rewind() == 4 * FRAME
    assert kept.replaying
    assert drained(kept) == list(range(4, 10))
    assert not kept.replaying


def test_words_that_are_final_are_final_for_good() -> None:
    kept = keeping()
    kept.settle(2.0)
    kept.settle(1.0)
    assert kept.settled == 2.0


def test_a_voice_is_unsettled_until_its_words_are_final() -> None:
    kept = keeping()
    kept.append(frame(0), 0.0, voice=False, speech=False)
    assert not kept.unsettled
    kept.append(frame(1), FRAME, voice=True, speech=True)
    assert kept.unsettled
    drained(kept)
    kept.settle(2 * FRAME)
    assert not kept.unsettled


def test_after_a_mute_no_tail_is_sent() -> None:
    kept = keeping()
    kept.append(frame(0), 0.0, voice=True, speech=True)
    kept.muted(FRAME)
    for number in range(1, 12):
        kept.append(frame(number), number * FRAME, voice=False, speech=False)
    assert drained(kept) == [0]
    assert not kept.open


def test_what_was_forgotten_is_given_to_nobody() -> None:
    kept = keeping()
    for number in range(10):
        kept.append(frame(number), number * FRAME, voice=True, speech=True)
    kept.forget()
    kept.rewind()
    assert drained(kept) == []
    assert kept.between(0.0, 60.0) == []
    assert (kept.behind, kept.lag, kept.dropped, kept.unsettled) == (0.0, 0.0, 0.0, False)


@pytest.mark.parametrize("was_sent", [True, False])
def test_only_a_voice_that_nobody_was_sent_counts_as_dropped(was_sent: bool) -> None:
    kept = keeping(10)
    for number in range(30):
        kept.append(frame(number), number * FRAME, voice=number < 10, speech=number < 10)
        if was_sent:
            drained(kept)
    assert kept.dropped == (0.0 if was_sent else (10 + TAIL) * FRAME)
    assert kept.oldest == 20 * FRAME or was_sent


def test_the_audio_of_an_utterance_begins_and_ends_with_its_voice() -> None:
    kept = keeping()
    for number in range(12):
        kept.append(frame(number), number * FRAME, voice=3 <= number < 9, speech=number in (4, 5, 7))
    found = kept.between(0.0, 12 * FRAME)
    assert [round(piece.start / FRAME) for piece in found] == [4, 5, 6, 7]
    assert kept.between(8 * FRAME, 12 * FRAME) == []
