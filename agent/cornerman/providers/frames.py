"""What travels between the job process and its recogniser processes: frames of a kind, a length and a payload.

The offline engine:

    to a recogniser     AUDIO (16 kHz mono int16), GAP (how many samples were dropped), FLUSH, END
    from a recogniser   EVENT (one JSON object; see `offline.recogniser`)
    to and from a host  CONFIG and READY (JSON), then one byte with a file descriptor for each stream to open

The neural engine: CONFIG and READY as above, then for each question ASK (JSON) and AUDIO, answered by an EVENT; see
`whisper.process`.

`FrameReader` promises whole frames in order, however the bytes arrive, and refuses a length no honest peer sends.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from enum import Enum
from typing import Any

HEADER = struct.Struct("!cI")
SAMPLE_COUNT = struct.Struct("!Q")
LONGEST_PAYLOAD = 4_000_000
"""Bytes; about two minutes of audio, or the pronunciations of some ten thousand terms."""


class FrameKind(Enum):
    AUDIO = b"A"
    GAP = b"G"
    FLUSH = b"F"
    END = b"Z"
    EVENT = b"J"
    CONFIG = b"C"
    READY = b"R"
    ASK = b"Q"


def pack(kind: FrameKind, payload: bytes = b"") -> bytes:
    return HEADER.pack(kind.value, len(payload)) + payload


def pack_json(kind: FrameKind, value: object) -> bytes:
    return pack(kind, json.dumps(value, separators=(",", ":")).encode())


def read_json(payload: bytes) -> dict[str, Any]:
    value = json.loads(payload)
    if not isinstance(value, dict):
        raise ValueError(f"a frame carries {type(value).__name__} where an object belongs")
    return value


class FrameReader:
    """Cuts a byte stream back into frames."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, received: bytes) -> Iterator[tuple[FrameKind, bytes]]:
        """Yield the frames that `received` completes. Raises ValueError when the stream is not one of frames."""
        self._bytes += received
        while len(self._bytes) >= HEADER.size:
            letter, length = HEADER.unpack_from(self._bytes)
            if length > LONGEST_PAYLOAD:
                raise ValueError(f"a frame claims {length} bytes; at most {LONGEST_PAYLOAD} are sent")
            if len(self._bytes) < HEADER.size + length:
                return
            payload = bytes(self._bytes[HEADER.size : HEADER.size + length])
            del self._bytes[: HEADER.size + length]
            yield FrameKind(letter), payload
