"""Print what the offline engine hears in the demo call, and how soon it has the trigger words.

    tools/hear_demo_call.py              the recorded tracks as they are
    tools/hear_demo_call.py --opus 24    after a way through Opus at 24 kbit/s, as in a WebRTC call

For whoever changes the script: the wording must survive the engine, or the demo tests the engine and not the coach.
It only prints; nothing it finds is stored, and no time in `timeline.json` comes from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import av
import numpy as np
import typer
from numpy.typing import NDArray
from pocketsphinx import Decoder

from cornerman.demo_call import SAMPLE_RATE, SPEAKERS, NearMiss, Planted, Recording, Speaker, load_recording, samples

CHUNK = SAMPLE_RATE // 20  # samples given to the decoder between two looks at its partial


def through_opus(track: NDArray[np.int16], kilobits: int) -> NDArray[np.int16]:
    """The track as the far side of a WebRTC call gets it: 48 kHz mono Opus in 20 ms frames, and back."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.bit_rate, encoder.options = kilobits * 1000, {"application": "voip"}
    decoder = av.CodecContext.create("libopus", "r")
    up = av.AudioResampler(format="s16", layout="mono", rate=48_000, frame_size=960)
    down = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    frame = av.AudioFrame.from_ndarray(track.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    blocks: list[NDArray[np.int16]] = []
    for piece in (*up.resample(frame), *up.resample(None), None):
        for packet in encoder.encode(piece):
            for out in decoder.decode(packet):
                blocks += [low.to_ndarray().reshape(-1).astype(np.int16) for low in down.resample(out)]
    return np.concatenate(blocks)


def utterances(track: NDArray[np.int16]) -> Iterator[tuple[int, int]]:
    """Sample ranges to decode: voice, 0.3 s before it, and the 0.5 s of silence that end a turn."""
    step, before, after = SAMPLE_RATE // 50, 15, 25
    frames = track[: len(track) // step * step].reshape(-1, step).astype(np.float64)
    voiced = np.flatnonzero(np.sqrt(np.mean(frames**2, axis=1)) > 60)
    for run in np.split(voiced, np.flatnonzero(np.diff(voiced) > after) + 1):
        yield max(0, int(run[0]) - before) * step, (int(run[-1]) + after) * step


def hear_utterance(decoder: Any, track: NDArray[np.int16], quotes: list[str]) -> tuple[str, dict[str, float]]:
    """The final text, and for each quote that was whole in a partial: seconds of audio the engine had by then."""
    seen: dict[str, float] = {}
    decoder.start_utt()
    for at in range(0, len(track), CHUNK):
        decoder.process_raw(track[at : at + CHUNK].tobytes())
        partial = decoder.hyp().hypstr if decoder.hyp() else ""
        for quote in quotes:
            if quote in partial:
                seen.setdefault(quote, min(at + CHUNK, len(track)) / SAMPLE_RATE)
    decoder.end_utt()
    return (decoder.hyp().hypstr if decoder.hyp() else ""), seen


def report(recording: Recording, speaker: Speaker, track: NDArray[np.int16]) -> Iterator[str]:
    """One line an utterance, and one for each planted moment or near miss in it."""
    decoder = Decoder(fwdflat=False, loglevel="FATAL")
    marks: tuple[Planted | NearMiss, ...] = (*recording.planted, *recording.near_misses)
    for start, end in utterances(track):
        begins, ends = start / SAMPLE_RATE, end / SAMPLE_RATE
        here = [mark for mark in marks if mark.speaker == speaker and begins < mark.trigger_end < ends]
        text, seen = hear_utterance(decoder, track[start:end], [mark.quote for mark in here])
        yield f"{begins:7.2f} {text}"
        for mark in here:
            name = f"near miss, {mark.sort}" if isinstance(mark, NearMiss) else "planted"
            final = "whole in the final" if mark.quote in text else "NOT in the final"
            lag = "in no partial"
            if mark.quote in seen:
                lag = f"in a partial {begins + seen[mark.quote] - mark.trigger_end:+.2f} s from its end"
            yield f"        {name}, {mark.kind}: {mark.quote!r}: {final}, {lag}"


def main(
    opus: Annotated[int, typer.Option(help="Send the audio through Opus at this many kbit/s first; 0: not.")] = 0,
) -> None:
    """Print what the offline engine hears in the demo call."""
    recording = load_recording()
    for speaker in SPEAKERS:
        track = through_opus(samples(speaker), opus) if opus else samples(speaker)
        typer.echo(f"{speaker}:")
        for row in report(recording, speaker, track):
            typer.echo(row)


if __name__ == "__main__":
    typer.run(main)
