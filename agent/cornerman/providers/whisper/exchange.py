"""What host and process of the neural engine say to each other, as JSON objects.

host to process     {"id", "final", "language", "terms"}, and the audio in a frame of its own
process to host     {"id", "text", "words": [[text, start, end, confidence], ...] | null, "language", "confidence"}
                    or {"id", "failed": why}
ready, once loaded  {"languages": [codes]} or {"failed": why}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cornerman.providers.transcriber import TimedWord, Transcript


@dataclass(frozen=True, slots=True)
class Question:
    """`language` is a code or empty; `terms` are names to expect, in one line."""

    pcm: bytes
    final: bool
    language: str
    terms: str


def transcript_to_json(transcript: Transcript) -> dict[str, Any]:
    words = transcript.words
    return {
        "text": transcript.text,
        "words": None if words is None else [[word.text, word.start, word.end, word.confidence] for word in words],
        "language": transcript.language,
        "confidence": transcript.confidence,
    }


def transcript_from_json(answer: dict[str, Any]) -> Transcript:
    """Raises KeyError or TypeError when something is missing."""
    words = answer["words"]
    return Transcript(
        text=answer["text"],
        words=None if words is None else tuple(TimedWord(*word) for word in words),
        language=answer["language"],
        confidence=answer["confidence"],
    )
