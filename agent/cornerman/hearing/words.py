"""A recogniser's words in call time.

Where it tells when each word was said, its times are mapped. Where it does not, the words are laid over the stretches
in which a voice was sent, in proportion to their length: close to true, and never outside the utterance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from livekit.agents import NotGiven, stt

from cornerman.events import Word
from cornerman.hearing.audio_time import TimeMap
from cornerman.hearing.kept_audio import Piece
from cornerman.plain import plain
from cornerman.providers.word_times import lay_words, sounding

LONGEST_WORD = 80
LONGEST_TEXT = 20_000
"""Characters of a word and of an utterance that are believed to be speech."""


def words_of(said: stt.SpeechData, times: TimeMap, audio: Callable[[], Sequence[Piece]], now: float) -> list[Word]:
    """The words of one alternative. `audio` gives what they were heard in, for a recogniser that tells no times."""
    if said.words:
        timed = [(plain(str(word), LONGEST_WORD), word.start_time, word.end_time) for word in said.words]
        return [Word(text, _mapped(start, times, now), _mapped(end, times, now)) for text, start, end in timed if text]
    texts = [text[:LONGEST_WORD] for text in plain(said.text, LONGEST_TEXT).split()]
    return _laid_over(texts, audio(), now) if texts else []


def _laid_over(texts: Sequence[str], pieces: Sequence[Piece], now: float) -> list[Word]:
    """Words laid over the voice in these pieces of audio."""
    if not any(piece.speech for piece in pieces):
        return [Word(text, now, now) for text in texts]
    times = TimeMap()
    voiced: list[tuple[int, int]] = []
    samples = 0
    for piece in pieces:
        times.sent(piece.start, piece.end - piece.start)
        length = piece.frame.samples_per_channel
        if piece.speech:
            started = voiced.pop()[0] if voiced and voiced[-1][1] == samples else samples
            voiced.append((started, samples + length))
        samples += length
    laid = lay_words(texts, sounding(b"".join(bytes(piece.frame.data) for piece in pieces), voiced))
    return [Word(word.text, times.call_time(word.start), times.call_time(word.end)) for word in laid]


def _mapped(streamed: float | NotGiven, times: TimeMap, now: float) -> float:
    return times.call_time(streamed) if isinstance(streamed, float | int) else now
