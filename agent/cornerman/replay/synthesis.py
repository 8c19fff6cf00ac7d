"""Makes of a recorded call what would have been heard live: voices, words one by one as they were said, ended turns.

In: a recorded call. Out: a tape of timed inputs. A word is heard a constant delay after it was said, as the newest of a
partial that holds the whole turn so far; a turn ends after its last word and the silence that ends turns, or at the
length cap. Turns that overlap interleave by time. With `finals_only` no partial is heard. The same call gives the same
tape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from cornerman.config import TurnSettings
from cornerman.contract import Role
from cornerman.events import Attendance, CallEnd, Consent, Event, Partial, Speaking, Turn, Word
from cornerman.replay.call_file import RecordedCall, SpokenTurn, tidy
from cornerman.replay.tape import Place, Tape, Timed

HEARD_AFTER = 0.3
"""Seconds from a word's end until a recogniser tells it. Streaming recognisers were measured at 0.3 s; the speech of
real calls adds the network's way."""
HANGS_UP_AFTER = 1.0
"""Seconds from the last thing heard to the end of the call: nobody hangs up at the last sound, and what was asked about
the last sentence has come back by then."""
CERTAIN = 1.0
"""Confidence of words that were written down, not recognised."""


@dataclass(frozen=True, slots=True)
class Pacing:
    """How words are heard; `silence` and `longest` (a turn's cap) in seconds."""

    silence: float = TurnSettings.model_fields["silence"].default
    longest: float = TurnSettings.model_fields["max_length"].default
    finals_only: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """What is heard as one turn: all of a turn, or as much as the length cap leaves together. `heard[n]` is when word n
    is heard, `ended` when the turn's end is.
    """

    id: str
    place: Place
    identity: str
    role: Role
    words: tuple[Word, ...]
    heard: tuple[float, ...]
    ended: float

    def event(self, count: int) -> Partial | Turn:
        """The partial of the first `count` words; one more than there are: the ended turn."""
        if count <= len(self.words):
            return Partial(self.id, self.identity, self.role, self.words[:count])
        start, end = self.words[0].start, max(word.end for word in self.words)
        return Turn(self.id, self.identity, self.role, self.words, start, end, CERTAIN)


def tape_of(call: RecordedCall, pacing: Pacing) -> Tape:
    """The call as a tape. The rep is there from the start, everybody consents."""
    parts = [part for turn in call.turns for part in _parts(turn, call.role_of(turn.identity), pacing)]
    places = {part.id: part.place for part in parts}
    return Tape(call.id, call.hours, partial(_inputs, call, parts, pacing), places.__getitem__, recorded=call)


def _inputs(call: RecordedCall, parts: Sequence[_Part], pacing: Pacing) -> Iterator[Timed]:
    for speaker in call.speakers:
        yield Timed(0.0, Attendance(speaker.identity, speaker.name, speaker.role, True))
        yield Timed(0.0, Consent(speaker.identity, "granted", "replay"))
    now = 0.0
    # made one by one when their time comes: all partials of a long call at once would be its words many times over
    for now, _, number, count in sorted([*_voices(call), *_words(parts, pacing)]):
        yield Timed(now, _voice(call, number, count, now) if count <= 0 else parts[number].event(count))
    yield Timed(tidy(now + HANGS_UP_AFTER), CallEnd("the recording is over"))


_Step = tuple[float, int, int, int]
"""When; voices (0) before words (1); the number of the speaker or part; the number of words, or for a voice 0 when it
starts and -1 when it stops."""


def _words(parts: Sequence[_Part], pacing: Pacing) -> Iterator[_Step]:
    for number, part in enumerate(parts):
        if not pacing.finals_only:
            yield from ((now, 1, number, count) for count, now in enumerate(part.heard, 1))
        yield part.ended, 1, number, len(part.words) + 1


def _voices(call: RecordedCall) -> Iterator[_Step]:
    for number, speaker in enumerate(call.speakers):
        spans = ((turn.start, turn.end) for turn in call.turns if turn.identity == speaker.identity)
        for start, end in _together(spans):
            yield tidy(start), 0, number, 0
            yield tidy(end), 0, number, -1


def _voice(call: RecordedCall, number: int, count: int, now: float) -> Event:
    return Speaking(call.speakers[number].identity, count == 0, now)


def _together(spans: Iterable[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Spans that touch or overlap made one; spans without length left out. In: ordered by start."""
    open_span: tuple[float, float] | None = None
    for start, end in spans:
        if end <= start:
            continue
        if open_span is not None and start <= open_span[1]:
            open_span = (open_span[0], max(open_span[1], end))
            continue
        if open_span is not None:
            yield open_span
        open_span = (start, end)
    if open_span is not None:
        yield open_span


def _parts(turn: SpokenTurn, role: Role, pacing: Pacing) -> Iterator[_Part]:
    """A turn as the parts it is heard in; none where nothing was said."""
    first, now = 0, 0.0
    heard: list[float] = []
    for last, word in enumerate(turn.words):
        now = max(now, tidy(word.end + HEARD_AFTER))
        heard.append(now)
        spoken = turn.words[first : last + 1]
        is_full = word.end - spoken[0].start >= pacing.longest
        if not is_full and last + 1 < len(turn.words):
            continue
        quiet = tidy(max(one.end for one in spoken) + pacing.silence)
        now = now if is_full else max(now, quiet)
        name = f"t{turn.index}" if first == 0 else f"t{turn.index}.{first}"
        yield _Part(name, Place(turn.index, first), turn.identity, role, spoken, tuple(heard), now)
        first, heard = last + 1, []
