"""What an operator sees of the hearing, as Prometheus metrics on the worker's page.

In: a call of one of the functions below wherever something happened. Out: series named `cornerman_...`. Promises never
to raise into the caller and to cost microseconds; and that labels say what a provider or an outcome is called, never
who spoke or what was said: a value that is no short plain name counts as `other`, and so does whatever comes after a
metric has `MOST_SERIES` of them.

Each call runs in a process of its own, so the counts are shared through files in a folder: the worker names it with
`share_between_processes(folder)` before it starts, job processes join in with `share_between_processes()`. Where no
worker named a folder, the counts stay in the process.
"""

from __future__ import annotations

import fcntl
import logging
import math
import os
import re
from collections.abc import Sequence
from pathlib import Path

from prometheus_client import Counter, Histogram, multiprocess, values

logger = logging.getLogger(__name__)

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client, and with it the framework's page, looks for shared counts."""
MOST_SERIES = 50
MOST_PROCESSES = 1024

OTHER = "other"
_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
_MEANING = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_PARTIAL = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)


class _Metric:
    """One metric, made when something is first counted: where counts are shared, making one opens a file."""

    def __init__(
        self, name: str, means: str, labels: Sequence[str] = (), buckets: Sequence[float] | None = None
    ) -> None:
        self._name = name
        self._means = means
        self._labels = tuple(labels)
        self._buckets = buckets
        self._made: Counter | Histogram | None = None
        self._series: set[tuple[str, ...]] = set()
        self._complained = False

    def add(self, amount: float, *labels: str) -> None:
        """Counts `amount`; one that is negative or no number is left out."""
        try:
            if not (amount >= 0 and math.isfinite(amount)):
                return
            metric = self._made = self._made or self._make()
            one = metric.labels(*self._plain(labels)) if self._labels else metric
            if isinstance(one, Counter):
                one.inc(amount)
            else:
                one.observe(amount)
        except Exception as error:
            if not self._complained:
                self._complained = True
                logger.warning("%s is not counted: %s: %s", self._name, type(error).__name__, error)

    def _make(self) -> Counter | Histogram:
        if self._buckets is None:
            return Counter(self._name, self._means, self._labels)
        return Histogram(self._name, self._means, self._labels, buckets=self._buckets)

    def _plain(self, labels: Sequence[str]) -> tuple[str, ...]:
        names = (str(label).lower() for label in labels)
        series = tuple(name if _PLAIN_NAME.fullmatch(name) else OTHER for name in names)
        if series not in self._series:
            if len(self._series) >= MOST_SERIES:
                return (OTHER,) * len(series)
            self._series.add(series)
        return series


_STT_SECONDS = _Metric("cornerman_stt_seconds", "Seconds of audio sent to a speech provider.", ["provider"])
_STT_FAILURES = _Metric("cornerman_stt_failures", "Attempts and streams that failed.", ["provider", "kind"])
_STT_TAKEOVERS = _Metric(
    "cornerman_stt_takeovers", "Times one provider went on for another.", ["from_provider", "to_provider"]
)
_BREAKER_OPENINGS = _Metric(
    "cornerman_stt_breaker_openings", "Times a provider was left alone after failures in a row.", ["provider"]
)
_REPLAYED = _Metric(
    "cornerman_audio_replayed_seconds", "Seconds of audio sent once more after a failure.", ["provider"]
)
_WITHHELD = _Metric(
    "cornerman_audio_withheld_seconds", "Seconds of silence not sent to a provider, to save its cost.", ["provider"]
)
_DROPPED = _Metric("cornerman_audio_dropped_seconds", "Seconds of audio that no provider heard and none will.")
_PARTIAL_DELAY = _Metric(
    "cornerman_partial_delay_seconds", "From a word's end to its first being told.", ["provider"], buckets=_PARTIAL
)
_NUDGES = _Metric("cornerman_nudges", "What became of nudges.", ["outcome"])
_MEANING_ASKED = _Metric("cornerman_meaning_asked", "What became of sentences whose meaning was asked.", ["outcome"])
_MEANING_SECONDS = _Metric(
    "cornerman_meaning_seconds", "From asking what a sentence means to the answer.", buckets=_MEANING
)


