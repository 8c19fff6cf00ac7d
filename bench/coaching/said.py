"""What prospects say in the bench, and which of its words must bring a nudge.

Each utterance has one trigger: words that a moment of the sample playbook is made of. A trigger stands alone at the end
of a short utterance, or in the middle of a long one; a call has as many of one as of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True, slots=True)
class Trigger:
    """A phrase; `words` are those that the nudge is for: with the last of them spoken it is due."""

    phrase: str
    words: str

    @property
    def due(self) -> int:
        """Which word of the phrase is the last that is needed."""
        before, _, _ = self.phrase.partition(self.words)
        return len((before + self.words).split()) - 1


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is said in one go. `due`: which word is the trigger's last; `inside`: more than its phrase is said."""

    trigger: Trigger
    words: tuple[str, ...]
    due: int
    inside: bool


TRIGGERS = (
    Trigger("that is too expensive for us", "too expensive"),
    Trigger("can you give us a discount", "discount"),
    Trigger("we are also looking at northstar", "northstar"),
    Trigger("we need single sign on", "single sign on"),
    Trigger("how much does it cost", "how much does it cost"),
    Trigger("we are worried about our security", "worried about our security"),
    Trigger("our budget is tight", "budget is tight"),
    Trigger("let us come back to this next quarter", "come back to this next"),
    Trigger("my boss has to approve this", "has to approve"),
)
BEFORE = "hello the report is good and"
AFTER = "and the team meeting on friday is about the report thanks"
SMALL_TALK = "hello team the report is good thanks"
REP_SAYS = "yes that is good let us come to the report for the week and the team meeting on friday"

WORD, GAP = 0.3, 0.04
"""Seconds of a word and between two: 176 words a minute, with no pause within an utterance."""
PAUSE = 3.5
"""Seconds after an utterance in which nobody speaks."""
TURN, TURN_WORDS = 5.0, 13
"""Seconds after which the other one speaks, and words of each turn: who says 13 words in every ten seconds is silent 56
% of the time.
"""
HEADLINES = (
    "Ask what they would compare it with before you defend it",
    "Ask who else must agree before anything can be signed",
    "Ask what happens to the team when nothing changes here",
    "Sum up the worry in their own words before you answer it",
    "Name the result they wanted and ask whether it still counts",
    "Offer to walk through it together with whoever decides",
    "Ask which part matters most and what could be left out",
    "Let them finish and then ask for one example of it",
    "Ask what a good answer to that would have to look like",
    "Tie it back to the problem they described at the start",
    "Ask when they would need it and what depends on that date",
)
"""No two that follow each other are alike: the same card twice would not be shown."""

EXPRESSION = re.compile("|".join(re.escape(one.words) for one in TRIGGERS))
"""All triggers, for who goes by words alone."""


def utterances(call: int) -> Iterator[Utterance]:
    """What the prospect of this call says, without end: every other utterance is a long one."""
    for number in count():
        trigger = TRIGGERS[(number + 2 * call) % len(TRIGGERS)]
        inside = (number + call) % 2 == 1
        words = f"{BEFORE} {trigger.phrase} {AFTER}" if inside else trigger.phrase
        before = len(BEFORE.split()) if inside else 0
        yield Utterance(trigger, tuple(words.split()), before + trigger.due, inside)
