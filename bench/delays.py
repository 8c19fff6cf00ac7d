"""Delays of hearing, from what a provider noted and what the listener noted of the same stream.

In: times of the machine's monotonic clock, in seconds. Out: delays in milliseconds. Nothing is estimated: an interim
that cannot be told apart is left out and counted.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

FINALS = frozenset({"final", "EndOfTurn"})
LONG_SILENCE = 1.5
"""Seconds of silence in a stream after which its sender had stopped sending, if it ever does."""
ROUNDING = 1e-6


@dataclass(slots=True)
class Delays:
    """Of one way to hear in one run. `partials`: from an interim's sending to its words' leaving; `audio`: from a frame
    with a word in it coming from the room to the provider having all of it; `onsets`: the same of the frame in which
    somebody begins to speak after a long silence. `lost`: interims whose words were not seen to leave.
    """

    partials: list[float] = field(default_factory=list)
    audio: list[float] = field(default_factory=list)
    onsets: list[float] = field(default_factory=list)
    lost: int = 0


@dataclass(frozen=True, slots=True)
class _Frame:
    start: float
    end: float
    came: float
    delay: float


def delays_of(answer: dict[str, Any], records: Sequence[dict[str, Any]]) -> Delays:
    """Delays in the window of a hearing process's answer, given the provider's records of its streams."""
    found = Delays()
    for trace in answer["traces"]:
        for record in (one for one in records if one["tag"] == trace["tag"]):
            window = (answer["since"], answer["until"])
            _add_partials(found, record["said"], trace["told"], window)
            _add_audio(found, trace["pushed"], record, window)
    return found


def _add_partials(
    found: Delays,
    said: Sequence[tuple[float, str, str]],
    told: Sequence[tuple[float, str]],
    window: tuple[float, float],
) -> None:
    """Each first interim of new words has to leave, last words as they were said, before the next thing is said."""
    since, until = window
    times = [at for at, _ in told]
    last = ""
    for (at, kind, text), (next_at, _, _) in pairwise(said):
        is_news = text != last
        last = text
        if not (since <= at and next_at <= until) or kind in FINALS or not is_news:
            continue
        index = bisect_right(times, at)
        if index < len(told) and times[index] < next_at and _plain(told[index][1]).endswith(_plain(text)):
            found.partials.append((times[index] - at) * 1000)
        else:
            found.lost += 1


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _add_audio(
    found: Delays, pushed: Sequence[tuple[float | None, float]], record: dict[str, Any], window: tuple[float, float]
) -> None:
    since, until = window
    frames = [frame for frame in _frames(pushed, record["arrivals"]) if since <= frame.came <= until]
    starts = [frame.start for frame in frames]
    before = 0.0
    for start, end in record["heard"]:
        inside = frames[max(bisect_right(starts, start) - 1, 0) : bisect_left(starts, end)]
        inside = [frame for frame in inside if frame.end > start]
        found.audio.extend(frame.delay for frame in inside)
        if inside and inside[0].start <= start and before and start - before >= LONG_SILENCE:
            found.onsets.append(inside[0].delay)
        before = end


def _frames(pushed: Sequence[tuple[float | None, float]], arrivals: Sequence[tuple[float, float]]) -> Iterator[_Frame]:
    """Frames that came from the room, with where they are in the stream and how long they took to be there whole."""
    received = [seconds for _, seconds in arrivals]
    position = 0.0
    for came, seconds in pushed:
        start, position = position, position + seconds
        index = bisect_left(received, position - ROUNDING)
        if came is not None and index < len(arrivals):
            yield _Frame(start, position, came, (arrivals[index][0] - came) * 1000)
