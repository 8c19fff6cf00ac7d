"""The worker: a LiveKit Agents server with explicit dispatch, silent by permission.

`python -m cornerman.room.worker dev|start|connect` answers as any LiveKit agent does; `cornerman worker` is the same
thing.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial

from livekit.agents import AgentServer, JobExecutorType, WorkerPermissions, cli
from livekit.agents.utils.hw import get_cpu_monitor

from cornerman import log_privacy, metrics
from cornerman.config import Settings, WorkerSettings
from cornerman.errors import CornermanError
from cornerman.health.readiness import Readiness
from cornerman.health.server import WatchedServer
from cornerman.providers.breaker import create_worker_state, worker_state_folder
from cornerman.retention import sweeping
from cornerman.room import job
from cornerman.room.starting import settings_to_start_with
from cornerman.room.stock import keep_for_good, lay_in
from cornerman.watch.beating import beating

PERMISSIONS = WorkerPermissions(
    can_publish=False, can_subscribe=True, can_publish_data=True, can_update_metadata=False, hidden=False
)
"""Silent by the server's hand: no media, no metadata. Data stays allowed because RPC needs it; see
`room/private_line.py`.
"""

SAMPLE_LENGTH = 0.5
SAMPLE_AGE = 2.0
"""Seconds a processor sample is long, and good for: a job request must not wait for a new one each time."""

PREWARM_SECONDS = 60.0
"""Within which a process must have loaded playbook and models. The framework's 10 s kill every process of a machine
whose cores are taken, and no coach comes.
"""

PRELOADED = ["cornerman.room.preload"]
"""What the process that job processes are forked from imports: they share it."""
BLOCKED_MS = "250"
"""From which on the framework reports a held-up event loop. It looks five times in that, at most every 50 ms, in every
process: its usual 100 ms cost an idle process one percent of a core.
"""


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
    """The worker as configured, with settings that `settings_to_start_with` found usable."""
    open_playbook = partial(job.SHELF.open, job.playbook_folder(settings, ""))
    playbook = open_playbook()  # puts it by for job processes
    # The framework's turn detector costs 250 MB; preloaded, processes share it.
    preload = "1" if settings.turns.detection == "local" else "0"
    os.environ.setdefault("LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE", preload)
    os.environ.setdefault("LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS", BLOCKED_MS)
    worker = settings.worker
    load = WorkerLoad(worker)
    if worker.calls_share_process:
        lay_in(settings, playbook)
        keep_for_good()  # now: once calls are here, theirs would stay for good too

    server = WatchedServer(
        Readiness(settings, open_playbook),
        worker_state_folder(),
        1 / worker.max_calls,
        ws_url=settings.livekit.url or None,
        api_key=settings.livekit.api_key or None,
        api_secret=settings.livekit.api_secret.get_secret_value() or None,
        permissions=PERMISSIONS,
        setup_fnc=job.prewarm,
        job_executor_type=JobExecutorType.THREAD if worker.calls_share_process else JobExecutorType.PROCESS,
        load_fnc=load.measure,
        load_threshold=0.999,
        num_idle_processes=worker.idle_processes,
        preload_modules=PRELOADED,
        initialize_process_timeout=PREWARM_SECONDS,
        drain_timeout=max(round(worker.drain_timeout), 1),  # to the framework, 0 is for ever
        host=worker.http_host,
        port=worker.http_port,
        prometheus_port=worker.metrics_port,
    )
    server.rtc_session(
        job.entrypoint, agent_name=worker.agent_name, on_request=job.on_request, on_session_end=job.on_session_end
    )
    return server


def main() -> None:
    """Runs the framework's own command line on this worker, if it can do its work."""
    try:
        settings = settings_to_start_with(sys.argv[1:])
    except CornermanError as error:
        raise SystemExit(str(error)) from None
    run(settings)


def run(settings: Settings) -> None:
    """Runs the worker until it is asked to end; its processes share a folder meanwhile."""
    log_privacy.install()
    with create_worker_state() as state:
        if settings.worker.metrics_port is not None:
            metrics.share_between_processes(state / "metrics")
        server = build_server(settings)
        with beating(server, settings, state), sweeping(settings):
            cli.run_app(server)


if __name__ == "__main__":
    main()
