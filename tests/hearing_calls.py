"""Calls whose speech providers hear: a worker for each provider, pointed at a fake of it, and what was said as spoken.

The worker is real and so are the plugins; the fakes hear words from the audio they are sent.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from calls import LiveCall, until
from fakes.deepgram_flux import FakeDeepgramFlux
from fakes.deepgram_nova import FakeDeepgramNova
from fakes.openai_http import FakeOpenAIHttp
from fakes.openai_realtime import FakeOpenAIRealtime
from fakes.record import Record
from fakes.server import FakeProvider
from fakes.tones import Spoken, speak
from livekit import api, rtc

from cornerman.events import Event, Partial, Turn, Word
from cornerman.livekit_server import ServerAddress
from cornerman.stand_ins.voice import SAMPLE_RATE, Voice, joined
from cornerman.stand_ins.worker_process import worker

KEYS = {"DEEPGRAM_API_KEY": "a key", "OPENAI_API_KEY": "a key"}
HURRIED = {
    "CORNERMAN__STT__RETRY": "[0.2, 0.4, 0.8]",
    "CORNERMAN__STT__HANG": "1.5",
    "CORNERMAN__STT__REPLAY_SPEED": "8",
    "CORNERMAN__STT__BREAKER_REST": "2",
}
"""What a test does not want to wait for; all of it settings that an operator may set."""
HEARD_WITHIN = 25.0
"""Seconds after which everything has to be in the journal, through all tries of a provider."""
TOLERANCE = 0.3
"""Seconds between the time a word has in the journal and the time it was said."""
FIRST, THEN = ["we", "need", "the", "report"], ["too", "expensive", "for", "us"]
"""What somebody says in two parts, between whom something happens."""
SENTENCE = [*FIRST, "next", "week", "and", "that", "is", *THEN, "thanks"]
"""What somebody says in one breath: six seconds."""


@dataclass(frozen=True)
class HearingWorker:
    """A worker, and the provider it hears with."""

    provider: str
    fake: FakeProvider
    agent_name: str
    journals: Path
    log: Path
    pid: int = 0


def fake_provider(name: str) -> tuple[FakeProvider, dict[str, str]]:
    """A fake of this provider, and the settings that choose it, without its address."""
    match name:
        case "nova":
            return FakeDeepgramNova(), {"provider": "deepgram"}
        case "flux":
            return FakeDeepgramFlux(), {"provider": "deepgram", "model": "flux-general-en"}
        case "realtime":
            return FakeOpenAIRealtime(), {"provider": "openai"}
        case "http":
            return FakeOpenAIHttp(), {"provider": "openai_http"}
    raise ValueError(f"no fake of {name}")


def address_of(fake: FakeProvider) -> str:
    return fake.listen_url if isinstance(fake, FakeDeepgramNova | FakeDeepgramFlux) else f"{fake.url}/v1"


@contextmanager
def hearing_worker(
    server: ServerAddress, folder: Path, provider: str, environment: dict[str, str]
) -> Iterator[HearingWorker]:
    """A worker that hears with this provider. It coaches by words alone: what sentences mean is no part of hearing, and
    each job process would load the model.
    """
    fake, settings = fake_provider(provider)
    known = HearingWorker(provider, fake, f"cornerman-{folder.name}", folder / "calls", folder / "worker.log")
    with fake:
        chosen = {f"CORNERMAN__STT__{key.upper()}": value for key, value in settings.items()}
        with worker(
            server,
            known.log,
            {
                "CORNERMAN__WORKER__AGENT_NAME": known.agent_name,
                "CORNERMAN__WORKER__MAX_CPU": "1",
                "CORNERMAN__JOURNAL__PATH": str(known.journals),
                "CORNERMAN__STT__BASE_URL": address_of(fake),
                "CORNERMAN__MEANING__ENABLED": "off",
                **KEYS,
                **chosen,
                **environment,
            },
        ) as pid:
            yield replace(known, pid=pid)


@dataclass(frozen=True)
class Said:
    """What somebody said: the words, each with the call time at which it was spoken."""

    words: tuple[Spoken, ...]

    @property
    def texts(self) -> list[str]:
        return [word.text for word in self.words]


async def say(call: LiveCall, voice: Voice, words: Sequence[str], *, gap: float = 0.12) -> Said:
    """Says words at real pace; silence before and after. Times are by this machine's clock and the room's creation."""
    samples, spoken = speak(words, rate=voice.rate, lead=0.3, tail=0.5, gap=gap)
    zero = zero_of(call)
    began = time.time() - zero
    await voice.play(samples)
    return Said(tuple(Spoken(word.text, began + word.start, began + word.end) for word in spoken))


def zero_of(call: LiveCall) -> float:
    """When the call's time began, in seconds since the epoch, as the journal has it."""
    zero: float = json.loads((call.folder() / "events-1.jsonl").read_text().splitlines()[0])["zero"]
    return zero


