"""The audio files of a recorded call: which there are, who speaks in each, and their sound.

In: a folder, or a file for each speaker. Out: a `Recording`, and of each file pieces of 16 kHz mono, whatever its rate
and channels are. A file's name, or the name it is given, is its speaker's; one that is a role's name says the role.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av

from cornerman.contract import Role
from cornerman.replay.call_file import ROLES, CallFileError, fault_of_id

SUFFIXES: Final = (".wav", ".flac")
SAMPLE_RATE = 16_000
PIECE = SAMPLE_RATE // 10
"""Samples of a piece."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A call's audio: a file for each speaker."""

    id: str
    files: Mapping[str, Path]


def recording_in(folder: Path) -> Recording | None:
    """The recording a folder holds, speakers named by their files; None where there is no audio in it.

    Raises:
        CallFileError: the folder's name, or its files', do not do.
    """
    files = sorted(each for each in folder.iterdir() if each.suffix.lower() in SUFFIXES)
    if not files:
        return None
    speakers = {each.stem: each for each in files}
    if len(speakers) < len(files):
        raise CallFileError(f"{folder} cannot be replayed", ["two of its audio files have one name; one a speaker"])
    return recording(folder.resolve().name, speakers)


def recording(name: str, files: Mapping[str, Path]) -> Recording:
    """A recording under a name.

    Raises:
        CallFileError: the name does not do.
    """
    if fault := fault_of_id(name):
        raise CallFileError("the recording cannot be replayed", [fault])
    return Recording(name, files)


def role_of(speaker: str) -> Role:
    """A speaker is called by their role, or is a prospect as anybody unlisted."""
    return ROLES.get(speaker, "prospect")


def pieces_of(file: Path) -> Iterator[bytes]:
    """16 kHz mono, whatever the file's rate and channels are.

    Raises:
        CallFileError: the file is no audio.
    """
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE, frame_size=PIECE)
    try:
        with av.open(str(file), "r") as container:
            if not container.streams.audio:
                raise CallFileError(f"{file} cannot be replayed", ["it holds no audio; give WAV or FLAC"])
            for decoded in container.decode(audio=0):
                yield from (piece.to_ndarray().tobytes() for piece in resampler.resample(decoded))
            yield from (piece.to_ndarray().tobytes() for piece in resampler.resample(None))
    except (OSError, av.error.FFmpegError) as error:
        raise CallFileError(
            f"{file} cannot be replayed", [f"it cannot be read as audio ({error.strerror}); give WAV or FLAC"]
        ) from None
