"""What calls count: how many there are and how they end, who is heard, what became of nudges and how long each stage of
one took, what went wrong beside.
"""

from __future__ import annotations

from typing import Literal

from cornerman.metrics.series import Metric
from cornerman.metrics.sharing import RUNNING

_PAINT = (0.008, 0.016, 0.033, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0)
_SEEN = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
_STAGE = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_LATENESS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

CallOutcome = Literal["ended", "failed", "yielded", "lost"]
Stage = Literal["spoken_to_heard", "heard_to_decided", "decided_to_sent", "sent_to_acked"]
BREAKER_STATES = {"closed": 0.0, "probing": 1.0, "open": 2.0}

_ACTIVE = Metric(RUNNING, "Calls that are being coached.", mode="livesum")
_CALLS = Metric("cornerman_calls", "Calls that are over, by how they ended.", ["outcome"])
_REFUSED = Metric("cornerman_jobs_refused", "Jobs that were not taken, by why.", ["reason"])
_HEARD = Metric("cornerman_heard_participants", "Participants who are being heard.", mode="livesum")
_NUDGES = Metric("cornerman_nudges", "What became of nudges.", ["outcome"])
_PAINTED = Metric(
    "cornerman_nudge_painted_seconds",
    "From a nudge's arrival at the rep's client to its being painted, as the client says.",
    buckets=_PAINT,
)
_SPOKEN_TO_SEEN = Metric(
    "cornerman_spoken_to_seen_seconds", "From the end of the words to the card they caused, painted.", buckets=_SEEN
)
_HELD = Metric("cornerman_nudges_held", "Cards that were noted and not sent, by why.", ["reason"])
_STAGES = Metric(
    "cornerman_nudge_stage_seconds",
    "How long each stage of a card took that was sent for the first time, by stage.",
    ["stage"],
    buckets=_STAGE,
)
_STRANGERS = Metric("cornerman_strangers_refused", "Calls of the coach's methods by others than the rep.")
_SENDING_REFUSED = Metric("cornerman_sending_refused", "Attempts to send past the private line, all refused.")
_JOURNAL_FAILURES = Metric("cornerman_journal_failures", "Lines that could not be written to a journal.")
_LOOP_LATE = Metric(
    "cornerman_loop_late_seconds",
    "How late an event loop came to what was due, by process.",
    ["process"],
    buckets=_LATENESS,
)
_BREAKERS = Metric(
    "cornerman_breaker_state",
    "A provider's breaker: 0 closed, 1 probing, 2 open.",
    ["kind", "provider"],
    mode="livemostrecent",
)


def call_began() -> None:
    """A call is being coached; `call_over` must follow."""
    _ACTIVE.add(1)


def call_over(outcome: CallOutcome) -> None:
    """A call that began is over."""
    _ACTIVE.add(-1)
    _CALLS.add(1, outcome)


def call_not_begun(outcome: CallOutcome) -> None:
    """A job was accepted and no call came of it."""
    _CALLS.add(1, outcome)


def calls_lost(calls: int) -> None:
    """So many calls ended with their process."""
    if calls:
        _CALLS.add(calls, "lost")


def job_refused(reason: str) -> None:
    """A job was not taken; `reason` is a word of a fixed few."""
    _REFUSED.add(1, reason)


def heard(change: int) -> None:
    """So many more participants are heard, or fewer."""
    _HEARD.add(change)


def nudge(outcome: str) -> None:
    """What became of a nudge: shown, hidden, withdrawn, stale and the like."""
    _NUDGES.add(1, outcome)


def nudge_painted(seconds: float) -> None:
    """A revision was painted, so long after the rep's client got it."""
    _PAINTED.add(seconds)


def spoken_to_seen(seconds: float) -> None:
    """A card was painted for the first time, so long after the words that caused it."""
    _SPOKEN_TO_SEEN.add(seconds)


def nudge_held(reason: str) -> None:
    """A card was noted and not sent, for this reason."""
    _HELD.add(1, reason)


def nudge_stage(stage: Stage, seconds: float) -> None:
    """How long a stage of a card took that was sent for the first time."""
    _STAGES.add(seconds, stage)


def strangers_refused(calls: int) -> None:
    """Others than the rep called the coach's methods so often."""
    _STRANGERS.add(calls)


def sending_refused(attempts: int) -> None:
    """Something tried to send past the private line so often."""
    _SENDING_REFUSED.add(attempts)


def journal_failed() -> None:
    """A line could not be written to a journal."""
    _JOURNAL_FAILURES.add(1)


def loop_late(process: str, seconds: float) -> None:
    """An event loop came so late to what was due; `process` is call or worker."""
    _LOOP_LATE.add(seconds, process)


def breaker_state(kind: str, provider: str, state: str) -> None:
    """How a provider's breaker stands; `kind` is speech or llm."""
    _BREAKERS.set(BREAKER_STATES.get(state, 0.0), kind, provider)
