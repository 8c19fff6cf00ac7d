"""What the calls count is on the worker's page, whatever becomes of their processes, and counting disturbs nobody."""

from __future__ import annotations

import asyncio
import math
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from livekit.agents.telemetry.http_server import HttpServer
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from cornerman import metrics

DEADLINE = 60.0

WORKER = textwrap.dedent(
    """
    import asyncio, logging, sys
    from pathlib import Path
    from livekit.agents import AgentServer, JobContext, JobProcess
    from cornerman import metrics

    def prewarm(process: JobProcess) -> None:
        metrics.share_between_processes()
        metrics.stt_seconds("deepgram", 0.5)
        metrics.partial_delay("deepgram", 0.31)

    async def entrypoint(context: JobContext) -> None:
        pass

    def main() -> None:
        logging.basicConfig(level=logging.INFO, stream=sys.stdout)
        metrics.share_between_processes(Path(sys.argv[1]))
        server = AgentServer(
            host="127.0.0.1", port=0, prometheus_port=0, setup_fnc=prewarm, num_idle_processes=2,
            load_fnc=lambda server: 0.25,
        )
        server.rtc_session(entrypoint, agent_name="counting")
        asyncio.run(server.run(unregistered=True))

    if __name__ == "__main__":
        main()
    """
)

CALL = textwrap.dedent(
    """
    import sys
    from prometheus_client import Gauge
    from cornerman import metrics

    metrics.share_between_processes()
    Gauge("running_calls", "As the framework counts its jobs.", multiprocess_mode="livesum").inc()
    metrics.stt_seconds("deepgram", 2.5)
    metrics.stt_failure("deepgram", "throttled")
    metrics.partial_delay("deepgram", 0.31)
    metrics.nudge("shown")
    print("counted", flush=True)
    sys.stdin.readline()
    """
)


def samples(page: str) -> dict[str, float]:
    """Name and labels to value, as on the page."""
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if "pid" not in sample.labels
    }


async def read_page(port: int) -> dict[str, float]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics", timeout=aiohttp.ClientTimeout(DEADLINE)) as page,
    ):
        assert page.status == 200
        return samples(await page.text())


@pytest.fixture
async def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HttpServer]:
    """The framework's page over the counts in `tmp_path`."""
    monkeypatch.setenv(metrics.FOLDER_VARIABLE, str(tmp_path))
    server = HttpServer("127.0.0.1", 0)
    await server.start()
    yield server
    await server.aclose()


