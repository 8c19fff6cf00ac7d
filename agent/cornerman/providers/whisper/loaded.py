"""One process of the neural engine, as the host sees it: started with the model loaded, asked, and killed.

`start` and `kill` block for seconds and for milliseconds and may be called from any thread; `ask` belongs to an event
loop. Asks one thing at a time; whoever asks keeps to that.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cornerman.errors import ProviderError
from cornerman.providers.child_process import END_SECONDS, ChildProcess
from cornerman.providers.frames import FrameKind, pack, pack_json, read_json
from cornerman.providers.whisper.exchange import Question
from cornerman.providers.whisper.settings import WhisperSettings

MODULE = "cornerman.providers.whisper.process"


class LoadedModel:
    """The process and our end of its line."""

    def __init__(self, folder: Path, settings: WhisperSettings) -> None:
        self._folder = folder
        self._settings = settings
        self._lock = threading.Lock()
        self._closed = False
        self._child = ChildProcess(MODULE)
        self.languages: tuple[str, ...] = ()

    @property
    def pid(self) -> int | None:
        """While the process lives."""
        return self._child.pid

    def start(self) -> None:
        """Start the process and wait until the model is loaded. Raises ProviderError when it is not, or after
        `close`."""
        with self._lock:
            if self._closed:
                raise ProviderError("the neural engine was closed and cannot be started again; make a new one")
            self._child.end(patience=0.0)
            deadline = time.monotonic() + self._settings.start_timeout
            line = self._child.start(self._environment())
        config = {"folder": str(self._folder), "settings": asdict(self._settings)}
        try:
            ready = self._child.await_ready(line, config, deadline=deadline)
        except (OSError, ValueError) as failure:
            self.kill()
            raise ProviderError(
                f"the neural engine did not load {self._folder} within {self._settings.start_timeout:g} s "
                f"({failure or type(failure).__name__}); its own messages are on standard error; "
                "is there enough memory for the model?"
            ) from failure
        if "failed" in ready:
            self.kill()
            raise ProviderError(
                f"the neural engine cannot load {self._folder}: {ready['failed']}; fetch the weights again with "
                "`cornerman models get`"
            )
        self.languages = tuple(ready["languages"])
        line.setblocking(False)

    async def ask(self, question: Question) -> dict[str, Any]:
        """The process's answer. Raises OSError when it ends instead. Must not be cancelled unless the process is
        killed then: half a question would be left on the line."""
        line = self._child.line
        if line is None:
            raise ConnectionError("it was closed")
        head = {"final": question.final, "language": question.language, "terms": question.terms}
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(line, pack_json(FrameKind.ASK, head) + pack(FrameKind.AUDIO, question.pcm))
        while received := await loop.sock_recv(line, 65_536):
            for _, payload in self._child.reader.feed(received):
                return read_json(payload)
        raise ConnectionError("its process ended")

    def kill(self) -> None:
        """End it now; `start` may start it again."""
        with self._lock:
            self._child.end(patience=0.0)

    def close(self) -> None:
        """End it for good, letting it finish what takes a moment."""
        self._closed = True
        line = self._child.line
        if line is not None:
            # wakes a `start` that waits on the line in another thread
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._child.end(patience=END_SECONDS)

    def _environment(self) -> dict[str, str]:
        return {
            # weights come from the folder or not at all
            "HF_HUB_OFFLINE": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "OMP_NUM_THREADS": str(self._settings.threads),
            # numpy prepares a second of audio in a millisecond; a thread for each core would only stand in the way
            "OPENBLAS_NUM_THREADS": "1",
        }
