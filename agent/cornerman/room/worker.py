"""The worker: a LiveKit Agents server with explicit dispatch, silent by permission.

`python -m cornerman.room.worker dev|start|connect` answers as any LiveKit agent does; `cornerman worker` is the same
thing.
"""

from __future__ import annotations

import asyncio
import os
import time

from livekit.agents import AgentServer, WorkerPermissions, cli
from livekit.agents.utils.hw import get_cpu_monitor

from cornerman import log_privacy, metrics
from cornerman.config import Settings, WorkerSettings, load_settings
from cornerman.providers.breaker import create_worker_state
from cornerman.providers.speech import SpeechProviders
from cornerman.room import job

PERMISSIONS = WorkerPermissions(
    can_publish=False, can_subscribe=True, can_publish_data=True, can_update_metadata=False, hidden=False
)
"""Silent by the server's hand: no media, no metadata. Data stays allowed because RPC needs it; see
`room/private_line.py`.
"""

SAMPLE_LENGTH = 0.5
SAMPLE_AGE = 2.0
"""Seconds a processor sample is long, and good for: a job request must not wait for a new one each time."""


class WorkerLoad:
    """How full the worker is, 0 to 1: by calls, and full when the processor is. An idle worker always takes a call."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._cpu = get_cpu_monitor()
        self._sampled_at = 0.0
        self._busy = 0.0

    def measure(self, server: AgentServer) -> float:
        """Asked by the framework twice a second, and before each answer to a job request."""
        calls = len(server.active_jobs)
        if calls and time.monotonic() - self._sampled_at > SAMPLE_AGE:
            self._busy = self._cpu.cpu_percent(interval=SAMPLE_LENGTH)
            self._sampled_at = time.monotonic()
        if calls and self._busy > self._settings.max_cpu:
            return 1.0
        return min(calls / self._settings.max_calls, 1.0)


def build_server(settings: Settings) -> AgentServer:
    """The worker as configured.

    Raises:
        CornermanError: the default playbook or the speech provider cannot be used; every fault is listed.
    """
    playbook = job.SHELF.open(job.playbook_folder(settings, ""))
    asyncio.run(SpeechProviders(settings.stt, job.heard_of(playbook)).check())
    # The framework's turn detector costs 250 MB; preloaded, processes share it.
    preload = "1" if settings.turns.detection == "local" else "0"
    os.environ.setdefault("LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE", preload)
    worker = settings.worker
    load = WorkerLoad(worker)

    server = AgentServer(
        ws_url=settings.livekit.url or None,
        api_key=settings.livekit.api_key or None,
        api_secret=settings.livekit.api_secret.get_secret_value() or None,
        permissions=PERMISSIONS,
        setup_fnc=job.prewarm,
        load_fnc=load.measure,
        load_threshold=0.999,
        num_idle_processes=worker.idle_processes,
        drain_timeout=int(worker.drain_timeout),
        host=worker.http_host,
        port=worker.http_port,
        prometheus_port=worker.metrics_port,
    )
    server.rtc_session(
        job.entrypoint, agent_name=worker.agent_name, on_request=job.on_request, on_session_end=job.on_session_end
    )
    return server


def main() -> None:
    """Runs the framework's own command line on this worker."""
    run(load_settings())


def run(settings: Settings) -> None:
    """Runs the worker until it is asked to end; its processes share a folder meanwhile."""
    log_privacy.install()
    with create_worker_state() as state:
        if settings.worker.metrics_port is not None:
            metrics.share_between_processes(state / "metrics")
        cli.run_app(build_server(settings))


if __name__ == "__main__":
    main()
