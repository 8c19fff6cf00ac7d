"""Guards of several calls in one process: each judges its own participant, and goes without taking another away."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.rtc._ffi_client import FfiClient
from livekit.rtc._proto import ffi_pb2

from cornerman.contract import wire
from cornerman.errors import LineError
from cornerman.room.line_guard import LineGuard

FIRST, SECOND = 900_001, 900_002
"""Handles that the library never gave out: it answers requests about them with an error, and nothing leaves."""


def guard_of(handle: int) -> LineGuard:
    participant = SimpleNamespace(_ffi_handle=SimpleNamespace(handle=handle))
    return LineGuard(cast("rtc.LocalParticipant", participant), "rep")


@pytest.fixture
def guards() -> Iterator[tuple[LineGuard, LineGuard]]:
    first, second = guard_of(FIRST), guard_of(SECOND)
    first.install()
    second.install()
    yield first, second
    first.remove()
    second.remove()


def leak_of(handle: int) -> Any:
    """A packet to everybody."""
    request = ffi_pb2.FfiRequest()
    request.publish_transcription.local_participant_handle = handle
    return request


def call_of(handle: int, method: str = wire.NUDGE) -> Any:
    request = ffi_pb2.FfiRequest()
    request.perform_rpc.local_participant_handle = handle
    request.perform_rpc.destination_identity = "rep"
    request.perform_rpc.method = method
    return request


def refused(request: Any) -> bool:
    """Whether a guard stopped it; what the library says of a handle it does not know is no matter here."""
    try:
        FfiClient.instance.request(request)
    except LineError:
        return True
    except Exception:
        return False
    return False


def test_each_guard_counts_its_own_call_alone(guards: tuple[LineGuard, LineGuard]) -> None:
    first, second = guards
    assert refused(leak_of(FIRST))
    assert (first.refused.total(), second.refused.total()) == (1, 0)
    assert refused(leak_of(SECOND))
    assert (first.refused.total(), second.refused.total()) == (1, 1)


def test_a_guard_that_goes_leaves_the_others_standing(guards: tuple[LineGuard, LineGuard]) -> None:
    first, second = guards
    first.remove()
    assert refused(leak_of(SECOND))
    assert second.refused.total() == 1
    assert first.refused.total() == 0


def test_one_call_without_its_room_s_key_silences_no_other(guards: tuple[LineGuard, LineGuard]) -> None:
    first, second = guards
    first.only_state()
    first_refused, second_refused = refused(call_of(FIRST)), refused(call_of(SECOND, "none_of_the_rep_s"))
    assert (first_refused, second_refused) == (True, True)
    second.judge("perform_rpc", call_of(SECOND).perform_rpc)
    assert second.sent == {wire.NUDGE: 1}


def test_without_guards_the_library_is_as_it_was() -> None:
    guard = guard_of(FIRST)
    guard.install()
    assert "request" in vars(FfiClient.instance)
    guard.remove()
    assert "request" not in vars(FfiClient.instance)
