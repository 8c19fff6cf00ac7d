"""Make the demo call: from `script.yaml` to two audio tracks and a timeline that says when each word was spoken.

    tools/make_demo_call.py            speak the script, write rep.flac, prospect.flac and timeline.json
    tools/make_demo_call.py --check    exit 1 unless timeline and audio were made from the script as it is now

Speaking needs festival with the voice cmu_us_slt_arctic_hts and flite with the voice rms (Debian: `apt-get install
festival festvox-us-slt-hts flite`); `--check` needs nothing beyond the project's own dependencies.

Promise: the times written are the synthesisers' own word boundaries, and the same script gives the same files.
"""

from __future__ import annotations

import ctypes
import hashlib
import re
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import av
import numpy as np
import typer
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, TypeAdapter

import cornerman.demo_call as demo_call
from cornerman.demo_call import SAMPLE_RATE, SPEAKERS, Line, NearMiss, NearMissSort, Planted, Recording, Speaker

FOLDER = Path(demo_call.__file__).parent
MARGIN = 0.06  # seconds of the synthesiser's own silence kept round a sentence, so that no consonant is clipped
LOUDNESS = -21.0  # dBFS, root mean square over the lines
PEAK = 0.89  # of full scale: -1 dB, room for what Opus adds
STEP = 8  # samples are multiples of this (13 bits): half the size in FLAC; the noise lies 60 dB below the voices
FESTIVAL_PROGRAM = """
(voice_cmu_us_slt_arctic_hts)
(set! spoken (utt.synth (Utterance Text "{text}")))
(utt.save.wave spoken "{wave}" 'riff)
(mapcar
  (lambda (word)
    (format t "%s %f %f\\n" (item.name word)
      (item.feat word "R:SylStructure.daughter1.daughter1.R:Segment.segment_start")
      (item.feat word "R:SylStructure.daughtern.daughtern.R:Segment.end")))
  (utt.relation.items spoken 'Word))
"""


