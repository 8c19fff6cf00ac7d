"""Carries out what the rep asks for: hello, consent, feedback, attention, sources, notes, and questions.

In: requests that came from the rep and nobody else. Out: answers, and inputs of the coach. What cannot be carried out
is refused with what the rep should know.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from cornerman.advising.advising import Advising
from cornerman.contract import wire
from cornerman.events import Ask, Control, Event, Feedback
from cornerman.playbook import Playbook
from cornerman.room.consent import ConsentChange, ConsentLedger
from cornerman.room.driver import Driver
from cornerman.room.private_line import PrivateLine
from cornerman.room.rep_requests import RequestRefusedError

SOURCE_TEXT_LIMIT = 8000
"""Characters of a source's text that fit a payload whatever the alphabet is."""


class RepDesk:
    """One call's desk. `present` tells who is in the call, `consent_changed` acts on changes of consent."""

    def __init__(
        self,
        playbook: Playbook,
        advising: Advising,
        driver: Driver,
        line: PrivateLine,
        ledger: ConsentLedger,
        *,
        segment: int,
        present: Collection[str],
        feed: Callable[[Event], None],
        state: Callable[[], wire.State],
        consent_changed: Callable[[Iterable[ConsentChange]], None],
    ) -> None:
        self._playbook = playbook
        self._advising = advising
        self._driver = driver
        self._line = line
        self._ledger = ledger
        self._segment = segment
        self._present = present
        self._feed = feed
        self._state = state
        self._consent_changed = consent_changed
        self._asked = 0

    def hello(self, request: wire.Hello) -> wire.Message:
        """The rep's client is there: cards go out again, the answer is the state."""
        self._driver.note(client=request.client, client_version=request.version)
        self._line.rep_is_ready()
        return self._state()

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
        return self._state()

    def feedback(self, request: wire.FeedbackRequest) -> None:
        """What the rep did with a card."""
        self._feed(Feedback(request.id, request.feedback))

    def control(self, request: wire.ControlRequest) -> wire.Message:
        """How much the rep wants to hear."""
        self._feed(Control(request.attention))
        self._line.state_changed()
        return self._state()

    def source(self, request: wire.SourceRequest) -> wire.Message:
        """The text behind a card."""
        found = self._playbook.sections.get(request.id) or self._advising.source(request.id)
        if found is None:
            raise RequestRefusedError("no such source; ask for an id that came with a nudge", wire.NOT_FOUND_CODE)
        text = found.text[:SOURCE_TEXT_LIMIT]
        while len(text.encode()) > wire.MAX_PAYLOAD_BYTES - 2048:
            text = text[: len(text) // 2]
        return wire.SourceText(id=request.id, title=found.title, text=text, cut=len(text) < len(found.text))

    def notes(self, request: wire.NotesRequest) -> wire.Message:
        """The notes of the call so far."""
        return self._advising.notes_page(request.page)

    def ask(self, request: wire.Ask) -> wire.Message:
        """The rep asks; the answer comes as a nudge. The question's words are kept only until it is answered.

        `off` is the one wish that promises an empty screen: it holds against a question too, and the rep is told so.
        """
        if self._driver.coach.attention == "off":
            raise RequestRefusedError(
                "the coach is switched off and shows nothing; switch it to live or quiet to be answered",
                wire.SWITCHED_OFF_CODE,
            )
        self._asked += 1
        ask = f"{self._segment}-q{self._asked}"
        self._advising.question(ask, request.question)
        self._feed(Ask(ask))
        return wire.Asked(id=ask)
