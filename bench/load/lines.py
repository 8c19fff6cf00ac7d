"""Lines to be said, encoded once: Ogg Opus files that the callers send packet by packet.

In: samples, or words that the fake providers hear. Out: a `Line`: a file, how loud each of its packets is, its words
and where they stand. Times are seconds since the line's first packet; the encoder's look-ahead of 6.5 ms is in them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from cornerman.demo_call import load_recording, samples

TESTS = Path(__file__).parents[2] / "tests"
SILENCE = "silence"
RATE = 48_000
PACKET = RATE // 50
LOOK_AHEAD = 312 / RATE
"""What libopus puts before the first sample: 6.5 ms."""
BIT_RATE = 32_000
"""As browsers send speech."""
SILENT_LEVEL = 127
LEAD, TAIL = 0.06, 0.3
"""Seconds of silence before and after a line, in which the codec goes over to silence and back."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a line, in seconds since the line's first packet."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a line should make the coach notice: its kind, and when the last of its words ends (as for `Word`)."""

    kind: str
    end: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line ready to be sent. `levels`: of each packet, 0 the loudest, 127 silence, as RTP has them."""

    name: str
    file: Path
    seconds: float
    levels: bytes
    words: tuple[Word, ...] = ()
    triggers: tuple[Trigger, ...] = ()


def encoded(
    name: str,
    said: NDArray[np.int16],
    rate: int,
    folder: Path,
    *,
    words: Sequence[Word] = (),
    triggers: Sequence[Trigger] = (),
) -> Line:
    """A line of mono samples. The file is named after it; `words` and `triggers` are in seconds of the samples."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.ogg"
    frame = av.AudioFrame.from_ndarray(said.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    wide = np.concatenate(
        [one.to_ndarray().reshape(-1) for one in (*resampler.resample(frame), *resampler.resample(None))]
    )
    wide = np.concatenate([wide, np.zeros(-len(wide) % PACKET, dtype=np.int16)]).astype(np.int16)
    with av.open(str(file), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono", options={"application": "voip"})
        stream.bit_rate = BIT_RATE
        whole = av.AudioFrame.from_ndarray(wide.reshape(1, -1), format="s16", layout="mono")
        whole.sample_rate = RATE
        for packet in (*stream.encode(whole), *stream.encode(None)):
            container.mux(packet)
    return Line(
        name,
        file,
        len(wide) / RATE,
        _levels(wide),
        tuple(Word(one.text, one.start + LOOK_AHEAD, one.end + LOOK_AHEAD) for one in words),
        tuple(Trigger(one.kind, one.end + LOOK_AHEAD) for one in triggers),
    )


def _levels(wide: NDArray[np.int16]) -> bytes:
    power = (wide.reshape(-1, PACKET).astype(np.float64) ** 2).mean(axis=1) / 2.0**30
    decibels = -10 * np.log10(np.maximum(power, 1e-13))
    return bytes(int(level) for level in decibels.clip(0, SILENT_LEVEL))


def silence(folder: Path) -> Line:
    """What a microphone sends while nobody speaks; the callers need it under this name."""
    return encoded(SILENCE, np.zeros(RATE * 2, dtype=np.int16), RATE, folder)


def tone_line(name: str, text: str, folder: Path, *, kind: str = "", until: str = "") -> Line:
    """Words of `fakes.tones`, heard by the fake providers. `kind`: what they should make the coach notice, with the
    word `until`, or the last one where it is empty.
    """
    if str(TESTS) not in sys.path:  # a bench run by its name has not the tests' fakes on its path
        sys.path.append(str(TESTS))
    from fakes.tones import speak

    said, spoken = speak(text, rate=RATE, lead=LEAD, tail=TAIL)
    end = next(one.end for one in reversed(spoken) if until in ("", one.text))
    words = [Word(one.text, one.start, one.end) for one in spoken]
    return encoded(name, said, RATE, folder, words=words, triggers=[Trigger(kind, end)] if kind else [])


def demo_lines(folder: Path) -> dict[str, tuple[float, str, Line]]:
    """The recorded call's lines, for engines that hear real speech: of each, when it is said there, who says it (`rep`
    or `prospect`) and the line itself, by name. Its words are one `Word` of the whole text.
    """
    recording = load_recording()
    found = {}
    for number, line in enumerate(recording.lines):
        rate = 16_000
        track = samples(line.speaker)
        begin, end = int((line.start - LEAD) * rate), int((line.end + TAIL) * rate)
        zero = begin / rate
        planted = [
            Trigger(one.kind, one.trigger_end - zero)
            for one in recording.planted
            if one.line == number and one.speaker == line.speaker
        ]
        text = Word(line.text, line.start - zero, line.end - zero)
        name = f"demo-{number:02}"
        found[name] = (
            zero,
            str(line.speaker),
            encoded(name, track[begin:end], rate, folder, words=[text], triggers=planted),
        )
    return found
