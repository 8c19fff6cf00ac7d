"""What has to hold in every call whatever happens in it, checked event by event from the decisions alone.

In: events, fed to a coach and to a second one. Out: an `AssertionError` that names the promise that was broken. What
the lines mean is written down here by hand, so that nothing is judged by the coach's own rules.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from call_advice import Actions, Requests, Spending, asked_rightly
from scenes import spoken

from cornerman.coach import Coach, CoachSettings
from cornerman.coach.budget import Budget
from cornerman.coach.grounding import WITHDRAWN_QUOTE
from cornerman.coach.moments import Detector
from cornerman.contract import Role
from cornerman.events import (
    Advice,
    AdviceRequest,
    Attendance,
    CallEnd,
    Consent,
    Control,
    Decisions,
    Event,
    Evidence,
    Held,
    MeaningRequest,
    MeaningResult,
    Moment,
    MomentWithdrawn,
    Nudge,
    Partial,
    Purge,
    Question,
    Reading,
    Seen,
    Turn,
    Wake,
)
from cornerman.playbook import COMPETITOR_CARD, Playbook, load_playbook
from cornerman.record.codec import decision_fields, event_fields, read_event, to_line
from cornerman.record.journal import Journal
from cornerman.replay import replay_call

MEANT: dict[Role, dict[str, frozenset[str]]] = {
    "prospect": {
        "": frozenset(),
        "hello there": frozenset(),
        "that is too expensive": frozenset({"too-expensive"}),
        "that is too expensive to miss": frozenset(),
        "it is not too expensive": frozenset(),
        "they said it is too expensive": frozenset(),
        "it is over our budget": frozenset({"over-budget"}),
        "too expensive and over our budget": frozenset({"too-expensive", "over-budget"}),
        "it costs too much and is over our budget": frozenset({"costs-too-much", "over-budget"}),
        "we are looking at northstar": frozenset({"rival"}),
        "please come back next quarter": frozenset({"later"}),
        "the biggest problem is mail": frozenset(),
        "every week my team can own the budget": frozenset(),
        "maybe it can wait then. let us see": frozenset(),
    },
    "rep": {
        "": frozenset(),
        "it never goes down": frozenset({"never-down"}),
        "the contract renews": frozenset(),
        "what does the problem cost you": frozenset(),
        "what do you compare the price with right now": frozenset(),
        "what is the next step": frozenset(),
        "i will send the contract": frozenset(),
        "it is too expensive": frozenset(),
    },
}
"""Lines by who says them, with the definitions of tests/coach/harbour that are meant by their words."""

BY_MEANING = frozenset({"later"})
"""Definitions with examples: what is found to mean them is noticed in any line that holds the sentence."""
SURELY = 0.9
"""A likeness that tells; one of nought does not. What lies between is the scorer's own business."""

HARBOUR: Playbook = load_playbook(Path(__file__).parent / "coach" / "harbour")
DETECTOR = Detector(HARBOUR)
HEADER = {
    "playbook": {"digest": HARBOUR.digest},
    "budget": {"interval": 15.0, "burst": 1},
    "meaning": {"model": "told"},
    "advising": {"models": ["told"], "early": True},
}
CARDS = {definition.id: definition.card for definition in HARBOUR.moments}


