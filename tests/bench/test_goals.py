"""What the comparison promises: every promise is held against a figure there is, and one that is broken says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.coaching.capacity import PerCall, per_call
from bench.coaching.contenders import EVERYBODY, FLOOR, LATE, LESSON, LOCAL_TURNS, NAMES, OURS, SHARED, STT_TURNS
from bench.coaching.costs import Cost
from bench.coaching.delays import Delays
from bench.coaching.figures import (
    CARRIED,
    FIRST,
    IN_LIFE,
    LOST,
    NUDGE,
    TAKEN,
    Contended,
    all_figures,
    meter_figures,
    of_whom,
)
from bench.coaching.goals import BY_PEER, with_goals
from bench.coaching.meters import Meters
from bench.coaching.play import Run
from bench.measured import Figure
from bench.measured import Run as Value

MEBIBYTE = 2**20
IDLE = Cost(0.02, 300 * MEBIBYTE)


def taken(cores: float, megabytes: float) -> PerCall:
    return PerCall(IDLE, cores, megabytes * MEBIBYTE)


def played(who: str, calls: int, nudge: float, first: float, load: float = 0.4) -> Run:
    delays = Delays(nudge=[nudge], first=[first], first_ending=[first], final=[first + 1], said=1)
    busy = Cost(IDLE.cores + 0.1 * calls, IDLE.bytes + 40 * MEBIBYTE * calls)
    costs = dict.fromkeys(("worker", "server", "providers", "callers"), busy)
    return Run(who, calls, delays, costs, (1.0,), 0, load, 0.0)


def contended(who: str, nudge: float = 0.4, first: float = 0.6, later: float = 0.02, load: float = 0.4) -> Contended:
    runs = {calls: played(who, calls, nudge + later * (calls > 1), first, load) for calls in (1, 8)}
    return Contended(who, 5.0, IDLE, runs)


def metered(cores: float = 0.1, megabytes: float = 40.0, tokens: float = 1000.0, heard: float = 4800.0) -> Meters:
    return Meters(heard, tokens, 0.0, 0.0, 60.0, tokens, taken(cores, megabytes))


def figures_of(**changed: Contended) -> list[Figure]:
    """The figures of a round in which the textbook is slow and the floor is quick."""
    found = {who: contended(who, *((5.0, 3.0) if who in (LESSON, STT_TURNS, LOCAL_TURNS) else ())) for who in EVERYBODY}
    return with_goals(all_figures([found | changed]))


def figure(figures: list[Figure], name: str, peer: str = "", calls: int = 1) -> Figure:
    [found] = [one for one in figures if (one.name, one.peer, one.calls) == (name, NAMES.get(peer, ""), calls)]
    return found


def test_every_promise_is_held_against_a_figure() -> None:
    """A promise about a figure that goes by another name now would be kept for ever."""
    meters = {who: metered() for who in (OURS, SHARED, FLOOR, LESSON, STT_TURNS)}
    figures = [*figures_of(), *with_goals(meter_figures([meters]))]
    bound = {(one.name, one.peer) for one in figures if one.limit is not None}
    assert {(name, NAMES[peer]) for name, peer in BY_PEER} <= bound
    assert any("later than at 1" in name for name, _ in bound)
    assert [one.name for one in figures if one.least is not None]


def test_a_round_in_which_all_is_well_keeps_every_promise() -> None:
    assert all(one.kept is not False for one in figures_of() if TAKEN not in one.name)


@pytest.mark.parametrize(
    ("ours", "name", "peer"),
    [
        (contended(OURS, nudge=0.43), f"{NUDGE}, median", FLOOR),
        (contended(OURS, nudge=0.7), f"{NUDGE}, median", LESSON),
        (contended(OURS, nudge=0.9), f"{NUDGE}, p95", LESSON),
        (contended(OURS, first=1.6), FIRST, STT_TURNS),
        (contended(OURS, first=3.1), FIRST, LOCAL_TURNS),
    ],
)
def test_a_round_in_which_one_is_too_slow_breaks_its_promise(ours: Contended, name: str, peer: str) -> None:
    assert figure(figures_of(ours=ours), name, peer).kept is False


@pytest.mark.parametrize("who", [OURS, SHARED])
def test_a_trigger_that_brings_no_nudge_breaks_a_promise(who: str) -> None:
    one = contended(who)
    one.played[8].delays.lost = 1
    told = figure(figures_of(**{who: one}), LOST + of_whom(who), FLOOR, 8)
    assert (told.value, told.kept) == (1.0, False)
    assert figure(figures_of(), LOST + of_whom(who), FLOOR, 8).kept


def test_many_calls_may_be_later_only_where_the_machine_is_too_busy_to_tell() -> None:
    late, overloaded = contended(OURS, later=0.06), contended(OURS, later=0.06, load=0.7)
    told = "p95 at 8 calls later than at 1, {} of all cores busy"
    assert figure(figures_of(ours=late), told.format("40%"), calls=8).kept is False
    assert figure(figures_of(ours=overloaded), told.format("70%"), calls=8).kept is None


def test_what_is_late_without_an_early_start_is_a_figure_of_its_own() -> None:
    late = figure(figures_of(**{LATE: contended(LATE, first=2.0)}), f"{FIRST} ({NAMES[LATE]})", STT_TURNS)
    assert (late.value, late.kept) == (2.0, False)


@pytest.mark.parametrize(
    ("ours", "name", "peer"),
    [
        (metered(cores=0.16), f"{IN_LIFE}: cores", FLOOR),
        (metered(cores=0.31), f"{IN_LIFE}: cores", LESSON),
        (metered(megabytes=61), f"{IN_LIFE}: memory", FLOOR),
        (metered(megabytes=101), f"{IN_LIFE}: memory", LESSON),
        (metered(cores=0.15), f"{IN_LIFE}: {CARRIED}", FLOOR),
        (metered(tokens=1100), "an hour: all tokens", LESSON),
        (metered(heard=5100), "an hour: seconds of recognition", LESSON),
    ],
)
def test_a_call_that_takes_too_much_breaks_its_promise(ours: Meters, name: str, peer: str) -> None:
    lesson = metered(cores=0.3, megabytes=100, tokens=2100, heard=7200)
    meters = {FLOOR: metered(cores=0.1, megabytes=40), LESSON: lesson}
    well = with_goals(meter_figures([{**meters, OURS: metered()}]))
    assert [one.name for one in well if one.kept is False] == []
    broken = with_goals(meter_figures([{**meters, OURS: ours}]))
    assert next(one for one in broken if (one.name, one.peer) == (name, NAMES[peer])).kept is False


def test_a_value_is_held_between_both_its_bounds() -> None:
    between = Figure("calls", "calls", "", (Value(26.0),), limit=30.0, least=25.0)
    assert between.kept
    assert replace(between, least=26.0).kept is False
    assert replace(between, limit=26.0).kept is False
    assert replace(between, limit=None, least=None).kept is None


def test_what_calls_take_is_what_a_worker_takes_beyond_waiting() -> None:
    found = per_call(IDLE, Cost(IDLE.cores + 0.8, IDLE.bytes + 400 * MEBIBYTE), 8)
    assert figure(figures_of(), f"{TAKEN}: cores", FLOOR, 8).value == pytest.approx(found.cores)
