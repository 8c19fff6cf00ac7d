"""What the rep may ask of the coach: hello, consent, feedback, control, source, notes, and a question.

In: RPC calls. Out: answers to the rep. Anybody else gets one fixed error text, whatever was called and however, so that
a stranger learns nothing but that somebody is there. Bad payloads are refused with what is wrong, never with what they
held.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from livekit import rtc
from pydantic import ValidationError

from cornerman.contract import faults_of, wire

logger = logging.getLogger(__name__)

Request = TypeVar("Request", bound=wire.Message)


class Desk(Protocol):
    """Who carries the rep's requests out. Methods raise RequestRefusedError with what the rep should know."""

    def hello(self, request: wire.Hello) -> wire.Message: ...
    def consent(self, request: wire.ConsentRequest) -> wire.Message: ...
    def feedback(self, request: wire.FeedbackRequest) -> None: ...
    def control(self, request: wire.ControlRequest) -> wire.Message: ...
    def source(self, request: wire.SourceRequest) -> wire.Message: ...
    def ask(self, request: wire.Ask) -> wire.Message: ...
    def notes(self, request: wire.NotesRequest) -> wire.Message: ...


class RequestRefusedError(Exception):
    """A request of the rep that cannot be carried out; `message` is for the rep."""

    def __init__(self, message: str, code: int = wire.BAD_REQUEST_CODE) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class RepRequests:
    """Answers the rep, refuses everybody else. `strangers` counts refused callers; `answerable` tells whether an answer
    would reach the rep alone."""

    def __init__(self, rep: str, desk: Desk, *, answerable: Callable[[], bool]) -> None:
        self._rep = rep
        self._desk = desk
        self._answerable = answerable
        self.strangers = 0

    def register(self, participant: rtc.LocalParticipant) -> None:
        """Makes the methods callable."""
        desk = self._desk
        participant.register_rpc_method(wire.HELLO, self._guarded(wire.Hello, desk.hello))
        participant.register_rpc_method(wire.CONSENT, self._guarded(wire.ConsentRequest, desk.consent))
        participant.register_rpc_method(wire.FEEDBACK, self._guarded(wire.FeedbackRequest, desk.feedback))
        participant.register_rpc_method(wire.CONTROL, self._guarded(wire.ControlRequest, desk.control))
        participant.register_rpc_method(wire.SOURCE, self._guarded(wire.SourceRequest, desk.source))
        participant.register_rpc_method(wire.ASK, self._guarded(wire.Ask, desk.ask))
        participant.register_rpc_method(wire.NOTES, self._guarded(wire.NotesRequest, desk.notes))

    def _guarded(
        self, kind: type[Request], carry_out: Callable[[Request], wire.Message | None]
    ) -> Callable[[rtc.RpcInvocationData], Awaitable[str]]:
        async def answer(call: rtc.RpcInvocationData) -> str:
            if call.caller_identity != self._rep:
                self.strangers += 1
                raise rtc.RpcError(wire.STRANGER_CODE, wire.STRANGER_TEXT)
            if not self._answerable():
                raise rtc.RpcError(wire.NOT_READY_CODE, wire.NOT_READY_TEXT)
            return self._answer(kind, carry_out, call.payload)

        return answer

    def _answer(self, kind: type[Request], carry_out: Callable[[Request], wire.Message | None], payload: str) -> str:
        if len(payload.encode()) > wire.MAX_PAYLOAD_BYTES:
            raise rtc.RpcError(wire.BAD_REQUEST_CODE, f"larger than {wire.MAX_PAYLOAD_BYTES} bytes")
        try:
            request = kind.model_validate_json(payload)
        except ValidationError as error:
            raise rtc.RpcError(wire.BAD_REQUEST_CODE, "; ".join(faults_of(error))[:500]) from None
        try:
            answer = carry_out(request)
        except RequestRefusedError as refused:
            raise rtc.RpcError(refused.code, refused.message) from None
        text = answer.to_json() if answer is not None else '"ok"'
        if len(text.encode()) > wire.MAX_PAYLOAD_BYTES:
            raise rtc.RpcError(wire.BAD_REQUEST_CODE, "the answer is too large to be sent privately")
        return text
