"""One call, live: LiveKit's events in at one end, what the rep is sent out at the other.

Knows who is there and who may be heard, answers the rep, and hands every input to the driver, which makes the coach's
decisions of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from livekit import rtc

from cornerman.coach import Coach
from cornerman.coach.grounding import whose, withdrawn
from cornerman.config import Settings
from cornerman.contract import JobMetadata, Role, wire
from cornerman.crm import AccountRecord
from cornerman.events import (
    Ask,
    Attendance,
    CallEnd,
    Consent,
    Control,
    Event,
    Feedback,
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
from cornerman.room.driver import Driver
from cornerman.room.ears import Ears, is_human
from cornerman.room.languages import Languages
from cornerman.room.line_guard import LineGuard
from cornerman.room.meaning import Meaning
from cornerman.room.private_line import PrivateLine
from cornerman.room.rep_requests import RepRequests, RequestRefusedError
from cornerman.room.restore import Earlier, earlier_of
from cornerman.room.state import NAME_LIMIT, state_of
from cornerman_client.privacy import can_be_answered, can_be_called

logger = logging.getLogger(__name__)

SOURCE_TEXT_LIMIT = 8000
"""Characters of a source's text that fit a payload whatever the alphabet is."""
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
    ) -> None:
        self._room = room
        self._metadata = metadata
        self._playbook = playbook
        self._journal = journal
        self._clock = clock
        self._providers = providers
        self._meaning = meaning
        self._ledger = ConsentLedger(metadata.consent, metadata.rep)
        self._present: dict[str, rtc.RemoteParticipant] = {}
        self._ending = False
        self._asked = 0
        self._restored: dict[str, Nudge] = {}
        self._account: asyncio.Task[AccountRecord | None] | None = None
        self._guard = LineGuard(room.local_participant, metadata.rep)
        self._requests = RepRequests(metadata.rep, self, answerable=self._rep_answerable)
        self._line = PrivateLine(
            room.local_participant,
            metadata.rep,
            rep_sid=self._rep_sid,
            now=clock.now,
            delivered=self.feed,
            state=self.state,
        )
        self._driver = Driver(
            coach, journal, clock, nudge=self._line.nudge, ask=meaning.ask, decided=self._line.state_changed
        )
        chain = providers.chain(self._names())
        self._languages = Languages(
            metadata, default=settings.stt.language, playbook=playbook.language, providers=chain
        )
        self._ears = Ears(
            room,
            may_hear=self._may_hear,
            role_of=self._role_of,
            language_of=self._languages.of,
            providers=chain,
            breakers=providers.breakers,
            settings=settings,
            now=clock.now,
            feed=self.feed,
            heard_language=self._heard_language,
            changed=self._line.state_changed,
            note=self._note_hearing,
        )

    def start(self) -> None:
        """Takes up the call: guards the line, answers the rep, looks at who is there, restores what an earlier coach
        knew.
        """
        self._guard.install()
        self._meaning.serve(self.feed, self._meaning_changed)
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
            trouble=tuple(self._driver.trouble),
        )

    async def aclose(self, reason: str) -> None:
        """Ends the call: last turns, last words to the rep, journal closed."""
        if self._ending:
            return
        self._ending = True
        if self._account is not None:
            self._account.cancel()
        await self._ears.aclose()
        await self._meaning.aclose(LAST_MEANING)
        self.feed(CallEnd(reason))
        await self._line.aclose(LAST_WORDS)
        coach = self._driver.coach
        self._driver.note(
            sent=dict(self._guard.sent),
            refused=dict(self._guard.refused),
            strangers=self._requests.strangers,
            usage=self._ears.usage,
            nudges={"shown": coach.shown, "withdrawn": coach.withdrawn, "held": coach.held},
        )
        self._driver.close()
        await self._providers.aclose()

    async def unguard(self, _reason: str) -> None:
        """Takes the guard away, once the room is left."""
        self._guard.remove()

    def account_is(self, look_up: asyncio.Task[AccountRecord | None]) -> None:
        """The account look-up that began before the call; its end is noted, the call does not wait for it."""
        self._account = look_up
        look_up.add_done_callback(self._account_known)

    def _account_known(self, look_up: asyncio.Task[AccountRecord | None]) -> None:
        record = None if look_up.cancelled() else look_up.result()
        if not self._ending:
            self._driver.note(account=record.id or record.company if record is not None else None)

    # -- what the rep asks for --

    def hello(self, request: wire.Hello) -> wire.Message:
        """The rep's client is there: cards go out again, the answer is the state."""
        self._driver.note(client=request.client, client_version=request.version)
        self._line.rep_is_ready()
        return self.state()

    def consent(self, request: wire.ConsentRequest) -> wire.Message:
        """The rep says whom the disclosure reached, or takes consent back for somebody."""
        unknown = [identity for identity in request.identities if identity not in self._present]
        if request.granted and unknown:
            raise RequestRefusedError(
                f"not in the call: {', '.join(unknown)[:300]}; nothing was changed. Confirm for those who are there",
                wire.NOT_FOUND_CODE,
            )
        self._driver.note(
            consent_by="rep",
            identities=list(request.identities),
            granted=request.granted,
            how=request.how,
            text=request.text,
        )
        self._consent_changed(self._ledger.confirmed_by_rep(request.identities, request.granted))
        return self.state()

    def feedback(self, request: wire.FeedbackRequest) -> None:
        """What the rep did with a card."""
        self.feed(Feedback(request.id, request.feedback))

    def control(self, request: wire.ControlRequest) -> wire.Message:
        """How much the rep wants to hear."""
        self.feed(Control(request.attention))
        self._line.state_changed()
        return self.state()

    def source(self, request: wire.SourceRequest) -> wire.Message:
        """The text behind a card."""
        section = self._playbook.sections.get(request.id)
        if section is None:
            raise RequestRefusedError("no such source; ask for an id that came with a nudge", wire.NOT_FOUND_CODE)
        text = section.text[:SOURCE_TEXT_LIMIT]
        while len(text.encode()) > wire.MAX_PAYLOAD_BYTES - 2048:
            text = text[: len(text) // 2]
        return wire.SourceText(id=request.id, title=section.title, text=text, cut=len(text) < len(section.text))

    def ask(self, request: wire.Ask) -> wire.Message:
        """The rep asks; the answer comes as a nudge. The question's words are kept nowhere.

        `off` is the one wish that promises an empty screen: it holds against a question too, and the rep is told so.
        """
        if self._driver.coach.attention == "off":
            raise RequestRefusedError(
                "the coach is switched off and shows nothing; switch it to live or quiet to be answered",
                wire.SWITCHED_OFF_CODE,
            )
        self._asked += 1
        ask = f"{self._journal.segment}-q{self._asked}"
        self.feed(Ask(ask))
        return wire.Asked(id=ask)

    # -- who is there, and who may be heard --

    def _listen_to_room(self) -> None:
        room = self._room
        room.on("participant_connected", self._came)
        room.on("participant_disconnected", self._left)
        room.on("participant_attributes_changed", self._attributes_changed)
        room.on("track_published", lambda _publication, participant: self._ears.apply(participant))
        room.on("track_subscribed", self._track_subscribed)
        room.on("track_unsubscribed", self._track_unsubscribed)
        room.on("track_muted", lambda _, publication: self._muted(publication, True))
        room.on("track_unmuted", lambda _, publication: self._muted(publication, False))
        room.on("participant_name_changed", self._renamed)

    def _came(self, participant: rtc.RemoteParticipant) -> None:
        if not is_human(participant):
            return
        identity = participant.identity
        self._present[identity] = participant
        self.feed(Attendance(identity, plain(participant.name or "", NAME_LIMIT), self._role_of(identity), True))
        self._consent_changed(self._ledger.attribute(identity, participant.attributes.get(wire.CONSENT_ATTRIBUTE, "")))
        self._ears.apply(participant)
        if identity == self._metadata.rep:
            if not can_be_called(participant):
                logger.error("the rep's client is of a LiveKit version that cannot be spoken to privately: update it")
            self._line.rep_came()
        self._line.state_changed()

    def _left(self, participant: rtc.RemoteParticipant) -> None:
        present = self._present.get(participant.identity)
        if present is None or present.sid != participant.sid:
            return
        del self._present[participant.identity]
        for publication in participant.track_publications.values():
            self._ears.unsubscribed(publication.sid)
        name = plain(participant.name or "", NAME_LIMIT)
        self.feed(Attendance(participant.identity, name, self._role_of(participant.identity), False))
        self._line.state_changed()

    def _attributes_changed(self, _changed: dict[str, str], participant: rtc.Participant) -> None:
        if participant.identity in self._present:
            value = participant.attributes.get(wire.CONSENT_ATTRIBUTE, "")
            self._consent_changed(self._ledger.attribute(participant.identity, value))

    def _track_subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, owner: rtc.RemoteParticipant
    ) -> None:
        self._ears.subscribed(track, publication, owner)
        self._line.state_changed()

    def _track_unsubscribed(
        self, _track: rtc.Track, publication: rtc.RemoteTrackPublication, _owner: rtc.RemoteParticipant
    ) -> None:
        self._ears.unsubscribed(publication.sid)
        self._line.state_changed()

    def _muted(self, publication: rtc.TrackPublication, muted: bool) -> None:
        self._ears.muted(publication.sid, muted)
        self._line.state_changed()

    def _renamed(self, participant: rtc.Participant, _before: str, name: str) -> None:
        if participant.identity in self._present:
            shown = plain(name, NAME_LIMIT)
            self.feed(Attendance(participant.identity, shown, self._role_of(participant.identity), True))
            self._line.state_changed()

    def _consent_changed(self, changes: Iterable[ConsentChange]) -> None:
        """Deaf first, then forgetting: nothing of somebody who withdrew is heard while their words are deleted."""
        for change in changes:
            participant = self._present.get(change.identity)
            if participant is not None:
                self._ears.apply(participant)
            elif change.state != "granted":
                self._ears.forget(change.identity)  # what was kept of somebody who left may still be on its way
            self.feed(Consent(change.identity, change.state, change.how))
            if change.purge:
                self.feed(Purge(change.identity))
                self._meaning.forget(change.identity)
                self._withdraw_restored(change.identity)
                self._driver.purge(change.identity)
            logger.info("consent", extra={"participant": change.identity, "state": change.state, "how": change.how})
        self._line.state_changed()

    def _withdraw_restored(self, identity: str) -> None:
        """Cards of an earlier segment that quote somebody who withdrew: this coach's mind does not know them."""
        for nudge_id, nudge in list(self._restored.items()):
            if any(identity == whose(cause) for cause in nudge.because):
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

    def _role_of(self, identity: str) -> Role:
        return self._metadata.role_of(identity)

    def _heard_language(self, identity: str, language: str) -> None:
        misfit = self._languages.heard(identity, language)
        if misfit is not None:
            self._tell_of(misfit)

    def _tell_of(self, misfit: str) -> None:
        logger.warning("languages do not fit together; the journal says which")
        self._driver.note(misfit=misfit)
        self._driver.trouble[misfit] = None
        self._line.state_changed()

    def _meaning_changed(self) -> None:
        self._driver.note(meaning=self._meaning.facts, at=self._clock.now())

    def _names(self) -> tuple[str, ...]:
        """Names that this very call will hear: people and the company they buy for."""
        account = self._metadata.account
        names = [listed.name for listed in self._metadata.participants.values()]
        return tuple(name for name in [*names, account.company if account else ""] if name.strip())

    def _note_hearing(self, identity: str, facts: dict[str, object]) -> None:
        self._driver.note(participant=identity, at=self._clock.now(), **facts)

    def _may_hear(self, identity: str) -> bool:
        return self._role_of(identity) != "observer" and self._ledger.state_of(identity) == "granted"

    def _rep_sid(self) -> str | None:
        """The rep's sid while a call to the rep reaches the rep alone; nobody is called in doubt."""
        rep = self._present.get(self._metadata.rep)
        if rep is None or not can_be_called(rep):
            return None
        return rep.sid

    def _rep_answerable(self) -> bool:
        return can_be_answered(self._room, self._metadata.rep)
