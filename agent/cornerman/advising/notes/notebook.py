"""Takes the notes of a call by what the coach noticed and what was plainly said; no model needed.

In: every event of the call with its time, and what the coach decided on it. Out: `notes(now)`, at any time. Every note
stands on the words of a completed turn, just as they were recognised in the end. What was promised, objected to or
agreed by the playbook's moments is taken from there; general phrases add what the playbook does not know. Two notes of
a kind never stand on the same sentence. A purge leaves nothing of what the participant said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cornerman.advising.notes.heard import Heard, side_of
from cornerman.advising.notes.model import DUE_LIMIT, Item, Note, NoteKind, Notes, Quote
from cornerman.advising.notes.questions import Questions
from cornerman.advising.notes.reading import Line, Reader, Reading, Span
from cornerman.coach.answers import ANSWER_WITHIN, ANSWER_WORDS
from cornerman.events import (
    CallEnd,
    Decision,
    Event,
    Evidence,
    Figures,
    Moment,
    MomentWithdrawn,
    Purge,
    Restored,
    StageChange,
    Tick,
    TickedList,
    Untick,
)
from cornerman.playbook import Playbook
from cornerman.playbook.kinds import COMPLIANCE_KIND

OBJECTIONS: Final = frozenset({"price_objection", "trust_concern", "timing_stall", "authority"})
TIMED: Final = frozenset({"agreement", "commitment", "next_step"})
COMMITMENT: Final = "commitment"
MET_WITHIN: Final = 60.0
"""Seconds after an objection in which words of the seller are taken to be about it."""
NOTHING: Final[Mapping[str, float]] = {}

_Words = tuple[str, Span]
"""Words of a turn."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A note by its words, before what belongs to it is looked up."""

    kind: NoteKind
    turn: str
    line: Line
    span: Span
    about: str = ""
    reply: _Words | None = None
    due: str = ""

    @property
    def place(self) -> tuple[str, str, str, int]:
        """What no other note shares with it: a sentence holds one note of a kind, and one moment of each kind."""
        return self.kind, self.about if self.kind == "moment" else "", self.turn, self.line.first


