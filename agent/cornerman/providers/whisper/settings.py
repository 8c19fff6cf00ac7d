"""How the neural engine works; flows from whoever builds the host into its processes. Times in seconds."""

from __future__ import annotations

import os
from dataclasses import dataclass


def half_of_the_cores() -> int:
    """At most 4: more threads hardly make one utterance faster, and the call needs the rest."""
    return max(1, min(4, (os.cpu_count() or 2) // 2))


@dataclass(frozen=True, slots=True)
class WhisperSettings:
    """Defaults suit `small.en` on a few cores."""

    compute_type: str = "int8"
    """CTranslate2's: int8 is smallest and fastest on a processor, float32 the most exact."""
    cpu_threads: int = 0
    """Of each process; 0: half of the machine's cores, at most 4."""
    workers: int = 1
    """Processes, each with the model loaded, that work side by side."""
    beam_size: int = 5
    """Of finals; interims use 1, which is the fastest."""
    deadline: float = 20.0
    """How long one piece of audio may take in the process before that counts as stuck and is killed."""
    start_timeout: float = 60.0
    """How long a process may take to load the model."""
    most_waiting: int = 16
    """Finals that may wait for a process; one more is refused."""
    interim_patience: float = 1.0
    """How long an interim waits for a process before it is given up: later text of the same utterance is worth more."""

    @property
    def threads(self) -> int:
        return self.cpu_threads or half_of_the_cores()
