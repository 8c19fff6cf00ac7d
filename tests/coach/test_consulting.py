"""Which requests are open: one at a time, the newest counts, and an early one only if its turn ends as it was asked."""

from __future__ import annotations

import pytest
from scenes import spoken

from cornerman.coach.consulting import LATEST, MOST_EARLY, REFINED_WITHIN, Consulting, Request
from cornerman.coach.languages import language_of
from cornerman.coach.transcript import Utterance
from cornerman.events import (
    Advice,
    AdviceDropped,
    AdviceKept,
    AdviceRequest,
    AdviceStatus,
    Decision,
    Evidence,
    Question,
    Seen,
)

LONG = "that is a lot of money."
FIRST = "1-r1"
SECOND = "1-r2"


class Desk:
    """Turns, questions and screens as they come, and what was asked about them."""

    def __init__(self) -> None:
        self.consulting = Consulting(language_of("en"), 1)
        self.made: list[Decision] = []

    def goes_on(self, text: str, turn: str = "t1", *, silent: bool = False) -> None:
        self.consulting.seems_over(said(text, turn, complete=False), silent, self.made)

    def ends(self, text: str, turn: str = "t1", *, noticed: bool = False, at: float = 1.0) -> Advice | None:
        return self.consulting.completed(said(text, turn), noticed, at, self.made)

    def asks(self, ask: str = "1-q1") -> None:
        self.consulting.question(Question(ask, 1.0), self.made)

    def told(self, request: str, status: AdviceStatus = "final", step: int = 1, at: float = 2.0) -> Request | None:
        return self.consulting.answered(Advice(request, step, status, "Say so"), at, self.made)

    @property
    def open(self) -> str:
        return self.consulting.open.id if self.consulting.open is not None else ""

    @property
    def steps(self) -> list[tuple[str, str]]:
        """What was decided: requests by their name, early ones told apart."""
        told: list[tuple[str, str]] = []
        for one in self.made:
            match one:
                case AdviceRequest():
                    told.append(("early" if one.early else "asked", one.id))
                case AdviceKept():
                    told.append(("kept", one.request))
                case AdviceDropped():
                    told.append(("dropped", one.request))
        return told


def said(text: str, turn: str = "t1", *, complete: bool = True) -> Utterance:
    return Utterance(turn, "prospect", "prospect", spoken(text), complete)


# -- when a turn is asked about --


def test_a_completed_turn_is_asked_about_with_all_its_words() -> None:
    desk = Desk()
    desk.ends(LONG)
    (request,) = desk.made
    assert isinstance(request, AdviceRequest)
    assert request.cause == said(LONG).evidence(0, 5)


@pytest.mark.parametrize("text", ["", "yes", "I do see"])
def test_a_turn_of_few_words_is_not(text: str) -> None:
    desk = Desk()
    desk.ends(text)
    assert desk.made == []


def test_unless_a_moment_was_noticed_in_it() -> None:
    desk = Desk()
    desk.ends("too expensive", noticed=True)
    assert desk.steps == [("asked", FIRST)]
    desk.ends("", "t2", noticed=True)
    assert desk.steps == [("asked", FIRST)]


def test_the_next_turn_takes_the_place_of_the_one_before() -> None:
    desk = Desk()
    desk.ends(LONG, "t1")
    desk.ends(LONG, "t2")
    assert desk.steps == [("asked", FIRST), ("asked", SECOND)]
    assert desk.told(FIRST) is None
    assert desk.open == SECOND


def test_a_short_turn_leaves_the_one_before_its_answer() -> None:
    desk = Desk()
    desk.ends(LONG, "t1")
    desk.ends("yes", "t2")
    assert desk.open == FIRST


# -- early --


def test_a_turn_that_ends_a_sentence_is_asked_about_early_and_kept_when_it_ends_so() -> None:
    desk = Desk()
    desk.goes_on("that is a lot of")
    desk.goes_on(LONG)
    desk.goes_on(LONG)
    assert desk.ends(LONG) is None
    assert desk.steps == [("early", FIRST), ("kept", FIRST)]


