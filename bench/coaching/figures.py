"""The comparison's figures from its runs: Cornerman's value of each round beside each peer's of the same round.

In: rounds, each with the runs of every contender. Out: `Figure`s. Medians and 95th percentiles are of one run's
delays; costs are of the seconds in which triggers were said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from bench.coaching.capacity import PerCall, per_call
from bench.coaching.contenders import FLOOR, LATE, LESSON, LOCAL_TURNS, NAMES, OURS, STT_TURNS
from bench.coaching.costs import Cost
from bench.coaching.meters import Meters
from bench.coaching.play import Run as Played
from bench.measured import Figure, Run, percentile
from cornerman.record.times import Spread

PEERS = (FLOOR, LESSON, STT_TURNS, LOCAL_TURNS)
TEXTBOOKS = (LESSON, STT_TURNS, LOCAL_TURNS)
CORES, GIGABYTES = 4, 8
SOON = 1.0
"""Seconds under which a nudge is one, at the 95th percentile."""
MEBIBYTE = 2**20
PEOPLE = 2
"""Participants that are heard in a call."""

Value = Callable[[Played], float | None]


@dataclass(frozen=True, slots=True)
class Contended:
    """One contender in one round. `played` by how many calls at once."""

    who: str
    started: float
    idle: Cost
    played: Mapping[int, Played]


Round = Mapping[str, Contended]


def all_figures(rounds: Sequence[Round]) -> list[Figure]:
    """Everything that runs tell."""
    counts = sorted({calls for one in rounds for calls in one[OURS].played}) if OURS in rounds[0] else []
    figures: list[Figure] = []
    for calls in counts:
        figures += _latencies(rounds, calls)
    for calls in counts:
        figures += _costs(rounds, calls)
    if counts:
        figures += _waiting(rounds)
        figures += _capacities(rounds, counts)
    return figures


def _latencies(rounds: Sequence[Round], calls: int) -> list[Figure]:
    named: list[tuple[str, Value, Sequence[str]]] = [
        ("trigger's last word to the rep's answer, median", lambda run: _median(run.delays.nudge), PEERS),
        ("trigger's last word to the rep's answer, p95", lambda run: _p95(run.delays.nudge), PEERS),
        ("the same, trigger inside an utterance, median", lambda run: _median(run.delays.inside), TEXTBOOKS),
        ("the same, trigger ends the utterance, median", lambda run: _median(run.delays.ending), TEXTBOOKS),
        ("utterance's end to the model's first words, median", lambda run: _median(run.delays.first), TEXTBOOKS),
        ("utterance's end to the whole advice, median", lambda run: _median(run.delays.final), TEXTBOOKS),
        ("triggers without a nudge", lambda run: float(run.delays.lost), PEERS),
        ("triggers said", lambda run: float(run.delays.said), PEERS),
        ("utterances without whole advice", lambda run: float(run.delays.unadvised), TEXTBOOKS),
    ]
    figures = []
    for name, value, peers in named:
        unit = "s" if "median" in name or "p95" in name else ""
        figures += _beside(name, unit, rounds, calls, value, peers)
    late = [_value(one, LATE, calls, lambda run: _median(run.delays.first)) for one in rounds]
    if any(value is not None for value in late):
        name = "utterance's end to the model's first words, no early start, median"
        figures += _beside(name, "s", rounds, calls, lambda run: _median(run.delays.first), TEXTBOOKS, LATE)
    return figures


def _costs(rounds: Sequence[Round], calls: int) -> list[Figure]:
    figures = _beside("worker: cores a call", "", rounds, calls, lambda run: run.costs["worker"].cores / calls, PEERS)
    figures += _beside(
        "worker: cores a heard participant",
        "",
        rounds,
        calls,
        lambda run: run.costs["worker"].cores / calls / PEOPLE,
        PEERS,
    )
    figures += _beside(
        "worker: memory, all of it", "MB", rounds, calls, lambda run: run.costs["worker"].bytes / MEBIBYTE, PEERS
    )
    for group in ("server", "providers", "callers"):
        figures += _beside(f"{group}: cores a call", "", rounds, calls, partial(_cores, group), (STT_TURNS,))
    figures += _beside(
        "callers: latest packet behind its time", "ms", rounds, calls, lambda run: run.behind * 1000, (STT_TURNS,)
    )
    figures += _beside("share of all cores that was busy", "", rounds, calls, lambda run: run.load, PEERS)
    figures += _beside(
        "dispatch to the first word the provider told, median",
        "s",
        rounds,
        calls,
        lambda run: _median(run.first_words),
        PEERS,
    )
    return figures


def _waiting(rounds: Sequence[Round]) -> list[Figure]:
    named: list[tuple[str, str, Callable[[Contended], float]]] = [
        ("worker's start to its registration", "s", lambda one: one.started),
        ("worker that waits: memory", "MB", lambda one: one.idle.bytes / MEBIBYTE),
        ("worker that waits: cores", "", lambda one: one.idle.cores),
    ]
    return [
        Figure(name, unit, NAMES[peer], _runs([one for one in rounds if peer in one], peer, value), calls=0)
        for name, unit, value in named
        for peer in PEERS
        if any(peer in one for one in rounds)
    ]


def _runs(rounds: Sequence[Round], peer: str, value: Callable[[Contended], float]) -> tuple[Run, ...]:
    return tuple(Run(value(one[OURS]), value(one[peer])) for one in rounds)


def _capacities(rounds: Sequence[Round], counts: Sequence[int]) -> list[Figure]:
    """Reckoned from the most calls that were played."""
    most = counts[-1]
    figures: list[Figure] = []
    named: list[tuple[str, str, Callable[[Contended], float]]] = [
        ("what a call takes beyond a worker that waits: cores", "", lambda one: _of(one, most).cores),
        ("what a call takes beyond a worker that waits: memory", "MB", lambda one: _of(one, most).bytes / MEBIBYTE),
        ("calls a core", "calls", lambda one: (1 - one.idle.cores) / _of(one, most).cores),
        (
            f"calls that {CORES} cores and {GIGABYTES} GB carry",
            "calls",
            lambda one: float(_of(one, most).carried(CORES, GIGABYTES)),
        ),
    ]
    for name, unit, value in named:
        for peer in PEERS:
            both = [one for one in rounds if peer in one and most in one[peer].played]
            if both:
                figures.append(Figure(name, unit, NAMES[peer], _runs(both, peer, value), calls=most))
    if most > 1 and counts[0] == 1:
        pairs = [(_p95(one[OURS].played[most].delays.nudge), _p95(one[OURS].played[1].delays.nudge)) for one in rounds]
        runs = tuple(Run((of_most - of_one) * 1000) for of_most, of_one in pairs if of_most and of_one)
        if runs:
            figures.append(Figure(f"p95 at {most} calls later than at 1", "ms", "", runs, calls=most))
    return figures


def _cores(group: str, run: Played) -> float:
    return run.costs[group].cores / run.calls


def _of(one: Contended, calls: int) -> PerCall:
    return per_call(one.idle, one.played[calls].costs["worker"], calls)


def stage_figures(times: Mapping[str, Mapping[str, Spread]]) -> list[Figure]:
    """Where a nudge's time goes, stage by stage, from the calls' journals: medians."""
    return [
        Figure(f"{worded}: {step}, {name}", "ms", "", (Run(value * 1000),))
        for worded, steps in times.items()
        for step, spread in steps.items()
        for name, value in (("median", spread.median), ("p95", spread.p95))
    ]


def meter_figures(rounds: Sequence[Mapping[str, Meters]]) -> list[Figure]:
    """What an hour costs, beside every textbook build."""
    named: list[tuple[str, str, Callable[[Meters], float]]] = [
        ("an hour: seconds of recognition", "s", lambda one: one.speech_seconds),
        ("an hour: requests to models", "", lambda one: one.requests),
        ("an hour: prompt tokens", "tokens", lambda one: one.prompt_tokens),
        ("an hour: completion tokens", "tokens", lambda one: one.completion_tokens),
        ("an hour: image tokens", "tokens", lambda one: one.image_tokens),
        ("an hour: all tokens", "tokens", lambda one: one.tokens),
        ("an hour: of these for advice", "tokens", lambda one: one.advice_tokens),
        ("an hour: participant minutes", "min", lambda one: one.participant_minutes),
        ("an hour: agent minutes", "min", lambda one: one.agent_minutes),
    ]
    return [
        Figure(name, unit, NAMES[peer], tuple(Run(value(one[OURS]), value(one[peer])) for one in rounds))
        for name, unit, value in named
        for peer in TEXTBOOKS
        if all(peer in one for one in rounds)
    ]


def _beside(
    name: str, unit: str, rounds: Sequence[Round], calls: int, value: Value, peers: Sequence[str], who: str = OURS
) -> list[Figure]:
    """A figure of `who` beside each of the peers; rounds in which one of the two has no value are left out."""
    figures = []
    for peer in peers:
        both = [(_value(one, who, calls, value), _value(one, peer, calls, value)) for one in rounds]
        runs = tuple(Run(ours, theirs) for ours, theirs in both if ours is not None and theirs is not None)
        if runs:
            figures.append(Figure(name, unit, NAMES[peer], runs, calls=calls))
    return figures


def _value(one: Round, who: str, calls: int, value: Value) -> float | None:
    if who not in one or calls not in one[who].played:
        return None
    return value(one[who].played[calls])


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _p95(values: Sequence[float]) -> float | None:
    return percentile(values, 0.95) if values else None