class History:
    """One call, and what the rep sees of it."""

    def __init__(self) -> None:
        settings = CoachSettings(interval=15.0, burst=1, by_meaning=True, advised=True, early=True)
        self.coach = Coach(HARBOUR, settings, DETECTOR)
        self._twin = Coach(HARBOUR, settings, Detector(HARBOUR))
        self.now = 0.0
        self.nudges: dict[str, Nudge] = {}
        self.requests: list[MeaningRequest] = []
        self.advice = Requests()
        self.actions = Actions()
        self._spending = Spending()
        (self._budget,) = (one for one in reachable(self.coach) if isinstance(one, Budget))
        self._heard: list[tuple[Event, float, Decisions]] = []
        self._wake_at: float | None = None
        self._lines: dict[str, tuple[Role, str]] = {}
        self._said: dict[str, list[str]] = {}
        self._asked: dict[str, Evidence] = {}
        self._told: list[Evidence] = []
        self._ended: set[str] = set()
        self._purged: set[str] = set()
        self._heard_late: set[str] = set()
        self._granted: set[str] = set()
        self._present: set[str] = set()
        self._attention = "live"
        self._moments: dict[str, Moment] = {}
        self._gone: set[str] = set()
        self._settled: set[str] = set()
        self._sound = True
        for role in ("rep", "prospect"):
            self.hear(Attendance(role, role, role, True), 0.0)
            self.hear(Consent(role, "granted", "test"), 0.0)

    # -- what happens --

    def say(self, role: Role, turn: str, line: str, at: float, *, complete: bool) -> None:
        """Somebody's turn reads so, or ended so. The first word is the turn's own, so that its traces can be found."""
        text = f"{marker(turn)} {line}" if line else ""
        words = spoken(text, at)
        if complete:
            start, end = (words[0].start, words[-1].end) if words else (at, at)
            self.hear(Turn(turn, role, role, words, start, end, 0.9), at)
        else:
            self.hear(Partial(turn, role, role, words), at)

    def hear(self, event: Event, at: float) -> None:
        """Feeds one event, with the wakes that are due before it, as the drivers do."""
        while self._wake_at is not None and self._wake_at <= at:
            due = self._wake_at
            self._step(Wake(), due)
            assert self._wake_at is None or self._wake_at > due, "a wake that was heard is asked for again"
        self._step(event, at)

    def end(self) -> None:
        """The call is over: nothing is left open. Says nothing more of a call that is broken already."""
        if not self._sound:
            return
        self._step(CallEnd("over"), self.now)
        left = set(self._moments) - self._settled
        assert not left, f"moments whose card was neither shown nor held: {left}"
        self._check_memory()

    def write(self, folder: Path) -> None:
        """The call's journal: it replays byte for byte as far as its words are there, and holds nothing forgotten."""
        if not self._sound:
            return
        journal = Journal(folder, HEADER)
        for event, at, decisions in self._heard:
            journal.hear(event, at)
            for decision in decisions.made:
                journal.decide(decision)
            if isinstance(event, Purge):
                journal.purge(event.identity)
        journal.close()
        (replayed,) = replay_call(folder, HARBOUR)
        assert replayed.difference is None, "the journal replays otherwise"
        gone = {marker(turn) for turn in self._purged - self._heard_late} | self.advice.forgotten
        every = {marker(turn) for turn in self._said} | set(self.advice.tokens.values())
        for file in folder.iterdir():
            held = set(re.findall(r"zebra\w+x|quokka\d+x", file.read_text()))
            assert not held & (every if file.name.startswith("events-") else gone), f"{file.name} holds what was said"

    # -- what has to hold --

    def _step(self, event: Event, at: float) -> None:
        self.now = at
        self._sound = False
        decisions = self.coach.hear(event, at)
        assert decisions == self._twin.hear(read_back(event), at), "the same history gave other decisions"
        assert decisions.wake_at is None or decisions.wake_at >= at, "a wake in the past is asked for"
        self._wake_at = decisions.wake_at
        self._heard.append((event, at, decisions))
        self._world(event)
        self._spending.hears(event, at)
        self.advice.hears(event, at)
        self.actions.hears(event)
        self.actions.decided(event, decisions.made, self.nudges)
        self.advice.decided(decisions.made, at, self._markers())
        self._take_in(decisions)
        self._check_moments()
        self._check_cards()
        self.advice.check((one for one in self.nudges.values() if one.id not in self._closed), self._ended)
        self._spending.check(self._budget, at)
        if isinstance(event, Purge):
            self._check_memory()
        self._sound = True

    def _world(self, event: Event) -> None:
        match event:
            case Partial() | Turn():
                if event.turn in self._purged:
                    self._heard_late.add(event.turn)  # the room keeps such words from coach and journal
                if event.turn not in self._ended | self._purged and event.identity in self._granted:
                    self._said[event.turn] = [word.text for word in event.words]
                    self._lines[event.turn] = event.role, " ".join(self._said[event.turn][1:])
                    if isinstance(event, Turn):
                        self._ended.add(event.turn)
            case Consent():
                (self._granted.add if event.state == "granted" else self._granted.discard)(event.identity)
            case Attendance():
                (self._present.add if event.present else self._present.discard)(event.identity)
            case MeaningResult():
                if any(one.definition in BY_MEANING and one.like >= SURELY for one in event.likeness):
                    self._told.append(self._asked[event.request])
            case Control():
                self._attention = event.attention
            case Purge():
                purged = {turn for turn, (role, _) in self._lines.items() if role == event.identity}
                self._purged |= purged
                for turn in purged:
                    del self._lines[turn]

    def _take_in(self, decisions: Decisions) -> None:
        for decision in decisions.made:
            line = to_line(decision_fields(decision))
            assert not any(marker(turn) in line for turn in self._purged), "purged words in a decision"
            match decision:
                case Moment():
                    self._moments[decision.id] = decision
                case MomentWithdrawn():
                    self._gone.add(decision.moment)
                case MeaningRequest():
                    self.requests.append(decision)
                    self._asked[decision.id] = decision.evidence
                case AdviceRequest():
                    shown = [nudge for nudge in self.nudges.values() if nudge.status != "withdrawn"]
                    with_card = {one.turn for nudge in shown for one in nudge.because if isinstance(one, Evidence)}
                    asked_rightly(decision, self._attention, self._ended, with_card, self._said)
                case Held():
                    self._settled.add(decision.moment)
                case Nudge():
                    self._nudge(decision)

    def _nudge(self, nudge: Nudge) -> None:
        before = self.nudges.get(nudge.id)
        assert nudge.rev == (0 if before is None else before.rev + 1), "revisions are not counted"
        self.advice.shows(nudge, before)
        self._spending.shows(nudge, self.now)
        if nudge.rev == 0:
            assert "rep" in self._present, "a card for a rep who is not there"
            assert self._attention != "off", "a card though the coach is switched off"
            assert self._attention == "live" or nudge.critical or nudge.kind == "answer", "a card in a quiet hour"
        self.nudges[nudge.id] = nudge
        if nudge.status != "withdrawn":
            self._settled |= {one.id for one in self._causes(nudge)}

    def _check_moments(self) -> None:
        """What stands is exactly what the lines mean; what meaning alone found stands in a line that was heard."""
        for moment in self._moments.values():
            if moment.id in self._gone or not moment.turn or moment.id.startswith("d"):
                continue
            assert moment.turn in self._lines, "a moment in words that are gone"
            if moment.id.startswith("v"):
                continue
            role, line = self._lines[moment.turn]
            by_words = moment.definition in MEANT[role][line]
            by_meaning = moment.definition in BY_MEANING and any(
                self._stands(one) for one in self._told if one.turn == moment.turn
            )
            assert by_words or by_meaning, f"{moment.definition} in {line!r}"
        for turn, (role, line) in self._lines.items():
            standing = {one.definition for one in self._standing(turn)}
            assert MEANT[role][line] <= standing, f"{line!r} holds {standing}"

    def _check_cards(self) -> None:
        """Every card the rep may see has a moment that stands; nothing it quotes is gone."""
        for nudge in self.nudges.values():
            if nudge.status == "withdrawn":
                quotes = [cause.quote for cause in nudge.because if isinstance(cause, Evidence)]
                assert set(quotes) <= {WITHDRAWN_QUOTE}, "a withdrawn card quotes what was said"
                continue
            assert any(one.id not in self._gone for one in self._causes(nudge)), f"{nudge.card} has no moment any more"
            for cause in nudge.because:
                if not isinstance(cause, Evidence):
                    continue
                assert cause.turn not in self._purged, "a live card quotes the purged"
                if cause.turn in self._ended and nudge.id not in self._closed:
                    assert self._stands(cause), "a live card quotes what was not said in the end"

    def _check_memory(self) -> None:
        """The coach remembers nothing of purged words."""
        for thing in reachable(self.coach):
            if isinstance(thing, Evidence) and thing.turn in self._purged:
                assert thing.quote == WITHDRAWN_QUOTE, f"evidence of purged words is kept: {thing.turn}"
            if isinstance(thing, str):
                assert not any(marker(turn) in thing for turn in self._purged), "purged words are kept"
                assert not any(word in thing for word in self.advice.forgotten), "what purged words led to is kept"

    @property
    def _closed(self) -> set[str]:
        """Cards the rep has put away, or never saw."""
        return self._spending.closed

    def _markers(self) -> dict[str, tuple[str, ...]]:
        """What can be told by the traces of everybody's words."""
        return {
            who: tuple(marker(turn) for turn, (role, _) in self._lines.items() if role == who)
            for who in ("rep", "prospect")
        }

    def _stands(self, evidence: Evidence) -> bool:
        return " ".join(self._said[evidence.turn][evidence.first : evidence.last + 1]) == evidence.quote

    def _standing(self, turn: str) -> list[Moment]:
        return [one for one in self._moments.values() if one.turn == turn and one.id not in self._gone]

    def _causes(self, nudge: Nudge) -> list[Moment]:
        """The moments a card may be there for: of its kind and card, and of the turn, reading or question it names."""
        (cause,) = nudge.because
        return [
            one
            for one in self._moments.values()
            if one.kind == nudge.kind
            and (cause == one.evidence if isinstance(cause, Reading | Question | Seen) else cause.turn == one.turn)
            and CARDS.get(one.definition, nudge.card) in (nudge.card, COMPETITOR_CARD)
        ]


def read_back(event: Event) -> Event:
    """The event as a journal gives it back."""
    fields = json.loads(to_line(event_fields(event, 1)))
    text = (event.headline, event.detail) if isinstance(event, Advice) else None
    back = read_event(fields, event.words if isinstance(event, Partial | Turn) else None, text)
    assert back == event, "a journal gives back another event"
    return back


def marker(turn: str) -> str:
    """A word that is said in this turn and nowhere else."""
    return f"zebra{turn}x"


def reachable(root: object) -> Iterator[Any]:
    """Everything a coach holds on to, its playbook and compiled phrases aside."""
    seen: set[int] = set()
    waiting = deque([root])
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or thing is None or isinstance(thing, Playbook | Detector | type | int | float):
            continue
        seen.add(id(thing))
        yield thing
        if isinstance(thing, dict):
            waiting.extend(thing.keys())
            waiting.extend(thing.values())
        elif isinstance(thing, list | tuple | set | frozenset | deque):
            waiting.extend(thing)
        elif not isinstance(thing, str | bytes):
            waiting.extend(vars(thing).values() if hasattr(thing, "__dict__") else ())
            slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
            waiting.extend(getattr(thing, name, None) for name in slots if name != "__weakref__")
