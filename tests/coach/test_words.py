"""The same speech, however a recogniser writes it, becomes the same tokens and amounts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.coach.languages import language_of
from cornerman.coach.words import amounts, tokenize

ENGLISH = language_of("en")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("It's", ("it", "is")),
        ("can't", ("can", "not")),
        ("cannot", ("can", "not")),
        ("won't", ("will", "not")),
        ("we're", ("we", "are")),
        ("isn\u2019t", ("is", "not")),
        ("boss's", ("boss",)),
        ("top-tier", ("top", "tier")),
        ("Expensive!?", ("expensive",)),
        ("...", ()),
    ],
)
def test_a_word_is_folded_and_its_contractions_are_written_out(written: str, meant: tuple[str, ...]) -> None:
    assert ENGLISH.split_word(written) == meant


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("twenty percent", 20, "percent"),
        ("20%", 20, "percent"),
        ("20 per cent", 20, "percent"),
        ("twenty five percent", 25, "percent"),
        ("$1,200", 1200, "money"),
        ("twelve hundred dollars", 1200, "money"),
        ("two thousand three hundred and", 2300, "number"),
        ("1.5k", 1500, "number"),
        ("forty bucks", 40, "money"),
        ("a hundred", None, ""),
        ("thirty", 30, "number"),
    ],
)
def test_amounts_are_read_in_digits_and_in_words(text: str, value: float | None, kind: str) -> None:
    found = amounts(ENGLISH, tokenize(ENGLISH, text.split()))
    assert [(one.value, one.kind) for one in found] == ([] if value is None else [(value, kind)])


def test_punctuation_and_long_pauses_end_a_clause() -> None:
    words = ["No,", "that", "is", "fine", "really"]
    starts, ends = [0.0, 0.3, 0.6, 0.9, 2.5], [0.2, 0.5, 0.8, 1.1, 2.8]
    assert [token.clause for token in tokenize(ENGLISH, words, starts, ends)] == [0, 1, 1, 1, 2]


@given(st.lists(st.text(max_size=12), max_size=30))
def test_any_text_can_be_read(words: list[str]) -> None:
    tokens = tokenize(ENGLISH, words)
    assert all(0 <= token.word < len(words) for token in tokens)
    assert [token.word for token in tokens] == sorted(token.word for token in tokens)
    for amount in amounts(ENGLISH, tokens):
        assert 0 <= amount.first <= amount.last < len(tokens)
