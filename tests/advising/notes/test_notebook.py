"""Notes without a model: what was promised, agreed, asked and objected to, by whom, when, in their own words."""

from __future__ import annotations

import pytest
from advising.notes.noting import BOOK, german_playbook, sample_playbook, scene
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import Scene

from cornerman.advising.notes import Notebook, Notes
from cornerman.coach.language import word_set
from cornerman.events import Attendance, Consent, Restored, Turn


def test_a_promise_names_who_gave_it_when_in_which_words_and_by_when() -> None:
    call = scene()
    turn = call.says("rep", "Good. I'll email you the security paper by Friday afternoon. Anything else?")
    (note,) = call.of("commitment")
    assert (note.said.identity, note.said.name, note.said.role, note.said.turn) == ("rep", "Maya", "rep", turn)
    assert (note.said.quote, note.due) == (
        "I'll email you the security paper by Friday afternoon.",
        "by Friday afternoon",
    )
    assert note.said.start == pytest.approx(0.7)
    assert note.said.end == pytest.approx(0.4 + 9 * 0.3 + 0.25)


def test_what_the_playbook_notices_as_a_promise_is_noted_once() -> None:
    call = scene()
    call.says("rep", "I will send you the contract by Monday.")
    assert [(note.about, note.due) for note in call.of("commitment")] == [("", "by Monday")]


def test_two_promises_in_a_turn_are_two_notes() -> None:
    call = scene()
    call.says("prospect", "I'll talk to our lawyers this week. And I'll send you our requirements tomorrow.")
    assert [note.due for note in call.of("commitment")] == ["this week", "tomorrow"]


@pytest.mark.parametrize(
    "text",
    [
        "I won't send you anything.",
        "They said they will send you the report.",
        "Will I send you the report?",
        "I will get back to that in a minute.",
        "Let me share my screen, I will send you the link in the chat.",
        "I will let you know if anything changes.",
        "The system will send you a weekly report.",
    ],
)
def test_what_is_no_promise_is_not_noted_as_one(text: str) -> None:
    call = scene()
    call.says("rep", text)
    assert call.of("commitment") == []


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Ich schicke Ihnen das Angebot bis Freitag.", "bis Freitag"),
        ("Ich werde das mit meinem Chef bis Ende der Woche besprechen.", "bis Ende der Woche"),
        ("Das kläre ich bis morgen.", "bis morgen"),
        ("Wir melden uns nächste Woche bei Ihnen.", "nächste Woche"),
        ("Ich schicke Ihnen nichts.", None),
        ("Ich melde mich, falls sich etwas ändert.", None),
    ],
)
def test_promises_are_understood_in_german(text: str, due: str | None) -> None:
    call = scene(german_playbook())
    call.says("rep", text)
    assert [note.due for note in call.of("commitment")] == ([] if due is None else [due])


def test_a_yes_to_a_proposal_is_an_agreement_that_says_to_what() -> None:
    call = scene()
    call.says("rep", "Good. Shall we meet again next Tuesday at ten?")
    call.says("prospect", "Sure, I have time then.")
    (note,) = call.of("agreement")
    assert note.said.quote == "Sure, I have time then."
    assert note.reply is not None
    assert (note.reply.identity, note.reply.quote) == ("rep", "Shall we meet again next Tuesday at ten?")
    assert note.due == "next Tuesday"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("Can you hear me?", "Yes, very well."),
        ("Shall we meet again next Tuesday?", "No, that is too early."),
        ("Shall we sign today?", "Yes, if you give us the first month."),
        ("How many people are you?", "Okay let me think about that."),
    ],
)
def test_not_every_yes_agrees_to_something(asked: str, answered: str) -> None:
    call = scene()
    call.says("rep", asked)
    call.says("prospect", answered)
    assert call.of("agreement") == []


def test_a_yes_long_after_the_proposal_agrees_to_nothing() -> None:
    call = scene()
    call.says("rep", "Shall we meet again next Tuesday?")
    call.says("prospect", "Yes and now to the archive.", pause=20.0)
    assert call.of("agreement") == []


def test_an_objection_says_how_it_was_met() -> None:
    call = scene()
    call.says("prospect", "Honestly it is too expensive for us. We had hoped for less.")
    call.says("rep", "I see.")
    call.says("rep", "What does one lost customer cost you in a year?")
    (note,) = call.of("objection")
    assert (note.about, note.said.quote) == ("price_objection", "Honestly it is too expensive for us.")
    assert note.reply is not None
    assert note.reply.quote == "What does one lost customer cost you in a year?"


