"""When a new coach is brought, and when not."""

from __future__ import annotations

import pytest
from watched_rooms import (
    AFTER_GRACE,
    ROOM,
    SETTINGS,
    STARTED,
    Watched,
    beat,
    dispatch,
    job,
    room,
)

from cornerman.watch.judgement import STAGGER, Judge
from cornerman.watch.seen import RoomSeen

CALL = room(dispatch(1), there=[1])


@pytest.fixture
def watched() -> Watched:
    """A call of worker one, whose last sign was at `AFTER_GRACE`; worker two has places."""
    made = Watched()
    made.hear(beat(1, job(1)), AFTER_GRACE)
    return made


def dead(watched: Watched, *, free: int = 4) -> float:
    """Lets the first worker fall silent; the time at which it counts as dead."""
    now = AFTER_GRACE + SETTINGS.dead_after
    watched.room_for_more(now, free=free)
    return now


def test_a_call_with_a_living_coach_is_left_alone(watched: Watched) -> None:
    assert watched.judges(CALL, AFTER_GRACE + 1).reason == "coached"
    assert watched.judge.waiting == 0


def test_a_dead_coach_is_replaced_with_the_jobs_own_metadata(watched: Watched) -> None:
    verdict = watched.judges(CALL, dead(watched))
    assert verdict.takeover is not None
    assert verdict.takeover.of == job(1).identity
    assert verdict.takeover.metadata == CALL.dispatches[0].metadata
    assert verdict.takeover.ghosts == ()


def test_a_ghost_in_the_room_does_not_count_as_a_coach(watched: Watched) -> None:
    now = dead(watched)
    assert watched.judges(CALL, now).takeover is not None
    assert watched.judges(room(dispatch(1)), now).takeover is not None


def test_nobody_is_brought_where_nobody_is(watched: Watched) -> None:
    now = dead(watched)
    verdict = watched.judges(room(dispatch(1), humans=0), now)
    assert (verdict.reason, verdict.takeover) == ("nobody is there", None)
    assert verdict.again is not None
    assert watched.judges(None, now).again is None


@pytest.mark.parametrize("how", ["left", "yielded"])
def test_a_coach_that_left_on_purpose_is_not_brought_back(watched: Watched, how: str) -> None:
    watched.hear(beat(2, ended=[(job(1), how)]), AFTER_GRACE + 1)  # type: ignore[list-item]
    verdict = watched.judges(room(dispatch(1)), AFTER_GRACE + 1)
    assert verdict.takeover is None
    assert verdict.again is None


def test_a_coach_that_crashed_is_replaced_at_once_while_its_worker_lives(watched: Watched) -> None:
    watched.hear(beat(2, ended=[(job(1), "crashed")]), AFTER_GRACE + 1)
    assert watched.judges(CALL, AFTER_GRACE + 1).takeover is not None


def test_while_one_is_on_its_way_no_other_is_asked_for_whoever_asked(watched: Watched) -> None:
    now = dead(watched)
    coming = room(dispatch(1), dispatch(2, takes_over=1, jobs=0), there=[1])
    assert watched.judges(coming, now).reason == "on its way"
    watched.room_for_more(now + SETTINGS.arrives_within)
    late = watched.judges(coming, now + SETTINGS.arrives_within)
    assert late.give_up == ("AD_2",)
    assert late.takeover is not None


def test_one_that_does_not_come_is_asked_for_later_and_later(watched: Watched) -> None:
    now = dead(watched)
    waits = []
    for number in range(2, 8):
        start = now
        while watched.judges(room(dispatch(1)), now).takeover is None:
            now += 0.5
            watched.room_for_more(now)
        waits.append(now - start)
        watched.judge.asked(ROOM, f"AD_{number}", now)
    assert waits[0] == 0.0
    assert waits[1:4] == pytest.approx([8.0, 16.0, 32.0], abs=0.5)
    assert waits[4] == pytest.approx(SETTINGS.longest_wait, abs=0.5)


def test_a_coach_that_dies_as_soon_as_it_comes_is_not_replaced_in_a_storm(watched: Watched) -> None:
    now = dead(watched)
    asked = 0
    for number in range(2, 40):
        crashed = room(dispatch(number - 1))
        watched.hear(beat(number, ended=[(job(number - 1), "crashed")]), now)
        if watched.judges(crashed, now).takeover is not None:
            watched.judge.asked(ROOM, f"AD_{number}", now)
            asked += 1
        watched.hear(beat(1, job(number), worker=f"worker-with-{number}"), now)
        watched.judges(room(dispatch(number)), now)
        watched.hear(beat(2, ended=[(job(number), "crashed")], worker=f"worker-with-{number}"), now)
        now += 1.0
    assert asked <= 4


def test_without_a_place_nobody_is_asked_and_with_one_at_once(watched: Watched) -> None:
    now = dead(watched, free=0)
    assert watched.judges(CALL, now).reason == "no worker has a place"
    watched.room_for_more(now + 1, free=1)
    assert watched.judges(CALL, now + 1).takeover is not None


