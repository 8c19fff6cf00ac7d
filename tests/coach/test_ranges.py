"""A range of amounts is one amount, its upper end, in the unit that either end has."""

from __future__ import annotations

import pytest

from cornerman.coach.languages import language_of
from cornerman.coach.words import amounts, tokenize


def read(language: str, text: str) -> list[tuple[float, str, str]]:
    """Amounts of a text: value, kind and the words they take up."""
    words = text.split()
    tokens = tokenize(language_of(language), words)
    return [
        (one.value, one.kind, " ".join(words[tokens[one.first].word : tokens[one.last].word + 1]))
        for one in amounts(language_of(language), tokens)
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("maybe 40 to 50 dollars", [(50.0, "money", "40 to 50 dollars")]),
        ("forty to fifty dollars", [(50.0, "money", "forty to fifty dollars")]),
        ("between 40 and 50", [(50.0, "number", "40 and 50")]),
        ("from $0 to $2", [(2.0, "money", "$0 to $2")]),
        ("$40-50 a month", [(50.0, "money", "$40-50")]),
        ("ten or twenty percent", [(20.0, "percent", "ten or twenty percent")]),
        ("20% to 30%", [(30.0, "percent", "20% to 30%")]),
        ("twenty to thirty seats", [(30.0, "count", "twenty to thirty")]),
        ("from 9 to 5", [(9.0, "number", "9"), (5.0, "number", "5")]),
        ("40 and 50", [(40.0, "number", "40"), (50.0, "number", "50")]),
        ("40 to begin with", [(40.0, "number", "40")]),
        ("20% or 500 dollars", [(20.0, "percent", "20%"), (500.0, "money", "500 dollars")]),
        ("two seats or 500 dollars", [(2.0, "count", "two"), (500.0, "money", "500 dollars")]),
        ("the answer is 40 to", [(40.0, "number", "40")]),
    ],
)
def test_english(text: str, found: list[tuple[float, str, str]]) -> None:
    assert read("en", text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("40 bis 50 Euro", [(50.0, "money", "40 bis 50 Euro")]),
        ("zwischen vierzig und fünfzig Prozent", [(50.0, "percent", "vierzig und fünfzig Prozent")]),
        ("zehn oder zwanzig Prozent", [(20.0, "percent", "zehn oder zwanzig Prozent")]),
    ],
)
def test_german(text: str, found: list[tuple[float, str, str]]) -> None:
    assert read("de", text) == found


def test_a_language_without_a_grammar_reads_the_ends_apart() -> None:
    assert [value for value, _, _ in read("fr", "de 40 à 50 euros")] == [40.0, 50.0]
