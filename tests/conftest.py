"""What holds for every test: none may be skipped, each has its place on the machine, those at real pace are tried
again, and whoever needs a LiveKit server gets the one `make setup` got.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from place_on_the_machine import Place

from cornerman.livekit_server import find_binary

TRIES_MORE = 2
PLACE = Place(Path(__file__).parents[1] / ".pytest_cache" / "place_on_the_machine.lock")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Live tests, and files that hear audio at real pace (`AT_REAL_PACE`), are tried up to twice more when they fail,
    and pytest's summary says so: a machine that is busy with something else tears audio and drops dispatches.
    """
    for item in items:
        live = item.get_closest_marker("live") is not None
        if live or getattr(getattr(item, "module", None), "AT_REAL_PACE", False):
            item.add_marker(pytest.mark.flaky(reruns=TRIES_MORE, rerun_except=["Failed", "skipped"]))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """Outside of all else that wraps a test, so that nobody's time runs while they wait."""
    PLACE.take(item)
    try:
        return (yield)
    finally:
        if nextitem is None or nextitem.path != item.path:
            PLACE.leave()


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
