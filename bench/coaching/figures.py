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
from bench.coaching.contenders import FLOOR, LATE, LESSON, LOCAL_TURNS, NAMES, OURS, SHARED, STT_TURNS
from bench.coaching.costs import Cost
from bench.coaching.meters import CALLS as AT_ONCE
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
NUDGE = "trigger's last word to the rep's answer"
LOST = "triggers without a nudge"
FIRST = "utterance's end to the model's first words, median"
BEGUN = "dispatch to the first word the provider told, median"
TAKEN = "what a call takes beyond a worker that waits"
IN_LIFE = "a call at the pace of life"
CARRIED = f"calls that {CORES} cores and {GIGABYTES} GB carry"
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
        figures += _later(rounds, counts)
    for who in (OURS, SHARED):
        figures += _capacities(rounds, who)
    return figures


def of_whom(who: str) -> str:
    """What stands behind a figure's name where it is not of Cornerman as it comes."""
    return "" if who == OURS else f" ({NAMES[who]})"


def _latencies(rounds: Sequence[Round], calls: int) -> list[Figure]:
    named: list[tuple[str, Value, Sequence[str]]] = [
        (f"{NUDGE}, median", lambda run: _median(run.delays.nudge), PEERS),
        (f"{NUDGE}, p95", lambda run: _p95(run.delays.nudge), PEERS),
        ("the same, trigger inside an utterance, median", lambda run: _median(run.delays.inside), TEXTBOOKS),
        ("the same, trigger ends the utterance, median", lambda run: _median(run.delays.ending), TEXTBOOKS),
        (FIRST, lambda run: _median(run.delays.first), TEXTBOOKS),
        (f"{FIRST}, trigger ends it", lambda run: _median(run.delays.first_ending), TEXTBOOKS),
        ("utterance's end to the whole advice, median", lambda run: _median(run.delays.final), TEXTBOOKS),
        (LOST, lambda run: float(run.delays.lost), PEERS),
        ("triggers said", lambda run: float(run.delays.said), PEERS),
        ("utterances without whole advice", lambda run: float(run.delays.unadvised), TEXTBOOKS),
    ]
    figures = []
    for name, value, peers in named:
        unit = "s" if "median" in name or "p95" in name else ""
        figures += _beside(name, unit, rounds, calls, value, peers)
    figures += _beside(FIRST, "s", rounds, calls, lambda run: _median(run.delays.first), TEXTBOOKS, LATE)
    for share, of in (("median", _median), ("p95", _p95)):
        of_nudges = partial(_nudges, of)
        figures += _beside(f"{NUDGE}, {share}", "s", rounds, calls, of_nudges, (FLOOR,), SHARED)
    figures += _beside(LOST, "", rounds, calls, lambda run: float(run.delays.lost), (FLOOR,), SHARED)
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
    for who, peers in ((OURS, PEERS), (SHARED, (FLOOR,))):
        figures += _beside(BEGUN, "s", rounds, calls, lambda run: _median(run.first_words), peers, who)
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


def _capacities(rounds: Sequence[Round], who: str) -> list[Figure]:
    """Reckoned from the most calls that were played."""
    most = max((calls for one in rounds if who in one for calls in one[who].played), default=0)
    found = [{name: _of(one[name], most) for name in one if most in one[name].played} for one in rounds]
    return taken_figures(TAKEN, found, who, most)


def taken_figures(named: str, rounds: Sequence[Mapping[str, PerCall]], who: str, calls: int) -> list[Figure]:
    """Processor and memory of a call and what they make of a machine, beside all peers of the same rounds."""
    values: list[tuple[str, str, Callable[[PerCall], float]]] = [
        (f"{named}: cores", "", lambda one: one.cores),
        (f"{named}: memory", "MB", lambda one: one.bytes / MEBIBYTE),
        (f"{named}: calls a core", "calls", lambda one: (1 - one.idle.cores) / one.cores),
        (f"{named}: {CARRIED}", "calls", lambda one: float(one.carried(CORES, GIGABYTES))),
    ]
    figures = []
    for name, unit, value in values:
        for peer in PEERS:
            runs = tuple(Run(value(one[who]), value(one[peer])) for one in rounds if who in one and peer in one)
            if runs:
                figures.append(Figure(name + of_whom(who), unit, NAMES[peer], runs, calls))
    return figures


def _later(rounds: Sequence[Round], counts: Sequence[int]) -> list[Figure]:
    """How much later many calls' nudges are than one call's, and how busy the machine was."""
    figures = []
    for calls in counts[1:] if counts[0] == 1 else ():
        both = [(one[OURS].played[calls].delays.nudge, one[OURS].played[1].delays.nudge) for one in rounds]
        pairs = [(_p95(of_many), _p95(of_one)) for of_many, of_one in both]
        runs = tuple(Run((of_many - of_one) * 1000) for of_many, of_one in pairs if of_many and of_one)
        load = median(one[OURS].played[calls].load for one in rounds)
        if runs:
            figures.append(
                Figure(f"p95 at {calls} calls later than at 1, {load:.0%} of all cores busy", "ms", "", runs, calls)
            )
    return figures


def _nudges(value: Callable[[Sequence[float]], float | None], run: Played) -> float | None:
    return value(run.delays.nudge)


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
    """What an hour costs, beside every textbook build, and what it takes of a machine, beside all."""
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
    figures = [
        Figure(name, unit, NAMES[peer], tuple(Run(value(one[OURS]), value(one[peer])) for one in rounds))
        for name, unit, value in named
        for peer in TEXTBOOKS
        if all(peer in one and OURS in one for one in rounds)
    ]
    taken = [{who: meters.taken for who, meters in one.items()} for one in rounds]
    for who in (OURS, SHARED):
        figures += taken_figures(IN_LIFE, taken, who, AT_ONCE)
    return figures


def _beside(
    name: str, unit: str, rounds: Sequence[Round], calls: int, value: Value, peers: Sequence[str], who: str = OURS
) -> list[Figure]:
    """A figure of `who` beside each of the peers; rounds in which one of the two has no value are left out."""
    figures = []
    for peer in peers:
        both = [(_value(one, who, calls, value), _value(one, peer, calls, value)) for one in rounds]
        runs = tuple(Run(ours, theirs) for ours, theirs in both if ours is not None and theirs is not None)
        if runs:
            figures.append(Figure(name + of_whom(who), unit, NAMES[peer], runs, calls=calls))
    return figures


def _value(one: Round, who: str, calls: int, value: Value) -> float | None:
    if who not in one or calls not in one[who].played:
        return None
    return value(one[who].played[calls])


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _p95(values: Sequence[float]) -> float | None:
    return percentile(values, 0.95) if values else None
