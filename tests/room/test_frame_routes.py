"""Frames go to their own stream, and to nobody who waits for something else; nothing else changes its way."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from livekit import rtc
from livekit.rtc._ffi_client import FfiClient, FfiQueue
from livekit.rtc._proto.ffi_pb2 import FfiEvent
from livekit.rtc._utils import Queue

from cornerman.room.frame_routes import FrameRoutes, routed

FIRST, SECOND, UNROUTED = 7, 8, 9


def frame(handle: int) -> FfiEvent:
    event = FfiEvent()
    event.audio_stream_event.stream_handle = handle
    return event


def answer(number: int) -> FfiEvent:
    event = FfiEvent()
    event.perform_rpc.async_id = number
    return event


def is_audio(event: FfiEvent) -> bool:
    """What the library's streams ask of an event."""
    return event.WhichOneof("message") == "audio_stream_event"


@pytest.fixture
def before() -> FfiQueue[FfiEvent]:
    return FfiQueue[FfiEvent]()


@pytest.fixture
def routes(before: FfiQueue[FfiEvent]) -> FrameRoutes:
    return FrameRoutes(before)


async def came(queue: Queue[FfiEvent]) -> list[FfiEvent]:
    """What was queued, once the loop has seen to it."""
    for _ in range(3):
        await asyncio.sleep(0)
    return [queue.get_nowait() for _ in range(queue.qsize())]


async def test_a_frame_reaches_its_own_stream_only(routes: FrameRoutes) -> None:
    first, second = routes.subscribe(filter_fn=is_audio), routes.subscribe(filter_fn=is_audio)
    routes.route(FIRST, first)
    routes.route(SECOND, second)
    for handle in (FIRST, SECOND, SECOND, FIRST, FIRST):
        routes.put(frame(handle))
    assert await came(first) == [frame(FIRST)] * 3
    assert await came(second) == [frame(SECOND)] * 2


async def test_a_stream_that_nobody_routed_gets_frames_as_ever_but_those_of_routed_ones(routes: FrameRoutes) -> None:
    ours, another = routes.subscribe(filter_fn=is_audio), routes.subscribe(filter_fn=is_audio)
    routes.route(FIRST, ours)
    routes.put(frame(UNROUTED))
    routes.put(frame(FIRST))
    assert await came(another) == [frame(UNROUTED)]
    assert await came(ours) == [frame(FIRST)]


async def test_who_waits_for_an_answer_is_woken_by_answers_alone(routes: FrameRoutes) -> None:
    stream, waiting = routes.subscribe(filter_fn=is_audio), routes.subscribe()
    routes.route(FIRST, stream)
    for event in (frame(FIRST), frame(UNROUTED), answer(1), answer(2)):
        routes.put(event)
    assert await came(waiting) == [answer(1), answer(2)]


async def test_who_was_subscribed_before_stays_subscribed(before: FfiQueue[FfiEvent]) -> None:
    stream, waiting = before.subscribe(filter_fn=is_audio), before.subscribe()
    before.put(frame(FIRST))
    assert await came(waiting) == [frame(FIRST)]
    routes = FrameRoutes(before)
    routes.route(FIRST, stream)
    routes.put(frame(FIRST))
    routes.put(answer(1))
    assert await came(stream) == [frame(FIRST)] * 2, "the frame that came first is lost, or the one after it"
    assert await came(waiting) == [answer(1)]
    before.unsubscribe(waiting)
    routes.put(answer(2))
    assert await came(waiting) == []


async def test_a_stream_that_has_ended_gets_no_more_and_is_forgotten(routes: FrameRoutes) -> None:
    stream, another = routes.subscribe(filter_fn=is_audio), routes.subscribe(filter_fn=is_audio)
    routes.route(FIRST, stream)
    routes.unsubscribe(stream)
    routes.put(frame(FIRST))
    assert await came(stream) == []
    assert await came(another) == [frame(FIRST)], "as the library does it with a frame of nobody's"


async def test_a_stream_whose_loop_is_closed_keeps_no_other_from_its_frames(routes: FrameRoutes) -> None:
    closed = asyncio.new_event_loop()
    gone = routes.subscribe(loop=closed, filter_fn=is_audio)
    stream = routes.subscribe(filter_fn=is_audio)
    closed.close()
    routes.route(FIRST, gone)
    routes.put(frame(FIRST))
    routes.put(frame(SECOND))
    assert await came(stream) == [frame(SECOND)]


async def test_frames_of_many_threads_come_in_each_ones_order(routes: FrameRoutes) -> None:
    queues = {handle: routes.subscribe(filter_fn=is_audio) for handle in range(4)}
    for handle, queue in queues.items():
        routes.route(handle, queue)

    def play(handle: int) -> None:
        for number in range(200):
            event = frame(handle)
            event.audio_stream_event.frame_received.frame.info.num_channels = number
            routes.put(event)

    threads = [threading.Thread(target=play, args=(handle,)) for handle in queues]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    for queue in queues.values():
        numbers = [one.audio_stream_event.frame_received.frame.info.num_channels for one in await came(queue)]
        assert numbers == list(range(200))


async def test_a_real_stream_is_routed_by_the_handle_its_own_frames_carry(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the library's own stream and queue, so that an update which renames them is noticed."""
    monkeypatch.setattr(FfiClient.instance, "_queue", FfiQueue[FfiEvent]())
    source = rtc.AudioSource(16_000, 1)
    track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
    streams = [routed(rtc.AudioStream.from_track(track=track, sample_rate=16_000, num_channels=1)) for _ in range(2)]
    queue = FfiClient.instance.queue
    assert isinstance(queue, FrameRoutes)
    known: dict[int, Any] = {stream._ffi_handle.handle: stream._ffi_queue for stream in streams}
    assert {handle: routed_to for handle, (routed_to, _) in queue._streams.items()} == known
    assert queue._subscribers == []
    for stream in streams:
        await stream.aclose()
    assert queue._streams == {}
    await source.aclose()
