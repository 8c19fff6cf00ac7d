"""A call written down turn by turn: the `cornerman.call/1` JSON file, read and checked.

In: a JSON file. Out: a `RecordedCall` whose every word has a time, or one error that lists every fault with the turn it
is in and what to do. Turns may overlap and may stand in any order; what cannot be played is refused: reversed times,
turns of nobody, two turns with one number.

Words a turn gives no times for are spread over it by their letters.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cornerman.contract import Role, faults_of
from cornerman.errors import FaultListError
from cornerman.events import Word
from cornerman.plain import plain
from cornerman.providers.word_times import lay_words

FORMAT: Final = "cornerman.call/1"
LONGEST_CALL = 1_000_000.0
"""Seconds; times beyond are taken for a mistake, such as milliseconds or the time of day."""
LONGEST_WORD = 80
LONGEST_ID = 200

ROLES: Final[Mapping[str, Role]] = {
    "rep": "rep",
    "prospect": "prospect",
    "colleague": "colleague",
    "observer": "observer",
    "other": "observer",
}


class CallFileError(FaultListError):
    """A recorded call that cannot be played; lists every fault."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody in the call."""

    identity: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """What somebody said at one go; `index` is the file's number for it. Words are in order of their start."""

    index: int
    identity: str
    start: float
    end: float
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """What should be noticed in a turn: the kind, others truly present, and others that are no mistake."""

    turn: int
    moment: str
    also: frozenset[str] = frozenset()
    acceptable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call to play. Exactly one of `speakers` has the role `rep`. `labels` None: nobody labelled it."""

    id: str
    language: str
    speakers: tuple[Speaker, ...]
    turns: tuple[SpokenTurn, ...]
    labels: tuple[Label, ...] | None = field(default=None)

    @property
    def hours(self) -> float:
        """From the first turn's start to the last one's end."""
        if not self.turns:
            return 0.0
        return (max(turn.end for turn in self.turns) - min(turn.start for turn in self.turns)) / 3600

    def role_of(self, identity: str) -> Role:
        """The role of a speaker."""
        return next(speaker.role for speaker in self.speakers if speaker.identity == identity)


# -- the file's shape --

Seconds = Annotated[float, Field(ge=0, le=LONGEST_CALL, allow_inf_nan=False)]


class _Part(BaseModel):
    """Base of the file's parts: types as written, unknown keys ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class _Participant(_Part):
    identity: str = Field(min_length=1)
    name: str = ""
    role: Literal["rep", "prospect", "colleague", "observer", "other"]


class _Word(_Part):
    text: str
    start: Seconds
    end: Seconds


class _Turn(_Part):
    i: int = Field(ge=0)
    speaker: str
    start: Seconds
    end: Seconds
    text: str = ""
    words: list[_Word] | None = None


class _Label(_Part):
    turn: int
    moment: str
    also: list[str] = Field(default_factory=list)
    acceptable: list[str] = Field(default_factory=list)


class _Call(_Part):
    id: str = Field(min_length=1, max_length=LONGEST_ID)
    language: str = "en"
    participants: list[_Participant]
    turns: list[_Turn]
    labels: list[_Label] | None = None


def read_call(file: Path) -> RecordedCall:
    """Reads a call file.

    Raises:
        CallFileError: it cannot be read, is no `cornerman.call/1`, or something in it cannot be played.
    """
    what = f"the call {file} cannot be played"
    call = _checked_shape(_parsed(file, what), what)
    faults = list(_faults(call))
    if faults:
        raise CallFileError(what, faults)
    return RecordedCall(
        id=call.id,
        language=call.language,
        speakers=with_one_rep(
            Speaker(one.identity, plain(one.name, LONGEST_WORD), ROLES[one.role]) for one in call.participants
        ),
        turns=tuple(
            SpokenTurn(turn.i, turn.speaker, turn.start, turn.end, _words(turn))
            for turn in sorted(call.turns, key=lambda turn: (turn.start, turn.i))
        ),
        labels=_labels(call.labels),
    )


