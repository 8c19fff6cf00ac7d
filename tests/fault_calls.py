"""Calls that something befalls: everybody in them, what the journal has of all they said, and the figures to print.

Words are judged over all segments of a call: a coach that came in place of another one continues the journal.
"""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from advising_calls import quiet
from calls import LiveCall, hearing, until
from hearing_calls import HEARD_WITHIN, Said, granted, say
from livekit import api

from cornerman.events import Partial, Turn
from cornerman.livekit_server import ServerAddress
from cornerman.record.reading import segments_of
from cornerman.stand_ins.tokens import prospect_token
from cornerman.stand_ins.voice import Voice
from cornerman.stand_ins.witness_process import witness
from cornerman_client import CoachClient

OBJECTION = ["that", "is", "too", "expensive", "for", "us"]
DISCOUNT = ["can", "you", "give", "us", "a", "discount"]
INNOCENT = ["good", "meeting", "friday", "thanks"]
"""What the rep says: it means nothing to the playbook."""

METADATA: dict[str, object] = {"v": 1, "rep": "rep", "consent": granted("rep", "prospect")}


@dataclass
class FaultCall:
    """A call with a rep and a prospect who are both heard, and what each of them has said so far."""

    call: LiveCall
    client: CoachClient
    voices: dict[str, Voice]
    said: dict[str, list[str]]

    async def say(self, identity: str, words: Sequence[str]) -> Said:
        """Says words and notes them as said."""
        self.said[identity] += words
        return await say(self.call, self.voices[identity], words)

    @property
    def spoken(self) -> dict[str, list[str]]:
        """What has been said, by those who have said anything."""
        return {who: words for who, words in self.said.items() if words}

    async def all_in_the_journal(self, seconds: float = HEARD_WITHIN) -> None:
        """Waits until everything that was said is there; fails unless it is there once, in order, under its speaker."""

        def there() -> bool:
            heard = heard_in(self.call)
            return all(len(heard.get(who, [])) >= len(words) for who, words in self.said.items())

        async with self.humming():
            try:
                await until(there, "all words", seconds)
            except AssertionError:
                assert heard_in(self.call) == self.spoken, "words were lost"
                raise
        assert heard_in(self.call) == self.spoken
        for who, words in taken_for(self.call).items():
            assert words <= set(self.said[who]), f"{who} never said some of this"

    async def heard_again(self, since: float, seconds: float = 60.0) -> float:
        """Waits for a state newer than one of `since` (call time) in which both are heard; returns how long it took."""
        began = time.monotonic()

        def both() -> bool:
            state = self.client.state
            return state is not None and state.at > since and hearing(self.client) >= set(self.voices)

        async with self.humming():
            await until(both, "the state in which both are heard", seconds)
        return time.monotonic() - began

    @property
    def now(self) -> float:
        """The coach's time as the rep's client knows it."""
        assert self.client.state is not None
        return self.client.state.at

    @asynccontextmanager
    async def humming(self) -> AsyncIterator[None]:
        """Microphones that stay open, as real ones do, while nobody says anything."""
        async with quiet(*self.voices.values()):
            yield


@asynccontextmanager
async def fault_call(call: LiveCall, *, rep: ServerAddress | None = None) -> AsyncIterator[FaultCall]:
    """Everybody is there and heard, a witness too, who in the end has received nothing. `rep`: where the rep joins."""
    async with witness(call.server.url, prospect_token(call.server, call.room, "witness")) as watching:
        await call.dispatch(**METADATA)
        there = call.server
        call.server = rep or there
        client = await call.rep()
        call.server = there
        assert call.rep_room is not None
        voices = {"rep": await call.voice(call.rep_room), "prospect": await call.person("prospect")}
        await call.coach_is_there(client)
        await call.heard(client, *voices.values())
        yield FaultCall(call, client, voices, {who: [] for who in voices})
        testimony = await watching.testify()
        assert testimony.clean, testimony


def heard_in(call: LiveCall) -> dict[str, list[str]]:
    """The words of all completed turns, in all segments, by who said them; without capitals and punctuation."""
    heard: dict[str, list[str]] = {}
    for segment in segments_of(call.folder()):
        for one in segment.heard():
            if isinstance(one.event, Turn) and one.event.words:
                words = [word.text.strip(".,!?").lower() for word in one.event.words]
                heard.setdefault(one.event.identity, []).extend(words)
    return heard


def taken_for(call: LiveCall) -> dict[str, set[str]]:
    """Every word that was ever taken for somebody's, unfinished ones too."""
    taken: dict[str, set[str]] = {}
    for segment in segments_of(call.folder()):
        for one in segment.heard():
            if isinstance(one.event, Partial | Turn) and one.event.words:
                words = {word.text.strip(".,!?").lower() for word in one.event.words}
                taken.setdefault(one.event.identity, set()).update(words)
    return taken


async def one_coach(call: LiveCall, client: CoachClient) -> None:
    """Fails unless there is exactly one coach in the room, the one the rep's client obeys."""
    coaches = await call.coaches()
    assert coaches == [client.coach]


def api_of(server: ServerAddress) -> api.LiveKitAPI:
    return api.LiveKitAPI(server.http_url, server.api_key, server.api_secret.get_secret_value())


def figure(what: str, value: float, unit: str = "s") -> None:
    """Prints what was measured, for `pytest -s`."""
    sys.stdout.write(f"\n  {what}: {value:.2f} {unit}\n")
