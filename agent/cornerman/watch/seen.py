"""A room as the server shows it: who is there, which coaches were asked for, which jobs came of it.

In: the answers of the server's API. Out: frozen `RoomSeen`. A job's own state is left out: the server does not keep it
up to date when a worker dies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from livekit import api

from cornerman.contract import parse_job_metadata
from cornerman.errors import ConfigError


@dataclass(frozen=True, slots=True)
class JobSeen:
    """A job that a worker accepted; `started` by the server's clock, to tell which came first."""

    id: str
    identity: str
    started: int = 0


@dataclass(frozen=True, slots=True)
class DispatchSeen:
    """A coach that was asked for. `takes_over`: the dead one's identity, None where it is the first."""

    id: str
    metadata: str = field(repr=False)
    takes_over: str | None = None
    jobs: tuple[JobSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomSeen:
    """`humans`: how many are there. `coaches`: identities of agents with the coach's prefix, ghosts among them."""

    name: str
    humans: int
    coaches: frozenset[str]
    dispatches: tuple[DispatchSeen, ...]


def dispatch_seen(dispatch: api.AgentDispatch) -> DispatchSeen:
    """One dispatch as listed."""
    jobs = tuple(
        JobSeen(job.id, job.state.participant_identity, job.state.started_at or dispatch.state.created_at)
        for job in dispatch.state.jobs
    )
    return DispatchSeen(dispatch.id, dispatch.metadata, _taken_over(dispatch.metadata), jobs)


def room_seen(
    name: str,
    participants: Iterable[api.ParticipantInfo],
    dispatches: Iterable[api.AgentDispatch],
    agent_name: str,
    prefix: str,
) -> RoomSeen:
    """The room, as far as the coach is concerned: dispatches of other agents are left out."""
    there = [one for one in participants if one.state != api.ParticipantInfo.State.DISCONNECTED]
    kinds = api.ParticipantInfo.Kind
    humans = sum(1 for one in there if one.kind in (kinds.STANDARD, kinds.SIP))
    coaches = frozenset(one.identity for one in coaches_among(there, prefix))
    ours = tuple(dispatch_seen(one) for one in dispatches if one.agent_name == agent_name)
    return RoomSeen(name, humans, coaches, ours)


def coaches_among(participants: Iterable[api.ParticipantInfo], prefix: str) -> list[api.ParticipantInfo]:
    """Agents whose identity carries the coach's prefix, without those who have left."""
    return [
        one
        for one in participants
        if one.kind == api.ParticipantInfo.Kind.AGENT
        and one.identity.startswith(prefix)
        and one.state != api.ParticipantInfo.State.DISCONNECTED
    ]


def _taken_over(metadata: str) -> str | None:
    try:
        takeover = parse_job_metadata(metadata).takeover
    except ConfigError:
        return None
    return takeover.of if takeover is not None else None