def _parsed(file: Path, what: str) -> Any:
    try:
        return json.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise CallFileError(what, [f"the file cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise CallFileError(
            what, [f"byte {error.start} is not UTF-8; save the file as UTF-8 (from Latin-1: iconv -f latin1 -t utf-8)"]
        ) from None
    except json.JSONDecodeError as error:
        raise CallFileError(
            what, [f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}; mend that place"]
        ) from None
    except (RecursionError, ValueError):
        raise CallFileError(what, ["not JSON that can be read: nested too deep, or a number too long"]) from None


def _checked_shape(tree: Any, what: str) -> _Call:
    if not isinstance(tree, dict):
        raise CallFileError(what, [f"it holds a {type(tree).__name__}, not a {FORMAT} object"])
    if tree.get("format") != FORMAT:
        found = f"its format is {tree['format']!r}" if "format" in tree else "it names no format"
        raise CallFileError(what, [f'{found}; this version plays "format": "{FORMAT}"'])
    try:
        return _Call.model_validate(tree)
    except ValidationError as error:
        raise CallFileError(what, faults_of(error)) from None


def _faults(call: _Call) -> Iterator[str]:
    if fault := fault_of_id(call.id):
        yield f"id: {fault}"
    for identity, count in Counter(one.identity for one in call.participants).items():
        if count > 1:
            yield f"participants: {identity!r} is listed {count} times; keep one"
    for number, count in Counter(turn.i for turn in call.turns).items():
        if count > 1:
            yield f"turns: {count} turns have the number {number}; number them 0, 1, 2 ..."
    known = {one.identity for one in call.participants}
    for turn in call.turns:
        yield from (f"turn {turn.i}: {fault}" for fault in _faults_of_turn(turn, known))
    yield from _faults_of_labels(call)


def _faults_of_turn(turn: _Turn, known: set[str]) -> Iterator[str]:
    if turn.speaker not in known:
        yield f"its speaker {turn.speaker!r} is no participant; list them, or correct the name"
    if turn.end < turn.start:
        yield f"it ends at {turn.end} s, before it starts at {turn.start} s; correct its times"
    before = 0.0
    for position, word in enumerate(turn.words or ()):
        if word.end < word.start or word.start < before:
            yield f"word {position} ({word.start} to {word.end} s) goes back in time; correct its times"
            return
        before = word.start


def _faults_of_labels(call: _Call) -> Iterator[str]:
    numbers = {turn.i for turn in call.turns}
    for number, count in Counter(label.turn for label in call.labels or ()).items():
        if number not in numbers:
            yield f"labels: there is no turn {number}; correct the number"
        if count > 1:
            yield f"labels: turn {number} has {count} labels; keep one"


def fault_of_id(name: str) -> str | None:
    """Why a call's id cannot name a file, or None."""
    if not name or name != plain(name, LONGEST_ID) or "/" in name or "\\" in name or name.startswith("."):
        return f"{name!r} cannot name a file; use letters, digits, - and _"
    return None


def with_one_rep(speakers: Iterable[Speaker]) -> tuple[Speaker, ...]:
    """The coach has one rep: the first of several; the others are colleagues. If there is none, one who is silent."""
    found: list[Speaker] = []
    for one in speakers:
        taken = any(other.role == "rep" for other in found)
        found.append(Speaker(one.identity, one.name, "colleague") if one.role == "rep" and taken else one)
    if any(one.role == "rep" for one in found):
        return tuple(found)
    identity = "rep"
    while any(one.identity == identity for one in found):
        identity += "_"
    return (Speaker(identity, "", "rep"), *found)


def _words(turn: _Turn) -> tuple[Word, ...]:
    if turn.words is not None:
        cleaned = ((plain(word.text, LONGEST_WORD), word.start, word.end) for word in turn.words)
        return tuple(Word(text, tidy(start), tidy(end)) for text, start, end in cleaned if text)
    return spread(turn.text, turn.start, turn.end)


def spread(text: str, start: float, end: float) -> tuple[Word, ...]:
    """The words of a text, spread over its time by their letters; all at once where it takes no time."""
    texts = [word for raw in text.split() if (word := plain(raw, LONGEST_WORD))]
    return tuple(Word(word.text, tidy(word.start), tidy(word.end)) for word in lay_words(texts, [(start, end)]))


def tidy(seconds: float) -> float:
    """To a tenth of a millisecond, as all times of events are."""
    return round(seconds, 4)


def _labels(labels: Sequence[_Label] | None) -> tuple[Label, ...] | None:
    if labels is None:
        return None
    return tuple(Label(one.turn, one.moment, frozenset(one.also), frozenset(one.acceptable)) for one in labels)
