"""Ways to hear a room, from only receiving its audio to Cornerman's whole ear; what the bench compares.

In: the room, and who in it is to be heard. Out: what was heard and when. `OnlyReceives` and `WholeEar` are for cost and
note nothing by frame; `BareStream` and `WatchedEar` are for delay and note when each frame came and each word left.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from random import Random
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectOptions, stt

from cornerman.config import Settings, SttSettings
from cornerman.events import Event, Partial, Turn
from cornerman.hearing.kept_audio import KeptAudio
from cornerman.hearing.listener import Listener
from cornerman.hearing.route import Route
from cornerman.hearing.scribe import Ends
from cornerman.hearing.turns import TurnAssembler
from cornerman.hearing.voice import SAMPLE_RATE, VoiceActivity
from cornerman.providers.engine import Engine
from cornerman.providers.provider import Provider
from cornerman.providers.speech import Heard, SpeechProviders
from cornerman.room.ears import FRAME_CAPACITY, FRAME_MS, VOICE_SILENCE, Ears

ARRIVED = "arrived"


@dataclass(slots=True)
class Trace:
    """One microphone's stream to the provider. `pushed`: when each frame came from the room, if it did, and its
    seconds; `told`: when words left, and which.
    """

    tag: str
    pushed: list[tuple[float | None, float]] = field(default_factory=list)
    told: list[tuple[float, str]] = field(default_factory=list)

    def push(self, frame: rtc.AudioFrame) -> None:
        """A frame was handed to the provider's plugin."""
        self.pushed.append((frame.userdata.get(ARRIVED), frame.duration))


def audio_of(track: rtc.Track) -> rtc.AudioStream:
    """A track's audio, as Cornerman takes it."""
    return rtc.AudioStream.from_track(
        track=track, sample_rate=SAMPLE_RATE, num_channels=1, frame_size_ms=FRAME_MS, capacity=FRAME_CAPACITY
    )


class Watched:
    """Frames of a track that know when they came."""

    def __init__(self, track: rtc.Track) -> None:
        self._stream = audio_of(track)

    async def __aiter__(self) -> AsyncIterator[rtc.AudioFrameEvent]:
        async for event in self._stream:
            event.frame.userdata[ARRIVED] = time.monotonic()
            yield event

    async def aclose(self) -> None:
        """Ends the stream."""
        await self._stream.aclose()


class OnlyReceives:
    """Receives the audio of these participants and drops it: what hearing costs without any hearing."""

    def __init__(self, room: rtc.Room, identities: Collection[str]) -> None:
        self.traces: list[Trace] = []
        self.words = 0
        self._identities = frozenset(identities)
        self._tasks: list[asyncio.Task[None]] = []
        room.on("track_published", lambda _publication, participant: self.apply(participant))
        room.on("track_subscribed", self.subscribed)

    def apply(self, participant: rtc.RemoteParticipant) -> None:
        """Subscribes to somebody who is to be heard."""
        if participant.identity in self._identities:
            for publication in participant.track_publications.values():
                publication.set_subscribed(True)

    def subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, owner: rtc.RemoteParticipant
    ) -> None:
        """A microphone's audio begins."""
        self.own(self._drain(track))

    def own(self, work: Any) -> None:
        """Runs until `aclose`."""
        self._tasks.append(asyncio.create_task(work, name="bench.hears"))

    async def aclose(self) -> None:
        """Ends everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _drain(self, track: rtc.Track) -> None:
        stream = audio_of(track)
        try:
            async for _ in stream:
                pass
        finally:
            await stream.aclose()


class WholeEar(OnlyReceives):
    """Cornerman's ear as a call has it."""

    def __init__(self, room: rtc.Room, identities: Collection[str], settings: SttSettings) -> None:
        self._providers = SpeechProviders(settings, Heard())
        zero = time.monotonic()
        self._ears = Ears(
            room,
            may_hear=lambda identity: identity in self._identities,
            role_of=lambda _: "prospect",
            language_of=lambda _: settings.language,
            providers=self._providers.chain(),
            breakers=self._providers.breakers,
            settings=Settings(stt=settings),
            now=lambda: time.monotonic() - zero,
            feed=self._feed,
            heard_language=lambda _, __: None,
            changed=lambda: None,
            note=lambda _, __: None,
        )
        super().__init__(room, identities)

    def apply(self, participant: rtc.RemoteParticipant) -> None:
        self._ears.apply(participant)

    def subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, owner: rtc.RemoteParticipant
    ) -> None:
        self._ears.subscribed(track, publication, owner)

    async def aclose(self) -> None:
        await self._ears.aclose()
        await self._providers.aclose()
        await super().aclose()

    def _feed(self, event: Event) -> None:
        if isinstance(event, Turn):
            self.words += len(event.words)


