"""What holds for every test: none may be skipped, and whoever needs a LiveKit server gets the one `make setup` got."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from cornerman.livekit_server import find_binary


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A needed part that is missing is a failure: a skipped test would report a promise nobody checked."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped; a test may not be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped; a test may not be: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def livekit_server_binary() -> Path:
    """A server found on this machine. Tests never build one: that takes minutes and the network."""
    binary = find_binary()
    if binary is None:
        pytest.fail("there is no LiveKit server on this machine; `make setup` gets one", pytrace=False)
    return binary
