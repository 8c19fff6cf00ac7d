"""One call, live: LiveKit's events in at one end, what the rep is sent out at the other.

Knows who is there and who may be heard, and hands every input to the driver, which makes the coach's decisions of them.
What the rep asks for is carried out at the desk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence

from livekit import rtc

from cornerman.advising.advising import Advising, Brains
from cornerman.coach import Coach
from cornerman.coach.grounding import whose, withdrawn
from cornerman.config import Settings
from cornerman.contract import JobMetadata, wire
from cornerman.crm import AccountRecord, AccountSource
from cornerman.events import (
    Advice,
    Attendance,
    CallEnd,
    Consent,
    Control,
    Decision,
    Event,
    Nudge,
    Partial,
    Purge,
    Restored,
    Turn,
)
from cornerman.plain import plain
from cornerman.playbook import Playbook
from cornerman.providers.speech import SpeechProviders
from cornerman.record.journal import Journal
from cornerman.room.clock import CallClock
from cornerman.room.consent import ConsentChange, ConsentLedger
from cornerman.room.desk import RepDesk
from cornerman.room.driver import Driver
from cornerman.room.ears import Ears, is_human
from cornerman.room.languages import Languages
from cornerman.room.line_guard import LineGuard
from cornerman.room.meaning import Meaning
from cornerman.room.observing import Observer
from cornerman.room.private_line import PrivateLine
from cornerman.room.rep_requests import RepRequests
from cornerman.room.rep_screen import RepScreen
from cornerman.room.restore import Earlier, earlier_of
from cornerman.room.room_key import JoinKey, RoomKey
from cornerman.room.state import NAME_LIMIT, state_of
from cornerman_client.privacy import can_be_answered, can_be_called

logger = logging.getLogger(__name__)

LAST_WORDS = 1.0
LAST_MEANING = 0.5
"""Seconds for the sentences said last to be understood."""


class Call:
    """Coaches one rep in one room, from connect to the end. `providers` hear its participants."""

    def __init__(
        self,
        room: rtc.Room,
        metadata: JobMetadata,
        settings: Settings,
        *,
        playbook: Playbook,
        coach: Coach,
        journal: Journal,
        clock: CallClock,
        providers: SpeechProviders,
        meaning: Meaning,
        brains: Brains,
        accounts: AccountSource,
        join_key: JoinKey,
    ) -> None:
        self._room = room
        self._metadata = metadata
        self._journal = journal
        self._clock = clock
        self._providers = providers
        self._meaning = meaning
        self._brains = brains
        self._ledger = ConsentLedger(metadata.consent, metadata.rep)
        self._present: dict[str, rtc.RemoteParticipant] = {}
        self._ending = False
        self._observer = Observer.of(room, journal, settings, clock.now)
        self._restored: dict[str, Nudge] = {}
        self._guard = LineGuard(room.local_participant, metadata.rep)
        self._room_key = RoomKey(join_key, self._guard)
        self._line = PrivateLine(
            room.local_participant,
            metadata.rep,
            rep_sid=self._rep_sid,
            now=clock.now,
            delivered=self.feed,
            state=self.state,
        )
        self._driver = Driver(
            coach,
            journal,
            clock,
            nudge=self._line.nudge,
            ask=meaning.ask,
            decided=self._line.state_changed,
            followed=self._followed,
        )
        self._screen = RepScreen(
            settings.screen,
            metadata.rep,
            call=journal.folder.name,
            may_see=lambda: self._may_hear(metadata.rep),
            now=clock.now,
            changed=self.feed,
            readable=self._room_key.readable,
            keeping=journal.keeping,
        )
        self._advising = Advising(
            brains,
            settings,
            metadata,
            playbook,
            accounts,
            self._screen.watcher,
            folder=journal.folder,
            keeping=journal.keeping,
            gauges=coach.gauges,
            now=clock.now,
            feed=self.feed,
            note=self._driver.note,
            keep_text=self._driver.keep_text,
            changed=self._line.state_changed,
        )
        desk = RepDesk(
            playbook,
            self._advising,
            self._driver,
            self._line,
            self._ledger,
            segment=journal.segment,
            present=self._present.keys(),
            feed=self.feed,
            state=self.state,
            consent_changed=self._consent_changed,
        )
        self._requests = RepRequests(metadata.rep, desk, answerable=lambda: can_be_answered(room, metadata.rep))
        chain = providers.chain(metadata.names())
        self._languages = Languages(
            metadata, default=settings.stt.language, playbook=playbook.language, providers=chain
        )
        self._ears = Ears(
            room,
            may_hear=self._may_hear,
            readable=self._room_key.readable,
            role_of=self._metadata.role_of,
            language_of=self._languages.of,
            providers=chain,
            breakers=providers.breakers,
            settings=settings,
            now=clock.now,
            feed=self.feed,
            heard_language=self._heard_language,
            changed=self._line.state_changed,
            note=lambda identity, facts: self._driver.note(participant=identity, at=clock.now(), **facts),
        )

    def start(self) -> None:
        """Takes up the call: guards the line, answers the rep, looks at who is there, restores what an earlier coach
        knew.
        """
        self._guard.install()
        self._observer.start()
        self._room_key.follow(self._room, self._line.state_changed)
        self._meaning.serve(self.feed, self._meaning_changed)
        self._advising.start()
        self._requests.register(self._room.local_participant)
        self._restore(earlier_of(self._journal.earlier))
        for identity in self._metadata.consent.granted:
            self.feed(Consent(identity, self._ledger.state_of(identity), "metadata"))
        for misfit in self._languages.misfits():
            self._tell_of(misfit)
        self._listen_to_room()
        for participant in list(self._room.remote_participants.values()):
            self._came(participant)
        self._line.start()
        self._line.state_changed()

    def feed(self, event: Event) -> None:
        """The one way into the coach: stamped here, in the order of arrival."""
        if isinstance(event, Partial | Turn) and not self._may_hear(event.identity):
            return  # recognised while consent was taken back: not even the journal may see it
        if isinstance(event, Advice) and not all(self._may_hear(identity) for identity in event.saw):
            return  # made of words that are to be forgotten
        self._driver.feed(event)

    def state(self) -> wire.State:
        """The call as the rep should see it."""
        return state_of(
            segment=self._journal.segment,
            at=self._clock.now(),
            ending=self._ending,
            metadata=self._metadata,
            ledger=self._ledger,
            present=self._present,
            ears=self._ears,
            coach=self._driver.coach,
            trouble=(*self._driver.trouble, *self._room_key.trouble),
            engine=self._advising.engine,
            insights=self._advising.insights,
            screen=self._screen.seeing,
            room_key=self._room_key,
        )

    async def aclose(self, reason: str) -> None:
        """Ends the call: last turns, last words to the rep, journal closed."""
        if self._ending:
            return
        self._ending = True
        await self._ears.aclose()
        await self._screen.aclose()
        await self._meaning.aclose(LAST_MEANING)
        self.feed(CallEnd(reason))
        await self._line.aclose(LAST_WORDS)
        await self._advising.aclose()
        coach = self._driver.coach
        self._driver.note(
            sent=dict(self._guard.sent),
            refused=dict(self._guard.refused),
            strangers=self._requests.strangers,
            usage=self._ears.usage,
            models=self._advising.usage,
            nudges={"shown": coach.shown, "withdrawn": coach.withdrawn, "held": coach.held},
        )
        self._driver.close()
        await self._providers.aclose()
        await self._brains.aclose()
        await self._observer.aclose(strangers=self._requests.strangers, refused=self._guard.refused.total())

    async def unguard(self, _reason: str) -> None:
        """Takes the guard away, once the room is left."""
        self._guard.remove()

    def account_is(self, look_up: asyncio.Task[AccountRecord | None]) -> None:
        """The account look-up that began before the call; the call does not wait for it."""
        self._advising.account_is(look_up)

    # -- who is there, and who may be heard --

    def _listen_to_room(self) -> None:
        room = self._room
        room.on("participant_connected", self._came)
        room.on("participant_disconnected", self._left)
        room.on("participant_attributes_changed", self._attributes_changed)
        room.on("track_published", lambda _publication, participant: self._apply(participant))
        room.on("track_unpublished", self._unpublished)
        room.on("track_subscribed", self._track_subscribed)
        room.on("track_unsubscribed", self._track_unsubscribed)
        room.on("track_muted", lambda _, publication: self._muted(publication, True))
        room.on("track_unmuted", lambda _, publication: self._muted(publication, False))
        room.on("participant_name_changed", self._renamed)
        room.on("reconnected", self._reconnected)  # what was asked meanwhile is lost on the way

    def _came(self, participant: rtc.RemoteParticipant) -> None:
        if not is_human(participant):
            return
        identity = participant.identity
        self._present[identity] = participant
        name = plain(participant.name or "", NAME_LIMIT)
        self.feed(Attendance(identity, name, self._metadata.role_of(identity), True))
        self._consent_changed(self._ledger.attribute(identity, participant.attributes.get(wire.CONSENT_ATTRIBUTE, "")))
        self._apply(participant)
        if identity == self._metadata.rep:
            if not can_be_called(participant):
                logger.error("the rep's client is of a LiveKit version that cannot be spoken to privately: update it")
            self._line.rep_came()
        self._line.state_changed()

    def _reconnected(self) -> None:
        for participant in self._present.values():
            self._apply(participant)

    def _left(self, participant: rtc.RemoteParticipant) -> None:
        present = self._present.get(participant.identity)
        if present is None or present.sid != participant.sid:
            return
        del self._present[participant.identity]
        for publication in participant.track_publications.values():
            self._ears.unsubscribed(publication.sid)
        self._screen.left(participant)
        name = plain(participant.name or "", NAME_LIMIT)
        self.feed(Attendance(participant.identity, name, self._metadata.role_of(participant.identity), False))
        self._line.state_changed()

    def _attributes_changed(self, _changed: dict[str, str], participant: rtc.Participant) -> None:
        if participant.identity in self._present:
            value = participant.attributes.get(wire.CONSENT_ATTRIBUTE, "")
            self._consent_changed(self._ledger.attribute(participant.identity, value))

    def _track_subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, owner: rtc.RemoteParticipant
    ) -> None:
        if not self._screen.subscribed(track, publication, owner):
            self._ears.subscribed(track, publication, owner)  # who gives back whatever is no microphone
        self._line.state_changed()

    def _track_unsubscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, _owner: rtc.RemoteParticipant
    ) -> None:
        self._ears.unsubscribed(publication.sid)
        self._screen.unsubscribed(track, publication)
        self._line.state_changed()

    def _unpublished(self, publication: rtc.RemoteTrackPublication, owner: rtc.RemoteParticipant) -> None:
        self._screen.unpublished(publication, owner)
        self._line.state_changed()

    def _apply(self, participant: rtc.RemoteParticipant) -> None:
        """Takes of somebody what their consent allows."""
        self._ears.apply(participant)
        self._screen.apply(participant)

    def _muted(self, publication: rtc.TrackPublication, muted: bool) -> None:
        self._ears.muted(publication.sid, muted)
        self._screen.muted(publication.sid, muted)
        self._line.state_changed()

    def _renamed(self, participant: rtc.Participant, _before: str, name: str) -> None:
        if participant.identity in self._present:
            shown = plain(name, NAME_LIMIT)
            self.feed(Attendance(participant.identity, shown, self._metadata.role_of(participant.identity), True))
            self._line.state_changed()

    def _consent_changed(self, changes: Iterable[ConsentChange]) -> None:
        """Deaf first, then forgetting: nothing of somebody who withdrew is heard while their words are deleted."""
        for change in changes:
            participant = self._present.get(change.identity)
            if participant is not None:
                self._apply(participant)
            elif change.state != "granted":
                self._ears.forget(change.identity)  # what was kept of somebody who left may still be on its way
            self.feed(Consent(change.identity, change.state, change.how))
            if change.purge:
                self.feed(Purge(change.identity))
                self._meaning.forget(change.identity)
                self._screen.forget(change.identity)
                self._withdraw_restored(change.identity)
                self._driver.purge(change.identity)
            logger.info("consent", extra={"participant": change.identity, "state": change.state, "how": change.how})
        self._line.state_changed()

    def _withdraw_restored(self, identity: str) -> None:
        """Cards of an earlier segment that quote somebody who withdrew, or rest on their words: this coach's mind does
        not know them.
        """
        for nudge_id, nudge in list(self._restored.items()):
            if identity in nudge.saw or any(identity == whose(cause) for cause in nudge.because):
                self._line.nudge(withdrawn(self._restored.pop(nudge_id), self._clock.now()))

    def _restore(self, earlier: Earlier) -> None:
        for identity, state in earlier.consent.items():
            self._consent_changed(self._ledger.restore(identity, state))
        if earlier.attention != "live":
            self.feed(Control(earlier.attention))
        if earlier.restored != Restored(()):
            self.feed(earlier.restored)
        self._restored = earlier.cards
        for nudge in earlier.cards.values():
            self._line.remember(nudge)

    def _heard_language(self, identity: str, language: str) -> None:
        misfit = self._languages.heard(identity, language)
        if misfit is not None:
            self._tell_of(misfit)

    def _tell_of(self, misfit: str) -> None:
        logger.warning("languages do not fit together; the journal says which")
        self._driver.note(misfit=misfit)
        self._driver.trouble[misfit] = None
        self._line.state_changed()

    def _followed(self, event: Event, now: float, made: Sequence[Decision]) -> None:
        self._observer.follow(event, now, made, self._advising.follow)

    def _meaning_changed(self) -> None:
        self._driver.note(meaning=self._meaning.facts, at=self._clock.now())

    def _may_hear(self, identity: str) -> bool:
        return self._metadata.role_of(identity) != "observer" and self._ledger.state_of(identity) == "granted"

    def _rep_sid(self) -> str | None:
        """The rep's sid while a call to the rep reaches the rep alone; nobody is called in doubt."""
        rep = self._present.get(self._metadata.rep)
        if rep is None or not can_be_called(rep):
            return None
        return rep.sid
