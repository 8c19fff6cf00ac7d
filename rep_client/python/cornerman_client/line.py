"""The rep's calls to the coach: one RPC out, one checked answer back, always under a deadline.

Turns the RPC's error codes into this package's errors: codes the SDK reserves (1001 to 1999) mean the coach could not
be reached or could not answer, all others are the coach's own refusal.
"""

from __future__ import annotations

import asyncio
from typing import TypeVar

from livekit import rtc

from cornerman_client.contract import MAX_PAYLOAD_BYTES, NOT_READY_CODE, Message
from cornerman_client.errors import AnswerUnreadable, CoachRefused, CoachUnavailable
from cornerman_client.reading import Unreadable, read, showable

ANSWER_SECONDS = 5.0
REACH_SECONDS = 2.0

_RESERVED = (*range(1001, 2000), NOT_READY_CODE)
_REASONS: dict[int, str] = {
    rtc.RpcError.ErrorCode.UNSUPPORTED_METHOD: "the coach is not ready yet; ask again in a moment",
    NOT_READY_CODE: "the coach does not know this participant yet; ask again in a moment",
    rtc.RpcError.ErrorCode.CONNECTION_TIMEOUT: "the coach could not be reached; it may have left",
    rtc.RpcError.ErrorCode.RESPONSE_TIMEOUT: "the coach did not answer in time; ask again",
    rtc.RpcError.ErrorCode.RECIPIENT_DISCONNECTED: "the coach left before it answered",
    rtc.RpcError.ErrorCode.SEND_FAILED: "the connection to the room is gone",
}

Answer = TypeVar("Answer", bound=Message)


class CoachLine:
    """Calls over one room's data channel."""

    def __init__(self, room: rtc.Room) -> None:
        self._room = room

    async def ask(self, coach: str, method: str, message: Message, *, timeout: float = ANSWER_SECONDS) -> str:
        """Calls one method of one coach and returns its raw answer; `timeout` in seconds, without the way there.

        Raises:
            CoachUnavailable: the coach could not be reached or did not answer in time.
            CoachRefused: the coach answered with an error of its own.
            ValueError: the message is larger than the contract allows.
        """
        payload = message.to_json()
        if len(payload.encode()) > MAX_PAYLOAD_BYTES:
            raise ValueError(f"{method}: the message is over {MAX_PAYLOAD_BYTES} bytes; send less at a time")
        if not self._room.isconnected():
            raise CoachUnavailable("the room is not connected")
        try:
            async with asyncio.timeout(timeout + REACH_SECONDS + 1.0):
                return await self._room.local_participant.perform_rpc(
                    destination_identity=coach,
                    method=method,
                    payload=payload,
                    response_timeout=timeout,
                    max_round_trip_latency=REACH_SECONDS,
                )
        except rtc.RpcError as error:
            code = int(error.code)
            if code in _RESERVED:
                raise CoachUnavailable(
                    _REASONS.get(code, f"the call failed: {showable(error.message)}"), code
                ) from error
            raise CoachRefused(code, showable(error.message)) from error
        except TimeoutError as error:
            code = int(rtc.RpcError.ErrorCode.RESPONSE_TIMEOUT)
            raise CoachUnavailable(_REASONS[code], code) from error

    async def ask_for(
        self, answer: type[Answer], coach: str, method: str, message: Message, *, timeout: float = ANSWER_SECONDS
    ) -> Answer:
        """Like `ask`, with the answer checked.

        Raises:
            AnswerUnreadable: the coach answered something that is not in the contract.
        """
        text = await self.ask(coach, method, message, timeout=timeout)
        try:
            return read(answer, text)
        except Unreadable:
            raise AnswerUnreadable(f"{method}: the coach's answer is not in the contract") from None
