"""A provider that is down is left alone by all calls of a worker, and tried again by exactly one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hearing.standing import Clock

from cornerman.providers.breaker import PROBE_LIMIT, REST, THRESHOLD, Breaker, Breakers
from cornerman.providers.breaker_record import SIZE, BreakerRecord


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deepgram.breaker"


def opened(breaker: Breaker) -> Breaker:
    for _ in range(THRESHOLD):
        breaker.failed()
    return breaker


def test_the_figures_are_those_promised() -> None:
    assert (THRESHOLD, REST, PROBE_LIMIT) == (5, 30.0, 20.0)


def test_five_failures_in_a_row_over_all_callers_open_it(file: Path, clock: Clock) -> None:
    callers = [Breaker(file, now=clock) for _ in range(THRESHOLD)]
    told = [caller.failed() for caller in callers]
    assert told == [False, False, False, False, True]
    for caller in callers:
        assert (caller.state, caller.failures, caller.retry_in) == ("open", 5, REST)
        assert not caller.may_try()


def test_any_success_starts_the_count_anew(file: Path, clock: Clock) -> None:
    one, other = Breaker(file, now=clock), Breaker(file, now=clock)
    for _ in range(THRESHOLD - 1):
        one.failed()
    assert not other.succeeded()
    assert one.failures == 0
    for _ in range(THRESHOLD - 1):
        one.failed()
    assert one.state == "closed"
    assert one.may_try()


def test_after_the_rest_one_caller_probes_and_no_other(file: Path, clock: Clock) -> None:
    one, other = opened(Breaker(file, now=clock)), Breaker(file, now=clock)
    clock.now += REST - 0.001
    assert not one.may_try()
    assert one.retry_in == pytest.approx(0.001)
    clock.now += 0.001
    assert other.retry_in == 0
    assert other.may_try()
    assert not one.may_try()
    assert other.may_try(), "who holds the probe keeps it"
    assert one.state == "probing"
    assert (one.retry_in, other.retry_in) == (PROBE_LIMIT, 0)


def test_a_probe_that_succeeds_closes_it(file: Path, clock: Clock) -> None:
    one, other = opened(Breaker(file, now=clock)), Breaker(file, now=clock)
    clock.now += REST
    assert one.may_try()
    assert one.succeeded()
    assert (other.state, other.failures, other.retry_in) == ("closed", 0, 0)
    assert other.may_try()


def test_a_probe_that_fails_opens_it_for_another_rest(file: Path, clock: Clock) -> None:
    one, other = opened(Breaker(file, now=clock)), Breaker(file, now=clock)
    clock.now += REST
    assert one.may_try()
    clock.now += 3
    assert one.failed()
    assert (other.state, other.retry_in) == ("open", REST)
    assert not one.may_try()


def test_a_probe_whose_holder_says_nothing_goes_to_the_next_who_asks(file: Path, clock: Clock) -> None:
    one, other, third = (Breaker(file, now=clock) for _ in range(3))
    opened(one)
    clock.now += REST
    assert one.may_try()
    clock.now += PROBE_LIMIT - 1
    assert one.may_try()  # asking again is saying something
    clock.now += PROBE_LIMIT - 1
    assert not other.may_try()
    clock.now += 1
    assert other.state == "open"
    assert other.may_try()
    assert not third.may_try()
    one.failed()
    one.succeeded()
    assert third.state == "probing", "who lost the probe has no say any more"


def test_a_late_verdict_of_a_lapsed_probe_counts_while_nobody_else_took_it(file: Path, clock: Clock) -> None:
    one = opened(Breaker(file, now=clock))
    clock.now += REST
    assert one.may_try()
    clock.now += PROBE_LIMIT + 5
    assert one.succeeded()
    assert one.state == "closed"


def test_late_failures_of_streams_from_before_do_not_extend_the_rest(file: Path, clock: Clock) -> None:
    one, old_stream = opened(Breaker(file, now=clock)), Breaker(file, now=clock)
    for _ in range(10):
        clock.now += REST / 10
        assert not old_stream.failed()
    assert one.may_try()
    old_stream.failed()
    assert one.state == "probing"


def test_an_old_stream_that_lives_on_does_not_close_it(file: Path, clock: Clock) -> None:
    one, old_stream = opened(Breaker(file, now=clock)), Breaker(file, now=clock)
    assert not old_stream.succeeded()
    assert one.state == "open"


def test_a_closed_caller_gives_its_probe_back(file: Path, clock: Clock) -> None:
    one, other = opened(Breaker(file, now=clock)), Breaker(file, now=clock)
    clock.now += REST
    assert one.may_try()
    other.close()
    assert not other.may_try()
    one.close()
    assert other.may_try()


async def test_callers_of_one_process_share_a_providers_breaker_and_no_other(tmp_path: Path, clock: Clock) -> None:
    for folder in (None, tmp_path):
        breakers = Breakers(folder, now=clock)
        opened(breakers.of("deepgram"))
        assert breakers.of("deepgram").state == "open"
        assert breakers.of("on-prem/whisper: our own").may_try()
        clock.now += REST
        one, other = breakers.of("deepgram"), breakers.of("deepgram")
        assert one.may_try()
        assert not other.may_try()
        await breakers.aclose()
        assert other.may_try()


# A file that cannot be used


def make_damaged(file: Path) -> None:
    file.write_bytes(b"\x00" * SIZE)


def make_short(file: Path) -> None:
    Breaker(file)
    os.truncate(file, 10)


def make_longer(file: Path) -> None:
    Breaker(file)
    with file.open("ab") as longer:
        longer.write(b"more")


def make_another_version(file: Path) -> None:
    record = bytearray(BreakerRecord().packed())
    record[7] += 1
    file.write_bytes(record)


def make_a_folder(file: Path) -> None:
    file.mkdir()


def remove_the_folder(file: Path) -> None:
    file.parent.rmdir()


@pytest.mark.parametrize(
    "spoil", [make_damaged, make_short, make_longer, make_another_version, make_a_folder, remove_the_folder]
)
def test_a_file_that_cannot_be_used_leaves_a_breaker_of_this_process(
    spoil: Callable[[Path], None], file: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(file)
    breakers = Breakers(file.parent, now=clock)
    one, other = breakers.of("deepgram"), breakers.of("deepgram")
    assert one.may_try()
    opened(one)
    assert (other.state, other.failures) == ("open", THRESHOLD)
    clock.now += REST
    assert other.may_try()
    assert not one.may_try()
    assert other.succeeded()
    assert one.may_try()
    (said,) = [record.getMessage() for record in caplog.records]
    assert "the breaker of deepgram counts the failures of this process only" in said


def test_a_file_damaged_later_leaves_what_was_known(file: Path, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    breaker = opened(Breaker(file, now=clock))
    make_damaged(file)
    assert (breaker.state, breaker.failures, breaker.retry_in) == ("open", THRESHOLD, REST)
    clock.now += REST
    assert breaker.may_try()
    assert breaker.succeeded()
    assert breaker.state == "closed"
    assert len(caplog.records) == 1
    assert file.read_bytes() == b"\x00" * SIZE


def test_callers_meet_again_in_a_new_file_where_theirs_was_removed(
    file: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = opened(Breaker(file, now=clock)), Breaker(file, now=clock)
    file.unlink()
    assert one.state == "open"
    assert other.state == "open"
    clock.now += REST
    assert other.may_try()
    assert not one.may_try()
    assert not caplog.records


def test_a_lock_that_is_never_given_back_stops_nobody(
    file: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    breaker = Breaker(file, now=clock)
    breaker.failed()
    with file.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert breaker.failures == 1, "reading takes no lock"
        opened(breaker)
        assert breaker.state == "open"
    assert "another process has held its lock" in caplog.text
    assert len(caplog.records) == 1


def test_half_a_change_is_never_taken_for_a_record() -> None:
    old = BreakerRecord().packed()
    new = BreakerRecord(5, 1000.0, 1030.0, 7, 8, 9).packed()
    assert BreakerRecord.unpacked(new) == BreakerRecord(5, 1000.0, 1030.0, 7, 8, 9)
    whole = [new[:cut] + old[cut:] for cut in range(SIZE + 1)]
    assert {BreakerRecord.unpacked(packed) for packed in whole} == {
        None,
        BreakerRecord.unpacked(old),
        BreakerRecord.unpacked(new),
    }
