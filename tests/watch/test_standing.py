"""What heartbeats tell of a coach."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from watched_rooms import ROOM, beat, job

from cornerman.watch.standing import FORGOTTEN_AFTER, Standings

DEAD_AFTER = 4.0


def test_a_coach_lives_while_its_worker_beats_and_is_dead_once_it_is_silent() -> None:
    standings = Standings(DEAD_AFTER)
    standings.heard(beat(1, job(1)), 10.0)
    assert standings.of("AJ_1", 13.9) == "alive"
    assert standings.bereft(13.9) == set()
    assert standings.of("AJ_1", 14.0) == "dead"
    assert standings.bereft(14.0) == {ROOM}


def test_a_worker_that_comes_back_has_its_coaches_back() -> None:
    standings = Standings(DEAD_AFTER)
    standings.heard(beat(1, job(1)), 10.0)
    assert standings.of("AJ_1", 30.0) == "dead"
    standings.heard(beat(2, job(1)), 30.0)
    assert standings.of("AJ_1", 30.0) == "alive"
    assert standings.bereft(30.0) == set()


def test_a_coach_that_was_given_up_and_comes_back_is_to_be_looked_at() -> None:
    standings = Standings(DEAD_AFTER)
    standings.heard(beat(1, job(1)), 10.0)
    standings.settled(ROOM, 20.0)
    assert standings.bereft(40.0) == set()
    standings.heard(beat(2, job(1)), 40.0)
    standings.heard(beat(3, job(1)), 41.0)
    assert standings.of("AJ_1", 41.0) == "alive"
    assert standings.bereft(41.0) == {ROOM}
    standings.settled(ROOM, 41.0)
    assert standings.bereft(41.0) == set()


def test_how_a_coach_ended_is_what_its_worker_says() -> None:
    standings = Standings(DEAD_AFTER)
    standings.heard(beat(1, job(1), job(2), job(3)), 10.0)
    standings.heard(beat(2, ended=[(job(1), "left"), (job(2), "crashed"), (job(3), "yielded")]), 11.0)
    assert [standings.of(name, 11.0) for name in ("AJ_1", "AJ_2", "AJ_3")] == ["left", "dead", "yielded"]
    assert standings.bereft(11.0) == {ROOM}


def test_a_job_nobody_speaks_of_is_unknown_and_one_that_vanished_is_dead() -> None:
    standings = Standings(DEAD_AFTER)
    assert standings.of("AJ_1", 0.0) == "unknown"
    standings.heard(beat(1, job(1)), 10.0)
    standings.heard(beat(2), 11.0)
    assert standings.of("AJ_1", 11.0) == "dead"


def test_a_worker_that_says_goodbye_took_its_coaches_along_on_purpose() -> None:
    standings = Standings(DEAD_AFTER)
    standings.heard(beat(1, job(1), job(2)), 10.0)
    standings.heard(beat(2, job(1), goodbye=True), 11.0)
    assert (standings.of("AJ_1", 60.0), standings.of("AJ_2", 60.0)) == ("left", "left")
    assert standings.bereft(60.0) == set()
    assert standings.workers(60.0) == (0, 0)


def test_a_beat_that_is_repeated_keeps_nobody_alive() -> None:
    standings = Standings(DEAD_AFTER)
    assert standings.heard(beat(1, job(1)), 10.0)
    assert not standings.heard(beat(1, job(1)), 13.0)
    assert standings.of("AJ_1", 14.5) == "dead"
    assert standings.heard(beat(2, goodbye=True), 15.0)
    assert not standings.heard(beat(3, job(1)), 16.0)


def test_whoever_was_alive_before_the_watchdog_was_blind_has_another_while() -> None:
    standings = Standings(DEAD_AFTER)
    standings.heard(beat(1, job(1)), 10.0)
    standings.heard(beat(1, job(2), worker="long-dead"), 1.0)
    standings.was_blind(12.0, 60.0)
    assert standings.of("AJ_1", 63.9) == "alive"
    assert standings.of("AJ_1", 64.0) == "dead"
    assert standings.of("AJ_2", 60.0) == "dead"


def test_only_living_workers_that_are_not_draining_have_places() -> None:
    standings = Standings(DEAD_AFTER)
    standings.heard(beat(1, free=3), 10.0)
    standings.heard(beat(1, worker="draining", free=5, draining=True), 10.0)
    standings.heard(beat(1, worker="silent-one", free=7), 1.0)
    assert standings.free(10.0) == 3
    assert standings.workers(10.0) == (2, 1)


def test_what_was_settled_is_not_told_again_and_a_living_worker_keeps_its_calls() -> None:
    standings = Standings(DEAD_AFTER)
    standings.heard(beat(1, job(1)), 10.0)
    standings.heard(beat(1, job(2), worker="worker-two"), 20.0)
    standings.settled(ROOM, 20.0)
    assert standings.bereft(20.0) == set()
    assert standings.of("AJ_1", 20.0) == "dead"
    assert standings.of("AJ_2", 20.0) == "alive"


def test_a_worker_that_is_silent_for_very_long_is_forgotten_and_its_coaches_stay_dead() -> None:
    standings = Standings(DEAD_AFTER)
    standings.heard(beat(1, job(1)), 10.0)
    standings.tidy(11.0 + FORGOTTEN_AFTER)
    assert standings.workers(5000.0) == (0, 0)
    assert standings.of("AJ_1", 5000.0) == "dead"


@given(st.lists(st.tuples(st.integers(0, 3), st.sets(st.integers(0, 4)), st.floats(0, 6)), max_size=30))
def test_a_job_is_alive_exactly_while_a_worker_heard_of_late_claims_it(
    told: list[tuple[int, set[int], float]],
) -> None:
    standings = Standings(DEAD_AFTER)
    now, counts = 0.0, [0, 0, 0, 0]
    latest: dict[int, tuple[float, set[int]]] = {}
    for worker, numbers, later in told:
        now += later
        own = {10 * worker + number for number in numbers}
        counts[worker] += 1
        standings.heard(beat(counts[worker], *map(job, own), worker=f"worker-{worker}"), now)
        latest[worker] = (now, own)
    for name in range(40):
        claimed = any(now - at < DEAD_AFTER and name in own for at, own in latest.values())
        assert (standings.of(f"AJ_{name}", now) == "alive") == claimed
