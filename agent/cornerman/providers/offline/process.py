"""The recogniser host's own process: loads the decoder once, then forks one recogniser for each stream.

Started by `host.RecogniserHost` as `python -m cornerman.providers.offline.process FD`, where FD is one end of a
socket pair. In: a CONFIG frame (terms, settings), then one byte with a socket for each stream. Out: a READY frame
(`{"missing": {term: why}}` or `{"failed": why}`).

A fork shares the loaded model, so that a stream costs milliseconds and some tens of MB. The process has one thread,
which is what makes a plain fork safe. It ends, with its recognisers, when the socket to its parent closes or the
parent is gone; a recogniser ends when the socket of its stream closes, which the kernel does however the other side
died. (A death signal would not do: Linux sends it when the *thread* that started the process ends.)
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import traceback
from typing import Any, NoReturn

from livekit import local_inference
from pocketsphinx import Decoder

from cornerman.providers.frames import SAMPLE_COUNT, FrameKind, FrameReader, pack_json, read_json
from cornerman.providers.offline.dictionary import teach_terms
from cornerman.providers.offline.recogniser import Event, Recogniser
from cornerman.providers.offline.settings import OfflineSettings
from cornerman.providers.transcriber import SAMPLE_RATE

PARENT_CHECK_SECONDS = 1.0


def load_decoder() -> Any:
    """Set for speed where it costs no words.

    Without the second, flat pass a final comes about 20 ms after the utterance's last window instead of 100. At most
    3,000 states a frame instead of 30,000 save a quarter of the work.
    """
    return Decoder(samprate=SAMPLE_RATE, fwdflat=False, bestpath=True, maxhmmpf=3000, loglevel="FATAL")


def serve_stream(stream: socket.socket, decoder: Any, settings: OfflineSettings) -> None:
    """Be one stream's recogniser until it ends."""

    def emit(event: Event) -> None:
        stream.sendall(pack_json(FrameKind.EVENT, event))

    emit({"type": "open", "pid": os.getpid()})
    recogniser = Recogniser(decoder=decoder, voice=local_inference.VAD(), settings=settings, emit=emit)
    reader = FrameReader()
    while received := stream.recv(65_536):
        for kind, payload in reader.feed(received):
            match kind:
                case FrameKind.AUDIO:
                    recogniser.hear(payload)
                case FrameKind.GAP:
                    recogniser.skip(SAMPLE_COUNT.unpack(payload)[0])
                case FrameKind.FLUSH:
                    recogniser.flush()
                case FrameKind.END:
                    recogniser.close()
                    return
                case _:
                    raise ValueError(f"a recogniser was sent a frame of kind {kind.name}")


NICENESS = 5
"""Recognising is steady work; hearing and speaking are not. On a full machine the call's own processes go first."""


class Host:
    """The forking loop."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._parent = os.getppid()
        self._recognisers: set[int] = set()

    def run(self) -> None:
        config = self._read_config()
        if config is None:
            return
        settings = OfflineSettings(**config["settings"])
        try:
            decoder = load_decoder()
            missing = teach_terms(decoder, config["terms"])
            local_inference.init_vad()
        except (RuntimeError, OSError, ValueError) as failure:
            self._control.sendall(pack_json(FrameKind.READY, {"failed": str(failure)}))
            return
        # what is frozen is not touched by a recogniser's garbage collector, and so stays shared
        gc.collect()
        gc.freeze()
        self._control.sendall(pack_json(FrameKind.READY, {"missing": missing}))
        try:
            self._open_streams(decoder, settings)
        finally:
            self._end_recognisers()

    def _read_config(self) -> dict[str, Any] | None:
        reader = FrameReader()
        while received := self._control.recv(65_536):
            for _, payload in reader.feed(received):
                return read_json(payload)
        return None

    def _open_streams(self, decoder: Any, settings: OfflineSettings) -> None:
        while os.getppid() == self._parent:
            self._reap()
            if not select.select([self._control], [], [], PARENT_CHECK_SECONDS)[0]:
                continue
            message, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
            if not message:
                return
            for descriptor in descriptors:
                self._fork(socket.socket(fileno=descriptor), decoder, settings)

    def _fork(self, stream: socket.socket, decoder: Any, settings: OfflineSettings) -> None:
        pid = os.fork()
        if pid == 0:
            self._control.close()
            _exit_after(stream, decoder, settings)
        self._recognisers.add(pid)
        stream.close()

    def _reap(self) -> None:
        for pid in tuple(self._recognisers):
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                self._recognisers.discard(pid)

    def _end_recognisers(self) -> None:
        self._reap()
        for pid in self._recognisers:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _exit_after(stream: socket.socket, decoder: Any, settings: OfflineSettings) -> NoReturn:
    """Never returns into the parent's loop, whatever happens."""
    status = 1
    try:
        with contextlib.suppress(ConnectionError):
            serve_stream(stream, decoder, settings)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def main() -> None:
    # Ctrl-C in a terminal is the parent's business; it tells by closing the socket
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    with socket.socket(fileno=int(sys.argv[1])) as control, contextlib.suppress(ConnectionError):
        Host(control).run()


if __name__ == "__main__":
    main()
