"""What an operator sees of the calls, as Prometheus metrics on the worker's page.

In: a call of one of the functions below wherever something happened. Out: series named `cornerman_...`. Promises never
to raise into the caller and to cost microseconds; and that labels say what a provider or an outcome is called, never
who spoke or what was said.

Each call runs in a process of its own, so the counts are shared through files in a folder: the worker names it with
`share_between_processes(folder)` before it starts, job processes join in with `share_between_processes()`. Where no
worker named a folder, the counts stay in the process.
"""

from __future__ import annotations

from pathlib import Path

from cornerman.metrics.calls import (
    Stage,
    breaker_state,
    call_began,
    call_not_begun,
    call_over,
    calls_lost,
    heard,
    job_refused,
    journal_failed,
    loop_late,
    nudge,
    nudge_held,
    nudge_painted,
    nudge_stage,
    sending_refused,
    spoken_to_seen,
    strangers_refused,
)
from cornerman.metrics.hearing import (
    audio_dropped,
    audio_replayed,
    audio_withheld,
    breaker_opened,
    partial_delay,
    stt_failure,
    stt_seconds,
    stt_takeover,
)
from cornerman.metrics.series import KNOWN, MOST_SERIES, OTHER
from cornerman.metrics.sharing import FOLDER_VARIABLE, share, sweep
from cornerman.metrics.thinking import (
    advice,
    advice_refused,
    llm_breaker_opened,
    llm_failure,
    llm_first_token,
    llm_images,
    llm_seconds,
    llm_tokens,
    meaning_asked,
    meaning_seconds,
)

__all__ = [
    "FOLDER_VARIABLE",
    "KNOWN",
    "MOST_SERIES",
    "OTHER",
    "Stage",
    "advice",
    "advice_refused",
    "audio_dropped",
    "audio_replayed",
    "audio_withheld",
    "breaker_opened",
    "breaker_state",
    "call_began",
    "call_not_begun",
    "call_over",
    "calls_lost",
    "heard",
    "job_refused",
    "journal_failed",
    "llm_breaker_opened",
    "llm_failure",
    "llm_first_token",
    "llm_images",
    "llm_seconds",
    "llm_tokens",
    "loop_late",
    "meaning_asked",
    "meaning_seconds",
    "nudge",
    "nudge_held",
    "nudge_painted",
    "nudge_stage",
    "partial_delay",
    "sending_refused",
    "share_between_processes",
    "spoken_to_seen",
    "strangers_refused",
    "strike_out_the_dead",
    "stt_failure",
    "stt_seconds",
    "stt_takeover",
]


def share_between_processes(folder: Path | None = None) -> None:
    """Has this process's counts, the framework's too, go to the shared folder; the worker names it, its job processes
    know it from their environment. Call it before anything is counted. Without a folder nothing is shared.
    """
    calls_lost(share(folder))


def strike_out_the_dead() -> None:
    """What processes that have ended had running is not counted as running any more; their calls are lost. Reads
    files: not for an event loop.
    """
    calls_lost(sweep())
