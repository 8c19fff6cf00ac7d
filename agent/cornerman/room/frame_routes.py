"""Brings each audio stream the frames of its own track, and nobody else any.

The client library shows every stream the frames of all streams in the process, and everyone who waits for an answer all
of them too: each is queued, wakes an event loop and is thrown away. With two microphones that is half of the work, with
sixteen (calls that share a process) nearly all of it, until nothing is sent any more. Here frames go by their stream's
handle. In: a stream that was just made. Out: nothing; the stream is read as ever, and loses no frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading

from livekit import rtc
from livekit.rtc._ffi_client import FfiClient, FfiQueue
from livekit.rtc._proto.ffi_pb2 import FfiEvent
from livekit.rtc._utils import Queue

_INSTALLING = threading.Lock()


class FrameRoutes(FfiQueue[FfiEvent]):
    """The library's queue of events, with a way of their own for frames. Takes over who is subscribed to `before`."""

    def __init__(self, before: FfiQueue[FfiEvent]) -> None:
        super().__init__()
        self._lock, self._subscribers = before._lock, before._subscribers
        self._streams: dict[int, tuple[Queue[FfiEvent], asyncio.AbstractEventLoop]] = {}

    def put(self, item: FfiEvent) -> None:
        """Called by the native library's threads with each event."""
        match item.WhichOneof("message"):
            case "audio_stream_event":
                handle = item.audio_stream_event.stream_handle
            case "video_stream_event":
                handle = item.video_stream_event.stream_handle
            case _:
                super().put(item)
                return
        with self._lock:
            stream = self._streams.get(handle)
            # who waits for an answer subscribed to everything, and a frame is none
            others = ((queue, loop) for queue, loop, wants in self._subscribers if wants is not None and wants(item))
            for queue, loop in (stream,) if stream is not None else others:
                with contextlib.suppress(RuntimeError):  # the loop is closed: nobody reads any more
                    loop.call_soon_threadsafe(queue.put_nowait, item)

    def unsubscribe(self, queue: Queue[FfiEvent]) -> None:
        """Called by a stream that has ended, and by who has an answer."""
        with self._lock:
            super().unsubscribe(queue)
            for handle, (own, _) in list(self._streams.items()):
                if own is queue:
                    del self._streams[handle]

    def route(self, handle: int, queue: Queue[FfiEvent]) -> None:
        """From here on this queue gets the frames of this handle, and no other's."""
        with self._lock:
            for subscriber in self._subscribers:
                if subscriber[0] is queue:
                    self._subscribers.remove(subscriber)
                    self._streams[handle] = subscriber[:2]
                    return


def routed(stream: rtc.AudioStream) -> rtc.AudioStream:
    """The stream, which gets its own frames only."""
    client = FfiClient.instance
    with _INSTALLING:
        routes = client.queue
        if not isinstance(routes, FrameRoutes):
            client._queue = routes = FrameRoutes(routes)
    routes.route(stream._ffi_handle.handle, stream._ffi_queue)
    return stream
