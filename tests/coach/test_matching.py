"""Phrases are found whatever their inflection, in whole words, with slots and gaps, at a cost that does not grow."""

from __future__ import annotations

import sys

import pytest

from cornerman.coach.languages import language_of
from cornerman.coach.matching import Match, Owner, PhraseTrie
from cornerman.coach.words import tokenize
from cornerman.playbook.phrases import expand

ENGLISH = language_of("en")


def found(phrase: str, text: str) -> list[str]:
    trie = PhraseTrie(ENGLISH)
    for each in expand(phrase):
        trie.add(each, Owner(0, False))
    trie.add_names("competitor", {"Northstar": ("northstar", "north star"), "North": ("north",)})
    words = text.split()
    tokens = tokenize(ENGLISH, words)
    return [" ".join(words[tokens[m.first].word : tokens[m.last].word + 1]) for m in trie.find(tokens)]


@pytest.mark.parametrize(
    ("phrase", "text", "match"),
    [
        ("too expensive", "this is Too Expensive for us", ["Too Expensive"]),
        ("too expensive", "a tool expensive", []),
        ("discount", "any discounts or discounting", ["discounts", "discounting"]),
        ("price", "the prices, the pricing", ["prices,", "pricing"]),
        ("can not afford", "we can't afford it", ["can't afford"]),
        ("(give|offer) us a discount", "could you offer us a discount", ["offer us a discount"]),
        ("{percent} off", "twenty percent off please", ["twenty percent off"]),
        ("{percent} off", "20% off please", ["20% off"]),
        ("{percent} off", "twenty dollars off", []),
        ("looking at {competitor}", "we are looking at north star too", ["looking at north star"]),
        ("worried about ... data", "worried about all of our data", ["worried about all of our data"]),
        ("worried about ... data", "worried about it. The next thing is data", []),
        ("worried about ... data", "worried about one two three four data", []),
    ],
)
def test_a_phrase_is_found_as_people_say_it(phrase: str, text: str, match: list[str]) -> None:
    assert found(phrase, text) == match


def test_the_longest_name_wins() -> None:
    trie = PhraseTrie(ENGLISH)
    for phrase in expand("{competitor}"):
        trie.add(phrase, Owner(0, False))
    trie.add_names("competitor", {"North": ("north",), "Northstar": ("north star",)})
    assert trie.find(tokenize(ENGLISH, ["we", "like", "north", "star"])) == [Match(Owner(0, False), 2, 3, "Northstar")]


def test_the_cost_of_a_search_does_not_grow_with_the_number_of_phrases() -> None:
    """Counts interpreter calls, not seconds: the same on any machine, however busy."""

    def calls(phrases: int) -> int:
        trie = PhraseTrie(ENGLISH)
        for index in range(phrases):
            for phrase in expand(f"word{index % 97} other{index} thing{index % 31}"):
                trie.add(phrase, Owner(index, False))
        tokens = tokenize(
            ENGLISH,
            [
                "we",
                "said",
                "word5",
                "other102",
                "thing9",
                "and",
                "then",
                "nothing",
                "more",
                "was",
                "said",
                "at",
                "all",
                "by",
                "word7",
            ],
        )
        count = 0

        def profile(_frame: object, event: str, _argument: object) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(profile)
        try:
            trie.find(tokens)
        finally:
            sys.setprofile(None)
        return count

    assert calls(10_000) <= 1.5 * calls(100)
