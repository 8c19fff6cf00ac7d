"""What a call is to be: who joins, whom a coach is asked for, and who says what when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Begins = Literal["heard", "coach", "joined"]
"""When people begin to talk: once the coach says it hears all who speak, once a coach is there, or at once."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A line and when it is said, in seconds since people began to talk."""

    at: float
    line: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody on the call. `sayings` in order; `speaks`: has a microphone; `listens`: subscribes to the others."""

    identity: str
    sayings: tuple[Saying, ...] = ()
    speaks: bool = True
    listens: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A call of one rep and others.

    `metadata` goes with the dispatch of `agent_name`; the rep's identity is put in. An empty `agent_name` asks for
    nobody. `consents`: whom the rep says the disclosure reached, once the coach answered the greeting. `every`: seconds
    after which all sayings begin again, None to say them once. `settles`: the most seconds to wait for what `begins`
    names; people then talk anyway. `after`: seconds by which the call begins later than the load.
    """

    room: str
    rep: Caller
    others: tuple[Caller, ...]
    agent_name: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    consents: tuple[str, ...] = ()
    hello: bool = True
    begins: Begins = "heard"
    every: float | None = None
    settles: float = 60.0
    after: float = 0.0

    @property
    def people(self) -> tuple[Caller, ...]:
        """Everybody, the rep first."""
        return (self.rep, *self.others)

    def job(self) -> dict[str, Any]:
        """The job's metadata as it is dispatched."""
        return {"v": 1, "rep": self.rep.identity, **self.metadata}


def granted(plan_others: tuple[str, ...], rep: str) -> dict[str, Any]:
    """Job metadata under which all of these are heard at once."""
    return {"consent": {"mode": "granted", "granted": [rep, *plan_others]}}
