"""Calls whose speech providers hear: a worker for each provider, pointed at a fake of it, and what was said as spoken.

The worker is real and so are the plugins; the fakes hear words from the audio they are sent.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from calls import LiveCall
from fakes.deepgram_flux import FakeDeepgramFlux
from fakes.deepgram_nova import FakeDeepgramNova
from fakes.openai_http import FakeOpenAIHttp
from fakes.openai_realtime import FakeOpenAIRealtime
from fakes.server import FakeProvider
from fakes.tones import Spoken, speak

from cornerman.events import Turn, Word
from cornerman.livekit_server import ServerAddress
from cornerman.stand_ins.voice import Voice
from cornerman.stand_ins.worker_process import worker

KEYS = {"DEEPGRAM_API_KEY": "a key", "OPENAI_API_KEY": "a key"}
HURRIED = {
    "CORNERMAN__STT__RETRY": "[0.2, 0.4, 0.8]",
    "CORNERMAN__STT__HANG": "1.5",
    "CORNERMAN__STT__REPLAY_SPEED": "8",
    "CORNERMAN__STT__BREAKER_REST": "2",
}
"""What a test does not want to wait for; all of it settings that an operator may set."""
TOLERANCE = 0.3
"""Seconds between the time a word has in the journal and the time it was said."""


@dataclass(frozen=True)
class HearingWorker:
    """A worker, and the provider it hears with."""

    provider: str
    fake: FakeProvider
    agent_name: str
    journals: Path
    log: Path


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
    """A worker that hears with this provider."""
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
                **KEYS,
                **chosen,
                **environment,
            },
        ):
            yield known


@dataclass(frozen=True)
class Said:
    """What somebody said: the words, each with the call time at which it was spoken."""

    words: tuple[Spoken, ...]

    @property
    def texts(self) -> list[str]:
        return [word.text for word in self.words]


async def say(call: LiveCall, voice: Voice, words: Sequence[str], *, gap: float = 0.12) -> Said:
    """Says words at real pace; silence before and after. Times are by this machine's clock and the room's creation."""
    samples, spoken = speak(words, lead=0.3, tail=0.5, gap=gap)
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
