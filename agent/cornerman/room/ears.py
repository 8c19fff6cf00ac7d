"""Decides what is subscribed: the microphones of those who consented, and nothing else.

In: tracks that come and go, and the consent of their owners. Out: subscriptions, and a Listener for each subscribed
microphone. State is keyed by track sid, so that an identity that rejoins starts afresh.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from livekit import rtc

from cornerman.config import TurnSettings
from cornerman.contract import Role
from cornerman.events import Event
from cornerman.providers.stt import Engine
from cornerman.room.listening import Listener
from cornerman.room.turns import TurnAssembler

logger = logging.getLogger(__name__)

HUMAN_KINDS = frozenset({rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD, rtc.ParticipantKind.PARTICIPANT_KIND_SIP})


def is_human(participant: rtc.Participant) -> bool:
    """People on the call; agents, recorders and ingress are not."""
    return participant.kind in HUMAN_KINDS


class Ears:
    """All listeners of one call. `may_hear` is asked each time before anything is subscribed."""

    def __init__(
        self,
        room: rtc.Room,
        *,
        may_hear: Callable[[str], bool],
        role_of: Callable[[str], Role],
        engine: Engine,
        turns: TurnSettings,
        now: Callable[[], float],
        feed: Callable[[Event], None],
    ) -> None:
        self._room = room
        self._may_hear = may_hear
        self._role_of = role_of
        self._engine = engine
        self._turn_settings = turns
        self._now = now
        self._feed = feed
        self._turns = 0
        self._listeners: dict[str, Listener] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def hears(self, identity: str) -> bool:
        """True while a microphone of this identity is being recognised."""
        return any(listener.identity == identity and not listener.failing for listener in self._listeners.values())

    def failing(self, identity: str) -> bool:
        """True while recognition of this identity is being restarted."""
        return any(listener.identity == identity and listener.failing for listener in self._listeners.values())

    def apply(self, participant: rtc.RemoteParticipant) -> None:
        """Brings the subscriptions of a participant in line with consent."""
        wanted = is_human(participant) and self._may_hear(participant.identity)
        for publication in participant.track_publications.values():
            want_this = wanted and is_microphone(publication)
            if publication.subscribed != want_this:
                publication.set_subscribed(want_this)
        if not wanted:
            self._stop(lambda listener: listener.identity == participant.identity, forget=True)

    def subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, owner: rtc.RemoteParticipant
    ) -> None:
        """A track arrived. One that is not wanted is given back unheard."""
        if not (is_human(owner) and is_microphone(publication) and self._may_hear(owner.identity)):
            publication.set_subscribed(False)
            return
        identity = owner.identity
        assembler = TurnAssembler(identity, self._role_of(identity), self._turn_settings, self._mint)
        listener = Listener(
            track,
            identity,
            self._engine(),
            assembler,
            now=self._now,
            feed=self._feed,
            heard_words=self._floor_taken,
        )
        self._listeners[publication.sid] = listener
        listener.start()

    def unsubscribed(self, publication_sid: str) -> None:
        """A track went away; what was said on it stands."""
        listener = self._listeners.pop(publication_sid, None)
        if listener is not None:
            self._close(listener, forget=False)

    async def aclose(self) -> None:
        """Stops all listeners; what was said so far becomes turns."""
        self._stop(lambda _: True, forget=False)
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _mint(self) -> str:
        self._turns += 1
        return f"t{self._turns}"

    def _floor_taken(self, identity: str) -> None:
        for listener in self._listeners.values():
            if listener.identity != identity:
                listener.taken_over()

    def _stop(self, which: Callable[[Listener], bool], *, forget: bool) -> None:
        for sid in [sid for sid, listener in self._listeners.items() if which(listener)]:
            self._close(self._listeners.pop(sid), forget=forget)

    def _close(self, listener: Listener, *, forget: bool) -> None:
        task = asyncio.create_task(listener.aclose(forget=forget), name=f"ears.close.{listener.identity}")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def is_microphone(publication: rtc.RemoteTrackPublication) -> bool:
    """A microphone's audio: not screen-share audio, not video."""
    audio = publication.kind == rtc.TrackKind.KIND_AUDIO
    return audio and publication.source == rtc.TrackSource.SOURCE_MICROPHONE
