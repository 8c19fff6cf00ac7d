"""The neural engine's own process: loads the model once, then transcribes what it is sent, one piece after the other.

Started by `loaded` as `python -m cornerman.providers.whisper.process FD`, where FD is one end of a socket pair. In: a
CONFIG frame (folder, settings), then for each question an ASK and an AUDIO frame. Out: a READY frame, then an EVENT
frame for each question; `exchange` says what is in them. Never touches the network. Ends when the socket closes or the
parent is gone, also in the middle of a piece of audio.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from cornerman.providers.frames import FrameKind, FrameReader, pack_json, read_json
from cornerman.providers.whisper.engine import WhisperEngine
from cornerman.providers.whisper.exchange import transcript_to_json
from cornerman.providers.whisper.settings import WhisperSettings

NICENESS = 5
"""Recognising is steady work; hearing and speaking are not. On a full machine the call's own processes go first."""
PARENT_CHECK_SECONDS = 1.0


def serve(line: socket.socket) -> None:
    """Be the engine until the line closes."""
    frames = _frames(line)
    engine = _load(line, frames)
    if engine is None:
        return
    asked: dict[str, Any] = {}
    for kind, payload in frames:
        match kind:
            case FrameKind.ASK:
                asked = read_json(payload)
            case FrameKind.AUDIO:
                line.sendall(pack_json(FrameKind.EVENT, _answer(engine, asked, payload)))
            case _:
                raise ValueError(f"the neural engine was sent a frame of kind {kind.name}")


def _frames(line: socket.socket) -> Iterator[tuple[FrameKind, bytes]]:
    reader = FrameReader()
    while received := line.recv(262_144):
        yield from reader.feed(received)


def _load(line: socket.socket, frames: Iterator[tuple[FrameKind, bytes]]) -> WhisperEngine | None:
    for _, payload in frames:
        config = read_json(payload)
        try:
            engine = WhisperEngine(config["folder"], WhisperSettings(**config["settings"]))
        except Exception as failure:  # the tokenizer's own errors have no narrower class
            line.sendall(pack_json(FrameKind.READY, {"failed": str(failure)}))
            return None
        line.sendall(pack_json(FrameKind.READY, {"languages": engine.languages}))
        return engine
    return None


def _answer(engine: WhisperEngine, asked: dict[str, Any], pcm: bytes) -> dict[str, Any]:
    try:
        transcript = engine.transcribe(pcm, final=asked["final"], language=asked["language"], terms=asked["terms"])
    except (RuntimeError, ValueError) as failure:
        # such as a language the model does not know; the next question may be a good one
        return {"failed": str(failure)}
    return transcript_to_json(transcript)


def _end_with(parent: int) -> None:
    """A long piece of audio keeps the line unread: look for the parent besides."""
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(1)


def main() -> None:
    # Ctrl-C in a terminal is the parent's business; it tells by closing the socket
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    with socket.socket(fileno=int(sys.argv[1])) as line, contextlib.suppress(ConnectionError):
        serve(line)


if __name__ == "__main__":
    main()
