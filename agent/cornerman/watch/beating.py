"""The worker's side: says once a second to every watchdog that it is alive, and which calls it coaches.

In: the framework's worker, settings, the folder its processes share. Out: signed heartbeats. Promises: each watchdog
has a thread of its own, so that neither a busy event loop nor a watchdog that hangs delays what another hears; a
watchdog that cannot be reached is told of in the log once, and costs nothing else; the last beat says goodbye where
the worker ends in order.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from livekit.agents.job import RunningJobInfo

from cornerman.config import Settings
from cornerman.livekit_server.address import ServerAddress
from cornerman.watch.beat import PATH, Beat, Coached, Ended, signed
from cornerman.watch.departures import departed

logger = logging.getLogger(__name__)

ANSWERS_WITHIN = 2.0
"""Seconds a watchdog gets to take a heartbeat."""
ENDED_TOLD_FOR = 600.0
MOST_ENDED = 200
"""For how many seconds, and of how many calls at most, heartbeats repeat that they ended."""


class Worker(Protocol):
    """What is asked of the framework's worker."""

    @property
    def active_jobs(self) -> list[RunningJobInfo]: ...
    @property
    def draining(self) -> bool: ...
    def on(self, event: Literal["worker_registered"], callback: Callable[..., None]) -> object: ...


@dataclass(frozen=True, slots=True)
class _Past:
    ended: Ended
    at: float


class Pulse:
    """What this worker says next. Asked from several threads."""

    def __init__(self, worker: Worker, settings: Settings, folder: Path) -> None:
        self._worker = worker
        self._settings = settings
        self._folder = folder
        self._lock = threading.Lock()
        self._name = uuid.uuid4().hex
        self._host = socket.gethostname()[:200]
        self._count = 0
        self._jobs: dict[str, Coached] = {}
        self._past: list[_Past] = []

    def beat(self, *, goodbye: bool = False) -> Beat:
        """The next beat; its count is higher than those of all before."""
        with self._lock:
            self._look(time.monotonic())
            self._count += 1
            worker = self._settings.worker
            return Beat(
                worker=self._name,
                count=self._count,
                host=self._host,
                agent_name=worker.agent_name,
                draining=self._worker.draining or goodbye,
                free=max(0, worker.max_calls - len(self._jobs)),
                watchdogs=max(1, len(self._settings.watch.watchdogs)),
                jobs=tuple(self._jobs.values()),
                ended=tuple(past.ended for past in self._past),
                goodbye=goodbye,
            )

    def _look(self, now: float) -> None:
        """Notices which jobs began and ended since the last beat."""
        jobs = {info.job.id: _coached(info) for info in self._worker.active_jobs}
        for job, coached in self._jobs.items():
            if job not in jobs:
                how = departed(self._folder, job)
                self._past.append(_Past(Ended(job=job, room=coached.room, how=how), now))
                if how == "crashed":
                    logger.error("a coach ended without leaving its call", extra={"job_id": job, "room": coached.room})
        self._jobs = jobs
        self._past = [past for past in self._past if now - past.at < ENDED_TOLD_FOR][-MOST_ENDED:]


def _coached(info: RunningJobInfo) -> Coached:
    job = info.job
    return Coached(job=job.id, room=job.room.name, dispatch=job.dispatch_id, identity=info.accept_arguments.identity)


class _Teller(threading.Thread):
    """Tells one watchdog."""

    def __init__(self, url: str, pulse: Pulse, server: ServerAddress, every: float) -> None:
        super().__init__(name="watch.beat", daemon=True)
        self._url = url
        self._pulse = pulse
        self._server = server
        self._every = every
        self._over = threading.Event()
        self._reached: bool | None = None
        # A watchdog is of one's own network: no proxy stands before it.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def run(self) -> None:
        while not self._over.is_set():
            begun = time.monotonic()
            try:
                self._tell(self._pulse.beat())
            except Exception:  # whatever is wrong with one beat, a worker that fell silent counts as dead
                logger.exception("a heartbeat could not be made")
            self._over.wait(max(0.0, self._every - (time.monotonic() - begun)))

    def end(self) -> None:
        """Says goodbye and ends; nothing where it never began."""
        self._over.set()
        if self.ident is None:
            return
        self.join(ANSWERS_WITHIN + 1)
        self._tell(self._pulse.beat(goodbye=True))

    def _tell(self, beat: Beat) -> None:
        body, token = signed(beat, self._server)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        request = urllib.request.Request(self._url + PATH, data=body, headers=headers)
        try:
            with self._opener.open(request, timeout=ANSWERS_WITHIN):
                self._told("")
        except urllib.error.HTTPError as error:
            error.close()
            self._told(f"it refuses heartbeats with status {error.code}; has it the same LiveKit key and secret?")
        except OSError as error:
            self._told(f"it does not answer ({type(error).__name__})")

    def _told(self, fault: str) -> None:
        reached = not fault
        if reached != self._reached:
            if fault:
                logger.error("the watchdog at %s does not watch over this worker: %s", self._url, fault)
            else:
                logger.info("the watchdog at %s watches over this worker", self._url)
        self._reached = reached


@contextmanager
def beating(worker: Worker, settings: Settings, folder: Path) -> Iterator[None]:
    """Tells the watchdogs of the settings about this worker, inside the block and from its being registered on. Without
    any it does nothing.
    """
    livekit = settings.livekit
    server = ServerAddress(livekit.url, livekit.api_key, livekit.api_secret)
    pulse = Pulse(worker, settings, folder)
    tellers = [_Teller(url, pulse, server, settings.watch.beat_every) for url in settings.watch.watchdogs]

    def registered(*_: object) -> None:
        for teller in tellers:
            if teller.ident is None:
                teller.start()

    worker.on("worker_registered", registered)
    try:
        yield
    finally:
        for teller in tellers:
            teller.end()
