"""The playbook's language picks how words are compared; where little is known of it, the loader says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import Scene, definition, playbook

from cornerman.coach.languages import GRAMMARS, language_of
from cornerman.coach.matching import Owner, PhraseTrie
from cornerman.coach.words import amounts, tokenize
from cornerman.playbook.languages import STEMMERS, UNDERSTOOD, shortcomings, stemmer_of
from cornerman.playbook.phrases import expand

FRENCH = language_of("fr-CA")


def found(tag: str, phrase: str, text: str) -> bool:
    language = language_of(tag)
    trie = PhraseTrie(language)
    for each in expand(phrase):
        trie.add(each, Owner(0, False))
    trie.add_names("competitor", {"Société Nord": ("Société Nord",)})
    return bool(trie.find(tokenize(language, text.split())))


def test_what_the_loader_says_is_understood_is_what_the_coach_understands() -> None:
    assert set(GRAMMARS) == UNDERSTOOD
    for base in STEMMERS:
        assert (shortcomings(base) is None) == (base in GRAMMARS)
        assert stemmer_of(base) is not None
        assert language_of(base).stem("abc")


@pytest.mark.parametrize(
    ("tag", "base"), [("en", "en"), ("en-GB", "en"), ("EN-us", "en"), ("de-AT", "de"), ("DE", "de")]
)
def test_regions_share_the_rules_of_their_language(tag: str, base: str) -> None:
    assert language_of(tag) is GRAMMARS[base]


def test_the_same_words_are_read_by_the_playbooks_language() -> None:
    book = playbook(definition("price", "die"), definition("sum", "{number} die", kind="requirement"))
    heard = {}
    for tag in ("en", "de"):
        scene = Scene(replace(book, language=tag))
        scene.turn("zwanzig die dies")
        heard[tag] = [moment.kind for moment in scene.moments]
    assert heard == {"en": ["price_objection"], "de": ["requirement", "price_objection"]}


@pytest.mark.parametrize(
    ("tag", "phrase", "text", "is_found"),
    [
        ("fr", "trop cher", "c\u2019est Trop chère.", True),
        ("fr", "offre", "l'offre d'aujourd'hui", True),
        ("fr", "chez {competitor}", "nous sommes chez société Nord", True),
        ("fr", "{percent} de remise", "20 % de remise", True),
        ("fr", "{money} par mois", "1.500,50\u00a0€ par mois", True),
        ("fr", "{percent} de remise", "vingt pour cent de remise", False),
        ("es", "muy caro", "son muy caros", True),
        ("it", "troppo costoso", "sono troppo costosi", True),
        ("nl", "een korting", "een kortingen", True),
        ("pt-BR", "muito caro", "são muito caros", True),
        ("sv", "en rabatt", "en rabatter", True),
        ("pl", "za drogo", "to jest za drogo", True),
        ("ru", "слишком дорого", "это СЛИШКОМ дорого!", True),
        ("tr", "{competitor} ile", "Société Nord'ile", True),
        ("hi", "कीमत बहुत", "कीमतें बहुत ज़्यादा हैं", True),
        (
            "fa",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u0645\u0646",
            True,
        ),  # with a zero-width joiner
        ("he", "יקר מדי", "זה יקר מדי", True),
        ("uk", "занадто дорого", "це занадто дорого", True),
        ("uk", "занадто дорого", "це занадто дорогі", False),
    ],
)
def test_a_language_without_a_grammar_compares_stems_or_else_words(
    tag: str, phrase: str, text: str, is_found: bool
) -> None:
    assert found(tag, phrase, text) == is_found


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("20 %", 20, "percent"),
        ("20%", 20, "percent"),
        ("1.500,50 €", 1500.5, "money"),
        ("1,500.50 USD", 1500.5, "money"),
        ("EUR 20", 20, "money"),
        ("1.500", 1500, "number"),
        ("15,5", 15.5, "number"),
        ("1'500", 1500, "number"),
        ("vingt", None, ""),
    ],
)
def test_amounts_in_digits_are_read_in_any_language(text: str, value: float | None, kind: str) -> None:
    read = amounts(FRENCH, tokenize(FRENCH, text.split()))
    assert [(one.value, one.kind) for one in read] == ([] if value is None else [(value, kind)])


def test_without_a_grammar_negative_phrases_alone_take_back() -> None:
    plain = definition("price", "trop cher")
    guarded = definition("guarded", "trop cher", negative=("pas trop cher",), kind="requirement")
    scene = Scene(replace(playbook(plain, guarded), language="fr"))
    scene.turn("ce n'est pas trop cher")
    assert [moment.kind for moment in scene.moments] == ["price_objection"]


@given(st.sampled_from(["fr", "hi", "ja", "tr", "zz"]), st.lists(st.text(max_size=12), max_size=20))
def test_any_text_can_be_read(tag: str, words: list[str]) -> None:
    language = language_of(tag)
    tokens = tokenize(language, words)
    assert all(0 <= token.word < len(words) for token in tokens)
    for amount in amounts(language, tokens):
        assert 0 <= amount.first <= amount.last < len(tokens)