def test_an_objection_nobody_met_says_so() -> None:
    call = scene()
    call.says("prospect", "It is too expensive.")
    assert [note.reply for note in call.of("objection")] == [None]


def test_a_question_that_was_put_off_stays_open_with_what_was_said() -> None:
    call = scene()
    call.says("prospect", "And how long do you keep our data?")
    call.says("rep", "I am not sure, I'd have to check with our lawyers.")
    (note,) = call.of("question")
    assert note.said.quote == "And how long do you keep our data?"
    assert note.reply is not None
    assert note.reply.identity == "rep"


def test_a_question_that_was_answered_is_not_open() -> None:
    call = scene()
    call.says("prospect", "And how long do you keep our data?")
    call.says("rep", "Mhm.")
    call.says("rep", "We delete it after ninety days, in every region.")
    call.end()
    assert call.of("question") == []


def test_a_question_of_the_buyer_that_nobody_answered_is_open_once_no_answer_can_come() -> None:
    call = scene()
    call.says("prospect", "And how long do you keep our data?")
    assert call.of("question") == []
    call.says("prospect", "Anyway, our offices are in Berlin and in Kiel.")
    call.end()
    assert call.quotes("question") == ["And how long do you keep our data?"]


def test_small_talk_is_no_open_question() -> None:
    call = scene()
    for text in ("Can you hear me?", "Okay?", "How are you today?", "I'm sorry?"):
        call.says("prospect", text)
    call.end()
    assert call.of("question") == []


def test_what_comes_after_the_call_is_a_next_step_unless_it_was_promised() -> None:
    call = scene()
    call.says("rep", "The next step would be a pilot with two of your teams.")
    call.says("rep", "I'll send you a calendar invite for Monday.")
    assert call.quotes("next_step") == ["The next step would be a pilot with two of your teams."]
    assert len(call.of("commitment")) == 1


def test_the_rest_of_what_was_noticed_is_noted_under_its_kind() -> None:
    call = scene()
    call.says("prospect", "We need single sign on for everybody.")
    assert [(note.about, note.said.quote) for note in call.of("moment")] == [
        ("requirement", "We need single sign on for everybody.")
    ]


def test_the_quote_is_what_was_recognised_in_the_end() -> None:
    call = scene()
    call.partial("it is too expensive", turn="t9", at=1.0)
    assert call.of("objection") == []
    call.turn("well it is much too expensive honestly", turn="t9", at=2.0)
    assert call.quotes("objection") == ["well it is much too expensive honestly"]


def test_a_moment_that_was_taken_back_is_not_noted() -> None:
    call = scene()
    call.partial("it is too expensive", turn="t9", at=1.0)
    call.turn("it is not expensive at all", turn="t9", at=2.0)
    assert call.of("objection") == []


def test_speech_without_full_stops_is_quoted_round_the_words_that_matter() -> None:
    call = scene()
    call.says("rep", " ".join(["well"] * 60) + " i will email you the paper by friday " + " ".join(["and"] * 60))
    (quote,) = call.quotes("commitment")
    assert "i will email you the paper by friday" in quote
    assert len(quote.split()) <= 50


def test_lists_tell_what_was_found_out_by_which_words() -> None:
    call = scene(sample_playbook())
    call.says("rep", "Who owns the budget for this?")
    call.says("prospect", "That would be our head of finance, she signs everything.")
    ticked = [item for item in call.notes().items if item.done]
    assert [(item.item, item.said.identity if item.said else "") for item in ticked] == [("economic-buyer", "prospect")]
    assert any(not item.done for item in call.notes().items)


def test_lists_go_on_after_a_restart() -> None:
    call = scene(sample_playbook())
    call.hear(Restored((), (("checklist", "metrics"),), stage="closing"))
    assert call.notes().stage == "closing"
    assert [(item.item, item.said) for item in call.notes().items if item.done] == [("metrics", None)]


def test_gauges_are_told_as_they_stand_and_at_the_end() -> None:
    inner = Scene(BOOK)
    book = Notebook(BOOK, lambda now: {"questions": now})
    assert book.notes(7.0).gauges == {"questions": 7.0}
    call = scene()
    call.says("rep", "How many people are you, and who decides?")
    call.end()
    assert call.notes().gauges["questions"] >= 1
    assert inner.nudges == []