def test_so_is_one_whose_speaker_is_silent() -> None:
    desk = Desk()
    desk.goes_on("that is a lot of", silent=True)
    assert desk.steps == [("early", FIRST)]


@pytest.mark.parametrize("text", ["", "Yes.", "That is it."])
def test_few_words_are_not_worth_an_early_request(text: str) -> None:
    desk = Desk()
    desk.goes_on(text, silent=True)
    assert desk.made == []


def test_spelling_makes_no_difference() -> None:
    desk = Desk()
    desk.goes_on("That is a lot of money")
    desk.goes_on("That is a lot of money", silent=True)
    assert desk.ends("that is a lot of money.") is None
    assert desk.steps == [("early", FIRST), ("kept", FIRST)]


def test_what_came_early_is_handed_over_when_the_turn_ends_so() -> None:
    desk = Desk()
    desk.goes_on(LONG)
    assert desk.told(FIRST, "words", 1) is None
    assert desk.told(FIRST, "final", 2) is None
    kept = desk.ends(LONG)
    assert kept is not None
    assert (kept.request, kept.step) == (FIRST, 2)
    assert desk.open == FIRST
    assert desk.told(FIRST, "final", 2) is not None
    assert desk.open == ""


@pytest.mark.parametrize(("end", "then"), [("that is a lot of money to us", [("asked", SECOND)]), ("no", []), ("", [])])
def test_what_came_early_is_thrown_away_when_it_ends_otherwise(end: str, then: list[tuple[str, str]]) -> None:
    desk = Desk()
    desk.goes_on(LONG)
    desk.told(FIRST)
    assert desk.ends(end) is None
    assert desk.steps == [("early", FIRST), ("dropped", FIRST), *then]
    assert desk.told(FIRST) is None


def test_a_turn_is_paid_for_only_so_often() -> None:
    desk = Desk()
    for more in range(MOST_EARLY + 2):
        desk.goes_on(f"{LONG} {'More. ' * more}")
    assert [step for step, _ in desk.steps] == ["early"] * MOST_EARLY
    desk.ends(LONG)
    assert desk.steps[-2:] == [("dropped", f"1-r{MOST_EARLY}"), ("asked", f"1-r{MOST_EARLY + 1}")]
    desk.goes_on(LONG, "t2")
    assert len(desk.steps) == MOST_EARLY + 2, "an answer that is under way is not interrupted by a turn that goes on"


def test_another_turn_that_ends_takes_the_place_of_an_early_request() -> None:
    desk = Desk()
    desk.goes_on(LONG, "t1")
    desk.ends("we have no budget left", "t2")
    assert desk.steps == [("early", FIRST), ("asked", SECOND)]
    assert desk.told(FIRST) is None


# -- questions and screens --


def test_a_question_takes_the_place_of_a_turn_and_is_not_interrupted_by_one() -> None:
    desk = Desk()
    desk.ends(LONG, "t1")
    desk.asks()
    desk.ends("we have no budget left", "t2")
    desk.goes_on(LONG, "t3")
    assert desk.steps == [("asked", FIRST), ("asked", SECOND)]
    assert desk.open == SECOND


def test_a_turn_that_had_to_wait_has_its_chance_when_the_question_is_answered() -> None:
    desk = Desk()
    desk.asks()
    desk.ends("we have no budget left", "t2", at=10.0)
    assert desk.told(FIRST, "words", 1, at=11.0) is not None
    assert desk.told(FIRST, "final", 2, at=10.0 + LATEST) is not None
    assert desk.steps == [("asked", FIRST), ("asked", SECOND)]
    (_, request) = desk.made
    assert isinstance(request, AdviceRequest)
    assert isinstance(request.cause, Evidence)
    assert request.cause.turn == "t2"


