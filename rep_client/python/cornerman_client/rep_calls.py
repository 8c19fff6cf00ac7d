"""What the rep says to the coach: hello, consent, wishes, feedback, questions.

In: what the rep does. Out: one call to the coach each, its answer checked. Every call has a deadline and raises
`CornermanClientError` where it came to nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from cornerman_client import contract
from cornerman_client.contract import NotesPage, SourceText, State
from cornerman_client.line import CoachLine


class RepCalls(ABC):
    """The calls of one rep; who the coach is, and what becomes of a state it answers with, is the heir's to say."""

    def __init__(self, line: CoachLine, hello: contract.Hello) -> None:
        self._line = line
        self._hello = hello

    @abstractmethod
    def _reachable_coach(self) -> str:
        """The coach to call.

        Raises:
            ClientClosed: the client is closed.
            CoachUnavailable: there is none.
        """

    @abstractmethod
    def _take_answer(self, coach: str, state: State) -> None:
        """Takes in the state a coach answered with."""

    async def hello(self) -> State:
        """Introduces this client anew; the coach sends unexpired cards again. Done on its own whenever it is needed."""
        return await self._say_hello(self._reachable_coach())

    async def consent(self, identities: Sequence[str], *, granted: bool, how: str = "", text: str = "") -> State:
        """Says whom the disclosure reached (`how` it was made and its `text`), or takes consent back."""
        request = contract.ConsentRequest(identities=tuple(identities), granted=granted, how=how, text=text)
        return await self._ask_state(self._reachable_coach(), contract.CONSENT, request)

    async def control(self, attention: contract.Attention) -> State:
        """Says how much the rep wants to hear."""
        request = contract.ControlRequest(attention=attention)
        return await self._ask_state(self._reachable_coach(), contract.CONTROL, request)

    async def feedback(self, nudge_id: str, kind: contract.FeedbackKind) -> None:
        """Says what the rep did with a card."""
        request = contract.FeedbackRequest(id=nudge_id, feedback=kind)
        await self._line.ask(self._reachable_coach(), contract.FEEDBACK, request)

    async def source(self, source_id: str) -> SourceText:
        """The text behind a source of a card."""
        request = contract.SourceRequest(id=source_id)
        return await self._line.ask_for(SourceText, self._reachable_coach(), contract.SOURCE, request)

    async def ask(self, question: str) -> str:
        """Asks the coach something, in up to 2,000 characters. Returns the question's id: the answer comes as a nudge
        of kind `answer` whose `because` names it.

        Raises:
            ValueError: the question is empty or longer.
            CoachRefused: the rep has switched the coach off.
        """
        request = contract.Ask(question=question)
        return (await self._line.ask_for(contract.Asked, self._reachable_coach(), contract.ASK, request)).id

    async def notes(self, page: int = 1) -> NotesPage:
        """A page of the notes the coach has taken so far, as Markdown; one beyond the last is the last."""
        request = contract.NotesRequest(page=page)
        return await self._line.ask_for(NotesPage, self._reachable_coach(), contract.NOTES, request)

    async def _say_hello(self, coach: str) -> State:
        return await self._ask_state(coach, contract.HELLO, self._hello)

    async def _ask_state(self, coach: str, method: str, request: contract.Message) -> State:
        state = await self._line.ask_for(State, coach, method, request)
        self._take_answer(coach, state)
        return state