def words_of(call: LiveCall, identity: str) -> list[Word]:
    """Words of a participant's completed turns."""
    events = (one.event for one in call.segment().heard())
    return [word for event in events if isinstance(event, Turn) and event.identity == identity for word in event.words]


def texts_of(call: LiveCall, identity: str) -> list[str]:
    """The same as text, without what providers add: capitals and punctuation."""
    return [word.text.strip(".,!?").lower() for word in words_of(call, identity)]


def farthest(heard: Sequence[Word], said: Sequence[Spoken]) -> float:
    """The largest distance between when a word was said and when the journal says it was, in seconds."""
    pairs = zip(heard, said, strict=True)
    return max(max(abs(word.start - true.start), abs(word.end - true.end)) for word, true in pairs)


# -- who comes to a call, and as what --


def token_as(call: LiveCall, identity: str, kind: str = "standard", *, attributes: dict[str, str] | None = None) -> str:
    """Lets somebody in as a kind of participant: standard, sip, connector, ingress, egress, agent or bridge."""
    server = call.server
    grants = api.VideoGrants(
        room_join=True, room=call.room, can_publish=True, can_publish_data=False, agent=kind == "agent"
    )
    token = api.AccessToken(server.api_key, server.api_secret.get_secret_value()).with_identity(identity)
    token = token.with_name(identity).with_ttl(timedelta(hours=1)).with_grants(grants)
    token.claims.kind = kind  # the library names fewer kinds than the server knows
    return token.with_attributes(attributes or {}).to_jwt()


async def come_as(
    call: LiveCall,
    identity: str,
    kind: str,
    *,
    rate: int = SAMPLE_RATE,
    source: rtc.TrackSource.ValueType = rtc.TrackSource.SOURCE_MICROPHONE,
) -> Voice:
    """Somebody of a kind joins, with audio from such a source."""
    room = await call.stack.enter_async_context(joined(call.server.url, token_as(call, identity, kind)))
    return await another_track(call, room, rate=rate, source=source)


async def another_track(
    call: LiveCall,
    room: rtc.Room,
    *,
    rate: int = SAMPLE_RATE,
    source: rtc.TrackSource.ValueType = rtc.TrackSource.SOURCE_MICROPHONE,
) -> Voice:
    """Gives a joined participant one more track of audio."""
    voice = Voice(room, rate=rate, source=source)
    call.stack.push_async_callback(voice.aclose)
    await voice.publish()
    return voice


@asynccontextmanager
async def humming(*voices: Voice, seconds: float = 60.0) -> AsyncIterator[None]:
    """Microphones that stay open, as real ones do, while nobody says anything."""
    tasks = [asyncio.create_task(voice.silence(seconds), name="hearing_calls.humming") for voice in voices]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def granted(*identities: str) -> dict[str, object]:
    """Consent as the dispatcher may state it: these are heard from the start."""
    return {"mode": "granted", "granted": list(identities)}


async def part(call: LiveCall, voice: Voice, *script: float | list[str]) -> list[Spoken]:
    """Somebody's part in a conversation: pauses in seconds, and words. Returns the words as said."""
    said: list[Spoken] = []
    for line in script:
        if isinstance(line, list):
            said += (await say(call, voice, line)).words
        else:
            await voice.silence(line)
    return said


async def all_heard(call: LiveCall, said: dict[str, list[Spoken]], *voices: Voice) -> None:
    """Ends the call once all words are there; fails unless each is there once, in order, on time, under its speaker."""

    def there() -> bool:
        return all(len(words_of(call, identity)) >= len(words) for identity, words in said.items())

    async with humming(*voices):
        await until(there, "all words", HEARD_WITHIN)
    await call.end()
    for identity, words in said.items():
        assert texts_of(call, identity) == [word.text for word in words]
        assert ever_shown(call, identity) <= {word.text for word in words}
        if words:
            distance = farthest(words_of(call, identity), words)
            assert distance < TOLERANCE, f"{identity}: a word is {distance:.2f} s from where it was said"
    spoke = {event.identity for event in events_of(call) if isinstance(event, Turn) and event.words}
    assert spoke == {identity for identity, words in said.items() if words}


# -- what the journal and the provider say of it --


def events_of(call: LiveCall) -> list[Event]:
    """Every input of the newest segment whose words are still there."""
    return [one.event for one in call.segment().heard() if one.event is not None]


def ever_shown(call: LiveCall, identity: str) -> set[str]:
    """Every word that was ever taken for this participant's, unfinished ones and those that were revised too."""
    shown = [event for event in events_of(call) if isinstance(event, Partial | Turn) and event.identity == identity]
    return {word.text for event in shown for word in event.words}


def usage_of(call: LiveCall) -> dict[str, dict[str, float]]:
    """Seconds sent for each participant and provider, as the finished journal has it."""
    notes: list[dict[str, dict[str, float]]] = [note["usage"] for note in call.segment().notes() if "usage" in note]
    return notes[-1]


def seconds_received(records: Sequence[Record]) -> float:
    """Seconds of audio that came over all these connections."""
    return sum(record.audio for record in records)
