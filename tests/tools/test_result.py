"""What is found is made plain and short, and a number in it is never cut into another one."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from cornerman.tools.result import CUT, LONGEST_TEXT, Found, result_of, tidy

TEXTS = st.text(max_size=400)


@given(text=TEXTS, limit=st.integers(10, 300))
def test_text_is_plain_and_short(text: str, limit: int) -> None:
    told = tidy(text, limit)
    assert len(told) <= limit
    assert all(unicodedata.category(sign)[0] != "C" for sign in told.replace("\n", ""))


@given(words=st.lists(st.sampled_from(["1,200", "15", "percent", "$4,000.50", "a"]), min_size=1, max_size=80))
def test_a_cut_falls_between_words(words: list[str]) -> None:
    told = tidy(" ".join(words), 60)
    kept = told.removesuffix(CUT).split()
    assert kept == words[: len(kept)]


def test_lines_are_kept() -> None:
    assert tidy("one\n\n  two \t three\r\n\x00", 100) == "one\ntwo three"


def test_one_endless_word_is_not_shown_in_part() -> None:
    assert tidy("9" * 5000, 100) == CUT


def test_a_result_has_its_id_and_is_short() -> None:
    found = result_of(Found("A\x1b title", "word " * 5000, "place"), "search_playbook", "key", 3, 12.5)
    assert (found.id, found.title, found.at) == ("tool:search_playbook:3", "A title", 12.5)
    assert len(found.text) <= LONGEST_TEXT
