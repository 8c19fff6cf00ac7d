"""Finds out what somebody wants replayed, and makes tapes of it: journals, call files, recordings, folders of them.

In: paths. Out: tapes, in a fixed order, no two of one name. Everything is read and checked before anything is played;
recordings are recognised by the first provider of the settings that hears their language.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cornerman.config import Settings, SttSettings
from cornerman.errors import ProviderError
from cornerman.paths import find_project_file
from cornerman.playbook import Playbook
from cornerman.record.sealing import journal_keys
from cornerman.replay.audio_files import Recording, recording, recording_in
from cornerman.replay.call_file import CallFileError, RecordedCall, read_call
from cornerman.replay.journal import journal_segments, journal_tape
from cornerman.replay.synthesis import Pacing, tape_of
from cornerman.replay.tape import Tape

_SEGMENT = re.compile(r"events-\d+\.jsonl")
WHAT_THERE_IS = "give the folder of a call's journal, a cornerman.call/1 file, a folder of either, or of WAV or FLAC"

Source = Path | Recording
"""A journal's folder, a call file, or a recording."""


def is_journal(path: Path) -> bool:
    """True for the folder of a call's journal."""
    return path.is_dir() and any(_SEGMENT.fullmatch(each.name) for each in path.iterdir())


def sources_in(paths: Iterable[Path], speakers: Mapping[str, Path]) -> tuple[Source, ...]:
    """Everything to replay in these places; `speakers` is one more recording, a file for each speaker.

    Raises:
        CallFileError: a place does not exist or holds nothing to replay, or there is no place.
    """
    found = [source for path in paths for source in _sources_at(path)]
    if speakers:
        folder = next(iter(speakers.values())).resolve().parent
        found.append(recording(folder.name, speakers))
    if not found:
        raise CallFileError("nothing is replayed", [f"no call was named; {WHAT_THERE_IS}, or --speaker NAME=FILE"])
    return tuple(found)


def _sources_at(path: Path) -> Sequence[Source]:
    if is_journal(path) or path.is_file():
        return [path]
    if not path.is_dir():
        raise CallFileError(f"{path} cannot be replayed", [f"there is no such file or folder; {WHAT_THERE_IS}"])
    recording = recording_in(path)
    if recording is not None:
        return [recording]
    inside = sorted(each for each in path.iterdir() if is_journal(each) or each.suffix == ".json")
    if not inside:
        raise CallFileError(f"{path} cannot be replayed", [f"it holds nothing to replay; {WHAT_THERE_IS}"])
    return inside


def default_playbook(settings: Settings) -> Path:
    """The playbook a worker with these settings would use."""
    return settings.playbook.path or find_project_file("playbook")


async def load_tapes(
    sources: Iterable[Source], settings: Settings, playbook: Playbook, *, finals_only: bool = False
) -> tuple[Tape, ...]:
    """The tapes of all sources; a journal has one for each segment. `playbook`: what a recogniser is to listen for.

    Raises:
        CallFileError: a call cannot be played, or two have one id.
        JournalError: a journal cannot be read.
        ProviderError: a recording cannot be recognised.
    """
    pacing = Pacing(settings.turns.silence, settings.turns.max_length, finals_only)
    tapes: list[Tape] = []
    for source in sources:
        if isinstance(source, Recording):
            tapes.append(tape_of(await _recognised(source, settings, playbook), pacing))
        elif is_journal(source):
            tapes.extend(journal_tape(segment) for segment in journal_segments(source, journal_keys(settings.journal)))
        else:
            tapes.append(tape_of(read_call(source), pacing))
    _refuse_same_names(tapes)
    return tuple(tapes)


async def _recognised(audio: Recording, settings: Settings, playbook: Playbook) -> RecordedCall:
    # the speech engines take a second to import, and most replays hear nothing
    from cornerman.providers.speech import Heard, SpeechProviders
    from cornerman.replay.recordings import recognise

    stt: SttSettings = settings.stt
    providers = SpeechProviders(stt, Heard(playbook.terms(), playbook.names()))
    try:
        await asyncio.to_thread(providers.prewarm)
        for provider in providers.chain():
            if provider.hears(stt.language):
                return await recognise(audio, provider, stt.language, settings.turns.silence)
        raise ProviderError(f"no speech provider of the settings hears {stt.language}; see stt.provider, stt.language")
    finally:
        await providers.aclose()


def _refuse_same_names(tapes: Iterable[Tape]) -> None:
    """What is written under one name must not be written over by another call."""
    twice = [name for (name, _), count in Counter((one.call, one.segment) for one in tapes).items() if count > 1]
    if twice:
        raise CallFileError(
            "these calls cannot be replayed together",
            [f"two calls have the id {name!r}; replay them apart, or give one another id" for name in twice],
        )
