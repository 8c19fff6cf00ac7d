"""What a peer's worker is told, by environment variables: the same providers, playbook and pace as Cornerman's.

In: variables that begin with `BENCH_`. Out: `PeerSettings`. Keys of providers are read by their plugins.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PeerSettings:
    """`variant` says how the worker is tuned; `interval`: seconds between two nudges; `idle`: job processes that wait
    for a call, None for as many as the framework has by default.
    """

    agent: str
    variant: str
    speech_url: str
    model_url: str
    model: str
    playbook: Path
    interval: float
    idle: int | None

    def environment(self) -> dict[str, str]:
        """As variables, for the worker's process."""
        return {
            "BENCH_AGENT": self.agent,
            "BENCH_VARIANT": self.variant,
            "BENCH_SPEECH_URL": self.speech_url,
            "BENCH_MODEL_URL": self.model_url,
            "BENCH_MODEL": self.model,
            "BENCH_PLAYBOOK": str(self.playbook),
            "BENCH_INTERVAL": str(self.interval),
            "BENCH_IDLE": "" if self.idle is None else str(self.idle),
        }


def peer_settings(environment: Mapping[str, str] = os.environ) -> PeerSettings:
    """What this process was told. Raises KeyError for a variable that is missing."""
    idle = environment["BENCH_IDLE"]
    return PeerSettings(
        agent=environment["BENCH_AGENT"],
        variant=environment["BENCH_VARIANT"],
        speech_url=environment["BENCH_SPEECH_URL"],
        model_url=environment["BENCH_MODEL_URL"],
        model=environment["BENCH_MODEL"],
        playbook=Path(environment["BENCH_PLAYBOOK"]),
        interval=float(environment["BENCH_INTERVAL"]),
        idle=int(idle) if idle else None,
    )
