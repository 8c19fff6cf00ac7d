"""Audio files, one a speaker, recognised by the real embedded engine and then played like any call."""

from __future__ import annotations

import wave
from importlib.resources import as_file
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cornerman.config import Settings
from cornerman.demo_call import SAMPLE_RATE, SPEAKERS, load_recording, resource, samples
from cornerman.errors import ProviderError
from cornerman.paths import find_project_file
from cornerman.playbook import Playbook, load_playbook
from cornerman.replay.audio_files import PIECE, pieces_of, recording_in
from cornerman.replay.call_file import CallFileError
from cornerman.replay.sources import load_tapes, sources_in
from cornerman.replay.virtual import Book, Played, play

SECONDS = 17
SECOND_TURN = 9


@pytest.fixture(scope="module")
def book() -> Playbook:
    return load_playbook(find_project_file("playbook"))


def write_wav(file: Path, sound: NDArray[np.int16], rate: int = SAMPLE_RATE) -> Path:
    """A WAV file; two-dimensional sound has a column a channel."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1 if sound.ndim == 1 else sound.shape[1])
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.ascontiguousarray(sound).tobytes())
    return file


async def replayed(book: Playbook, *paths: Path, **speakers: Path) -> Played:
    """The one call in these places, heard and played."""
    (tape,) = await load_tapes(sources_in(paths, speakers), Settings.model_construct(), book)
    return play(tape, Book.of(book))


async def test_a_recorded_call_is_heard_and_coached(tmp_path: Path, book: Playbook) -> None:
    for speaker in SPEAKERS:
        write_wav(tmp_path / "call" / f"{speaker}.wav", samples(speaker)[: SECONDS * SAMPLE_RATE])
    one = await replayed(book, tmp_path / "call")
    assert one.recorded is not None
    assert {turn.identity for turn in one.recorded.turns} == {"rep", "prospect"}
    planted = load_recording().planted[0]
    ((made, nudge),) = one.nudges
    assert (one.call, nudge.kind) == ("call", planted.kind)
    assert made.turn is not None
    assert one.recorded.turns[made.turn].identity == "prospect"
    (cause,) = nudge.because
    assert planted.trigger_start - 0.3 < cause.start < cause.end < planted.trigger_end + 0.3


async def test_speakers_may_be_named_and_their_audio_be_of_any_rate(tmp_path: Path, book: Playbook) -> None:
    sound = np.repeat(samples("prospect")[SECOND_TURN * SAMPLE_RATE : SECONDS * SAMPLE_RATE], 2)
    stereo = np.stack([sound, sound], axis=1)
    one = await replayed(book, carla=write_wav(tmp_path / "meeting/track-7.wav", stereo, 2 * SAMPLE_RATE))
    assert one.recorded is not None
    assert [(each.identity, each.role) for each in one.recorded.speakers] == [("rep", "rep"), ("carla", "prospect")]
    assert (one.call, [nudge.kind for _, nudge in one.nudges]) == ("meeting", ["requirement"])


async def test_silence_is_a_call_without_turns(tmp_path: Path, book: Playbook) -> None:
    one = await replayed(book, ben=write_wav(tmp_path / "call/x.wav", np.zeros(2 * SAMPLE_RATE, dtype=np.int16)))
    assert one.recorded is not None
    assert (one.recorded.turns, one.fires, one.nudges) == ((), {}, ())


async def test_a_file_without_a_sample_is_silence(tmp_path: Path, book: Playbook) -> None:
    one = await replayed(book, ben=write_wav(tmp_path / "call/x.wav", np.zeros(0, dtype=np.int16)))
    assert (one.fires, one.nudges) == ({}, ())


async def test_what_is_no_audio_is_refused(tmp_path: Path, book: Playbook) -> None:
    file = tmp_path / "call/ben.wav"
    file.parent.mkdir()
    file.write_text("no sound at all")
    with pytest.raises(
        CallFileError, match=r"ben\.wav cannot be replayed.*\n.*cannot be read as audio.*give WAV or FLAC"
    ):
        await replayed(book, file.parent)


async def test_a_missing_file_is_named(tmp_path: Path, book: Playbook) -> None:
    with pytest.raises(CallFileError, match=r"nowhere\.wav cannot be replayed"):
        await replayed(book, ben=tmp_path / "nowhere.wav")


async def test_a_language_nobody_hears_is_refused(tmp_path: Path, book: Playbook) -> None:
    file = write_wav(tmp_path / "call/ben.wav", np.zeros(SAMPLE_RATE, dtype=np.int16))
    settings = Settings.model_construct()
    german = settings.model_copy(update={"stt": settings.stt.model_copy(update={"language": "de-DE"})})
    with pytest.raises(ProviderError, match="no speech provider of the settings hears de-DE"):
        await load_tapes(sources_in([file.parent], {}), german, book)


def test_audio_comes_in_pieces_of_a_tenth_of_a_second(tmp_path: Path) -> None:
    sound = samples("rep")[: round(2.05 * SAMPLE_RATE)]
    pieces = list(pieces_of(write_wav(tmp_path / "x.wav", sound)))
    assert b"".join(pieces) == sound.tobytes()
    assert {len(piece) for piece in pieces[:-1]} == {2 * PIECE}


def test_flac_is_read_as_it_was_written() -> None:
    with as_file(resource("rep.flac")) as file:
        assert b"".join(pieces_of(file)) == samples("rep").tobytes()


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "ben.wav", np.zeros(10, dtype=np.int16))
    (tmp_path / "ben.flac").write_bytes(b"")
    with pytest.raises(CallFileError, match="two of its audio files have one name"):
        recording_in(tmp_path)
