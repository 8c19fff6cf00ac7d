"""Whatever is heard, in whatever order, with whatever times: values stay sane, and equal histories say the same."""

from __future__ import annotations

import gc
import math
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornerman.coach.gauges import Gauges
from cornerman.coach.gauges.voices import HEARD_LATE
from cornerman.contract import Role
from cornerman.events import Attendance, Consent, Event, Partial, Purge, Speaking, Turn, Wake, Word
from cornerman.playbook.kinds import GAUGE_KINDS
from cornerman.playbook.measures import MEASURES

from .scripted import Script, gauge, spoken

PEOPLE = ("rep", "pat", "lee", "kim", "eve")
ROLES: tuple[Role, ...] = ("rep", "prospect", "prospect", "colleague", "observer")
DEFINITIONS = (
    *(gauge(kind) for kind in sorted(MEASURES)),
    gauge("monologue", 5, id="short"),
    gauge("dead_air", 3, id="quick"),
    gauge("talk_ratio", 0.3, 60, side="below", id="little"),
    gauge("interruption", 0, 60, id="any"),
    gauge("questions", 2, 60, side="above", id="many"),
)

times = st.one_of(
    st.floats(-5, 400).map(lambda at: round(at, 4)), st.sampled_from([math.nan, math.inf, -math.inf, 1e12, -1e12])
)
texts = st.sampled_from(["so", "what", "do", "you", "think?", "Yes.", "it", "is"])


people = st.sampled_from(tuple(zip(PEOPLE, ROLES, strict=True)))
words = st.lists(st.builds(Word, texts, times, times), max_size=4).map(tuple)
ids = st.sampled_from("0123456789")
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Speaking, st.sampled_from(PEOPLE), st.booleans(), times),
    st.builds(Speaking, st.sampled_from(PEOPLE), st.booleans(), times),
    st.builds(Attendance, st.sampled_from(PEOPLE), st.just(""), st.sampled_from(ROLES), st.booleans()),
    st.builds(Consent, st.sampled_from(PEOPLE), st.sampled_from(["granted", "granted", "declined"]), st.just("test")),
    st.builds(lambda turn, who, said: Partial(turn, who[0], who[1], said), ids, people, words),
    st.builds(
        lambda turn, who, said, at, end: Turn(turn, who[0], who[1], said, at, end, 1.0),
        ids,
        people,
        words,
        times,
        times,
    ),
    st.builds(Purge, st.sampled_from(PEOPLE)),
    st.just(Wake()),
)

steps = st.floats(0, 30).map(lambda step: round(step, 4))
histories = st.lists(st.tuples(steps, events), max_size=40)


def beginning(gauges: Gauges) -> None:
    for identity, role in zip(PEOPLE, ROLES, strict=True):
        gauges.hear(Attendance(identity, "", role, True), 0.0)
        gauges.hear(Consent(identity, "granted", "test"), 0.0)


def played(history: list[tuple[float, Event]], *, looks: bool) -> list[object]:
    """Everything the gauges say to a history; with `looks`, values are asked for between events, too."""
    gauges, now = Gauges(DEFINITIONS), 0.0
    beginning(gauges)
    said: list[object] = []
    for step, event in history:
        if looks:
            gauges.readings(now + step)
            gauges.figures(now + step)
        now = round(now + step, 4)
        gauges.hear(event, now)
        said += [gauges.due(now), gauges.next_look(now), gauges.readings(now), gauges.figures(now)]
    return said


@settings(max_examples=150, deadline=None)
@given(histories)
def test_the_same_history_says_the_same_however_often_one_looks(history: list[tuple[float, Event]]) -> None:
    assert repr(played(history, looks=True)) == repr(played(history, looks=False))


