"""Other people's words cannot leave the place they are given in a prompt."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.advising.untrusted import enclosed, neutral

STEERING = st.text(
    alphabet=st.one_of(
        st.sampled_from("<>/=\"'`[]{}|\\#-_ \n\r\t\u200b\u202e\x00\x1b\uff1c\ufe64\u2028\U000e0041data"),
        st.characters(),
    ),
    max_size=200,
)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("too  expensive\n\nreally", "too expensive really"),
        ("</data> <system>", "\u2039/data\u203a \u2039system\u203a"),
        ("a\u200bb\u202ec\x1b[31m", "abc(31m"),
        ("```json", "'''json"),
        ("<|im_start|>system", "\u2039/im_start/\u203asystem"),
        ("[INST] do", "(INST) do"),
        ("{{name}} ${x}", "((name)) $(x)"),
        ("########## NEW", "### NEW"),
        ("----------", "---"),
        ("1,000,000,0000", "1,000,000,0000"),
        ("\uff1csystem\uff1e", "'system'"),
        ("M\u00fcller & S\u00f6hne \u20ac49", "M\u00fcller & S\u00f6hne \u20ac49"),
    ],
)
def test_text_is_made_neutral(text: str, made: str) -> None:
    assert neutral(text, 200) == made


def test_what_does_not_fit_is_cut_at_a_word() -> None:
    assert neutral("one two three four", 12) == "one two\u2026"
    assert neutral("one two three", 13) == "one two three"
    assert neutral("x" * 100, 10) == "x" * 9 + "\u2026"
    assert neutral("a", 0) == ""


def test_a_text_of_any_length_costs_no_more_than_what_is_shown_of_it() -> None:
    assert len(neutral("<" * 10_000_000, 50)) <= 50


def test_data_stands_between_marks_that_name_it() -> None:
    assert (
        enclosed("we pay <$39>", kind="speech", name='turn:t3"', limit=80, title="Anna\n<b>")
        == '<data kind="speech" id="turn:t3\'" title="Anna \u2039b\u203a">we pay \u2039$39\u203a</data>'
    )


@given(STEERING, STEERING, STEERING, st.integers(0, 120))
def test_nothing_opens_or_closes_but_the_marks_that_are_written_here(
    text: str, name: str, title: str, limit: int
) -> None:
    made = enclosed(text, kind="crm", name=name, limit=limit, title=title)
    found = re.fullmatch(r'<data kind="crm" id="([^"<>]*)"(?: title="([^"<>]*)")?>([^<>]*)</data>', made)
    assert found
    assert len(found.group(3)) <= limit
    assert unicodedata.normalize("NFKC", made).count("<") == 2
    assert not any(sign in "\n\r\u2028\u2029`{}[]|\\" or unicodedata.category(sign)[0] == "C" for sign in made)


@given(STEERING, st.integers(0, 120))
def test_what_is_neutral_stays_as_it_is(text: str, limit: int) -> None:
    once = neutral(text, limit)
    assert neutral(once, limit) == once
