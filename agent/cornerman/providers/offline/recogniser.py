"""One stream's recogniser: audio in, events out. Runs in a process of its own, because the decoder holds the
interpreter lock.

Every 32 ms window first meets a voice detector. Voice starts an utterance, which the decoder hears from a little
before; silence or length ends it. Events are JSON objects; times are seconds of the audio this recogniser was given,
gaps counted:

    {"type": "start", "at"}                                       somebody began to speak
    {"type": "interim", "words": [[text, start, end, null], ...]} all words of the utterance so far, when they changed
    {"type": "final", "words": [[text, start, end, confidence], ...], "settled"}
                                                                  the utterance's words; none when those told before
                                                                  were no words
    {"type": "end", "at"}                                         the voice stopped
    {"type": "usage", "seconds", "settled"}                       how much audio was heard since the last report
    {"type": "closed"}                                            all was heard; nothing follows

`settled` is the time before which no audio will be needed again: a recogniser that replaces this one may start there.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cornerman.providers.offline.settings import WINDOW_SAMPLES, WINDOW_SECONDS, OfflineSettings
from cornerman.providers.offline.steadiness import HeardWord, SteadyWords
from cornerman.providers.transcriber import SAMPLE_RATE

WINDOW_BYTES = WINDOW_SAMPLES * 2
FRAME_SECONDS = 0.01
"""The decoder counts time in frames of 10 ms."""

_VARIANT = re.compile(r"\(\d+\)$")
_VOICED_WINDOWS_TO_START = 2

Event = dict[str, Any]


class VoiceDetector(Protocol):
    def predict(self, pcm: NDArray[np.int16]) -> float: ...
    def reset(self) -> None: ...


def is_filler(segment: str) -> bool:
    """Whether the decoder's segment is silence, noise or an utterance mark: `<s>`, `<sil>`, `[NOISE]`,
    `++BREATH++`."""
    return segment.startswith(("<", "[", "+"))


class Recogniser:
    """Cuts one stream into utterances and decodes them. `decoder` is a pocketsphinx Decoder that nobody else uses."""

    def __init__(
        self, *, decoder: Any, voice: VoiceDetector, settings: OfflineSettings, emit: Callable[[Event], None]
    ) -> None:
        self._decoder = decoder
        self._voice = voice
        self._settings = settings
        self._emit = emit
        self._rest = bytearray()
        self._position = 0
        self._prefix: deque[bytes] = deque(
            maxlen=max(_VOICED_WINDOWS_TO_START, round(settings.prefix / WINDOW_SECONDS))
        )
        self._utterance_start: int | None = None
        self._voiced_windows = 0
        self._silent_windows = 0
        self._words_told = False
        self._steady = self._new_steady_words()
        self._unreported = 0

    def hear(self, pcm: bytes) -> None:
        self._rest += pcm
        while len(self._rest) >= WINDOW_BYTES:
            window = bytes(self._rest[:WINDOW_BYTES])
            del self._rest[:WINDOW_BYTES]
            self._hear_window(window)

    def skip(self, samples: int) -> None:
        """Audio is missing here: what was being said ends, and time goes on."""
        self.flush()
        self._position += samples + len(self._rest) // 2
        self._rest.clear()
        self._prefix.clear()
        self._voiced_windows = 0
        self._voice.reset()

    def flush(self) -> None:
        """End the utterance now, if there is one."""
        if self._utterance_start is None:
            return
        if self._rest:
            self._decoder.process_raw(bytes(self._rest))
            self._advance(len(self._rest) // 2)
            self._rest.clear()
        self._finish_utterance()
        self._stop_speaking(self._position)

    def close(self) -> None:
        """The stream is over: say what is left to say."""
        self.flush()
        self._report_usage()
        self._emit({"type": "closed"})

    # -- one window --

    def _hear_window(self, window: bytes) -> None:
        probability = self._voice.predict(np.frombuffer(window, dtype=np.int16))
        self._advance(WINDOW_SAMPLES)
        if self._utterance_start is None:
            self._await_voice(window, probability)
        else:
            self._follow_voice(window, probability)
        if self._unreported >= self._settings.usage_interval * SAMPLE_RATE:
            self._report_usage()

    def _await_voice(self, window: bytes, probability: float) -> None:
        self._prefix.append(window)
        self._voiced_windows = self._voiced_windows + 1 if probability >= self._settings.speech_probability else 0
        if self._voiced_windows < _VOICED_WINDOWS_TO_START:
            return
        audio = b"".join(self._prefix)
        self._prefix.clear()
        self._emit({"type": "start", "at": _seconds(self._position - self._voiced_windows * WINDOW_SAMPLES)})
        self._start_utterance(self._position - len(audio) // 2)
        self._decoder.process_raw(audio)

    def _follow_voice(self, window: bytes, probability: float) -> None:
        assert self._utterance_start is not None
        self._decoder.process_raw(window)
        silent = probability < self._settings.silence_probability
        self._silent_windows = self._silent_windows + 1 if silent else 0
        length = (self._position - self._utterance_start) / SAMPLE_RATE
        if self._silent_windows * WINDOW_SECONDS >= self._settings.end_silence:
            self._finish_utterance()
            self._stop_speaking(self._position - self._silent_windows * WINDOW_SAMPLES)
        elif length >= self._settings.longest_utterance or (silent and length >= self._settings.calm_cut):
            # the voice goes on: the next utterance begins with the very next sample
            silent_windows = self._silent_windows
            self._finish_utterance()
            self._start_utterance(self._position)
            self._silent_windows = silent_windows
        else:
            self._tell_interim()

    # -- utterances --

    def _start_utterance(self, position: int) -> None:
        self._decoder.start_utt()
        self._utterance_start = position
        self._silent_windows = 0
        self._words_told = False
        self._steady = self._new_steady_words()

    def _finish_utterance(self) -> None:
        self._decoder.end_utt()
        words, _ = self._read_words(final=True)
        self._utterance_start = None
        if words or self._words_told:
            self._emit({"type": "final", "words": _as_json(words), "settled": self._settled()})

    def _stop_speaking(self, position: int) -> None:
        self._voiced_windows = 0
        self._emit({"type": "end", "at": _seconds(position)})

    def _tell_interim(self) -> None:
        words, paused = self._read_words(final=False)
        told = self._steady.hear(words, paused=paused)
        if told is not None:
            self._words_told = True
            self._emit({"type": "interim", "words": _as_json(told)})

    def _read_words(self, *, final: bool) -> tuple[list[HeardWord], bool]:
        """The decoder's best words, and whether something other than a word follows them."""
        if self._decoder.hyp() is None:
            return [], False
        assert self._utterance_start is not None
        begin = self._utterance_start / SAMPLE_RATE
        words = []
        paused = False
        for segment in self._decoder.seg():
            paused = is_filler(segment.word)
            if paused:
                continue
            words.append(
                HeardWord(
                    text=_VARIANT.sub("", segment.word),
                    start=round(begin + segment.start_frame * FRAME_SECONDS, 3),
                    end=round(begin + (segment.end_frame + 1) * FRAME_SECONDS, 3),
                    # the posterior exists after the last pass only, and rounding takes it past 1
                    confidence=round(min(1.0, max(0.0, segment.prob)), 4) if final else None,
                )
            )
        return words, paused

    def _new_steady_words(self) -> SteadyWords:
        return SteadyWords(
            last_word_windows=self._settings.last_word_windows,
            followed_word_windows=self._settings.followed_word_windows,
        )

    # -- time --

    def _advance(self, samples: int) -> None:
        self._position += samples
        self._unreported += samples

    def _settled(self) -> float:
        if self._utterance_start is not None:
            return _seconds(self._utterance_start)
        return _seconds(self._position - len(self._prefix) * WINDOW_SAMPLES)

    def _report_usage(self) -> None:
        self._emit({"type": "usage", "seconds": _seconds(self._unreported), "settled": self._settled()})
        self._unreported = 0


def _seconds(samples: int) -> float:
    return round(samples / SAMPLE_RATE, 4)


def _as_json(words: list[HeardWord] | tuple[HeardWord, ...]) -> list[list[Any]]:
    return [[word.text, word.start, word.end, word.confidence] for word in words]
