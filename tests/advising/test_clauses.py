"""Clauses are whole, come as soon as they are, and say together what the text says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.advising.clauses import ClauseReader, clauses_of


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Ask first. Then wait.", ["Ask first.", "Then wait."]),
        ("Is it? Yes! Good; then go on", ["Is it?", "Yes!", "Good;", "then go on"]),
        ("It takes 1.5 days. Ask.", ["It takes 1.5 days.", "Ask."]),
        ("It costs $1,200. Ask.", ["It costs $1,200.", "Ask."]),
        ("Uptime is 99.9% a month.", ["Uptime is 99.9% a month."]),
        ("Ask Dr. Who, e.g. today, vs. them. Go.", ["Ask Dr. Who, e.g. today, vs. them.", "Go."]),
        ("Call at 3 p.m. Then wait.", ["Call at 3 p.m.", "Then wait."]),
        ("Call at 3 p.m. on Friday.", ["Call at 3 p.m. on Friday."]),
        ("Ask J. Smith. Wait.", ["Ask J. Smith.", "Wait."]),
        ('Say "be exact. It is 5." Then wait.', ['Say "be exact. It is 5."', "Then wait."]),
        ("Say \u201cbe exact. It is 5.\u201d Then wait.", ["Say \u201cbe exact. It is 5.\u201d", "Then wait."]),
        ("Sag \u201egenau so. Gut.\u201c Dann warte.", ["Sag \u201egenau so. Gut.\u201c", "Dann warte."]),
        ("Ask (why? when?) first. Go.", ["Ask (why? when?) first.", "Go."]),
        ('Ask "compared with what?" before you go on. Wait.', ['Ask "compared with what?" before you go on.', "Wait."]),
        ("Am 15. M\u00e4rz geht es los. Gut.", ["Am 15. M\u00e4rz geht es los.", "Gut."]),
        ("Das ist z.B. so. Gut.", ["Das ist z.B. so.", "Gut."]),
        ("Wait... Then ask.", ["Wait...", "Then ask."]),
        ("Wait\u2026 Then ask.", ["Wait\u2026", "Then ask."]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("5, 8 or 12%, never more.", ["5, 8 or 12%, never more."]),
        ("Use Node.js. Go.", ["Use Node.js.", "Go."]),
        ("", []),
        ("   ", []),
    ],
)
def test_clauses(text: str, clauses: list[str]) -> None:
    assert list(clauses_of(text)) == clauses


def test_a_full_stop_ends_nothing_before_it_is_known_what_follows() -> None:
    reader = ClauseReader()
    assert reader.feed("It takes 1.") == ()
    assert reader.feed("5 days.") == ()
    assert reader.feed(" ") == ()
    assert reader.feed("A") == ("It takes 1.5 days.",)
    assert reader.finish() == ("A",)


def test_a_mark_that_is_never_closed_holds_a_text_together_but_not_for_ever() -> None:
    assert len(clauses_of('Say "this. ' + "Then that. " * 100)) > 1


@given(st.text(alphabet=st.sampled_from("ab1 .,;!?\"'()\u201c\u201d\u201eDr\u2026"), max_size=120), st.integers(1, 7))
def test_clauses_are_the_same_however_the_text_arrives_and_lose_nothing(text: str, size: int) -> None:
    reader = ClauseReader()
    found = [clause for at in range(0, len(text), size) for clause in reader.feed(text[at : at + size])]
    found.extend(reader.finish())
    assert tuple(found) == clauses_of(text)
    assert "".join("".join(found).split()) == "".join(text.split())