def stt_seconds(provider: str, seconds: float) -> None:
    """Audio was sent to a provider, for the first time or again."""
    _STT_SECONDS.add(seconds, provider)


def stt_failure(provider: str, kind: str) -> None:
    """An attempt or a stream failed; `kind` is a word of a fixed few, never the provider's message."""
    _STT_FAILURES.add(1, provider, kind)


def stt_takeover(from_provider: str, to_provider: str) -> None:
    """Another provider goes on with a participant's audio."""
    _STT_TAKEOVERS.add(1, from_provider, to_provider)


def breaker_opened(provider: str) -> None:
    """The provider is left alone for a while; `Breaker.failed` tells when to count this."""
    _BREAKER_OPENINGS.add(1, provider)


def audio_replayed(provider: str, seconds: float) -> None:
    """Of the audio sent, how much had been sent before."""
    _REPLAYED.add(seconds, provider)


def audio_withheld(provider: str, seconds: float) -> None:
    """Audio was not sent because it was silent or muted."""
    _WITHHELD.add(seconds, provider)


def audio_dropped(seconds: float) -> None:
    """Audio was lost because a queue was full or nobody could hear it in time."""
    _DROPPED.add(seconds)


def partial_delay(provider: str, seconds: float) -> None:
    """How long after its end a word was first told."""
    _PARTIAL_DELAY.add(seconds, provider)


def nudge(outcome: str) -> None:
    """What became of a nudge: shown, hidden, withdrawn, stale and the like."""
    _NUDGES.add(1, outcome)


def meaning_asked(outcome: str) -> None:
    """What became of a sentence whose meaning was asked: answered, full, late, failed or purged."""
    _MEANING_ASKED.add(1, outcome)


def meaning_seconds(seconds: float) -> None:
    """How long an answered sentence took, its wait included."""
    _MEANING_SECONDS.add(seconds)


class _Slot:
    """The name under which a process writes its counts: the first free one of a row, held by a lock until the process
    ends, however it ends.

    Under process numbers, every call would leave files behind that each look at the page reads again; a slot's counts
    are carried on by the next process that takes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pid = 0
        self._lock: int | None = None
        self._name = ""

    def name(self) -> str:
        """Asked before each count; another number means that this process was forked and needs its own slot."""
        pid = os.getpid()
        if pid != self._pid:
            if self._lock is not None:
                os.close(self._lock)
            self._lock, self._name = self._take(pid)
            self._pid = pid
        return self._name

    def _take(self, pid: int) -> tuple[int | None, str]:
        # Below the folder of counts: of that one, the framework removes all files when it starts.
        locks = self._folder / "slots"
        try:
            locks.mkdir(mode=0o700, exist_ok=True)
            for number in range(MOST_PROCESSES):
                lock = os.open(locks / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(lock)
                    continue
                name = f"slot{number}"
                # What the last holder had running when it ended runs no more.
                multiprocess.mark_process_dead(name, str(self._folder))  # type: ignore[no-untyped-call]
                return lock, name
        except OSError as error:
            logger.warning("counts of process %d go to files of its own: %s", pid, error)
        return None, str(pid)


_slot: _Slot | None = None


def share_between_processes(folder: Path | None = None) -> None:
    """Has this process's counts, the framework's too, go to the shared folder; the worker names it, its job processes
    know it from their environment. Call it before anything is counted. Without a folder nothing is shared.
    """
    global _slot
    if folder is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ[FOLDER_VARIABLE] = str(folder)
    named = os.environ.get(FOLDER_VARIABLE)
    if named and _slot is None:
        _slot = _Slot(Path(named))
        values.ValueClass = values.MultiProcessValue(_slot.name)  # type: ignore[no-untyped-call]
