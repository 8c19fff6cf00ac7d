"""Whether a sentence asks, and whether it asks for a yes, by its words alone: recognisers leave question marks out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.coach.languages import language_of
from cornerman.coach.words import tokenize


def asks(tag: str, text: str) -> tuple[bool, bool]:
    """Whether it is a question, and whether it asks the other side to decide."""
    language = language_of(tag)
    tokens = tokenize(language, text.split())
    last = len(tokens) - 1
    return language.question(tokens, 0, last), language.asks_decision(tokens, 0, last)


@pytest.mark.parametrize(
    "text",
    [
        "how much is it",
        "what's your best price",
        "who decides that",
        "is there a setup fee",
        "can you come down a little",
        "could we start in june",
        "did they ever repair it",
        "do I have to pay for that",
        "are these all included",
        "so um what would it cost",
        "okay and is it still available",
        "hi is it still available",
        "any chance you would take less",
        "why",
    ],
)
def test_english_questions(text: str) -> None:
    assert asks("en", text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "it is still available",
        "I know how much it is",
        "that is what I said",
        "tell me how much it costs",
        "well that is fine",
        "anything else is extra",
        "any",
        "can opener",
        "yes",
        "so",
        "please send me the contract",
    ],
)
def test_english_statements(text: str) -> None:
    assert not asks("en", text)[0]


@pytest.mark.parametrize(
    ("text", "for_a_yes"),
    [
        ("would you take four hundred", True),
        ("how about fifty", True),
        ("what do you think", True),
        ("do we have a deal", True),
        ("does that work for you", True),
        ("I can do four fifty", True),
        ("the lowest I can go is ninety", True),
        ("I'll take fifty off", True),
        ("I was wondering if you might help", True),
        ("how old is it", False),
        ("what color is it", False),
        ("it is still available", False),
        ("I can see it", False),
        ("would they take it", False),
    ],
)
def test_english_asking_for_a_yes(text: str, for_a_yes: bool) -> None:
    assert asks("en", text)[1] == for_a_yes


@pytest.mark.parametrize(
    "text",
    [
        "was kostet das",
        "wie teuer ist es",
        "wofür ist das",
        "welche Schnittstellen gibt es",
        "ist das alles dabei",
        "haben Sie das auch in Blau",
        "können wir im Juni anfangen",
        "Könnten Sie uns entgegenkommen",
        "würde das gehen",
        "müssen wir das heute unterschreiben",
        "dürfen wir das weitergeben",
        "und was kostet das",
        "also gut ist das möglich",
        "warum",
    ],
)
def test_german_questions(text: str) -> None:
    assert asks("de", text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "das ist teuer",
        "ich weiß was das kostet",
        "wie gesagt das ist zu viel",
        "wie ich gehört habe ist es neu",
        "was Sie sagen stimmt",
        "wir können im Juni anfangen",
        "ja",
        "schicken Sie mir den Vertrag",
    ],
)
def test_german_statements(text: str) -> None:
    assert not asks("de", text)[0]


@pytest.mark.parametrize(
    ("text", "for_a_yes"),
    [
        ("würden Sie vierhundert nehmen", True),
        ("Könnten Sie das machen", True),
        ("wie wäre es mit fünfzig", True),
        ("was halten Sie davon", True),
        ("wären Sie damit einverstanden", True),
        ("ich könnte Ihnen zehn Prozent geben", True),
        ("passt Ihnen das so", True),
        ("was ist das für eine Farbe", False),
        ("das ist noch zu haben", False),
        ("würden die das nehmen", False),
    ],
)
def test_german_asking_for_a_yes(text: str, for_a_yes: bool) -> None:
    assert asks("de", text)[1] == for_a_yes


@pytest.mark.parametrize("text", ["how much is it", "combien ça coûte", "would you take it"])
def test_a_language_without_a_grammar_is_never_read_as_asking(text: str) -> None:
    assert asks("fr", text) == (False, False)


@pytest.mark.parametrize("tag", ["en", "de"])
def test_only_the_sentence_itself_counts(tag: str) -> None:
    """The words before it and behind it belong to others."""
    language = language_of(tag)
    words = {"en": ["would", "you", "so", "yes", "what"], "de": ["können", "Sie", "so", "ja", "was"]}
    tokens = tokenize(language, words[tag])
    assert not language.question(tokens, 2, 3)
    assert not language.asks_decision(tokens, 2, 3)
    assert not language.asks_decision(tokens, 1, 4)


WORDS = ["so", "und", "was", "what", "how", "is", "it", "would", "you", "deal", "können", "sie", "passt", "any", "ja"]


@given(st.sampled_from(["en", "de"]), st.lists(st.sampled_from(WORDS), min_size=1, max_size=8), st.data())
def test_any_sentence_can_be_judged(tag: str, words: list[str], data: st.DataObject) -> None:
    """A span alone is judged as it is among others."""
    language = language_of(tag)
    tokens = tokenize(language, words)
    first = data.draw(st.integers(0, len(tokens) - 1))
    last = data.draw(st.integers(first, len(tokens) - 1))
    alone = tokens[first : last + 1]
    for judge in (language.question, language.asks_decision, language.denies):
        assert judge(tokens, first, last) == judge(alone, 0, len(alone) - 1)
