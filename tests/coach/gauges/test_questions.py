"""Questions: what counts as one, how many the rep asks, and when none for long is worth a word."""

from __future__ import annotations

import pytest

from cornerman.coach.gauges.questions import questions_in
from cornerman.coach.languages import language_of

from .scripted import Script, gauge, spoken

CASES = [
    ("en", "what does that cost you today", 1),
    ("en", "so how many tickets come in", 1),
    ("en", "do you use a help desk", 1),
    ("en", "okay is that the main problem", 1),
    ("en", "that is what we do for everyone", 0),
    ("en", "we do this for you", 0),
    ("en", "It runs in three places. How many people use it? And who decides?", 2),
    ("en", "What we do is simple. Nobody else does it.", 0),
    ("en", "Really?!", 1),
    ("de", "wie läuft das heute bei Ihnen", 1),
    ("de", "haben Sie schon ein System", 1),
    ("de", "und wer entscheidet das", 1),
    ("de", "was Sie gesagt haben ist richtig", 0),
    ("de", "wie gesagt das kostet nichts", 0),
    ("de", "wir haben Sie verstanden", 0),
    ("de", "Das läuft gut. Was fehlt Ihnen noch?", 1),
    ("fr", "combien ça coûte", 0),
    ("fr", "Combien ça coûte ?", 1),
    ("ja", "おいくらですか\uff1f", 1),
    ("en", "", 0),
    ("en", "?", 0),
]


@pytest.mark.parametrize(("language", "text", "count"), CASES)
def test_questions_are_told_by_their_mark_or_by_how_they_open(language: str, text: str, count: int) -> None:
    assert questions_in(language_of(language), spoken(text, 0, 5)) == count


def test_a_pause_parts_questions_where_nothing_is_written() -> None:
    words = (*spoken("we run it for you", 0, 2), *spoken("how many people use it", 3, 5))

    assert questions_in(language_of("en"), words) == 1


def test_questions_of_the_call_and_the_time_since_the_last() -> None:
    script = Script().turn("rep", 0, 5, "What is it? And why?").turn("pat", 6, 8, "Who are you?").play(30)

    assert script.reading("questions") == 2
    assert script.reading("since_question_s") == 25
    assert script.figure("questions") == 2
    assert script.figure("prospect_questions") == 1


def test_without_any_question_the_time_is_since_the_first_turn() -> None:
    script = Script().turn("rep", 10, 15, "this is how it works").play(30)

    assert script.reading("questions") == 0
    assert script.reading("since_question_s") == 20


def talk(script: Script, until: int, every: int = 10, *, asks_at: int = -1) -> Script:
    for start in range(0, until, every):
        script.turn("rep", start, start + 8, "and then it does this." if start != asks_at else "is that so?")
    return script.play(until + 10)


def test_four_minutes_of_talk_without_a_question_pass_the_limit_once() -> None:
    ((at, name, value),) = talk(Script(gauge("questions")), 600).told

    assert (at, name, value) == (248.5, "questions", 0)


def test_a_question_in_time_is_enough() -> None:
    assert talk(Script(gauge("questions")), 300, asks_at=200).told == []


def test_a_rep_who_mostly_listens_needs_no_question() -> None:
    assert talk(Script(gauge("questions")), 900, every=20).told == []
