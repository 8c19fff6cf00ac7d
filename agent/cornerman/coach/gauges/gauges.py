"""All gauges of one call: events in, values and crossings out.

| name | unit | measured from |
|---|---|---|
| `talk_ratio` | 0 to 1, lately | voices |
| `monologue_s`, `longest_monologue_s` | seconds: under way, longest of the call | voices |
| `dead_air_s` | seconds: silence under way | voices |
| `interruptions` | by the rep, in the call | voices |
| `patience_s` | seconds the rep waits, lately | voices |
| `pace_wpm` | the rep's words a minute, lately | completed turns |
| `questions`, `since_question_s` | by the rep, in the call; seconds since the last one | completed turns |

Voices are `Speaking` events (live from a detector at each microphone, in a replay from the times of turns); words are
completed turns, and partials only as a sign that a voice goes on. A value that is not known yet is left out. "Lately"
is the window of the playbook's first gauge of the kind, else the usual one. After a restart in mid-call everything
begins anew. `readings` and `figures` change nothing, so that they may be asked for at any time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from cornerman.coach.gauges.asking import Asking
from cornerman.coach.gauges.crossing import Crossing, Limit
from cornerman.coach.gauges.dead_air import DeadAir
from cornerman.coach.gauges.monologue import Monologue
from cornerman.coach.gauges.pace import Pace, speaking_time
from cornerman.coach.gauges.questions import questions_in
from cornerman.coach.gauges.recent import Recent
from cornerman.coach.gauges.talk import TalkRatio, TalkTime
from cornerman.coach.gauges.turn_taking import TurnTaking
from cornerman.coach.gauges.voices import Voices
from cornerman.coach.languages import language_of
from cornerman.events import Event, Partial, Purge, Reading, Turn
from cornerman.playbook import GaugeDefinition
from cornerman.playbook.kinds import GaugeKind
from cornerman.playbook.measures import MEASURES

LEAST_WAITS: Final = 5
"""Waits before there is a patience to speak of."""
OF_TURNS: Final = ("pace_wpm", "questions")
"""Figures that need no comparison of voices."""
TURNS_REMEMBERED: Final = 256
"""Ids of completed turns that are kept, so that none counts twice."""


class Gauges:
    """The gauges of one call. `definitions` say what is worth a word; `language` is a BCP 47 tag, for questions."""

    def __init__(self, definitions: Sequence[GaugeDefinition], language: str = "en") -> None:
        self._language = language_of(language)
        self._limits = tuple(Limit(definition) for definition in definitions)
        self._lately = {kind: self._windows(kind)[0] for kind in MEASURES}
        self._voices = Voices()
        heard = self._voices.open
        self._talk = {window: TalkRatio(window, heard) for window in self._windows("talk_ratio")}
        self._talk_time = TalkTime(heard)
        self._monologue = Monologue("rep", heard)
        self._their_monologue = Monologue("prospect", heard)
        self._dead_air = DeadAir(heard)
        self._taking = TurnTaking("rep", "prospect", heard, interrupted=self._interrupted, waited=self._waited)
        self._their_taking = TurnTaking(
            "prospect", "rep", heard, interrupted=self._were_interrupted, waited=lambda _at, _wait: None
        )
        self._voices.tell(
            *self._talk.values(),
            self._talk_time,
            self._monologue,
            self._their_monologue,
            self._dead_air,
            self._taking,
            self._their_taking,
        )
        self._ended: deque[str] = deque(maxlen=TURNS_REMEMBERED)
        self._rep_turn_ended = False
        self._measured = False
        self._forget_turns()
        self._forget_turn_taking()

    # -- in --

    def hear(self, event: Event, now: float) -> None:
        """Takes in one event; those that tell nothing of speaking only let time pass."""
        self._voices.hear(event, now)
        self._measured = self._measured or self._voices.measuring
        match event:
            case Partial() | Turn() if event.words and self._voices.hears(event.identity, event.role):
                self._words(event, now)
            case Purge():
                self._purge(event.identity)
        self._settle(now)

    def _words(self, event: Partial | Turn, now: float) -> None:
        end = _by(max(word.end for word in event.words), now)
        self._dead_air.said(end, now)
        if isinstance(event, Partial) or event.turn in self._ended:
            return
        self._ended.append(event.turn)
        asked = questions_in(self._language, event.words)
        if event.role == "prospect":
            self._their_questions += asked
        elif event.role == "rep":
            seconds = speaking_time(event.words)
            for pace in self._pace.values():
                pace.said(len(event.words), seconds)
            for asking in self._asking.values():
                asking.said(end, asked, seconds)
            self._rep_turn_ended = True

    def _purge(self, identity: str) -> None:
        """The meters of voices have forgotten by themselves; what was counted in turns is forgotten whole."""
        role = self._voices.role_of(identity)
        if role is None:
            return
        self._forget_turn_taking()
        self._measured = self._voices.measuring
        self._their_questions = 0
        if role == "rep":
            self._forget_turns()

    def _forget_turns(self) -> None:
        self._pace = {window: Pace(window) for window in self._windows("pace")}
        self._asking = {window: Asking(window) for window in self._windows("questions")}
        self._their_questions = 0

    def _forget_turn_taking(self) -> None:
        self._interruptions = {window: Recent(window) for window in self._windows("interruption")}
        self._waits = {window: Recent(window) for window in self._windows("patience")}
        self._interruptions_made = self._interruptions_suffered = 0
        self._all_waits: tuple[int, float] = (0, 0.0)

    def _interrupted(self, at: float) -> None:
        self._interruptions_made += 1
        for recent in self._interruptions.values():
            recent.add(at, 1.0)

    def _were_interrupted(self, _at: float) -> None:
        self._interruptions_suffered += 1

    def _waited(self, at: float, wait: float) -> None:
        count, seconds = self._all_waits
        self._all_waits = (count + 1, seconds + wait)
        for recent in self._waits.values():
            recent.add(at, wait)

    def _settle(self, now: float) -> None:
        for recent in (*self._interruptions.values(), *self._waits.values()):
            recent.settle(now)
        for asking in self._asking.values():
            asking.settle(now)

    def _windows(self, kind: GaugeKind) -> list[float]:
        """Windows a gauge is measured over, the one that is shown first."""
        defined = [limit.definition.window_s for limit in self._limits if limit.definition.gauge == kind]
        return list(dict.fromkeys(defined)) or [MEASURES[kind].window_s]

    # -- out --

    def due(self, now: float) -> tuple[Crossing, ...]:
        """Gauges that have passed their limit, each once until it has come back; asked for after every event."""
        found = [crossing for limit in self._limits if (crossing := self._crossing(limit, now)) is not None]
        self._rep_turn_ended = False
        return tuple(found)

    def next_look(self, now: float) -> float | None:
        """When a gauge could pass its limit by time alone; later than `now`."""
        times: list[float | None] = []
        for limit in self._limits:
            if not limit.armed:
                continue
            match limit.definition.gauge:
                case "monologue":
                    times.append(self._monologue.reaches(limit.definition.limit))
                case "dead_air":
                    times.append(self._dead_air.reaches(limit.definition.limit))
                case "interruption" | "patience":
                    times.append(self._taking.next_judgement())
        # just past it: at the limit itself none is passed
        later = [at for time in times if time is not None and (at := round(time + 0.0001, 4)) > now]
        return min(later, default=None)

    def readings(self, now: float) -> dict[str, float]:
        """Values as they stand, by the names and in the units above; what is not known yet is left out."""
        asking = self._asking[self._lately["questions"]]
        values = {
            "talk_ratio": _rounded(self._talk[self._lately["talk_ratio"]].value(now), 3),
            "monologue_s": _rounded(self._monologue.value(now) if self._voices.measuring else None, 1),
            "longest_monologue_s": _rounded(self._monologue.longest(now) if self._measured else None, 1),
            "dead_air_s": _rounded(self._dead_air.value(now) if self._voices.measuring else None, 1),
            "interruptions": float(self._interruptions_made) if self._measured else None,
            "pace_wpm": _rounded(self._pace[self._lately["pace"]].value(), 0),
            "questions": float(asking.count) if asking.since_last(now) is not None else None,
            "since_question_s": _rounded(asking.since_last(now), 1),
            "patience_s": _rounded(_mean(self._waits[self._lately["patience"]]), 2),
        }
        return {name: value for name, value in values.items() if value is not None}

    def figures(self, now: float) -> tuple[tuple[str, float], ...]:
        """The whole call, as long as this coach has heard it: names as in `readings`, of the rep; `dead_air_s` is the
        longest silence; `prospect_...` the same of all prospects. What was never measured is left out.
        """
        shares = self._talk_time.shares(now)
        asking = self._asking[self._lately["questions"]]
        waits, waited = self._all_waits
        rep_spoke = asking.since_last(now) is not None
        measured: dict[str, float | None] = {
            "talk_ratio": _rounded(shares.get("rep"), 3),
            "longest_monologue_s": _rounded(self._monologue.longest(now), 1),
            "dead_air_s": _rounded(self._dead_air.longest, 1),
            "interruptions": float(self._interruptions_made),
            "pace_wpm": _rounded(self._pace[self._lately["pace"]].overall(), 0),
            "questions": float(asking.count) if rep_spoke else None,
            "patience_s": _rounded(waited / waits if waits >= LEAST_WAITS else None, 2),
            "prospect_talk_ratio": _rounded(shares.get("prospect"), 3),
            "prospect_longest_monologue_s": _rounded(self._their_monologue.longest(now), 1),
            "prospect_interruptions": float(self._interruptions_suffered),
            "prospect_questions": float(self._their_questions),
        }
        return tuple(
            (name, value)
            for name, value in measured.items()
            if value is not None and (self._measured or name in OF_TURNS)
        )

    def _crossing(self, limit: Limit, now: float) -> Crossing | None:
        definition = limit.definition
        value = self._value(definition, now)
        if value is None or not limit.passed(value):
            return None
        value = round(value, 3)
        whose = "" if definition.gauge == "dead_air" else self._voices.identity_of("rep")
        window = definition.window_s or value
        return Crossing(definition, Reading(definition.gauge, value, window, round(now, 4), whose))

    def _value(self, definition: GaugeDefinition, now: float) -> float | None:
        """What a limit is compared with; None where nothing can be said."""
        window = definition.window_s
        match definition.gauge:
            case "talk_ratio":
                talk = self._talk[window]
                return talk.value(now) if talk.whole(now) else None
            case "monologue":
                return self._monologue.value(now)
            case "dead_air":
                return self._dead_air.value(now)
            case "interruption":
                return float(self._interruptions[window].count)
            case "pace":
                return self._pace[window].value()
            case "questions":
                return self._asking[window].value(now) if self._rep_turn_ended else None
            case "patience":
                return _mean(self._waits[window])


def _mean(waits: Recent) -> float | None:
    return max(waits.total, 0.0) / waits.count if waits.count >= LEAST_WAITS else None


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _by(at: float, now: float) -> float:
    """A time that is told now: what cannot be is taken for now."""
    return at if 0.0 <= at <= now else now
