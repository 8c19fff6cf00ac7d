"""The call as the rep should see it: who is there, who is heard and why not, and how the coach is."""

from __future__ import annotations

from collections.abc import Mapping

from livekit import rtc

from cornerman.coach import Coach
from cornerman.contract import JobMetadata, wire
from cornerman.hearing.listener import Listener
from cornerman.plain import plain
from cornerman.room.consent import ConsentLedger
from cornerman.room.ears import Ears, is_microphone
from cornerman.room.room_key import RoomKey

NAME_LIMIT = 80
GAUGE_DIGITS = 2
LIST_BYTES = 3 * 1024
"""Of a message, for each list: 20 items with the longest ids allowed, and room for 50 participants beside two."""


def state_of(
    *,
    segment: int,
    at: float,
    ending: bool,
    metadata: JobMetadata,
    ledger: ConsentLedger,
    present: Mapping[str, rtc.RemoteParticipant],
    ears: Ears,
    coach: Coach,
    trouble: tuple[str, ...],
    engine: wire.Engine,
    insights: wire.Insights | None,
    screen: wire.Seeing | None,
    room_key: RoomKey,
) -> wire.State:
    """Builds the state message: who is present first, then by identity, as many as a message holds."""
    listed = sorted(
        {metadata.rep, *metadata.participants, *present}, key=lambda identity: (identity not in present, identity)
    )
    hearing = tuple(_hearing(identity, metadata, ledger, present.get(identity), ears, room_key) for identity in listed)
    listening = any(one.consent == "granted" for one in hearing)
    state = wire.State(
        segment=segment,
        at=at,
        status="ending" if ending else "listening" if listening else "waiting_for_consent",
        consent_mode=ledger.mode,
        participants=hearing,
        engine=engine,
        attention=coach.attention,
        stage=coach.stage,
        gauges={name: round(value, GAUGE_DIGITS) for name, value in coach.gauges(at).items()},
        checklist=fitting(coach.checklist),
        disclosures=fitting(coach.disclosures),
        nudges_shown=coach.shown,
        nudges_withdrawn=coach.withdrawn,
        nudges_held=coach.held,
        trouble=trouble,
        insights=insights,
        screen=screen,
    )
    while len(state.to_json().encode()) > wire.MAX_PAYLOAD_BYTES and state.participants:
        fewer = state.participants[: len(state.participants) * 3 // 4]
        state = state.model_copy(update={"participants": fewer, "trouble": (*trouble, "not_all_listed")})
    return state


def fitting(items: Mapping[str, bool]) -> dict[str, bool]:
    """As many items as a message has room for, what is open first where not all of them fit."""
    ordered = list(items) if _size(items) <= LIST_BYTES else sorted(items, key=lambda item: items[item])
    fitting: dict[str, bool] = {}
    for item in ordered:
        fitting[item] = items[item]
        if _size(fitting) > LIST_BYTES:
            del fitting[item]
            break
    return {item: done for item, done in items.items() if item in fitting}


def _size(items: Mapping[str, bool]) -> int:
    return sum(len(item) + len('"":false,') for item in items)


def _hearing(
    identity: str,
    metadata: JobMetadata,
    ledger: ConsentLedger,
    participant: rtc.RemoteParticipant | None,
    ears: Ears,
    room_key: RoomKey,
) -> wire.Hearing:
    consent = ledger.state_of(identity)
    listener = ears.of(identity) if participant is not None and consent == "granted" else None
    locked = room_key.why_not(participant) if participant is not None and consent == "granted" else ""
    heard = listener is not None and not listener.failing and not _is_muted(participant) and not locked
    why = _how(listener) if heard and listener is not None else ""
    if not heard:
        why = locked or _why_not(consent, participant, listener, identity in ears.unhearable)
    return wire.Hearing(
        identity=identity,
        name=plain(
            metadata.name_of(identity) or (participant.name if participant is not None else "") or identity, NAME_LIMIT
        ),
        role=metadata.role_of(identity),
        present=participant is not None,
        consent=consent,
        heard=heard,
        why=why,
        provider=listener.provider if listener is not None else "",
        behind_s=listener.behind if listener is not None else 0.0,
        lost_s=round(listener.dropped, 1) if listener is not None else 0.0,
    )


def _how(listener: Listener) -> str:
    """What the rep should know of somebody who is heard, but not as usual."""
    behind = f"{listener.behind:.0f} s behind" if listener.behind >= 1 else ""
    lost = f"{listener.dropped:.0f} s were lost" if listener.dropped >= 1 else ""
    return ", ".join(part for part in (behind, lost) if part)


def _why_not(
    consent: wire.ConsentState,
    participant: rtc.RemoteParticipant | None,
    listener: Listener | None,
    unhearable: bool,
) -> str:
    if participant is None:
        return "not in the call"
    if consent != "granted":
        return "no consent yet" if consent == "waiting" else "declined"
    if unhearable:
        return "no speech provider hears their language"
    if not _microphones(participant):
        return "no microphone"
    if _is_muted(participant):
        return "muted"
    if listener is not None:
        return "speech recognition is being restarted; what is said is kept"
    return "connecting"


def _microphones(participant: rtc.RemoteParticipant) -> list[rtc.RemoteTrackPublication]:
    published = participant.track_publications.values()
    return [publication for publication in published if is_microphone(publication, participant)]


def _is_muted(participant: rtc.RemoteParticipant | None) -> bool:
    """True while somebody has microphones and all of them are switched off."""
    microphones = _microphones(participant) if participant is not None else []
    return bool(microphones) and all(publication.muted for publication in microphones)