def test_when_all_workers_fall_silent_at_once_nothing_is_done(watched: Watched) -> None:
    watched.room_for_more(AFTER_GRACE)
    assert watched.judges(CALL, AFTER_GRACE + 60).reason == "no worker has a place"


def test_only_so_many_are_asked_for_at_once() -> None:
    watched = Watched()
    numbers = range(30)
    watched.hear(beat(1, *(job(number, room=f"call-{number}") for number in numbers)), AFTER_GRACE)
    now = AFTER_GRACE + SETTINGS.dead_after
    watched.room_for_more(now, free=40)
    asked = []
    for number in numbers:
        name = f"call-{number}"
        verdict = watched.judge.judge(room(dispatch(number), name=name), name, now)
        if verdict.takeover is not None:
            watched.judge.asked(name, f"AD_9{number}", now)
            asked.append(name)
    assert len(asked) == SETTINGS.at_once


def test_after_a_restart_a_coach_nobody_reports_is_only_replaced_when_it_is_gone_for_a_while() -> None:
    watched = Watched()
    watched.room_for_more(STARTED)
    assert watched.judges(CALL, STARTED + 1).reason == "too early"
    watched.room_for_more(AFTER_GRACE)
    assert watched.judges(CALL, AFTER_GRACE).again is None, "it is there: a worker that does not report, perhaps"
    gone = room(dispatch(1))
    assert watched.judges(gone, AFTER_GRACE).reason == "not known yet"
    later = AFTER_GRACE + SETTINGS.grace
    watched.room_for_more(later)
    assert watched.judges(gone, later).takeover is not None


def test_a_job_that_was_only_just_accepted_is_waited_for(watched: Watched) -> None:
    now = dead(watched)
    accepted = room(dispatch(1), dispatch(2, takes_over=1), there=[1])
    assert watched.judges(accepted, now).reason == "not known yet"
    watched.room_for_more(now + 1, job(2))
    assert watched.judges(accepted, now + 1).remove == (job(1).identity,)


def test_a_worker_that_comes_back_after_its_coach_was_replaced_loses_that_one(watched: Watched) -> None:
    now = dead(watched)
    watched.room_for_more(now, job(2))
    watched.hear(beat(2, job(1)), now)
    both = room(dispatch(1), dispatch(2, takes_over=1), there=[1, 2])
    assert watched.judges(both, now).remove == (job(1).identity,)
    alone = room(dispatch(1), dispatch(2, takes_over=1), there=[2])
    assert watched.judges(alone, now).again is not None, "its process still runs"
    watched.hear(beat(3, ended=[(job(1), "left")]), now)
    assert watched.judges(alone, now).reason == "coached"


def test_a_worker_that_comes_back_before_anybody_was_asked_keeps_its_call(watched: Watched) -> None:
    now = dead(watched)
    watched.hear(beat(2, job(1)), now)
    assert watched.judges(CALL, now).reason == "coached"


def test_when_the_successor_dies_too_it_is_the_one_to_take_over_from_and_older_ghosts_go(watched: Watched) -> None:
    now = dead(watched)
    watched.room_for_more(now, job(2))
    watched.hear(beat(1, worker="worker-three"), now + 5)
    both_dead = room(dispatch(1), dispatch(2, takes_over=1), there=[1, 2])
    verdict = watched.judges(both_dead, now + 5)
    assert verdict.takeover is not None
    assert verdict.takeover.of == job(2).identity
    assert verdict.takeover.ghosts == (job(1).identity,)


def test_of_two_successors_the_one_that_yielded_is_not_counted(watched: Watched) -> None:
    now = dead(watched)
    watched.room_for_more(now, job(2))
    watched.hear(beat(1, worker="worker-three", ended=[(job(3), "yielded")]), now)
    seen = room(dispatch(1), dispatch(2, takes_over=1), dispatch(3, takes_over=1), there=[2])
    assert watched.judges(seen, now).reason == "coached"


def test_a_room_whose_dispatch_was_ended_is_left_alone(watched: Watched) -> None:
    now = dead(watched)
    assert watched.judges(RoomSeen(ROOM, 2, frozenset(), ()), now).reason == "never came"
    assert watched.standings.bereft(now) == set()


def test_watchdogs_beside_each_other_try_one_after_the_other() -> None:
    due = []
    for name in ("first", "second"):
        watched = Watched(name=name)
        watched.judge.others_watch()
        watched.hear(beat(1, job(1)), AFTER_GRACE)
        now = dead(watched)
        first = watched.judges(CALL, now)
        assert first.takeover is None
        assert first.again is not None
        assert 0 < first.again <= STAGGER
        due.append(first.again)
        assert watched.judges(CALL, now + first.again + 0.001).takeover is not None
    assert due[0] != due[1]


def test_a_judgement_depends_on_nothing_but_what_is_given() -> None:
    def verdicts() -> list[object]:
        watched = Watched()
        judge: Judge = watched.judge
        watched.hear(beat(1, job(1)), AFTER_GRACE)
        now = dead(watched)
        return [judge.judge(CALL, ROOM, now + step / 10) for step in range(50)]

    assert verdicts() == verdicts()
