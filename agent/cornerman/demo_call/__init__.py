"""The recorded sales call that `cornerman demo` plays, and the truth about it.

In: `rep.flac` and `prospect.flac` (16 kHz mono, one track a speaker, same zero, same length) and `timeline.json`, all
made from `script.yaml` by `tools/make_demo_call.py` and shipped inside the package.
Out: a `Recording` that says who speaks when, where the planted moments are and where the near misses are, and the
samples of each track.

Promise: every time comes from the synthesisers' own word boundaries, never from a recogniser, so it can serve as time
zero of a latency figure. Nothing here may reach the engine: it may know the playbook's terms, never this script.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, get_args

import av
import numpy as np
from pydantic import TypeAdapter, ValidationError

from cornerman.errors import CornermanError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Samples per second of both tracks: what the offline engine takes."""

Speaker = Literal["rep", "prospect"]
"""Identity and role at once: in this call they are the same word."""

NearMissSort = Literal["negation", "reported", "wrong_role", "innocent"]
"""Why a near miss must not fire: it is denied, somebody else is quoted, the wrong side says it, or it means
something else."""

SPEAKERS: tuple[Speaker, ...] = get_args(Speaker)
NEAR_MISS_SORTS: tuple[NearMissSort, ...] = get_args(NearMissSort)


@dataclass(frozen=True, slots=True)
class Line:
    """One spoken line; `start` of its first word and `end` of its last, in seconds since the recording began."""

    speaker: Speaker
    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Planted:
    """A moment the coach should notice: the trigger words, and when they were spoken (seconds)."""

    kind: str
    line: int
    speaker: Speaker
    quote: str
    trigger_start: float
    trigger_end: float


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Words that look like a moment of `kind` and are none, and when they were spoken (seconds)."""

    kind: str
    sort: NearMissSort
    line: int
    speaker: Speaker
    quote: str
    trigger_start: float
    trigger_end: float


@dataclass(frozen=True, slots=True)
class Recording:
    """The whole call. `line` of a planted moment or near miss is an index into `lines`; `duration` is in seconds."""

    script_sha256: str
    audio_sha256: dict[Speaker, str]
    duration: float
    lines: tuple[Line, ...]
    planted: tuple[Planted, ...]
    near_misses: tuple[NearMiss, ...]

    def first(self, seconds: float) -> Recording:
        """The recording's first `seconds`: what is said, planted and nearly planted wholly within them."""
        return replace(
            self,
            duration=min(seconds, self.duration),
            lines=tuple(line for line in self.lines if line.start < seconds),
            planted=tuple(one for one in self.planted if one.trigger_end <= seconds),
            near_misses=tuple(one for one in self.near_misses if one.trigger_end <= seconds),
        )


def load_recording() -> Recording:
    """Read the timeline; raises `CornermanError` when it is missing or not what this version expects."""
    source = resource("timeline.json")
    try:
        return TypeAdapter(Recording).validate_json(source.read_bytes())
    except (OSError, ValidationError) as error:
        raise CornermanError(
            f"{source}: the demo call's timeline cannot be read ({error}); install cornerman again, "
            "or in a source tree run tools/make_demo_call.py"
        ) from error


def samples(speaker: Speaker) -> NDArray[np.int16]:
    """All samples of one speaker's track at `SAMPLE_RATE`, silence included; takes some 100 ms.

    Decodes on the calling thread: keep it off the event loop.
    """
    source = resource(f"{speaker}.flac")
    try:
        with source.open("rb") as stored, av.open(stored, "r") as container:
            blocks = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    except (OSError, av.error.FFmpegError) as error:
        raise CornermanError(
            f"{source}: the demo call's audio cannot be read ({error}); install cornerman again, "
            "or in a source tree run tools/make_demo_call.py"
        ) from error
    return np.concatenate(blocks).astype(np.int16, copy=False)


def resource(name: str) -> Traversable:
    """A file of this package by name, wherever the package is installed."""
    return files(__name__).joinpath(name)