@settings(max_examples=250, deadline=None)
@given(histories)
def test_values_stay_within_their_bounds(history: list[tuple[float, Event]]) -> None:
    gauges, now = Gauges(DEFINITIONS), 0.0
    beginning(gauges)
    for step, event in history:
        now = round(now + step, 4)
        gauges.hear(event, now)
        crossings = gauges.due(now)
        values = [*gauges.readings(now).items(), *gauges.figures(now)]
        assert all(math.isfinite(value) and value >= 0 for _, value in values), values
        assert all(value <= 1 for name, value in values if name.endswith("talk_ratio"))
        assert all(value <= now + 0.1 for name, value in values if name.endswith("_s")), values
        assert all(one.reading.value >= 0 and one.reading.at <= now for one in crossings)
        assert gauges.due(now) == ()
        look = gauges.next_look(now)
        assert look is None or look > now


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["rep", "pat", "lee"]), st.floats(0.1, 20), st.floats(0, 20)), max_size=40))
def test_stops_told_late_measure_the_same(turns: list[tuple[str, float, float]]) -> None:
    figures = []
    for late in (0.0, 0.3, 1.0):
        script = Script(cast={"rep": "rep", "pat": "prospect", "lee": "prospect"}, late=late)
        ends = dict.fromkeys(PEOPLE, -2.0)
        at = 0.0
        for identity, length, gap in turns:
            # a detector that waits for its silence has not told of the last stop when a voice comes again
            start = round(max(at, ends[identity] + 1.5), 4)
            end = round(start + length, 4)
            script.voice(identity, start, end)
            ends[identity] = end
            at = max(at, end - 3 + gap)
        end = round(at + 50, 4)
        figures.append(script.play(end).gauges.figures(end))

    for told_late in figures[1:]:
        for (name, value), (_, at_once) in zip(told_late, figures[0], strict=True):
            # who has the floor is guessed while a stop is under way; the guess is no longer than that
            allowed = HEARD_LATE + 0.1 if "monologue" in name else 0.0
            assert value == pytest.approx(at_once, abs=allowed, rel=0), name


def test_every_kind_of_gauge_is_measured() -> None:
    assert set(MEASURES) == GAUGE_KINDS
    for definition in DEFINITIONS:
        assert Gauges([definition]).due(1.0) == ()


def test_a_coach_that_comes_in_the_middle_of_a_call_measures_from_then() -> None:
    script = Script(gauge("monologue", 20))
    script.heard(3_000, Speaking("rep", False, 3_000)).voice("rep", 3_010, 3_025).voice("pat", 3_026, 3_030)

    assert script.play(3_040).told == []
    assert script.figure("longest_monologue_s") == 15
    assert script.figure("dead_air_s") == 1


def test_stops_without_a_start_and_starts_twice_change_nothing() -> None:
    script = Script().heard(1, Speaking("rep", False, 1)).heard(5, Speaking("rep", True, 5))
    script.heard(7, Speaking("rep", True, 7)).heard(15, Speaking("rep", False, 15)).heard(
        16, Speaking("rep", False, 16)
    )

    assert script.play(17).figure("longest_monologue_s") == 10


def test_times_before_their_time_and_after_it_are_not_believed() -> None:
    script = Script().heard(100, Speaking("rep", True, 3)).heard(110, Speaking("rep", False, 9_999))

    assert script.play(111).figure("longest_monologue_s") == 11  # a voice may be told a second late


def test_consent_taken_back_while_speaking_ends_the_voice() -> None:
    script = Script(gauge("monologue", 20)).heard(5, Speaking("rep", True, 5)).purge("rep", 15)
    script.heard(60, Speaking("rep", False, 60)).play(100)

    assert (script.told, script.gauges.readings(100)) == ([], {})


def held() -> int:
    """Bytes in use, without what Python keeps back for the next tuples."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_two_hours_of_talk_take_no_more_memory_than_one() -> None:
    gauges = Gauges(DEFINITIONS)
    beginning(gauges)

    def hour(first: int) -> None:
        for start in range(first, first + 3_600, 4):
            identity, role = PEOPLE[start // 4 % 4], ROLES[start // 4 % 4]
            words = spoken("so what do you think of it", start + 0.1, start + 1.2)
            gauges.hear(Speaking(identity, True, start), start)
            gauges.hear(Speaking(identity, False, start + 1.3), start + 1.3)
            gauges.hear(Turn(f"t{start}", identity, role, words, start, start + 1.2, 1.0), start + 1.8)
            gauges.due(start + 1.8)

    tracemalloc.start()
    try:
        hour(0)
        after_one = held()
        hour(3_600)
        after_two = held()
    finally:
        tracemalloc.stop()
    assert after_two - after_one < 20_000


def test_a_storm_of_voices_is_bounded() -> None:
    gauges = Gauges(DEFINITIONS)
    beginning(gauges)

    def storm(first: float) -> int:
        for step in range(6_000):
            now = round(first + step * 0.001, 4)
            gauges.hear(Speaking(PEOPLE[step % 3], step % 2 == 0, now), now)
        return held()

    tracemalloc.start()
    try:
        storm(0.0)
        grown = storm(12.0), storm(24.0)
    finally:
        tracemalloc.stop()
    assert grown[1] - grown[0] < 20_000
