"""A recogniser's words in call time.

Where it tells when each word was said, its times are mapped. Where it does not, the words are laid over the stretches
in which a voice was sent, in proportion to their length: close to true, and never outside the utterance.
"""

from __future__ import annotations

from collections.abc import Sequence

from livekit.agents import NotGiven, stt

from cornerman.events import Word
from cornerman.hearing.audio_time import Span, TimeMap
from cornerman.plain import plain

LONGEST_WORD = 80
LONGEST_TEXT = 20_000
"""Characters of a word and of an utterance that are believed to be speech."""
LETTERS_OF_A_START = 3
"""A word takes time beyond that of its letters: the spoken lengths of short and long words differ less than these."""


def words_of(said: stt.SpeechData, times: TimeMap, spans: Sequence[Span], now: float) -> list[Word]:
    """The words of one alternative. `spans`: where a voice sounded, for a recogniser that tells no times."""
    if said.words:
        timed = [(plain(str(word), LONGEST_WORD), word.start_time, word.end_time) for word in said.words]
        return [Word(text, _mapped(start, times, now), _mapped(end, times, now)) for text, start, end in timed if text]
    texts = [text[:LONGEST_WORD] for text in plain(said.text, LONGEST_TEXT).split()]
    if said.end_time > said.start_time:
        spans = [Span(times.call_time(said.start_time), times.call_time(said.end_time))]
    return laid_over(texts, spans or [Span(now, now)])


def laid_over(texts: Sequence[str], spans: Sequence[Span]) -> list[Word]:
    """Words laid over stretches of speech."""
    lengths = [LETTERS_OF_A_START + len(text) for text in texts]
    total = sum(lengths)
    voiced = sum(span.end - span.start for span in spans)
    words: list[Word] = []
    passed = 0
    for text, length in zip(texts, lengths, strict=True):
        start = _place(spans, voiced * passed / total, ends=False)
        passed += length
        words.append(Word(text, start, max(_place(spans, voiced * passed / total, ends=True), start)))
    return words


def _place(spans: Sequence[Span], spoken: float, *, ends: bool) -> float:
    """The call time at which so many seconds were spoken; between two spans, the end of one or the next's start."""
    left = spoken
    for span in spans:
        length = span.end - span.start
        if left < length - 1e-6 or (ends and left <= length + 1e-6):
            return round(span.start + max(left, 0.0), 3)
        left -= length
    return round(spans[-1].end, 3)


def _mapped(streamed: float | NotGiven, times: TimeMap, now: float) -> float:
    return times.call_time(streamed) if isinstance(streamed, float | int) else now
