"""What became of the calls of a load: coaches that did not come or came late, nudges and how soon they were there.

In: the plans, the facts, the lines. Out: a `Tally`, and a table of it. A nudge counts for the trigger said last before
it by whom it quotes, of the same kind; its latency runs from the end of the trigger's last word leaving the
microphone to the call of the rep's method. What is not quoted, and later revisions, do not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from rich.table import Table

from bench.load.facts import Fact
from bench.load.lines import Line
from bench.load.plan import CallPlan
from bench.measured import percentile

LATE_AFTER = 10.0
"""Seconds from the first request for a coach after which it came late."""
LONGEST_ANSWER = 10.0
"""Seconds after which a nudge is no answer to what was said."""
EARLIEST_ANSWER = -0.3
"""Seconds: a provider may be certain of a word before it is said to its end."""


@dataclass(frozen=True, slots=True)
class Delay:
    """A nudge: seconds since the epoch when it came, and how long after its trigger, in seconds."""

    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class CallTally:
    """One call. `came`: seconds from the first request to the coach's being seen, None where it never was; `asked`:
    how often it was asked for; `most_coaches`: at a time; `reached`: messages that reached others than the rep.
    """

    room: str
    asked: int
    came: float | None
    most_coaches: int
    heard: bool
    nudges: int
    delays: tuple[Delay, ...]
    triggers: int
    said: int
    lost: tuple[str, ...]
    reached: int
    witnesses: int


@dataclass(frozen=True, slots=True)
class Tally:
    """All calls. `processor`: of a core, by the callers; `behind`: the latest packet's seconds."""

    calls: tuple[CallTally, ...]
    processor: float
    behind: float

    @property
    def never_came(self) -> list[str]:
        """Rooms that asked for a coach in which none was ever seen."""
        return [call.room for call in self.calls if call.asked and call.came is None]

    @property
    def came_late(self) -> list[str]:
        """Rooms in which the coach came late."""
        return [call.room for call in self.calls if call.came is not None and call.came > LATE_AFTER]

    @property
    def delays(self) -> list[Delay]:
        """All delays, in the order in which the nudges came."""
        return sorted((delay for call in self.calls for delay in call.delays), key=lambda delay: delay.at)

    @property
    def faults(self) -> list[str]:
        """What should not have happened, a sentence each."""
        found = [f"{room}: no coach came" for room in self.never_came]
        found += [f"{call.room}: nobody said all were heard" for call in self.calls if call.came and not call.heard]
        found += [f"{call.room}: {call.most_coaches} coaches at a time" for call in self.calls if call.most_coaches > 1]
        found += [f"{call.room}: {why}" for call in self.calls for why in call.lost]
        found += [f"{call.room}: {call.reached} messages reached others" for call in self.calls if call.reached]
        found += [f"{call.room}: no witness testified" for call in self.calls if not call.witnesses]
        return found


def tally(plans: Sequence[CallPlan], facts: Sequence[Fact], lines: Mapping[str, Line]) -> Tally:
    """Counts. The processor's share is that between the first and the last time the callers were asked for it."""
    calls = tuple(_call(plan, [fact for fact in facts if fact.call == plan.room], lines) for plan in plans)
    used = [fact for fact in facts if fact.kind == "used"]
    share = 0.0
    if len(used) > 1:
        share = (used[-1]["processor"] - used[0]["processor"]) / max(used[-1].at - used[0].at, 1e-9)
    behind = max(
        (float(fact["behind"]) for fact in facts if fact.kind == "received" and "behind" in fact.more), default=0.0
    )
    return Tally(calls, share, behind)


def _call(plan: CallPlan, facts: Sequence[Fact], lines: Mapping[str, Line]) -> CallTally:
    asked = [fact for fact in facts if fact.kind == "asked"]
    coaches = [fact for fact in facts if fact.kind == "coach"]
    said = [fact for fact in facts if fact.kind == "said"]
    talking = [fact for fact in facts if fact.kind == "talking"]
    received = {fact.identity: fact for fact in facts if fact.kind == "received" and not fact["rep"]}
    troubles = [f"{fact.identity} was lost: {fact['why']}" for fact in facts if fact.kind == "lost"]
    troubles += [f"{fact.identity or 'somebody'} could not: {fact['why']}" for fact in facts if fact.kind == "refused"]
    return CallTally(
        plan.room,
        len(asked),
        min((fact.at for fact in coaches), default=0.0) - asked[0].at if asked and coaches else None,
        max((int(fact["there"]) for fact in coaches), default=0),
        bool(talking and talking[-1]["came"]),
        len({fact.message.get("id") for fact in facts if fact.kind == "nudge"}),
        tuple(_delays(facts, said, lines)),
        sum(len(lines[str(fact["line"])].triggers) for fact in said),
        len(said),
        tuple(troubles),
        sum(int(fact["messages"]) for fact in received.values()),
        len(received),
    )


def _delays(facts: Sequence[Fact], said: Sequence[Fact], lines: Mapping[str, Line]) -> list[Delay]:
    spoken = [
        (fact.identity, trigger.kind, float(fact["start"]) + trigger.end)
        for fact in said
        for trigger in lines[str(fact["line"])].triggers
    ]
    found, known = [], set()
    for fact in facts:
        card = fact.message
        if fact.kind != "nudge" or card.get("id") in known or card.get("status") == "withdrawn":
            continue
        known.add(card.get("id"))
        quoted = {str(one.get("speaker")) for one in card.get("because", ()) if one.get("type") == "words"}
        before = [
            end
            for identity, kind, end in spoken
            if identity in quoted and kind == card.get("kind") and EARLIEST_ANSWER <= fact.at - end < LONGEST_ANSWER
        ]
        if before:
            found.append(Delay(fact.at, fact.at - max(before)))
    return found


def as_table(counted: Tally, title: str) -> Table:
    """The load for people."""
    table = Table(
        "call", "coach after", "asked", "said", "triggers", "nudges", "median", "p95", "reached others", title=title
    )
    for call in counted.calls:
        seconds = [delay.seconds for delay in call.delays]
        table.add_row(
            call.room,
            "NEVER" if call.came is None else f"{call.came:.1f} s{' LATE' if call.came > LATE_AFTER else ''}",
            *(str(count) for count in (call.asked, call.said, call.triggers, call.nudges)),
            *_spread(seconds),
            str(call.reached),
        )
    calls = len(counted.calls)
    table.add_section()
    table.add_row(
        f"all {calls}",
        f"{len(counted.never_came)} never, {len(counted.came_late)} late",
        str(sum(call.asked for call in counted.calls)),
        str(sum(call.said for call in counted.calls)),
        str(sum(call.triggers for call in counted.calls)),
        f"{sum(call.nudges for call in counted.calls) / max(calls, 1):.1f} a call",
        *_spread([delay.seconds for delay in counted.delays]),
        str(sum(call.reached for call in counted.calls)),
    )
    share = 100 * counted.processor
    table.caption = (
        f"the callers took {share:.1f} % of a core, {share / max(calls, 1):.2f} % a call; their "
        f"latest packet left {1000 * counted.behind:.0f} ms late"
    )
    return table


def _spread(seconds: Sequence[float]) -> tuple[str, str]:
    return (f"{median(seconds):.2f} s", f"{percentile(seconds, 0.95):.2f} s") if seconds else ("", "")
