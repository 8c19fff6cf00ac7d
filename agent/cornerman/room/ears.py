"""Decides what is subscribed: the microphones of those who consented, and nothing else.

In: tracks that come and go, and the consent of their owners. Out: subscriptions, and a Listener for each subscribed
microphone. State is keyed by track sid, so that an identity that rejoins starts afresh.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from random import Random

from livekit import rtc

from cornerman import metrics
from cornerman.config import Settings
from cornerman.contract import Role
from cornerman.events import Event
from cornerman.hearing.end_of_turn import EndOfTurn, Silences, threshold_for
from cornerman.hearing.kept_audio import KeptAudio
from cornerman.hearing.listener import Listener
from cornerman.hearing.route import Route
from cornerman.hearing.scribe import Ends
from cornerman.hearing.turns import TurnAssembler
from cornerman.hearing.voice import SAMPLE_RATE, VoiceActivity
from cornerman.providers.breaker import Breakers
from cornerman.providers.provider import Provider
from cornerman.room.frame_routes import routed

FRAME_MS = 20
"""Short frames: every millisecond of framing is a millisecond later with the rep."""
FRAME_CAPACITY = 250
"""Frames that wait for the event loop: 5 s of audio; the oldest are dropped then."""
VOICE_SILENCE = 0.4
"""Seconds without a voice after which somebody has stopped speaking."""
LAST_WORDS_SECONDS = 25.0
"""How long what somebody said before leaving may take to be recognised, through all tries of a provider."""
CALL_END_SECONDS = 3.0

PHONE_KINDS = frozenset({rtc.ParticipantKind.PARTICIPANT_KIND_SIP, rtc.ParticipantKind.PARTICIPANT_KIND_CONNECTOR})
"""People whom LiveKit's own bridges let in: from the telephone network, from WhatsApp or Twilio."""
HUMAN_KINDS = PHONE_KINDS | {rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD}


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
        readable: Callable[[rtc.RemoteTrackPublication], bool] = lambda _publication: True,
        role_of: Callable[[str], Role],
        language_of: Callable[[str], str],
        providers: Sequence[Provider],
        breakers: Breakers,
        settings: Settings,
        now: Callable[[], float],
        feed: Callable[[Event], None],
        heard_language: Callable[[str, str], None],
        changed: Callable[[], None],
        note: Callable[[str, dict[str, object]], None],
    ) -> None:
        self._room = room
        self._may_hear = may_hear
        self._readable = readable
        self._role_of = role_of
        self._language_of = language_of
        self._providers = tuple(providers)
        self._breakers = breakers
        self._settings = settings
        self._now = now
        self._ends = Ends(feed, self._floor_taken, heard_language, changed, note)
        self._turns = 0
        self._listeners: dict[str, Listener] = {}
        self._counted = 0
        self._leaving: dict[asyncio.Task[None], Listener] = {}
        local = settings.turns.detection == "local"
        self._judge = EndOfTurn() if local else None
        self.unhearable: set[str] = set()
        """Who speaks a language that no provider hears."""
        self.usage: dict[str, dict[str, float]] = {}
        """Seconds of audio sent, for each participant and provider; of listeners that ended."""

    def of(self, identity: str) -> Listener | None:
        """The listener of this identity's newest microphone, while there is one."""
        found = [listener for listener in self._listeners.values() if listener.identity == identity]
        return found[-1] if found else None

    def apply(self, participant: rtc.RemoteParticipant) -> None:
        """Brings the subscriptions of a participant in line with consent."""
        wanted = is_human(participant) and self._may_hear(participant.identity)
        for publication in participant.track_publications.values():
            # Looked at for everybody: a room whose sound cannot be read is told of before anybody may be heard.
            want_this = self._readable(publication) and wanted and is_microphone(publication, participant)
            if publication.subscribed != want_this:
                publication.set_subscribed(want_this)
        if not wanted:
            self.forget(participant.identity)

    def subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, owner: rtc.RemoteParticipant
    ) -> None:
        """A track arrived. One that is not wanted is given back unheard."""
        wanted = is_human(owner) and is_microphone(publication, owner) and self._may_hear(owner.identity)
        if not (wanted and self._readable(publication)):
            publication.set_subscribed(False)
            return
        language = self._language_of(owner.identity)
        providers = [provider for provider in self._providers if provider.hears(language)]
        if not providers:
            self.unhearable.add(owner.identity)  # the call has said so already
            return
        self._listeners[publication.sid] = listener = self._listener(track, owner.identity, language, providers)
        listener.muted(publication.muted)
        listener.start()
        self._count()

    def muted(self, publication_sid: str, muted: bool) -> None:
        """A microphone was switched off or on."""
        listener = self._listeners.get(publication_sid)
        if listener is not None:
            listener.muted(muted)

    def unsubscribed(self, publication_sid: str) -> None:
        """A track went away; what was said on it stands."""
        listener = self._listeners.pop(publication_sid, None)
        if listener is not None:
            self._leave(listener, LAST_WORDS_SECONDS)
            self._count()

    def forget(self, identity: str) -> None:
        """Nothing of somebody who is not to be heard is listened to to the end, even where they have left."""
        for sid in [sid for sid, listener in self._listeners.items() if listener.identity == identity]:
            listener = self._listeners.pop(sid)
            self._own(listener.forget(), listener)
        self._count()
        for leaving, listener in list(self._leaving.items()):
            if listener.identity == identity:
                leaving.cancel()
                self._own(listener.forget(), listener)

    async def aclose(self) -> None:
        """Stops all listeners; what was said so far becomes turns."""
        for sid in list(self._listeners):
            self._leave(self._listeners.pop(sid), CALL_END_SECONDS)
        self._count()
        if self._leaving:
            _, late = await asyncio.wait(list(self._leaving), timeout=CALL_END_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._judge is not None:
            await self._judge.aclose()

    def _listener(self, track: rtc.Track, identity: str, language: str, providers: Sequence[Provider]) -> Listener:
        stt = self._settings.stt
        return Listener(
            routed(
                rtc.AudioStream.from_track(
                    track=track,
                    sample_rate=SAMPLE_RATE,
                    num_channels=1,
                    frame_size_ms=FRAME_MS,
                    capacity=FRAME_CAPACITY,
                )
            ),
            identity,
            language=language,
            route=Route(providers, self._breakers, stt.retry, rest=stt.breaker_rest, now=self._now, random=Random()),
            kept=KeptAudio(capacity=stt.keep, prefix=stt.prefix, tail=stt.tail),
            voice=VoiceActivity(VOICE_SILENCE),
            assembler=TurnAssembler(identity, self._role_of(identity), self._settings.turns, self._mint),
            ends=self._ends,
            detection=self._settings.turns.detection,
            judge=self._judge_for(language),
            now=self._now,
        )

    def _judge_for(self, language: str) -> tuple[EndOfTurn, Silences] | None:
        """Who judges pauses in this language; None: silence alone does."""
        turns = self._settings.turns
        threshold = turns.threshold or threshold_for(language)
        if self._judge is None or threshold is None:
            return None
        return self._judge, Silences(turns.silence, turns.sure, turns.unsure, threshold)

    def _count(self) -> None:
        if len(self._listeners) != self._counted:
            metrics.heard(len(self._listeners) - self._counted)
            self._counted = len(self._listeners)

    def _mint(self) -> str:
        self._turns += 1
        return f"t{self._turns}"

    def _floor_taken(self, identity: str) -> None:
        for listener in self._listeners.values():
            if listener.identity != identity:
                listener.taken_over()

    def _leave(self, listener: Listener, seconds: float) -> None:
        self._own(listener.finish(seconds), listener)

    def _own(self, ending: Coroutine[None, None, None], listener: Listener) -> None:
        task = asyncio.create_task(ending, name=f"ears.end.{listener.identity}")
        self._leaving[task] = listener
        task.add_done_callback(self._left)

    def _left(self, ending: asyncio.Task[None]) -> None:
        listener = self._leaving.pop(ending)
        used = self.usage.setdefault(listener.identity, {})
        for provider, seconds in listener.sent.items():
            used[provider] = round(used.get(provider, 0.0) + seconds, 2)
        listener.sent.clear()


def is_microphone(publication: rtc.RemoteTrackPublication, owner: rtc.Participant) -> bool:
    """A microphone's audio: not screen-share audio, not video. A phone caller's track may name no source."""
    if publication.kind != rtc.TrackKind.KIND_AUDIO:
        return False
    if publication.source == rtc.TrackSource.SOURCE_MICROPHONE:
        return True
    return owner.kind in PHONE_KINDS and publication.source == rtc.TrackSource.SOURCE_UNKNOWN