class RunningCall:
    """A process that counts what one call may, and lives on until told to end."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CALL], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline().strip()

    def end(self, how: signal.Signals | None = None) -> None:
        if how is not None:
            self.process.send_signal(how)
        self.process.communicate()


@pytest.fixture
def worker_log(tmp_path: Path) -> Iterator[Path]:
    script, log = tmp_path / "worker.py", tmp_path / "worker.log"
    script.write_text(WORKER)
    environment = {**os.environ, "LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE": "0"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(script), str(tmp_path / "counts")],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    yield log
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def page_port(log: Path) -> int | None:
    said = re.search(r"exposed at http://127\.0\.0\.1:(\d+)/metrics", log.read_text())
    return int(said[1]) if said else None


async def test_job_processes_of_a_real_worker_are_on_its_page(worker_log: Path) -> None:
    async with asyncio.timeout(DEADLINE):
        while (port := page_port(worker_log)) is None:
            await asyncio.sleep(0.05)
        # what a process counts last is looked for: the page may be read between two counts
        while (shown := await read_page(port)).get("cornerman_partial_delay_seconds_count provider=deepgram") != 2:
            await asyncio.sleep(0.1)
    assert shown["cornerman_stt_seconds_total provider=deepgram"] == 1.0
    assert shown["cornerman_partial_delay_seconds_bucket le=0.3 provider=deepgram"] == 0
    assert shown["cornerman_partial_delay_seconds_bucket le=0.4 provider=deepgram"] == 2


async def test_calls_add_up_on_the_page_and_stay_when_they_were_killed(page: HttpServer) -> None:
    calls = [RunningCall() for _ in range(3)]
    assert {call.said for call in calls} == {"counted"}
    while_running = await read_page(page.port)
    calls[0].end(signal.SIGKILL)
    calls[1].end(signal.SIGTERM)
    calls[2].end()
    for shown in (while_running, await read_page(page.port)):
        assert shown["cornerman_stt_seconds_total provider=deepgram"] == 7.5
        assert shown["cornerman_stt_failures_total kind=throttled provider=deepgram"] == 3
        assert shown["cornerman_partial_delay_seconds_bucket le=0.3 provider=deepgram"] == 0
        assert shown["cornerman_partial_delay_seconds_bucket le=0.4 provider=deepgram"] == 3
        assert shown["cornerman_nudges_total outcome=shown"] == 3


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


async def test_many_calls_one_after_another_leave_no_more_files_than_one(page: HttpServer, tmp_path: Path) -> None:
    RunningCall().end()
    files = files_in(tmp_path)
    for _ in range(4):
        RunningCall().end(signal.SIGKILL)
    assert files_in(tmp_path) == files
    assert (await read_page(page.port))["cornerman_nudges_total outcome=shown"] == 5


async def test_what_a_killed_call_had_running_is_not_counted_for_ever(page: HttpServer) -> None:
    for _ in range(3):
        RunningCall().end(signal.SIGKILL)
    last = RunningCall()
    shown = await read_page(page.port)
    last.end()
    assert shown["running_calls"] == 1


COACHING = textwrap.dedent(
    """
    import sys
    from cornerman import metrics

    metrics.share_between_processes()
    metrics.call_began()
    metrics.heard(2)
    metrics.heard(-1)
    print("counted", flush=True)
    if sys.stdin.readline():
        metrics.heard(-1)
        metrics.call_over("ended")
    """
)
LOOKING = "from cornerman import metrics; metrics.share_between_processes(); metrics.strike_out_the_dead()"


def coaching() -> subprocess.Popen[str]:
    """A process with a call, until a line tells it to end that in order."""
    process = subprocess.Popen(
        [sys.executable, "-c", COACHING], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "counted"
    return process


def look() -> None:
    """Has a process strike out the dead, as the worker does before its page is read."""
    subprocess.run([sys.executable, "-c", LOOKING], check=True)


async def test_a_call_that_dies_with_its_process_is_lost_and_goes_on_no_more(page: HttpServer) -> None:
    dies, ends, goes_on = coaching(), coaching(), coaching()
    shown = await read_page(page.port)
    assert (shown["cornerman_calls_active"], shown["cornerman_heard_participants"]) == (3, 3)
    dies.kill()
    dies.communicate()
    ends.communicate("end\n")
    look()
    shown = await read_page(page.port)
    assert (shown["cornerman_calls_active"], shown["cornerman_heard_participants"]) == (1, 1)
    assert shown["cornerman_calls_total outcome=lost"] == 1
    assert shown["cornerman_calls_total outcome=ended"] == 1
    goes_on.kill()
    goes_on.communicate()
    RunningCall().end()  # takes over the slot before anybody looks
    look()
    shown = await read_page(page.port)
    assert shown.get("cornerman_calls_active", 0) == 0
    assert shown["cornerman_calls_total outcome=lost"] == 2


async def test_looking_leaves_living_processes_alone(page: HttpServer) -> None:
    lives = coaching()
    for _ in range(3):
        look()
    shown = await read_page(page.port)
    assert shown["cornerman_calls_active"] == 1
    assert "cornerman_calls_total outcome=lost" not in shown
    lives.kill()
    lives.communicate()


def test_a_forked_process_counts_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(metrics.FOLDER_VARIABLE, str(tmp_path))
    code = """
        import os
        from cornerman import metrics
        from prometheus_client import CollectorRegistry, generate_latest, multiprocess

        metrics.share_between_processes()
        metrics.nudge("shown")
        child = os.fork()
        for _ in range(1000):
            metrics.nudge("shown")
        if child:
            os.waitpid(child, 0)
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)
            print(generate_latest(registry).decode())
        """
    printed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], check=True, capture_output=True, text=True
    ).stdout
    assert samples(printed)["cornerman_nudges_total outcome=shown"] == 2001


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_everything_counts_where_nothing_is_shared() -> None:
    before = value("cornerman_stt_takeovers_total", from_provider="deepgram", to_provider="offline")
    dropped = value("cornerman_audio_dropped_seconds_total")
    metrics.stt_takeover("deepgram", "offline")
    metrics.audio_dropped(1.25)
    metrics.audio_replayed("deepgram", 2.0)
    metrics.audio_withheld("deepgram", 3.0)
    metrics.breaker_opened("deepgram")
    assert value("cornerman_stt_takeovers_total", from_provider="deepgram", to_provider="offline") == before + 1
    assert value("cornerman_audio_dropped_seconds_total") == dropped + 1.25
    assert value("cornerman_audio_replayed_seconds_total", provider="deepgram") >= 2.0
    assert value("cornerman_audio_withheld_seconds_total", provider="deepgram") >= 3.0
    assert value("cornerman_stt_breaker_openings_total", provider="deepgram") >= 1


def test_what_advising_takes_is_counted() -> None:
    metrics.llm_tokens("counted", "prompt", 1200)
    metrics.llm_tokens("counted", "cached", 1024)
    metrics.llm_images("counted", 2)
    metrics.llm_seconds("counted", 1.5)
    metrics.llm_first_token("counted", 0.35)
    metrics.llm_failure("counted", "server")
    metrics.llm_breaker_opened("counted")
    assert value("cornerman_llm_tokens_total", provider="counted", kind="prompt") == 1200
    assert value("cornerman_llm_tokens_total", provider="counted", kind="cached") == 1024
    assert value("cornerman_llm_images_total", provider="counted") == 2
    assert value("cornerman_llm_seconds_sum", provider="counted") == 1.5
    assert value("cornerman_llm_first_token_seconds_bucket", provider="counted", le="0.4") == 1
    assert value("cornerman_llm_first_token_seconds_bucket", provider="counted", le="0.3") == 0
    assert value("cornerman_llm_failures_total", provider="counted", kind="server") == 1
    assert value("cornerman_llm_breaker_openings_total", provider="counted") == 1
    metrics.advice("counted")
    metrics.advice_refused("counted")
    assert value("cornerman_advice_total", outcome="counted") == 1
    assert value("cornerman_advice_refused_total", fault="counted") == 1


@pytest.mark.parametrize("amount", [-1.0, float("nan"), float("inf")])
def test_an_amount_that_is_none_is_left_out(amount: float) -> None:
    metrics.stt_seconds("whole", 1.0)
    before = value("cornerman_stt_seconds_total", provider="whole")
    metrics.stt_seconds("whole", amount)
    metrics.partial_delay("whole", 0.5)
    metrics.partial_delay("whole", amount)
    assert value("cornerman_stt_seconds_total", provider="whole") == before
    assert math.isfinite(value("cornerman_partial_delay_seconds_sum", provider="whole"))


def labels_of(name: str) -> set[str]:
    return {
        text
        for family in REGISTRY.collect()
        if family.name == name
        for sample in family.samples
        for text in sample.labels.values()
    }


def test_no_sentence_and_no_endless_row_of_names_becomes_a_label() -> None:
    before = labels_of("cornerman_stt_failures")
    metrics.stt_failure("deepgram", "we would need nine passwords for that")
    metrics.stt_failure("prospect@example.com", "lost")
    assert labels_of("cornerman_stt_failures") - before <= {"deepgram", "lost", metrics.OTHER}
    for number in range(2 * metrics.MOST_SERIES):
        metrics.nudge(f"outcome-{number}")
    assert len(labels_of("cornerman_nudges")) <= metrics.MOST_SERIES + 1
    assert value("cornerman_nudges_total", outcome=metrics.OTHER) >= metrics.MOST_SERIES


@pytest.mark.parametrize("shared", [True, False])
def test_a_folder_that_is_not_there_raises_nothing_and_is_said_once(tmp_path: Path, shared: bool) -> None:
    code = f"""
        import logging, sys
        logging.basicConfig(stream=sys.stdout)
        from cornerman import metrics
        if {shared}:
            metrics.share_between_processes()
        for _ in range(3):
            metrics.nudge("shown")
            metrics.audio_dropped(1.0)
        metrics.stt_seconds(None, "much")
        """
    printed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, metrics.FOLDER_VARIABLE: str(tmp_path / "missing")},
    ).stdout
    for name in ("cornerman_nudges", "cornerman_audio_dropped_seconds", "cornerman_stt_seconds"):
        assert printed.count(f"{name} is not counted") == 1