class BareStream(OnlyReceives):
    """The provider's plugin alone: each frame pushed as it comes, each event taken as it comes."""

    def __init__(self, room: rtc.Room, identities: Collection[str], settings: SttSettings, tag: str) -> None:
        self._settings = settings
        self._tag = tag
        super().__init__(room, identities)

    def subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, owner: rtc.RemoteParticipant
    ) -> None:
        trace = Trace(f"{self._tag}-{owner.identity}")
        self.traces.append(trace)
        self.own(self._hear(track, trace))

    async def _hear(self, track: rtc.Track, trace: Trace) -> None:
        settings = tagged(self._settings, trace.tag)
        engine = SpeechProviders(settings, Heard()).chain()[0].new(settings.language)
        stream = engine.recogniser.stream(conn_options=APIConnectOptions(max_retry=0, timeout=5.0))
        reading = asyncio.create_task(self._read(stream, trace), name="bench.reads")
        frames = Watched(track)
        try:
            async for event in frames:
                stream.push_frame(event.frame)
                trace.push(event.frame)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await stream.aclose()
            await engine.aclose()
            await frames.aclose()

    async def _read(self, stream: stt.RecognizeStream, trace: Trace) -> None:
        async for event in stream:
            if event.type is stt.SpeechEventType.INTERIM_TRANSCRIPT and event.alternatives:
                trace.told.append((time.monotonic(), event.alternatives[0].text))
            elif event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
                self.words += len(event.alternatives[0].words or [])


class WatchedEar(OnlyReceives):
    """Cornerman's listener for each microphone, its frames, its provider and its events watched from outside."""

    def __init__(self, room: rtc.Room, identities: Collection[str], settings: SttSettings, tag: str) -> None:
        self._settings = settings
        self._tag = tag
        self._turns = 0
        self._zero = time.monotonic()
        self._listeners: list[tuple[Listener, SpeechProviders]] = []
        super().__init__(room, identities)

    def subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, owner: rtc.RemoteParticipant
    ) -> None:
        trace = Trace(f"{self._tag}-{owner.identity}")
        self.traces.append(trace)
        settings = tagged(self._settings, trace.tag)
        providers = SpeechProviders(settings, Heard())
        listener = Listener(
            Watched(track),
            owner.identity,
            language=settings.language,
            route=Route(
                [watched_provider(one, trace) for one in providers.chain()],
                providers.breakers,
                settings.retry,
                rest=settings.breaker_rest,
                now=self._now,
                random=Random(),
            ),
            kept=KeptAudio(capacity=settings.keep, prefix=settings.prefix, tail=settings.tail),
            voice=VoiceActivity(VOICE_SILENCE),
            assembler=TurnAssembler(owner.identity, "prospect", Settings().turns, self._mint),
            ends=Ends(
                feed=lambda event: self._feed(event, trace),
                heard_words=lambda _: None,
                heard_language=lambda _, __: None,
                changed=lambda: None,
                note=lambda _, __: None,
            ),
            now=self._now,
        )
        self._listeners.append((listener, providers))
        listener.start()

    async def aclose(self) -> None:
        for listener, providers in self._listeners:
            await listener.forget()
            await providers.aclose()
        await super().aclose()

    def _now(self) -> float:
        return time.monotonic() - self._zero

    def _mint(self) -> str:
        self._turns += 1
        return f"t{self._turns}"

    def _feed(self, event: Event, trace: Trace) -> None:
        if isinstance(event, Partial):
            trace.told.append((time.monotonic(), " ".join(word.text for word in event.words)))
        elif isinstance(event, Turn):
            self.words += len(event.words)


def tagged(settings: SttSettings, tag: str) -> SttSettings:
    """The settings under which the provider is told which stream this is: as a term to listen for, which both take."""
    return settings.model_copy(update={"options": {**settings.options, "keyterm": [tag]}})


def watched_provider(provider: Provider, trace: Trace) -> Provider:
    """The provider, with every frame that its plugin is handed noted."""

    def new(language: str) -> Engine:
        engine = provider.new(language)
        make = engine.recogniser.stream

        def stream(**options: Any) -> stt.RecognizeStream:
            made = make(**options)
            push = made.push_frame

            def noted(frame: rtc.AudioFrame) -> None:
                push(frame)
                trace.push(frame)

            vars(made)["push_frame"] = noted
            return made

        vars(engine.recogniser)["stream"] = stream
        return engine

    fields = {name: getattr(provider, name) for name in Provider.__slots__}
    return Provider(**{**fields, "new": new})
