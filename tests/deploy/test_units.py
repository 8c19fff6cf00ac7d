"""The systemd units: what they start is ours, what they set is taken, and what they may do is little."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main
from deployed import ROOT, UNITS, unit, unit_environment

from cornerman.cli import app
from cornerman.config import Settings, load_settings

WORKER, WATCH = (ROOT / "deploy" / "systemd" / f"cornerman-{name}.service" for name in ("worker", "watch"))
HARDENED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectControlGroups": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallFilter": "@system-service",
    "UMask": "0077",
}

LIVEKIT = ROOT / "deploy" / "systemd" / "livekit-server.service"

each_unit = pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in UNITS])
each_of_ours = pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in (WORKER, WATCH)])


def service(path: Path) -> dict[str, str]:
    return dict(unit(path)["Service"])


def settings_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for key in list(os.environ):
        if key.startswith(("CORNERMAN_", "LIVEKIT_")):
            monkeypatch.delenv(key)
    for key, value in unit_environment(path).items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("CORNERMAN_CONFIG", str(ROOT / "deploy" / "cornerman.yaml"))
    return load_settings()


@each_of_ours
def test_what_it_starts_is_a_command_of_ours(path: Path) -> None:
    program, command = service(path)["ExecStart"].split()
    assert Path(program).name == "cornerman"
    assert command in typer.main.get_command(app).commands  # type: ignore[attr-defined]


@each_unit
def test_it_runs_as_a_user_of_its_own_and_may_do_little(path: Path) -> None:
    lines = service(path)
    assert lines["User"] == lines["Group"] == ("livekit" if path == LIVEKIT else "cornerman")
    assert {name: lines.get(name) for name in HARDENED} == HARDENED


@each_of_ours
def test_its_settings_are_ones_we_take_and_its_folders_are_made(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(path, monkeypatch)
    lines = service(path)
    assert str(settings.journal.path).startswith(f"/var/lib/{lines['StateDirectory']}/")
    assert unit_environment(path)["CORNERMAN_CACHE"] == f"/var/cache/{lines['CacheDirectory']}"
    assert (lines["StateDirectoryMode"], lines["CacheDirectoryMode"]) == ("0700", "0700")


@each_unit
def test_no_secret_stands_in_it(path: Path) -> None:
    assert not [name for name in unit_environment(path) if "KEY" in name or "SECRET" in name or "TOKEN" in name]
    assert service(path)["EnvironmentFile"].startswith("/etc/")


def test_calls_are_let_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = service(WORKER)
    assert float(lines["TimeoutStopSec"]) > settings_of(WORKER, monkeypatch).worker.drain_timeout
    assert (lines["KillSignal"], lines["KillMode"]) == ("SIGTERM", "mixed")
    assert lines["OOMPolicy"] == "continue"


def test_the_watchdog_always_comes_back() -> None:
    assert service(WATCH)["Restart"] == "always"


def test_ports_are_those_of_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    worker, watch = settings_of(WORKER, monkeypatch).worker, settings_of(WATCH, monkeypatch).watch
    assert (worker.http_port, worker.metrics_port, watch.port) == (8081, 9465, 8089)


@each_unit
def test_systemd_takes_it(path: Path, tmp_path: Path) -> None:
    """With systemd's own checker where the machine has one; it wants the program to be there."""
    checker = shutil.which("systemd-analyze")
    text = path.read_text(encoding="utf-8")
    assert {"Unit", "Service", "Install"} == set(unit(path))
    if checker is None:
        return
    copy = tmp_path / path.name
    program = service(path)["ExecStart"].split()[0]
    copy.write_text(text.replace(program, shutil.which("true") or "/bin/true"), encoding="utf-8")
    checked = subprocess.run([checker, "verify", str(copy)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
