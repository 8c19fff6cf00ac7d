"""What the playbook has ready for any time: a stage's guidance and the next open item, on request or in a silence.

In: the rep's questions, and the floor. Out: drafts. An answer holds the stage's next line that was not shown yet and,
as its detail, the next open question of the checklist; a stage always has a line, so an answer is never blank. What is
offered unasked is rare: once in a silence, long after the last card, when somebody was heard and a prospect is there.
"""

from __future__ import annotations

from cornerman.coach.budget import Budget
from cornerman.coach.checklist import Checklist
from cornerman.coach.drafting import Drafting
from cornerman.coach.floor import Floor
from cornerman.events import Ask, Attendance, Consent, Draft, Event, Moment, Question, Reading, Stage
from cornerman.playbook import Playbook, StageGuidance
from cornerman.playbook.kinds import ANSWER_KIND, CHECKLIST_KIND, STAGE_KIND

SILENCE = "dead_air"
"""The gauge an unasked offer names as its cause."""


class Offers:
    """The guidance of one call, and what of it was shown."""

    def __init__(self, playbook: Playbook, checklist: Checklist, budget: Budget, floor: Floor) -> None:
        self._stages = playbook.stages
        self._switched_on = playbook.budget.offers
        self._checklist = checklist
        self._drafting = Drafting(playbook)
        self._budget = budget
        self._floor = floor
        self._lines: dict[Stage, int] = {}
        self._prospects: set[str] = set()
        self._consenting: set[str] = set()
        self._offered_in = -1.0
        self._answers = 0
        self._offers = 0

    def hear(self, event: Event) -> None:
        """Keeps up with who is there and who may be heard."""
        if isinstance(event, Attendance) and event.role == "prospect":
            (self._prospects.add if event.present else self._prospects.discard)(event.identity)
        elif isinstance(event, Consent):
            (self._consenting.add if event.state == "granted" else self._consenting.discard)(event.identity)

    def answer(self, ask: Ask, stage: Stage, now: float) -> Draft | None:
        """What the rep is told who asks; None where the playbook has nothing at all for this stage."""
        guidance = self._stages.get(stage)
        if guidance is None:
            return None
        self._answers += 1
        moment = Moment(f"a{self._answers}", ANSWER_KIND, f"stage-{stage}", Question(ask.ask, now))
        item = self._checklist.next_open(stage)
        sources = (guidance.source, item.source) if item else (guidance.source,)
        return self._drafting.answer(moment, self._next_line(guidance), item.ask if item else "", sources, now)

    def in_silence(self, stage: Stage, now: float) -> Draft | None:
        """What to offer now that nobody has said anything for a while; None mostly."""
        due = self.next_look()
        if due is None or now < due:
            return None
        self._offered_in = self._floor.quiet_since
        self._offers += 1
        name = f"o{self._offers}"
        silence = round(now - self._floor.quiet_since, 3)
        cause = Reading(SILENCE, silence, silence, now)
        item = self._checklist.next_open(stage)
        if item is not None:
            moment = Moment(name, CHECKLIST_KIND, item.id, cause)
            return self._drafting.offer(moment, item.ask, item.title, item.source, now)
        guidance = self._stages.get(stage)
        if guidance is None:
            return None
        moment = Moment(name, STAGE_KIND, f"stage-{stage}", cause)
        return self._drafting.offer(moment, self._next_line(guidance), "", guidance.source, now)

    def next_look(self) -> float | None:
        """When the silence, if it lasts, is worth an offer; None while there is no silence, or nobody to offer to."""
        floor, settings = self._floor, self._budget.settings
        if not self._switched_on or self._budget.attention != "live" or not floor.rep_present:
            return None
        if floor.anyone_speaking or floor.first_words is None or self._offered_in == floor.quiet_since:
            return None
        if not self._prospects & self._consenting:
            return None
        last = self._budget.last_sent
        since = floor.first_words if last is None else max(last, floor.first_words)
        return round(max(floor.quiet_since + settings.quiet_after, since + settings.offer_every), 3)

    def _next_line(self, guidance: StageGuidance) -> str:
        """The stage's lines in turn, from the first again when all were shown."""
        shown = self._lines.get(guidance.name, 0)
        self._lines[guidance.name] = shown + 1
        return guidance.guidance[shown % len(guidance.guidance)]
