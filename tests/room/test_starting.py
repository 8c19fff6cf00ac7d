"""What keeps a worker from starting is told in one list, from every part, before anything is started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cornerman.config.partly import read_settings
from cornerman.errors import ConfigError
from cornerman.room.starting import faults_at_start, settings_to_start_with

WHOLE = ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("CORNERMAN", "LIVEKIT_", "DEEPGRAM", "OPENAI")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def configured(folder: Path, text: str) -> None:
    (folder / "cornerman.yaml").write_text(text)


BROKEN = """
worker:
  max_calls: 0
  metrics_port: 99999
budget:
  intervall: 20
stt:
  provider: deepgram
  fallback: [{provider: whisper}]
llm:
  provider: openai
  model: gpt
  fallback: [{provider: openai, model: small}]
playbook:
  path: book
accounts:
  source: hubspot
journal:
  path: in-the-way
"""


def test_every_fault_of_every_part_is_told_at_once(tmp_path: Path) -> None:
    configured(tmp_path, BROKEN)
    book = tmp_path / "book"
    book.mkdir()
    (book / "playbook.yaml").write_text("name: book\nstages: 7\n")
    (tmp_path / "in-the-way").write_text("a file")
    with pytest.raises(ConfigError) as refused:
        settings_to_start_with(["start"])
    faults = refused.value.faults
    begins = ("worker.max_calls", "worker.metrics_port", "budget.intervall", "playbook:", "stt:", "stt.fallback[0]:")
    later = ("llm:", "llm.fallback[0]:", "accounts:", "journal:", "livekit.url", "livekit.api_key")
    assert [begin for begin in (*begins, *later) if not any(fault.startswith(begin) for fault in faults)] == []
    assert sum(fault.startswith("playbook:") for fault in faults) > 1
    assert len(set(faults)) == len(faults)


def test_a_section_that_cannot_be_read_is_not_judged_further(tmp_path: Path) -> None:
    configured(tmp_path, "stt: {provider: nobody}\njournal: {path: calls}\n")
    read = read_settings()
    assert read.unread == {"stt"}
    assert read.settings.journal.path == Path("calls")
    assert [fault.partition(":")[0] for fault in faults_at_start(read)] == ["stt.provider"]


def test_what_can_be_used_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(tmp_path, "budget: {interval: 33}\n")
    for name, value in zip(WHOLE, ("ws://127.0.0.1:7880", "key", "secret"), strict=True):
        monkeypatch.setenv(name, value)
    assert settings_to_start_with(["start"]).budget.interval == 33


def test_a_server_given_on_the_command_line_and_a_look_at_the_help_need_no_address() -> None:
    settings_to_start_with(["start", "--url", "ws://127.0.0.1:7880"])
    settings_to_start_with(["start", "--help"])
    settings_to_start_with([])


def test_ports_that_somebody_has_are_told(tmp_path: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        port = listening.getsockname()[1]
        configured(tmp_path, f"worker: {{http_port: {port}, metrics_port: {port}}}\n")
        faults = faults_at_start(read_settings())
    assert [fault.partition(":")[0] for fault in faults] == [
        "worker.http_port",
        "worker.metrics_port",
        "worker.metrics_port",
    ]


def test_a_file_that_is_no_yaml_is_told_as_before(tmp_path: Path) -> None:
    configured(tmp_path, "][")
    with pytest.raises(ConfigError, match="not a YAML mapping"):
        read_settings()


def test_the_worker_itself_prints_the_list_and_exits_with_1(tmp_path: Path) -> None:
    configured(tmp_path, "stt: {provider: deepgram}\nllm: {provider: openai, model: gpt}\n")
    run = subprocess.run(
        [sys.executable, "-m", "cornerman.room.worker", "start"], capture_output=True, text=True, cwd=tmp_path
    )
    assert run.returncode == 1
    told = run.stderr
    assert "Traceback" not in told
    assert [
        begin for begin in ("the worker cannot start", "- stt:", "- llm:", "- livekit.url") if begin not in told
    ] == []
