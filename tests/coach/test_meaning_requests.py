"""What sentences mean is asked once for every whole sentence, counts as long as its words do, and is not kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from call_histories import reachable
from hypothesis import given
from hypothesis import strategies as st
from scenes import Scene, definition, playbook, spoken

from cornerman.coach import CoachSettings
from cornerman.coach.moments import Detector
from cornerman.coach.noticing import Changes, Noticing
from cornerman.coach.transcript import Transcript, Utterance
from cornerman.contract import Role
from cornerman.events import (
    Consent,
    Evidence,
    Likeness,
    MeaningRequest,
    MeaningResult,
    Moment,
    MomentWithdrawn,
    Partial,
    Purge,
    Turn,
    Word,
)

PRICE = replace(definition("price", "too expensive"), examples=("It costs too much.",))
LATER = replace(definition("later", "next quarter", kind="timing_stall"), examples=("Not now.",))
DETECTOR = Detector(playbook(PRICE, LATER))
NEAR = (Likeness("price", 0.9, 0.1), Likeness("later", 0.1, 0.1))
FAR = (Likeness("price", 0.1, 0.1), Likeness("later", 0.1, 0.1))
BEYOND_US = "That is more than we have."


class Call:
    """Turns as they are heard, what is asked about them, and what stands."""

    def __init__(self, *, by_meaning: bool = True) -> None:
        self.transcript = Transcript()
        self.noticing = Noticing(DETECTOR, self.transcript, by_meaning=by_meaning)
        self.asked: list[MeaningRequest] = []

    def hears(self, text: str, turn: str = "t1", who: Role = "prospect", *, complete: bool = False) -> Changes:
        words = spoken(text)
        event = Turn(turn, who, who, words, 0.0, 1.0, 0.9) if complete else Partial(turn, who, who, words)
        utterance = self.transcript.hear(event)
        if utterance is None:
            return Changes()
        changes = self.noticing.revise(utterance)
        self.asked += changes.asked
        return changes

    def told(self, request: str, likeness: tuple[Likeness, ...] = NEAR) -> Changes:
        return self.noticing.meant(MeaningResult(request, likeness))

    def purges(self, who: str) -> list[str]:
        return [moment for turn in self.transcript.purge(who) for moment in self.noticing.forget(turn)]

    def standing(self, turn: str = "t1") -> list[str]:
        return [one.definition for one in self.noticing.standing(turn)]

    @property
    def quotes(self) -> list[str]:
        """What was asked about, in order."""
        return [one.evidence.quote for one in self.asked]


# -- when something is asked --


def test_a_sentence_is_asked_about_once_when_it_is_whole() -> None:
    call = Call()
    for text in ("Hello", "Hello there.", "Hello there. That", "Hello there. That is", "Hello there. That is it."):
        call.hears(text)
    assert call.quotes == ["Hello there."]
    call.hears("Hello there. That is it.", complete=True)
    assert call.quotes == ["Hello there.", "That is it."]


def test_it_is_not_asked_again_once_it_is_known() -> None:
    call = Call()
    call.hears("Hello there. That")
    call.told("s1", FAR)
    call.hears("Hello there. That is it.", complete=True)
    assert call.quotes == ["Hello there.", "That is it."]


def test_words_alone_ask_nothing() -> None:
    call = Call(by_meaning=False)
    call.hears("Hello there. That is it.", complete=True)
    assert call.asked == []


@pytest.mark.parametrize("text", ["", "...", "? !"])
def test_nothing_said_asks_nothing(text: str) -> None:
    call = Call()
    call.hears(text, complete=True)
    assert call.asked == []


def test_a_sentence_that_reads_differently_is_asked_about_again() -> None:
    call = Call()
    call.hears("That is more. Well")
    call.hears("That was more. Well")
    call.hears("That was more, well.", complete=True)
    assert call.quotes == ["That is more.", "That was more.", "That was more, well."]


def test_a_sentence_that_moved_is_asked_about_at_its_new_place() -> None:
    call = Call()
    call.hears("That is more. Well")
    call.hears("So. That is more. Well")
    assert [(one.evidence.first, one.evidence.last, one.evidence.quote) for one in call.asked] == [
        (0, 2, "That is more."),
        (0, 0, "So."),
        (1, 3, "That is more."),
    ]


def test_ids_count_over_all_turns_and_speakers() -> None:
    call = Call()
    call.hears("One. Two. Three.", "t1", complete=True)
    call.hears("Four.", "t2", "rep", complete=True)
    call.purges("rep")
    call.hears("Five.", "t3", complete=True)
    assert [one.id for one in call.asked] == ["s1", "s2", "s3", "s4", "s5"]


def test_a_request_quotes_its_sentence_and_says_who_said_it_when() -> None:
    call = Call()
    call.hears("Well. That is it. Bye", "t9", "rep")
    request = call.asked[1]
    utterance = call.transcript.utterance("t9")
    assert utterance is not None
    assert request.evidence == utterance.evidence(1, 3)
    assert (request.evidence.turn, request.evidence.role, request.evidence.quote) == ("t9", "rep", "That is it.")


# -- what a result does --


def test_a_result_brings_a_moment_of_its_sentence() -> None:
    call = Call()
    call.hears(f"Hello. {BEYOND_US} Bye.", complete=True)
    assert call.told("s1", FAR) == Changes()
    (new,) = call.told("s2").new
    assert new.moment.definition == "price"
    assert isinstance(new.moment.evidence, Evidence)
    assert new.moment.evidence.quote == BEYOND_US
    assert call.told("s3", FAR) == Changes()
    assert call.standing() == ["price"]


def test_results_may_come_in_any_order() -> None:
    call = Call()
    call.hears(f"{BEYOND_US} Not this year.", complete=True)
    call.told("s2", (Likeness("later", 0.9, 0.1),))
    call.told("s1")
    assert call.standing() == ["price", "later"]


def test_what_was_found_stands_while_the_turn_goes_on_and_after_it() -> None:
    call = Call()
    call.hears(f"{BEYOND_US} But")
    call.told("s1")
    assert call.hears(f"{BEYOND_US} But I like") == Changes()
    last = call.hears(f"{BEYOND_US} But I like it.", complete=True)
    assert (last.new, last.gone) == ((), ())
    call.told("s2", FAR)
    assert call.standing() == ["price"]


def test_a_moment_goes_with_the_words_it_was_meant_by() -> None:
    call = Call()
    call.hears(f"{BEYOND_US} But")
    (new,) = call.told("s1").new
    assert call.hears("That is more than we had. But").gone == (new.moment.id,)
    assert call.standing() == []


def test_words_and_meaning_make_one_moment() -> None:
    call = Call()
    (new,) = call.hears("That is too expensive. Well").new
    assert call.told("s1") == Changes()
    assert [one.id for one in call.noticing.standing("t1")] == [new.moment.id]
    assert call.hears("That is too expensive. Well, yes").gone == ()


def test_a_result_changes_what_stood_in_its_own_turn_only() -> None:
    call = Call()
    call.hears(BEYOND_US, "t1", complete=True)
    call.hears(BEYOND_US, "t2", complete=True)
    call.told("s2")
    assert (call.standing("t1"), call.standing("t2")) == ([], ["price"])


# -- what comes too late --


@pytest.mark.parametrize("request_id", ["s1", "s2", "s99", ""])
def test_a_result_nobody_waits_for_counts_for_nothing(request_id: str) -> None:
    call = Call()
    call.hears(f"{BEYOND_US} But")
    call.hears("That is more than we had. But")
    call.told("s2", FAR)
    assert call.told(request_id) == Changes()
    assert call.standing() == []


def test_the_same_result_counts_once() -> None:
    call = Call()
    call.hears(BEYOND_US, complete=True)
    assert call.told("s1").new
    assert call.told("s1", FAR) == Changes()
    assert call.standing() == ["price"]


def test_words_that_come_back_are_asked_about_anew() -> None:
    call = Call()
    for text in (f"{BEYOND_US} But", "That is less. But", f"{BEYOND_US} But"):
        call.hears(text)
    assert call.told("s1") == Changes()
    assert call.told("s3").new
    assert call.quotes == [BEYOND_US, "That is less.", BEYOND_US]


def test_a_result_for_purged_words_counts_for_nothing() -> None:
    call = Call()
    call.hears(f"{BEYOND_US} But")
    assert call.purges("prospect") == []
    assert call.told("s1") == Changes()
    assert call.hears(BEYOND_US, complete=True) == Changes()
    assert len(call.asked) == 1


def test_forgetting_tells_the_moments_that_stood_and_keeps_nothing() -> None:
    call = Call()
    call.hears(f"Zebra. {BEYOND_US} Zebra two. And", "t1")
    (new,) = call.told("s2").new
    call.hears("It is eighty dollars, zebra.", "t2", "rep", complete=True)
    assert call.purges("prospect") == [new.moment.id]
    assert call.purges("rep") == []
    kept = list(reachable(call.noticing))
    assert not [thing for thing in kept if isinstance(thing, Utterance | Evidence | Likeness | Moment)]
    texts = [thing for thing in kept if isinstance(thing, str)]
    assert not [text for text in texts if "zebra" in text.lower()]
    assert not {one.id for one in call.asked} & set(texts)
    assert call.standing() == []


# -- in a coach --


def test_a_coach_asks_and_its_card_comes_and_goes_with_what_was_meant() -> None:
    scene = Scene(playbook(PRICE, LATER), CoachSettings(by_meaning=True))
    (request,) = [one for one in scene.partial(f"{BEYOND_US} But", at=1.0) if isinstance(one, MeaningRequest)]
    assert scene.nudges == []
    scene.hear(MeaningResult(request.id, NEAR), 3.0)
    assert [(one.card, one.status) for one in scene.nudges] == [("price", "live")]
    assert scene.moments[0].confidence < 1.0
    scene.partial("That is more than we had. But", at=3.5)
    assert [one.status for one in scene.nudges] == ["live", "withdrawn"]


def test_a_purge_takes_back_what_was_meant_and_what_was_asked() -> None:
    scene = Scene(playbook(PRICE, LATER), CoachSettings(by_meaning=True))
    scene.turn(f"{BEYOND_US} So be it.", at=1.0)
    scene.hear(MeaningResult("s1", NEAR), 3.0)
    scene.hear(Consent("prospect", "declined", "attribute"), 4.0)
    made = scene.hear(Purge("prospect"), 4.0)
    assert [one.reason for one in made if isinstance(one, MomentWithdrawn)] == ["purged"]
    assert scene.hear(MeaningResult("s2", NEAR), 5.0) == []


def test_what_is_heard_without_consent_is_not_asked_about() -> None:
    scene = Scene(playbook(PRICE, LATER), CoachSettings(by_meaning=True))
    scene.hear(Consent("prospect", "declined", "attribute"))
    assert scene.turn(BEYOND_US, at=1.0) == []


# -- nothing is kept --


def kept_after(turns: int, *, by_meaning: bool = True) -> Counter[type]:
    """How many things of each type the noticing holds on to after so many turns, each said in two revisions."""
    call = Call(by_meaning=by_meaning)
    for number in range(turns):
        for text, complete in ((f"Well. {BEYOND_US} But", False), (f"Well. {BEYOND_US} But fine.", True)):
            call.hears(text, f"t{number}", complete=complete)
            _answer_all(call)
            call.asked.clear()
    return Counter(type(thing) for thing in reachable(call.noticing))


def test_what_sentences_meant_is_let_go_once_their_turn_is_over() -> None:
    many, words_alone = kept_after(2_000), kept_after(200, by_meaning=False)
    assert many[Likeness] == 0
    # of each turn its words, and the one moment that stands in it with its evidence: nothing that was asked
    assert many[Moment] == many[Evidence] == 2_000
    assert many[Word] == 10 * words_alone[Word]


@given(
    st.lists(st.sampled_from([f"{BEYOND_US} But", f"{BEYOND_US}", "Yes. No. But", "Yes. No.", "Yes", ""]), max_size=8)
)
def test_nothing_is_kept_of_a_turn_that_is_over_and_understood(partials: list[str]) -> None:
    """However it was revised on the way, and whatever it ended as."""
    call = Call()
    for text in partials:
        call.hears(text)
        _answer_all(call)
    call.hears(partials[-1] if partials else "", complete=True)
    _answer_all(call)
    assert not [one for one in reachable(call.noticing) if isinstance(one, Likeness)]


SAID: Sequence[str] = ("", "Yes", "Yes.", f"{BEYOND_US} But", BEYOND_US, f"Yes. {BEYOND_US} But", "Too expensive. No.")
STEP = st.tuples(st.sampled_from(["t1", "t2"]), st.sampled_from(SAID), st.booleans())


@given(st.lists(STEP, max_size=12), st.data())
def test_the_answers_order_and_delay_make_no_difference_in_the_end(
    steps: list[tuple[str, str, bool]], data: st.DataObject
) -> None:
    """Answered at once, or all at the end in any order: the same stands, though it may have come and gone before."""
    at_once, late = Call(), Call()
    for turn, text, complete in steps:
        at_once.hears(text, turn, complete=complete)
        _answer_all(at_once)
        late.hears(text, turn, complete=complete)
    for request in data.draw(st.permutations(late.asked)):
        late.told(request.id, _likeness(request))
    for turn in ("t1", "t2"):
        assert sorted(at_once.standing(turn)) == sorted(late.standing(turn))


def _answer_all(call: Call) -> None:
    for request in call.asked:
        call.told(request.id, _likeness(request))


def _likeness(request: MeaningRequest) -> tuple[Likeness, ...]:
    return NEAR if request.evidence.quote == BEYOND_US else FAR
