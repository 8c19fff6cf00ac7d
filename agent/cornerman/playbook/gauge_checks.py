"""Whether the gauges of a playbook make sense: limits that can be passed, windows that count, ids of their own.

Parts in; faults, and in the lint warnings, out.
"""

from __future__ import annotations

from itertools import combinations
from typing import Final

from cornerman.playbook.documents import warn_of_length
from cornerman.playbook.entries import Entry
from cornerman.playbook.faults import FaultLog
from cornerman.playbook.gauge_schema import GaugePart
from cornerman.playbook.measures import MEASURES, Side
from cornerman.playbook.parts import Parts
from cornerman.playbook.schema import BudgetPart

MAX_GAUGES: Final = 50
"""Each is looked at with every word that is heard."""

GaugeEntry = Entry[GaugePart]


def limit_of(part: GaugePart) -> tuple[Side, float]:
    """Which side of which limit fires; the usual one where none is written."""
    if part.above is not None:
        return "above", part.above
    if part.below is not None:
        return "below", part.below
    measure = MEASURES[part.gauge]
    return measure.sides[0], measure.limit


def window_of(part: GaugePart) -> float:
    """Seconds it is measured over; 0 where the gauge has no window."""
    return MEASURES[part.gauge].window_s if part.window_s is None else part.window_s


def check_gauges(parts: Parts, log: FaultLog) -> None:
    """Notes what can never work."""
    _check_ids(parts, log)
    for entry in parts.gauges:
        _check_limit(entry, log)
        _check_window(entry, log)
        if entry.part.ttl_s > entry.part.cooldown_s:
            line = entry.line("cooldown_s" if "cooldown_s" in entry.part.model_fields_set else "ttl_s")
            wrong = f"ttl_s {entry.part.ttl_s:g} is longer than cooldown_s {entry.part.cooldown_s:g}"
            mend = "so the card would return while it still stands; lower ttl_s or raise cooldown_s"
            log.add(entry.file, line, f"{wrong}, {mend}")
        if entry.part.headline is not None:
            warn_of_length(entry.file, entry.line("headline"), entry.part.headline, log)
    for first, second in combinations(parts.gauges, 2):
        _check_pair(first, second, log)
    if len(parts.gauges) > MAX_GAUGES:
        entry = parts.gauges[MAX_GAUGES]
        log.add(entry.file, entry.line(), f"up to {MAX_GAUGES} gauges are watched; remove some")


def lint_gauges(parts: Parts, log: FaultLog) -> None:
    """Notes what works and is still not wise."""
    inherited = parts.head.part.budget if parts.head else BudgetPart()
    for first, second in combinations(parts.gauges, 2):
        if (first.part.gauge, limit_of(first.part), window_of(first.part)) == (
            second.part.gauge,
            limit_of(second.part),
            window_of(second.part),
        ):
            wrong = f"'{second.part.id}' has the gauge and the limit of '{first.part.id}' at {_place(first)}"
            log.warn(second.file, second.line(), f"{wrong}, so that both are due at once; remove one")
    budgets = {
        entry.part.card: (
            inherited.cooldown_s if entry.part.cooldown_s is None else entry.part.cooldown_s,
            entry.part.per_call or inherited.per_call,
            f"{entry.file}:{entry.line()}",
        )
        for entry in reversed(parts.moments)
    }
    for entry in parts.gauges:
        part = entry.part
        if part.card is None:
            continue
        cooldown, per_call, place = budgets.setdefault(part.card, (part.cooldown_s, part.per_call, _place(entry)))
        if (part.cooldown_s, part.per_call) != (cooldown, per_call):
            wrong = (
                f"the card '{part.card}' returns after {part.cooldown_s:g} s, {part.per_call} times a call here, but "
                f"after {cooldown:g} s, {per_call} times at {place}"
            )
            log.warn(entry.file, entry.line("card"), f"{wrong}, and both count together; give both the same")


def _check_ids(parts: Parts, log: FaultLog) -> None:
    first = {entry.part.id: f"{entry.file}:{entry.line('id')}" for entry in reversed(parts.moments)}
    compliance = parts.compliance
    for group in ("disclosures", "forbidden"):
        if compliance:
            for index, rule in enumerate(getattr(compliance.part, group)):
                first.setdefault(rule.id, f"{compliance.file}:{compliance.line(group, index, 'id')}")
    for entry in parts.gauges:
        place = f"{entry.file}:{entry.line('id')}"
        earlier = first.setdefault(entry.part.id, place)
        if earlier != place:
            log.add(entry.file, entry.line("id"), f"the id '{entry.part.id}' exists already at {earlier}; rename one")


def _check_limit(entry: GaugeEntry, log: FaultLog) -> None:
    part, measure = entry.part, MEASURES[entry.part.gauge]
    if part.above is not None and part.below is not None:
        wrong = "a gauge has one limit, here are two; remove one, or write a second entry for it"
        log.add(entry.file, entry.line("below"), wrong)
        return
    side, limit = limit_of(part)
    line = entry.line(side) if getattr(part, side) is not None else entry.line("gauge")
    if side not in measure.sides:
        log.add(entry.file, line, f"{part.gauge} is 0 most of the time, so that it is always {side}; write 'above'")
    elif not measure.lowest <= limit <= measure.highest or limit == _unreachable(side, part):
        told = f"{part.gauge} is told in {measure.unit}"
        span = f"between {measure.lowest:g} and {measure.highest:g}"
        log.add(entry.file, line, f"{told}, and never {side} {limit:g}; write a limit {span}")


def _unreachable(side: Side, part: GaugePart) -> float:
    measure = MEASURES[part.gauge]
    return measure.highest if side == "above" else measure.lowest


def _check_window(entry: GaugeEntry, log: FaultLog) -> None:
    if entry.part.window_s is not None and not MEASURES[entry.part.gauge].window_s:
        log.add(entry.file, entry.line("window_s"), f"{entry.part.gauge} has no window; remove window_s")


def _check_pair(first: GaugeEntry, second: GaugeEntry, log: FaultLog) -> None:
    if first.part.gauge != second.part.gauge:
        return
    limits = dict((limit_of(first.part), limit_of(second.part)))
    if len(limits) == 2 and limits["below"] >= limits["above"]:
        wrong = f"whatever the {second.part.gauge} is, this or '{first.part.id}' at {_place(first)} is due"
        line = second.line(limit_of(second.part)[0]) if _has_limit(second.part) else second.line()
        log.add(second.file, line, f"{wrong}; leave room between below and above")


def _has_limit(part: GaugePart) -> bool:
    return part.above is not None or part.below is not None


def _place(entry: GaugeEntry) -> str:
    return f"{entry.file}:{entry.line()}"
