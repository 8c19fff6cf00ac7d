"""Audio on its way to a recogniser is bounded, and its time is never lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cornerman.providers.frames import FrameKind, FrameReader, pack
from cornerman.providers.offline.backlog import AudioBacklog, Item

SECOND = 16_000


def pcm(seconds: float) -> bytes:
    return bytes(round(seconds * SECOND) * 2)


async def take_all(backlog: AudioBacklog) -> list[Item]:
    items = []
    while not backlog.is_empty:
        items.append(await backlog.take())
    return items


async def test_audio_beyond_the_bound_is_dropped_oldest_first_and_counted() -> None:
    backlog = AudioBacklog(longest_wait=2.0, longest_memory=25.0)
    for number in range(5):
        backlog.push_audio(bytes([number]) * 2 * SECOND)
    items = await take_all(backlog)
    assert [(item.kind, item.samples, item.pcm[:1]) for item in items] == [
        (FrameKind.GAP, 3 * SECOND, b""),
        (FrameKind.AUDIO, SECOND, b"\x03"),
        (FrameKind.AUDIO, SECOND, b"\x04"),
    ]
    assert backlog.dropped_samples == 3 * SECOND


@given(st.lists(st.tuples(st.integers(1, 30_000), st.booleans()), max_size=60))
async def test_every_sample_is_sent_or_stands_in_a_gap(pushes: list[tuple[int, bool]]) -> None:
    backlog = AudioBacklog(longest_wait=2.0, longest_memory=3.0)
    sent = []
    for samples, take in pushes:
        backlog.push_audio(bytes(2 * samples))
        if take:
            sent.append(await backlog.take())
    backlog.push_end()
    sent += await take_all(backlog)
    assert sum(item.samples for item in sent) == sum(samples for samples, _ in pushes)
    assert sum(item.samples for item in sent if item.kind is FrameKind.GAP) == backlog.dropped_samples
    assert sent[-1].kind is FrameKind.END


async def test_unsettled_audio_is_sent_again_from_where_it_began() -> None:
    backlog = AudioBacklog(longest_wait=9.0, longest_memory=25.0)
    for _ in range(4):
        backlog.push_audio(pcm(1.0))
    await take_all(backlog)
    assert backlog.settle(2 * SECOND)
    backlog.push_audio(pcm(0.5))
    assert backlog.rewind(hear_again=True) == 2 * SECOND
    assert [item.samples for item in await take_all(backlog)] == [SECOND, SECOND, SECOND // 2]


async def test_going_on_without_the_unsettled_audio_keeps_time_and_the_end() -> None:
    backlog = AudioBacklog(longest_wait=9.0, longest_memory=25.0)
    backlog.push_audio(pcm(3.0))
    backlog.push_end()
    await take_all(backlog)
    assert backlog.rewind(hear_again=False) == 3 * SECOND
    assert [item.kind for item in await take_all(backlog)] == [FrameKind.END]


async def test_memory_of_sent_audio_is_bounded() -> None:
    backlog = AudioBacklog(longest_wait=9.0, longest_memory=2.0)
    for _ in range(50):
        backlog.push_audio(pcm(0.1))
        await backlog.take()
    assert backlog.rewind(hear_again=True) == 3 * SECOND


@given(st.lists(st.tuples(st.sampled_from(FrameKind), st.binary(max_size=40))), st.integers(1, 17))
def test_frames_arrive_whole_however_the_bytes_are_cut(frames: list[tuple[FrameKind, bytes]], step: int) -> None:
    stream = b"".join(pack(kind, payload) for kind, payload in frames)
    reader = FrameReader()
    received = [frame for at in range(0, len(stream), step) for frame in reader.feed(stream[at : at + step])]
    assert received == frames
