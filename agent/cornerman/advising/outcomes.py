"""Outcomes that a model proposed for the CRM: kept until the rep confirms one, then written, once.

In: proposals, and which one the rep confirmed. Out: what became of it, as an input of the coach. Nothing is written
that was not on a card, word for word.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from cornerman.contract import Account
from cornerman.crm import AccountSource, Outcome
from cornerman.errors import CornermanError
from cornerman.events import Acted, Event
from cornerman.tools import Proposal, ToolResult

logger = logging.getLogger(__name__)

WRITES_WITHIN: Final = 10.0
"""Seconds a source has to write: it may need several requests."""


class Outcomes:
    """The proposals of one call. `call` names it, so that the same one is written once however often it is sent."""

    def __init__(
        self, source: AccountSource, account: Account | None, call: str, feed: Callable[[Event], None]
    ) -> None:
        self._source = source
        self._account = account
        self._call = call
        self._feed = feed
        self._proposals: dict[str, tuple[Proposal, frozenset[str]]] = {}
        self._writing: dict[str, asyncio.Task[None]] = {}
        self._shown: set[str] = set()

    def proposed(self, results: Sequence[ToolResult], name: str, saw: Iterable[str] = ()) -> Proposal | None:
        """The proposal of this name, if it may be put on a card: it was made, and nobody was shown it yet. A model
        knows it by the id of the tool's result. `saw`: the participants whose words it may rest on.
        """
        made = {id_: one.proposal for one in results if one.proposal is not None for id_ in (one.id, one.proposal.id)}
        proposal = made.get(name)
        if proposal is None or self._account is None or proposal.id in self._shown:
            return None
        self._proposals[proposal.id] = proposal, frozenset(saw)
        self._shown.add(proposal.id)
        return proposal

    async def carry_out(self, name: str) -> None:
        """Writes what the rep confirmed and says what became of it."""
        proposal, _ = self._proposals.get(name, (None, None))
        done = False
        if proposal is not None and self._account is not None:
            outcome = Outcome(self._account, proposal.kind, proposal.summary, datetime.now(UTC), f"{self._call}/{name}")
            task = asyncio.current_task()
            assert task is not None
            self._writing[name] = task
            try:
                done = await self._written(outcome)
            finally:
                self._writing.pop(name, None)
        self._feed(Acted(name, done))

    def forget(self, identity: str) -> None:
        """Drops proposals that may hold words of somebody's which are to be forgotten. One that is being written is
        given up: it may have arrived already.
        """
        for name in [name for name, (_, saw) in self._proposals.items() if identity in saw]:
            del self._proposals[name]
            if name in self._writing:
                self._writing[name].cancel()

    async def _written(self, outcome: Outcome) -> bool:
        try:
            async with asyncio.timeout(WRITES_WITHIN):
                await self._source.log(outcome)
        except (TimeoutError, CornermanError) as error:
            logger.warning("an outcome was not written: %s", error or "it took too long")
            return False
        return True