class Notebook:
    """The notes of one call. `gauges` tells how the gauges stand at a time; without it they are noted at the end."""

    def __init__(
        self, playbook: Playbook, gauges: Callable[[float], Mapping[str, float]] | None = None, title: str = ""
    ) -> None:
        self.heard = Heard()
        self.ended = False
        self._title = title or playbook.company
        self._language = playbook.language
        self._titles: dict[tuple[TickedList, str], str] = {
            **{("checklist", item.id): item.title for item in playbook.checklist},
            **{("disclosures", item.id): item.title for item in playbook.compliance.disclosures},
        }
        self._reader = Reader(playbook)
        self._gauges = gauges
        self._figures: dict[str, float] = {}
        self._questions = Questions()
        self._readings: dict[str, Reading] = {}
        self._said: list[_Found] = []
        self._moments: dict[str, Moment] = {}
        self._ticks: dict[tuple[TickedList, str], Evidence | None] = {}
        self._stage = ""
        self._earlier: Notes | None = None

    def resume(self, earlier: Notes) -> None:
        """Goes on from the notes an earlier coach of this call wrote."""
        self._earlier = earlier

    def follow(self, event: Event, now: float, made: Sequence[Decision]) -> None:
        """Takes in one event and what the coach made of it."""
        utterance = self.heard.follow(event)
        if utterance is not None:
            self._turn(self._reader.read(utterance))
        match event:
            case Purge():
                self._forget(event.identity)
            case Restored():
                self._stage = event.stage
                self._ticks.update(dict.fromkeys(event.ticked))
            case CallEnd():
                self.ended = True
                self._questions.end()
        for decision in made:
            self._decided(decision)

    def notes(self, now: float) -> Notes:
        """The notes as they stand; asking changes nothing."""
        found = sorted(self._all(now), key=lambda note: (note.said.start, note.said.turn))
        earlier = self._earlier
        return Notes(
            title=self._title,
            language=self._language,
            at=round(now, 3),
            ended=self.ended,
            stage=self._stage or (earlier.stage if earlier else ""),
            people=tuple(self.heard.people.values()),
            notes=(*(earlier.notes if earlier else ()), *found),
            items=tuple(self._items()),
            gauges=self._figures or dict(self._gauges(now) if self._gauges else NOTHING),
        )

    # -- taking in --

    def _turn(self, reading: Reading) -> None:
        self._questions.hear(reading)
        proposed = self._proposed(reading)
        turn = reading.utterance.turn
        self._readings[turn] = reading
        settled = False
        for at, line in enumerate(reading.lines):
            agreed = line.says("agreement") or (line.says("yes") if at == 0 and proposed else None)
            if agreed is not None and not settled:
                to, due = proposed or (None, "")
                self._said.append(_Found("agreement", turn, line, agreed, reply=to, due=due))
                settled = proposed is not None  # what was proposed is agreed to once
            promised = line.says("commitment")
            if promised is not None:
                self._said.append(_Found("commitment", turn, line, promised))
            arranged = line.says("next_step")
            if arranged is not None and agreed is None and promised is None:
                self._said.append(_Found("next_step", turn, line, arranged))

    def _proposed(self, reading: Reading) -> tuple[_Words, str] | None:
        """What the other side proposed last, and for when, if this turn follows it."""
        utterance = reading.utterance
        for earlier in reversed(self._readings.values()):
            if side_of(earlier.utterance.role) == side_of(utterance.role):
                continue
            if utterance.words[0].start - earlier.utterance.words[-1].end > ANSWER_WITHIN:
                return None
            lines = ((line, line.says("proposal")) for line in reversed(earlier.lines))
            turn = earlier.utterance.turn
            return next((((turn, line.quoted(span)), line.due) for line, span in lines if span), None)
        return None

    def _decided(self, decision: Decision) -> None:
        match decision:
            case Moment() if isinstance(decision.evidence, Evidence):
                self._moments[decision.id] = decision
            case MomentWithdrawn():
                self._moments.pop(decision.moment, None)
            case Tick():
                self._ticks[decision.checklist, decision.item] = decision.evidence
            case Untick():
                self._ticks.pop((decision.checklist, decision.item), None)
            case StageChange():
                self._stage = decision.stage
            case Figures():
                self._figures = dict(decision.values)

    def _forget(self, identity: str) -> None:
        gone = {turn for turn, reading in self._readings.items() if reading.utterance.identity == identity}
        self._readings = {turn: reading for turn, reading in self._readings.items() if turn not in gone}
        self._said = [found for found in self._said if found.turn not in gone]
        self._questions.forget(identity)
        self._moments = {name: moment for name, moment in self._moments.items() if _whose(moment.evidence) != identity}
        self._ticks = {
            item: evidence for item, evidence in self._ticks.items() if not (evidence and evidence.identity == identity)
        }
        if self._earlier is not None:
            self._earlier = self._earlier.without(identity)

    # -- giving out --

    def _all(self, now: float) -> Iterator[Note]:
        found = (*self._noticed(), *self._said)
        promised = {(one.turn, one.line.first) for one in found if one.kind == "commitment"}
        places: dict[tuple[str, str, str, int], _Found] = {}
        for one in found:
            if one.kind != "next_step" or (one.turn, one.line.first) not in promised:
                places.setdefault(one.place, one)
        yield from map(self._note, places.values())
        for asked in self._questions.open(now):
            reply = self.heard.quote(asked.put_off) if asked.put_off is not None else None
            yield Note(kind="question", said=self.heard.quote(asked.evidence), reply=reply)

    def _noticed(self) -> Iterator[_Found]:
        """The coach's moments, on the sentences of their turns as these were recognised in the end."""
        for moment in self._moments.values():
            evidence = moment.evidence
            reading = self._readings.get(moment.turn)
            if reading is None or not isinstance(evidence, Evidence):
                continue  # the turn is not over yet, or what it was about is forgotten
            line = reading.line_of(evidence)
            if line is None:
                continue
            span = _within(line, reading, evidence)
            if moment.kind == COMMITMENT:
                yield _Found("commitment", moment.turn, line, span)
            elif moment.kind in OBJECTIONS and side_of(evidence.role) == "buyer":
                yield _Found("objection", moment.turn, line, span, moment.kind, self._met(reading))
            elif moment.kind != COMPLIANCE_KIND or not self._is_reminder(moment):
                yield _Found("moment", moment.turn, line, span, moment.kind)

    def _is_reminder(self, moment: Moment) -> bool:
        """Whether it is about a disclosure that was missed: what was said then is nothing to remember."""
        return ("disclosures", moment.definition) in self._titles

    def _met(self, objection: Reading) -> _Words | None:
        """How the other side met an objection: its next turn that says something."""
        after = iter(self._readings.values())
        for reading in after:
            if reading is objection:
                break
        over = objection.utterance.words[-1].end
        for reading in after:
            utterance = reading.utterance
            if side_of(utterance.role) == "seller" and len(utterance.words) >= ANSWER_WORDS:
                reply = reading.reply()
                return (utterance.turn, (reply.first, reply.last)) if reply.start - over <= MET_WITHIN else None
        return None

    def _note(self, found: _Found) -> Note:
        return Note(
            kind=found.kind,
            about=found.about,
            said=self._quote(found.turn, found.line.quoted(found.span)),
            due=(found.line.due or found.due)[:DUE_LIMIT] if found.kind in TIMED else "",
            reply=self._quote(*found.reply) if found.reply and found.reply[0] in self._readings else None,
        )

    def _quote(self, turn: str, span: Span) -> Quote:
        return self.heard.quote(self._readings[turn].utterance.evidence(*span))

    def _items(self) -> Iterator[Item]:
        for (name, item), title in self._titles.items():
            evidence = self._ticks.get((name, item))
            said = self.heard.quote(evidence) if evidence is not None else None
            yield Item(list=name, item=item, title=title, done=(name, item) in self._ticks, said=said)


def _within(line: Line, reading: Reading, evidence: Evidence) -> Span:
    """The words of evidence in a sentence, by their times."""
    words = reading.utterance.words
    inside = [
        at
        for at in range(line.first, line.last + 1)
        if evidence.start <= words[at].start and words[at].end <= evidence.end
    ]
    return (inside[0], inside[-1]) if inside else (line.first, line.first)


def _whose(cause: object) -> str:
    return cause.identity if isinstance(cause, Evidence) else ""
