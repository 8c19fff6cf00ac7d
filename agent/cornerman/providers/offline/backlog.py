"""A stream's audio on its way to the recogniser: what waits to be sent, and what was sent but may be needed again.

In: audio as it arrives. Out: frames for the recogniser, in order. Promises that neither part grows without bound:
audio that waits too long is dropped, oldest first, counted, and replaced by a gap so that word times stay true; and
that a recogniser that died can be replaced by one that hears the unfinished utterance again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from cornerman.providers.frames import SAMPLE_COUNT, FrameKind, pack
from cornerman.providers.transcriber import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to send, and how many samples of the stream's time it stands for."""

    kind: FrameKind
    samples: int = 0
    pcm: bytes = b""

    def packed(self) -> bytes:
        if self.kind is FrameKind.GAP:
            return pack(self.kind, SAMPLE_COUNT.pack(self.samples))
        return pack(self.kind, self.pcm)


class AudioBacklog:
    """`longest_wait` and `longest_memory` in seconds of audio."""

    def __init__(self, *, longest_wait: float, longest_memory: float) -> None:
        self._longest_wait = round(longest_wait * SAMPLE_RATE)
        self._longest_memory = round(longest_memory * SAMPLE_RATE)
        self._waiting: deque[Item] = deque()
        self._waiting_samples = 0
        self._again: deque[Item] = deque()
        self._sent: deque[Item] = deque()
        self._sent_samples = 0
        self._sent_start = 0
        self._arrived = asyncio.Event()
        self.dropped_samples = 0

    @property
    def is_empty(self) -> bool:
        """Whether all that arrived was sent."""
        return not self._again and not self._waiting

    def push_audio(self, pcm: bytes) -> None:
        self._waiting.append(Item(FrameKind.AUDIO, len(pcm) // 2, pcm))
        self._waiting_samples += len(pcm) // 2
        if self._waiting_samples > self._longest_wait:
            self._drop_oldest()
        self._arrived.set()

    def push_flush(self) -> None:
        self._waiting.append(Item(FrameKind.FLUSH))
        self._arrived.set()

    def push_end(self) -> None:
        self._waiting.append(Item(FrameKind.END))
        self._arrived.set()

    async def take(self) -> Item:
        """The next item to send; waits for one. It is remembered until `settle` says that it is not needed again."""
        while self.is_empty:
            self._arrived.clear()
            await self._arrived.wait()
        if self._again:
            item = self._again.popleft()
        else:
            item = self._waiting.popleft()
            if item.kind is FrameKind.AUDIO:
                self._waiting_samples -= item.samples
        self._sent.append(item)
        self._sent_samples += item.samples
        while self._sent_samples > self._longest_memory:
            self._forget_oldest()
        return item

    def settle(self, position: int) -> bool:
        """Forget what was sent before `position` (samples since the stream began). Returns whether anything was
        forgotten."""
        forgotten = False
        while self._sent and self._sent_start + self._sent[0].samples <= position:
            forgotten = forgotten or self._sent[0].samples > 0
            self._forget_oldest()
        return forgotten

    def rewind(self, *, hear_again: bool) -> int:
        """Start over for a new recogniser, with or without what the last one left unfinished. Returns where: samples
        since the stream began."""
        if hear_again:
            self._again.extendleft(reversed(self._sent))
        else:
            ends = [item for item in self._sent if item.kind is FrameKind.END]
            self._sent_start += self._sent_samples
            self._again.extendleft(ends)
        self._sent.clear()
        self._sent_samples = 0
        return self._sent_start

    def _forget_oldest(self) -> None:
        item = self._sent.popleft()
        self._sent_samples -= item.samples
        self._sent_start += item.samples

    def _drop_oldest(self) -> None:
        gap = 0
        while self._waiting_samples > self._longest_wait:
            item = self._waiting.popleft()
            gap += item.samples
            if item.kind is FrameKind.AUDIO:
                self._waiting_samples -= item.samples
                self.dropped_samples += item.samples
        self._waiting.appendleft(Item(FrameKind.GAP, gap))