def test_but_not_for_ever() -> None:
    desk = Desk()
    desk.asks()
    desk.ends("we have no budget left", "t2", at=10.0)
    desk.told(FIRST, at=10.0 + LATEST + 0.1)
    assert (desk.open, desk.steps) == ("", [("asked", FIRST)])


def test_the_newest_of_the_turns_that_wait_counts() -> None:
    desk = Desk()
    desk.asks()
    desk.ends("we have no budget left", "t2", at=10.0)
    desk.ends("and we have no time", "t3", at=11.0)
    desk.told(FIRST, at=12.0)
    desk.told(SECOND, at=13.0)
    assert desk.steps == [("asked", FIRST), ("asked", SECOND)]
    (_, request) = desk.made
    assert isinstance(request, AdviceRequest)
    assert isinstance(request.cause, Evidence)
    assert request.cause.turn == "t3"


def test_a_screen_interrupts_nothing() -> None:
    desk = Desk()
    desk.consulting.screen(Seen("0f0f", 1.0), desk.made)
    desk.consulting.screen(Seen("1f1f", 2.0), desk.made)
    assert desk.steps == [("asked", FIRST)]
    desk.ends(LONG)
    assert desk.open == SECOND


# -- answers --


@pytest.mark.parametrize("status", ["final", "silent", "failed"])
def test_the_last_step_closes_a_request(status: AdviceStatus) -> None:
    desk = Desk()
    desk.ends(LONG)
    assert desk.told(FIRST, "thinking", 1) is not None
    assert desk.told(FIRST, "words", 2) is not None
    assert desk.open == FIRST
    assert desk.told(FIRST, status, 3) is not None
    assert desk.open == ""


@pytest.mark.parametrize("request_id", ["1-r0", SECOND, "", "2-r1"])
def test_an_answer_nobody_asked_for_counts_for_nothing(request_id: str) -> None:
    desk = Desk()
    desk.ends(LONG)
    assert desk.told(request_id) is None
    assert desk.open == FIRST


def test_what_comes_late_may_better_the_answer_once_it_is_whole() -> None:
    desk = Desk()
    desk.ends(LONG)
    desk.told(FIRST, at=2.0)
    assert desk.told(FIRST, "words", 2, at=3.0) is None, "nobody would say that these words are the last"
    assert desk.told(FIRST, "thinking", 3, at=3.0) is None
    late = desk.told(FIRST, "final", 4, at=2.0 + REFINED_WITHIN)
    assert late is not None
    assert late.id == FIRST
    assert desk.told(FIRST, "final", 5, at=2.1 + REFINED_WITHIN) is None
    assert desk.steps == [("asked", FIRST)]


@pytest.mark.parametrize("is_newer", [True, False])
def test_but_not_when_something_newer_was_asked_or_all_was_dropped(is_newer: bool) -> None:
    desk = Desk()
    desk.ends(LONG)
    desk.told(FIRST)
    if is_newer:
        desk.asks()
    else:
        desk.consulting.drop(desk.made)
    assert desk.told(FIRST, "final", 2) is None


def test_dropping_drops_what_is_open_and_what_waits() -> None:
    desk = Desk()
    desk.asks()
    desk.ends(LONG, "t2")
    dropped = desk.consulting.drop(desk.made)
    assert dropped is not None
    assert dropped.id == FIRST
    assert desk.consulting.drop(desk.made) is None
    assert desk.told(FIRST) is None
    assert desk.steps == [("asked", FIRST), ("dropped", FIRST)]


def test_a_forgotten_turn_leaves_no_trace() -> None:
    desk = Desk()
    desk.goes_on(LONG, "t1")
    desk.goes_on(LONG, "t2")
    desk.consulting.drop(desk.made)
    desk.consulting.forget(["t1", "t2", "t3"])
    assert not vars(desk.consulting)["_early"]
