"""An answer is read while it is written: in order, in whole clauses, however its characters arrive."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.advising.answer import (
    MAX_ANSWER,
    MAX_DETAIL,
    MAX_HEADLINE,
    Action,
    AdviceAnswer,
    AnswerReader,
    Clause,
    Done,
    Headline,
    Malformed,
    Silent,
    Sources,
    Step,
    answer_example,
    cut_to,
)

ANSWER = {
    "sources": ["objections/too-expensive#answer", "tool:get_battlecard:1"],
    "headline": 'Ask "compared with what?" \u00e9 \U0001f600',
    "detail": "Business is $1,200.50 a seat, e.g. with Dr. Who. It has 1.5 \u20ac; then stop. Ask",
    "action": "tool:log_outcome:1",
}
CLAUSES = ["Business is $1,200.50 a seat, e.g. with Dr. Who.", "It has 1.5 \u20ac;", "then stop.", "Ask"]


def read(text: str, size: int = 1) -> list[Step]:
    """The steps of an answer that arrives in pieces of this size."""
    reader = AnswerReader()
    steps = [step for at in range(0, len(text), size) for step in reader.feed(text[at : at + size])]
    return [*steps, *reader.finish()]


def written(**changed: object) -> str:
    """An answer as a model writes it."""
    return json.dumps(ANSWER | changed)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 1000])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_the_steps_are_the_same_wherever_the_answer_is_cut(size: int, ascii_only: bool) -> None:
    steps = read(json.dumps(ANSWER, ensure_ascii=ascii_only, indent=2), size)
    assert steps[:2] == [
        Sources(("objections/too-expensive#answer", "tool:get_battlecard:1")),
        Headline('Ask "compared with what?" \u00e9 \U0001f600'),
    ]
    assert [step.text for step in steps if isinstance(step, Clause)] == CLAUSES
    assert steps[-2:] == [Action("tool:log_outcome:1"), Done(AdviceAnswer.model_validate(ANSWER))]


def test_every_clause_comes_with_the_detail_so_far() -> None:
    details = [step.detail for step in read(written()) if isinstance(step, Clause)]
    assert details[-1] == ANSWER["detail"]
    assert all(longer.startswith(shorter) for shorter, longer in pairwise(details))


def test_a_clause_is_there_before_the_answer_is() -> None:
    reader = AnswerReader()
    text = written()
    upto = text.index("It has") + 1
    steps = [step for sign in text[:upto] for step in reader.feed(sign)]
    assert [type(step) for step in steps] == [Sources, Headline, Clause]


@pytest.mark.parametrize("cut", range(len("$1,200.50 a seat") + 1))
def test_a_number_is_never_cut_by_where_a_piece_ends(cut: int) -> None:
    text = written()
    at = text.index("$1,200.50") + cut
    reader = AnswerReader()
    steps = [*reader.feed(text[:at]), *reader.feed(text[at:])]
    assert [step.text for step in steps if isinstance(step, Clause)] == CLAUSES


def test_a_silent_answer_says_so_at_once_and_nothing_else() -> None:
    text = written(sources=[])
    reader = AnswerReader()
    assert reader.feed(text[: text.index("headline")]) == (Silent(),)
    [done] = reader.feed(text[text.index("headline") :])
    assert isinstance(done, Done)
    assert done.answer == AdviceAnswer(sources=[], headline="", detail="", action=None)
    assert read('{"sources": []}') == [Silent(), done]


def test_what_was_written_before_it_named_no_source_is_not_told() -> None:
    late = json.dumps({name: (ANSWER | {"sources": []})[name] for name in ("headline", "detail", "sources", "action")})
    assert [type(step) for step in read(late)] == [Silent, Done]


def test_words_wait_for_the_sources_they_are_checked_against() -> None:
    late = json.dumps({name: ANSWER[name] for name in ("headline", "detail", "sources", "action")})
    steps = read(late)
    assert isinstance(steps[0], Sources)
    assert [type(step) for step in steps[1:3]] == [Headline, Clause]
    assert isinstance(steps[-1], Done)


def test_a_headline_that_is_too_long_is_cut_at_a_clause_or_shows_that_it_was_cut() -> None:
    clauses = (
        "Ask what they compare it with first. " + "Then go back to the cost they named themselves, and wait for it."
    )
    [headline] = [step for step in read(written(headline=clauses)) if isinstance(step, Headline)]
    assert headline == Headline("Ask what they compare it with first.", cut=True)
    [headline] = [step for step in read(written(headline="word " * 30)) if isinstance(step, Headline)]
    assert headline.cut
    assert headline.text.endswith("\u2026")
    assert len(headline.text) <= MAX_HEADLINE


def test_a_detail_that_is_too_long_ends_with_its_last_clause_that_fits() -> None:
    detail = " ".join(f"This is clause number {count} of many." for count in range(40))
    steps = read(written(detail=detail))
    done = steps[-1]
    assert isinstance(done, Done)
    assert len(done.answer.detail) <= MAX_DETAIL
    assert done.answer.detail.endswith("of many.")
    assert detail.startswith(done.answer.detail)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the answer broke off"),
        (written()[:-1], "the answer broke off"),
        (written()[:60], "the answer broke off"),
        ("I am sorry, I cannot " * 40, "the answer is no object of JSON"),
        ("[1, 2]", "the answer is no object of JSON"),
        ('{"sources": null}', "sources is of the wrong type"),
        ('{"sources": "one"}', "sources is of the wrong type"),
        ('{"sources": [1]}', "sources is of the wrong type"),
        ('{"sources": ["s1"], "headline": 4}', "headline is of the wrong type"),
        ('{"sources": ["s1"]}', "the answer has no headline, no detail"),
        ('{"sources": ["s1"], "sources": []}', "the answer has a field twice"),
        (written(headline=""), "the headline is empty"),
        (written(headline="  \n "), "the headline is empty"),
        ('{"sources": nope}', "the answer is no valid JSON: a value cannot be read"),
        ('{"sources" ["s1"]}', "the answer is no valid JSON: a colon was expected"),
        ("{sources: []}", "the answer is no valid JSON: a field's name was expected"),
        ('{"headline": "\\q"}', "the answer is no valid JSON: an escape is unknown"),
        ('{"headline": "\\u12x4"}', "the answer is no valid JSON: an escape is unknown"),
        ('{"headline": "a" "b"}', "the answer is no valid JSON: a comma was expected"),
        ('{"sources": ["s1"], "more": "' + "x" * MAX_ANSWER, f"the answer is longer than {MAX_ANSWER} characters"),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_what_is_no_answer_ends_with_the_reason_and_nothing_after_it(text: str, why: str, size: int) -> None:
    steps = read(text, size)
    assert steps[-1] == Malformed(why)
    assert not any(isinstance(step, Done | Malformed) for step in steps[:-1])


def test_nothing_follows_an_answer_that_is_over() -> None:
    reader = AnswerReader()
    reader.feed(written())
    assert reader.over
    assert reader.feed(' and more {"headline": "again"}') == ()
    assert reader.finish() == ()


@pytest.mark.parametrize(
    "before", ["```json\n", "\ufeff ", "Here it is:\n", '<think>maybe {"sources": []} or [1]? no.</think>\n']
)
@pytest.mark.parametrize("behind", ["", "\n```", "\n\nAnything else?"])
def test_what_stands_round_the_answer_is_passed_over(before: str, behind: str) -> None:
    assert read(before + written() + behind) == read(written())


def test_fields_nobody_asked_for_are_passed_over() -> None:
    assert read(written(mood={"a": ["}", '"', {"b": 1}]}, n=-1.5e3)) == read(written())


def test_halves_of_a_surrogate_pair_show_as_unreadable_and_break_nothing() -> None:
    text = written(headline="HEAD").replace("HEAD", "a \\ud83d b \\ude00 c \\ud83d\\ude00")
    [headline] = [step for step in read(text) if isinstance(step, Headline)]
    assert headline.text == "a \ufffd b \ufffd c \U0001f600"


def test_the_example_is_an_answer() -> None:
    assert isinstance(read(answer_example())[-1], Done)


@pytest.mark.parametrize("filling", ["." * 15_000, "a." + " " * 15_000, "x" * 15_000, '\\"' * 7_000])
def test_a_detail_of_hardly_any_words_is_read_to_its_end(filling: str) -> None:
    steps = read(written(detail="MORE").replace("MORE", filling))
    assert isinstance(steps[-1], Done)
    assert len(steps[-1].answer.detail) <= MAX_DETAIL


@given(st.data())
def test_any_answer_cut_anywhere_reads_the_same(data: st.DataObject) -> None:
    detail = data.draw(st.text(max_size=300))
    headline = data.draw(st.text(min_size=1, max_size=100))
    text = json.dumps(ANSWER | {"detail": detail, "headline": headline}, ensure_ascii=data.draw(st.booleans()))
    whole = AnswerReader()
    expected = [*whole.feed(text), *whole.finish()]
    reader, steps, at = AnswerReader(), list[Step](), 0
    while at < len(text):
        size = data.draw(st.integers(1, 40))
        steps.extend(reader.feed(text[at : at + size]))
        at += size
    assert [*steps, *reader.finish()] == expected


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert all(isinstance(step, Step) for step in read(text, 3))
    assert all(isinstance(step, Step) for step in read("{" + text, 3))


@given(st.text(), st.integers(2, 80))
def test_what_is_cut_is_never_longer_than_it_may_be(text: str, limit: int) -> None:
    assert len(cut_to(text, limit)) <= limit