def test_nobody_is_noted_without_consent() -> None:
    call = scene()
    call.hear(Consent("prospect", "waiting", "test"))
    call.says("prospect", "I'll send you the contract tomorrow. It is too expensive.")
    assert call.notes().notes == ()


def test_observers_are_not_noted() -> None:
    call = scene()
    call.come("boss", "observer")
    call.says("boss", "I'll send you the contract tomorrow.", role="observer")
    assert call.notes().notes == ()


def test_a_purge_leaves_nothing_of_what_was_said() -> None:
    call = scene()
    call.says("prospect", "It is too expensive. Zanzibar is where I will send you the contract tomorrow.")
    call.says("rep", "How about a pilot? Shall we say Monday?")
    call.says("prospect", "Yes, Zanzibar it is. How big is Zanzibar?")
    call.says("rep", "I'll send you the contract by Friday.")
    call.forget("prospect")
    call.end()
    notes = call.notes()
    assert "Zanzibar" not in notes.model_dump_json()
    assert {note.said.identity for note in notes.notes} == {"rep"}
    assert [note.due for note in notes.of("commitment")] == ["by Friday"]
    assert "Zanzibar" not in repr(vars(call.book)) + repr(vars(call.book._questions)) + repr(call.book._readings)


def test_a_purged_reply_leaves_the_note_without_it() -> None:
    call = scene()
    call.come("boss", "prospect")
    call.says("rep", "Shall we meet on Tuesday?")
    call.says("prospect", "Okay, we have a deal.")
    call.forget("rep")
    (note,) = call.of("agreement")
    assert note.reply is None


def test_asking_for_notes_changes_nothing() -> None:
    call = scene()
    call.says("prospect", "It is too expensive. What would a smaller one cost?")
    assert call.notes() == call.notes()
    far = call.book.notes(call.now + 1000.0)
    assert [note.kind for note in far.notes] == ["objection", "question"]
    assert call.of("question") == []


def test_earlier_notes_of_the_call_come_first_and_are_forgotten_with_their_speaker() -> None:
    first = scene()
    first.says("prospect", "It is too expensive.")
    first.says("rep", "I'll send you the contract by Friday.")
    second = scene()
    second.book.resume(Notes.model_validate_json(first.notes().model_dump_json()))
    assert [note.kind for note in second.notes().notes] == ["objection", "commitment"]
    second.forget("prospect")
    assert [note.kind for note in second.notes().notes] == ["commitment"]


SPOKEN = word_set(
    "i we you will send not the contract by friday tomorrow? shall meet yes no. it is too expensive deal have a what "
    "cost does if let know me next step , . ? ! 20% $1,200 werde"
)
WORDS = st.lists(st.sampled_from(sorted(SPOKEN)), min_size=1, max_size=25)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["rep", "prospect", "boss"]), WORDS), max_size=12), st.data())
def test_every_quote_is_what_its_speaker_said(turns: list[tuple[str, list[str]]], data: st.DataObject) -> None:
    call = scene()
    call.come("boss", "prospect")
    said: dict[str, tuple[str, str]] = {}
    for who, words in turns:
        said[call.says(who, " ".join(words))] = (who, " ".join(words))
    if data.draw(st.booleans()):
        call.forget("prospect")
    call.end()
    for note in call.notes().notes:
        for quote in (note.said, note.reply):
            if quote is None:
                continue
            who, text = said[quote.turn]
            assert quote.identity == who
            assert f" {quote.quote} " in f" {text} "
            assert quote.quote
            assert quote.start < quote.end
    assert call.notes() == call.notes()


def test_a_turn_is_noted_once_however_often_it_comes() -> None:
    call = scene()
    call.says("rep", "I'll send you the contract by Friday.")
    late = Turn("t1", "rep", "rep", (), 0.0, 0.0, 0.9)
    call.hear(late)
    assert len(call.of("commitment")) == 1


def test_people_are_those_who_came() -> None:
    call = scene()
    call.hear(Attendance("prospect", "Thomas", "prospect", True))
    assert [(one.name, one.role) for one in call.notes().people] == [("Maya", "rep"), ("Thomas", "prospect")]
