"""One loaded Whisper model: a piece of audio in, its words out. Runs in a process of its own.

Whisper was taught on subtitles and tends to make up text where nobody speaks. So what it is not sure to be speech, what
repeats itself without end, and what it sees in the padding behind the audio is left out.
"""

from __future__ import annotations

import math

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.transcribe import Segment

from cornerman.providers.transcriber import SAMPLE_RATE, TimedWord, Transcript
from cornerman.providers.whisper.settings import WhisperSettings
from cornerman.providers.word_times import lay_words

MOST_REPETITIVE = 2.4
"""Ratio to which text may be compressed: what is said in earnest stays below, "thank you" twenty times does not."""
NO_SPEECH = 0.6
UNLIKELY = -1.0
"""Mean logarithm of the tokens' probabilities below which text is doubted."""
SHORTEST_REMAINDER = 0.5
"""Seconds; what the model hears in a shorter rest, after it took all for heard, is its own echo."""
TOKENS_AT_LEAST = 32
TOKENS_PER_SECOND = 10
MOST_TOKENS = 220
"""Text tokens of one piece. Nobody speaks faster; with the terms before them they fit the model's 448."""


class WhisperEngine:
    """Loads the model in `folder`; takes seconds. Raises whatever its libraries do when it cannot."""

    def __init__(self, folder: str, settings: WhisperSettings) -> None:
        self._settings = settings
        self._model = WhisperModel(
            folder,
            device="cpu",
            compute_type=settings.compute_type,
            cpu_threads=settings.threads,
            num_workers=1,
            local_files_only=True,
        )

    @property
    def languages(self) -> list[str]:
        """Codes of the languages the model hears."""
        return list(self._model.supported_languages)

    def transcribe(self, pcm: bytes, *, final: bool, language: str, terms: str) -> Transcript:
        """`language` is a code, or empty to let the model find out; `terms` are names to expect, in one line. Only
        finals have words with times, for these cost as much again."""
        audio = np.frombuffer(pcm, dtype=np.int16).astype(np.float32) / 32_768
        seconds = len(audio) / SAMPLE_RATE
        segments, info = self._model.transcribe(
            audio,
            language=language or None,
            beam_size=self._settings.beam_size if final else 1,
            # a second, freer try only where nothing newer will come
            temperature=[0.0, 0.4] if final else [0.0],
            compression_ratio_threshold=MOST_REPETITIVE,
            log_prob_threshold=UNLIKELY,
            no_speech_threshold=NO_SPEECH,
            condition_on_previous_text=False,
            hotwords=terms or None,
            word_timestamps=final,
            without_timestamps=not final,
            max_new_tokens=min(MOST_TOKENS, round(TOKENS_AT_LEAST + TOKENS_PER_SECOND * seconds)),
            vad_filter=False,
        )
        believed = [segment for segment in segments if is_believable(segment, seconds)]
        words = tuple(word for segment in believed for word in _words(segment, seconds))
        return Transcript(
            text=" ".join(word.text for word in words) if final else "".join(s.text for s in believed).strip(),
            words=words if final else None,
            language=str(info.language),
            confidence=_confidence(believed, words),
        )


def is_believable(segment: Segment, seconds: float) -> bool:
    """Whether the text is likely to have been spoken in audio of so many seconds."""
    heard_from = segment.seek / 100
    if segment.start >= seconds or (segment.seek > 0 and seconds - heard_from < SHORTEST_REMAINDER):
        return False
    if segment.no_speech_prob > NO_SPEECH and segment.avg_logprob < UNLIKELY:
        return False
    return bool(segment.compression_ratio <= MOST_REPETITIVE)


def _words(segment: Segment, seconds: float) -> list[TimedWord]:
    if not segment.words:
        # the alignment found none: better roughly timed than lost
        span = (max(0.0, float(segment.start)), min(seconds, float(segment.end)))
        return list(lay_words(segment.text.split(), [span]))
    # numpy's floats are no JSON
    return [
        TimedWord(
            word.word.strip(),
            round(max(0.0, float(word.start)), 3),
            round(min(seconds, float(word.end)), 3),
            round(min(1.0, max(0.0, float(word.probability))), 4),
        )
        for word in segment.words
        if word.word.strip() and word.start < seconds
    ]


def _confidence(segments: list[Segment], words: tuple[TimedWord, ...]) -> float:
    told = [word.confidence for word in words if word.confidence is not None]
    told = told or [math.exp(min(0.0, float(segment.avg_logprob))) for segment in segments]
    return round(sum(told) / len(told), 4) if told else 0.0
