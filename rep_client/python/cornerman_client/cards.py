"""Takes up nudges: each revision once, answered with what became of it on the rep's screen.

A checked nudge and its sender go in; the inbox gets what is new, and the coach's answer comes out. Promises: a revision
that is not newer than the known one is answered as before and not handed out again; a card sent again after the page
became visible is answered by what is seen now; a paint that takes too long, or that nobody sees, is not called shown.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from cornerman_client.clock import Clock
from cornerman_client.contract import Ack, Nudge
from cornerman_client.inbox import NudgeInbox

PAINT_SECONDS = 1.0
REMEMBERED_CARDS = 500
SHOWN, HIDDEN, DROPPED = "shown", "hidden", "dropped"
WITHDRAWN_HEADLINE = "Withdrawn"

Paint = Callable[[Nudge], Awaitable[object]]
"""Puts a revision on the screen; returns once it is there, and `False` where no person can see it."""

_logger = logging.getLogger("cornerman_client")


@dataclass(slots=True)
class _Card:
    nudge: Nudge
    sender: str
    answer: asyncio.Task[str]


class Cards:
    """The cards of a call, by id. Beyond `REMEMBERED_CARDS` the card that changed longest ago is forgotten.

    Args:
        inbox: gets every revision that is new.
        paint: awaited with each new revision; returning means it is on the screen, unless it returns `False`.
        clock: measures the time to paint.
    """

    def __init__(self, inbox: NudgeInbox, paint: Paint | None, clock: Clock) -> None:
        self.visible = True
        self.paint = paint
        self._inbox = inbox
        self._clock = clock
        self._cards: OrderedDict[str, _Card] = OrderedDict()
        self._presenting: set[asyncio.Task[str]] = set()

    async def take_up(self, nudge: Nudge, sender: str, entered: float) -> str:
        """The answer to one revision that came in at `entered`, on this object's clock."""
        card = self._cards.get(nudge.id)
        if card is None or nudge.rev > card.nudge.rev:
            card = _Card(nudge, sender, self._present(nudge, entered))
            self._cards[nudge.id] = card
            self._cards.move_to_end(nudge.id)
            if len(self._cards) > REMEMBERED_CARDS:
                self._cards.popitem(last=False)
            self._inbox.put(nudge)
        elif self.visible and card.answer.done() and not card.answer.cancelled() and card.answer.result() == HIDDEN:
            card.answer = self._present(card.nudge, entered)
        answer = card.answer
        # Waiting, not awaiting: the caller's deadline must not cut off a paint that a duplicate waits for too.
        await asyncio.wait([answer])
        return DROPPED if answer.cancelled() else answer.result()

    def forget_all(self) -> None:
        """Another coach mints the same ids from here on."""
        self._cards.clear()

    def withdraw_from(self, sender: str) -> None:
        """Takes back every card of a sender who turned out to be nobody to trust."""
        for card in [card for card in self._cards.values() if card.sender == sender]:
            del self._cards[card.nudge.id]
            withdrawn = card.nudge.model_copy(
                update={
                    "rev": card.nudge.rev + 1,
                    "final": True,
                    "status": "withdrawn",
                    "headline": WITHDRAWN_HEADLINE,
                    "detail": "",
                    "action": None,
                }
            )
            self._inbox.put(withdrawn)
            # Taken off the screen even where that is hidden just now: it would be there when the rep looks again.
            self._start(self._painted(withdrawn, self._clock.now()), withdrawn.id)

    async def aclose(self) -> None:
        """Ends every paint still going on; their callers are answered `dropped`."""
        tasks = tuple(self._presenting)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _present(self, nudge: Nudge, entered: float) -> asyncio.Task[str]:
        return self._start(self._presented(nudge, entered), nudge.id)

    def _start(self, presenting: Coroutine[None, None, str], nudge_id: str) -> asyncio.Task[str]:
        task = asyncio.create_task(presenting, name=f"cornerman-paint-{nudge_id}")
        self._presenting.add(task)
        task.add_done_callback(self._presenting.discard)
        return task

    async def _presented(self, nudge: Nudge, entered: float) -> str:
        return await self._painted(nudge, entered) if self.visible else HIDDEN

    async def _painted(self, nudge: Nudge, entered: float) -> str:
        """What became of a revision that was given to the painter; without one, whoever reads cards shows them."""
        if self.paint is None:
            return SHOWN
        try:
            async with asyncio.timeout(PAINT_SECONDS):
                if await self.paint(nudge) is False:
                    return HIDDEN
        except TimeoutError:
            return HIDDEN
        except Exception as error:
            # The embedder's fault, told by kind only: its text may quote the card.
            _logger.error("painting nudge %s failed with %s", nudge.id, type(error).__name__)
            return HIDDEN
        painted = round((self._clock.now() - entered) * 1000, 3)
        return Ack(status="shown", painted_ms=painted).model_dump_json()