class PlantedWords(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: str
    quote: str


class NearMissWords(PlantedWords):
    sort: NearMissSort


class ScriptLine(BaseModel):
    model_config = ConfigDict(extra="forbid")
    speaker: Speaker
    text: str
    pause_before: float = 0.0
    planted: PlantedWords | None = None
    near_miss: NearMissWords | None = None


class Script(BaseModel):
    """`script.yaml`; all times in seconds."""

    model_config = ConfigDict(extra="forbid")
    lead_in: float
    sentence_pause: float
    tail: float
    lines: list[ScriptLine]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the script, lower case, with the synthesiser's times (seconds)."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """Samples at `SAMPLE_RATE`, full scale 1.0, and the words in them."""

    samples: NDArray[np.float64]
    words: list[Word]


def split_words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def resampled(samples: NDArray[np.int16], rate: int) -> NDArray[np.float64]:
    """Bring one synthesiser's output to `SAMPLE_RATE`."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    blocks = [out.to_ndarray().reshape(-1) for piece in (frame, None) for out in resampler.resample(piece)]
    return np.concatenate(blocks).astype(np.float64) / 32768.0


def speak_with_festival(text: str) -> Spoken:
    with tempfile.TemporaryDirectory() as folder:
        wave, program = Path(folder, "spoken.wav"), Path(folder, "speak.scm")
        program.write_text(FESTIVAL_PROGRAM.format(text=text, wave=wave))
        printed = subprocess.run(["festival", "-b", program], check=True, capture_output=True, text=True).stdout
        with av.open(wave) as container:
            frames = list(container.decode(audio=0))
        samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])
    rows = [row.split() for row in printed.splitlines()]
    words = [Word(name.lower(), float(start), float(end)) for name, start, end in rows]
    return Spoken(resampled(samples, frames[0].sample_rate), words)


class FliteWave(ctypes.Structure):
    """flite's `cst_wave`."""

    _fields_ = (
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


def load_flite() -> tuple[Any, Any]:
    """flite's library and its voice rms: the command prints segment times but not which word they belong to."""
    for name in ("libflite.so.1", "libflite_cmulex.so.1", "libflite_usenglish.so.1"):
        ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
    flite, rms = ctypes.CDLL("libflite.so.1"), ctypes.CDLL("libflite_cmu_us_rms.so.1")
    pointer, string = ctypes.c_void_p, ctypes.c_char_p
    signatures: dict[str, tuple[list[Any], Any]] = {
        "flite_synth_text": ([string, pointer], pointer),
        "utt_relation": ([pointer, string], pointer),
        "relation_head": ([pointer], pointer),
        "item_next": ([pointer], pointer),
        "flite_ffeature_string": ([pointer, string], string),
        "flite_ffeature_float": ([pointer, string], ctypes.c_float),
        "utt_wave": ([pointer], ctypes.POINTER(FliteWave)),
        "delete_utterance": ([pointer], None),
    }
    for name, (arguments, result) in signatures.items():
        function = getattr(flite, name)
        function.argtypes, function.restype = arguments, result
    flite.flite_init()
    rms.register_cmu_us_rms.argtypes, rms.register_cmu_us_rms.restype = [string], pointer
    return flite, rms.register_cmu_us_rms(None)


def speak_with_flite(text: str) -> Spoken:
    flite, voice = load_flite()
    utterance = flite.flite_synth_text(text.encode(), voice)
    wave = flite.utt_wave(utterance).contents
    samples = np.ctypeslib.as_array(wave.samples, (wave.num_samples,)).copy()
    words = []
    item = flite.relation_head(flite.utt_relation(utterance, b"Word"))
    while item:
        name = flite.flite_ffeature_string(item, b"name").decode().lower()
        start = flite.flite_ffeature_float(item, b"R:SylStructure.daughter1.daughter1.R:Segment.p.end")
        end = flite.flite_ffeature_float(item, b"R:SylStructure.daughtern.daughtern.R:Segment.end")
        words.append(Word(name, start, end))
        item = flite.item_next(item)
    spoken = Spoken(resampled(samples, wave.sample_rate), words)
    flite.delete_utterance(utterance)
    return spoken


VOICES: dict[Speaker, Callable[[str], Spoken]] = {"rep": speak_with_flite, "prospect": speak_with_festival}


def speak_sentence(speaker: Speaker, sentence: str) -> Spoken:
    """One sentence with `MARGIN` of faded silence on both sides of its words."""
    spoken = VOICES[speaker](sentence)
    heard, wanted = [word.text for word in spoken.words], split_words(sentence)
    if heard != wanted:
        raise typer.BadParameter(f"the voice says {heard} for {wanted}; write numbers and short forms out in full")
    margin = round(MARGIN * SAMPLE_RATE)
    first, last = (round(time * SAMPLE_RATE) for time in (spoken.words[0].start, spoken.words[-1].end))
    samples = np.pad(spoken.samples, margin)[first : last + 2 * margin]
    fade = np.linspace(0.0, 1.0, margin)
    samples[:margin] *= fade
    samples[-margin:] *= fade[::-1]
    shift = MARGIN - first / SAMPLE_RATE
    return Spoken(samples, [Word(word.text, word.start + shift, word.end + shift) for word in spoken.words])


def speak_line(line: ScriptLine, sentence_pause: float) -> Spoken:
    """All sentences of a line, `sentence_pause` seconds apart from last word to first."""
    pieces: list[NDArray[np.float64]] = []
    words: list[Word] = []
    silence = np.zeros(round((sentence_pause - 2 * MARGIN) * SAMPLE_RATE))
    for sentence in re.split(r"(?<=[.?!])\s+", line.text.strip()):
        spoken = speak_sentence(line.speaker, sentence)
        shift = sum(map(len, pieces)) / SAMPLE_RATE
        words += [Word(word.text, word.start + shift, word.end + shift) for word in spoken.words]
        pieces += [spoken.samples, silence]
    return Spoken(np.concatenate(pieces[:-1]), words)


def find_quote(words: list[Word], quote: str) -> tuple[float, float]:
    """When the words of `quote` begin and end; they must occur in the line exactly once."""
    wanted = split_words(quote)
    texts = [word.text for word in words]
    places = [at for at in range(len(words)) if texts[at : at + len(wanted)] == wanted]
    if len(places) != 1:
        raise typer.BadParameter(f"{quote!r} occurs {len(places)} times in {' '.join(texts)!r}; it must occur once")
    return round(words[places[0]].start, 3), round(words[places[0] + len(wanted) - 1].end, 3)


@dataclass(frozen=True, slots=True)
class Call:
    """The placed call: what `Recording` needs but for the hashes, and one track a speaker."""

    duration: float
    lines: list[Line]
    planted: list[Planted]
    near_misses: list[NearMiss]
    tracks: dict[Speaker, NDArray[np.int16]]


def place(script: Script) -> Call:
    """Speak every line and lay it on the common timeline."""
    lines: list[Line] = []
    planted: list[Planted] = []
    near_misses: list[NearMiss] = []
    placed: list[tuple[Speaker, int, NDArray[np.float64]]] = []
    cursor = script.lead_in
    for number, line in enumerate(script.lines):
        spoken = speak_line(line, script.sentence_pause)
        at = round((cursor + line.pause_before - MARGIN) * SAMPLE_RATE)
        zero = at / SAMPLE_RATE
        words = [Word(word.text, zero + word.start, zero + word.end) for word in spoken.words]
        cursor = words[-1].end
        lines.append(Line(line.speaker, line.text, round(words[0].start, 3), round(cursor, 3)))
        if line.planted:
            times = find_quote(words, line.planted.quote)
            planted.append(Planted(line.planted.kind, number, line.speaker, line.planted.quote, *times))
        if line.near_miss:
            miss, times = line.near_miss, find_quote(words, line.near_miss.quote)
            near_misses.append(NearMiss(miss.kind, miss.sort, number, line.speaker, miss.quote, *times))
        placed.append((line.speaker, at, spoken.samples))
    length = round((cursor + script.tail) * SAMPLE_RATE)
    tracks = {
        speaker: lay(length, [(at, piece) for who, at, piece in placed if who == speaker]) for speaker in SPEAKERS
    }
    return Call(length / SAMPLE_RATE, lines, planted, near_misses, tracks)


def lay(length: int, pieces: list[tuple[int, NDArray[np.float64]]]) -> NDArray[np.int16]:
    """One track of `length` samples, its lines brought to `LOUDNESS` unless that would pass `PEAK`."""
    track = np.zeros(length)
    for at, piece in pieces:
        track[at : at + len(piece)] += piece
    spoken = np.concatenate([piece for _, piece in pieces])
    gain = min(10 ** (LOUDNESS / 20) / float(np.sqrt(np.mean(spoken**2))), PEAK / float(np.abs(spoken).max()))
    stepped: NDArray[np.float64] = np.round(track * gain * 32767 / STEP) * STEP
    return stepped.astype(np.int16)


def write_flac(path: Path, track: NDArray[np.int16]) -> None:
    with av.open(path, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=SAMPLE_RATE, layout="mono", options={"compression_level": "12"})
        stream.format = "s16"
        frame = av.AudioFrame.from_ndarray(track.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        for piece in (frame, None):
            container.mux(stream.encode(piece))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make() -> None:
    """Write the tracks, then the timeline that names their hashes."""
    path = FOLDER / "script.yaml"
    call = place(Script.model_validate(yaml.safe_load(path.read_text())))
    for speaker in SPEAKERS:
        write_flac(track_path(speaker), call.tracks[speaker])
    hashes = {speaker: sha256(track_path(speaker)) for speaker in SPEAKERS}
    recording = Recording(
        sha256(path), hashes, call.duration, tuple(call.lines), tuple(call.planted), tuple(call.near_misses)
    )
    (FOLDER / "timeline.json").write_bytes(TypeAdapter(Recording).dump_json(recording, indent=1) + b"\n")


def track_path(speaker: Speaker) -> Path:
    return FOLDER / f"{speaker}.flac"


def faults() -> list[str]:
    """What does not fit together, one sentence each."""
    recording = demo_call.load_recording()
    found = []
    if recording.script_sha256 != sha256(FOLDER / "script.yaml"):
        found.append("timeline.json was made from another script.yaml")
    for speaker in SPEAKERS:
        if recording.audio_sha256[speaker] != sha256(track_path(speaker)):
            found.append(f"{speaker}.flac is not the audio timeline.json was made with")
    return found


def main(
    check: Annotated[bool, typer.Option("--check", help="Only tell whether script, audio and timeline agree.")] = False,
) -> None:
    """Make the demo call, or check the one that is there."""
    if not check:
        make()
    if found := faults():
        for fault in found:
            typer.echo(f"{fault}; run tools/make_demo_call.py", err=True)
        raise typer.Exit(1)
    recording = demo_call.load_recording()
    typer.echo(
        f"{recording.duration:.1f} s, {len(recording.lines)} lines, {len(recording.planted)} planted, "
        f"{len(recording.near_misses)} near misses, {sum(track_path(who).stat().st_size for who in SPEAKERS):,} bytes"
    )


if __name__ == "__main__":
    typer.run(main)
