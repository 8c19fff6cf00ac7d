"""The phrase language: what a written phrase stands for, and how it is refused."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.playbook.phrases import GAP_WORDS, MAX_EXPANSIONS, Gap, Literal, Phrase, Slot, expand, fold, words_of


def literals(text: str) -> Phrase:
    return tuple(Literal(word) for word in text.split())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("too expensive", [literals("too expensive")]),
        ("(too|far too) high", [literals("too high"), literals("far too high")]),
        ("is [very] high", [literals("is high"), literals("is very high")]),
        ("[a|b] c", [literals("c"), literals("a c"), literals("b c")]),
        ("(a|b [c]) d", [literals("a d"), literals("b d"), literals("b c d")]),
        ("(a|a) b", [literals("a b")]),
        ("{Percent} off", [(Slot("percent"), Literal("off"))]),
        ("{competitor}", [(Slot("competitor"),)]),
        ("worried ... data", [(Literal("worried"), Gap(GAP_WORDS), Literal("data"))]),
        ("worried\u2026data", [(Literal("worried"), Gap(GAP_WORDS), Literal("data"))]),
        ("Don\u2019t KNOW", [literals("don't know")]),
        ("the customers' follow-up", [literals("the customers follow up")]),
        ("cafe\u0301", [(Literal("caf\u00e9"),)]),
        ("Stra\u00dfe", [(Literal("strasse"),)]),
        ("\u05d9\u05e7\u05e8 \u05de\u05d3\u05d9", [literals("\u05d9\u05e7\u05e8 \u05de\u05d3\u05d9")]),
        ("\u200f\u05d9\u05e7\u05e8\u200e", [literals("\u05d9\u05e7\u05e8")]),
        ("\u092e\u0939\u0902\u0917\u093e \u0939\u0948", [literals("\u092e\u0939\u0902\u0917\u093e \u0939\u0948")]),
    ],
)
def test_a_phrase_stands_for_exactly_these_sequences(written: str, expected: list[Phrase]) -> None:
    assert list(expand(written)) == expected


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "no words"),
        ("   ", "no words"),
        ("(a|b", "'(' is never closed; add ')'"),
        ("[a", "'[' is never closed; add ']'"),
        ("(a]", "closing ']' has no opening bracket"),
        ("a)", "closing ')' has no opening bracket"),
        ("{percent", "'{' is never closed; add '}'"),
        ("percent}", "closing '}' has no opening bracket"),
        ("(a|) b", "is empty"),
        ("() b", "is empty"),
        ("[] b", "is empty"),
        ("a | b", "a bar stands outside brackets"),
        ("{colour} car", "there is no slot {colour}; the slots are competitor, lower, money, number, percent, product"),
        ("...", "gaps only"),
        ("... data", "starts with a gap"),
        ("[a] ... b", "starts with a gap"),
        ("worried ...", "ends with a gap"),
        ("a ... [b] ... c", "two gaps follow each other"),
        ("[a] [b]", "everything in the phrase is optional"),
        ("a ..5 b", "full stops are not part of a phrase"),
        ("e.g. this", "full stops are not part of a phrase"),
        ("20% off", "write {percent}"),
        ("$20", "write {money}"),
        ("too expensive!", "leave it out"),
        ("and/or", "write (this|that)"),
        ("' '", "is no word"),
        ("(a|b) " * 10 + "c", f"more than {MAX_EXPANSIONS} variants"),
        ("(a|b|c|d|e|f|g|h|i|j) " * 3 + "[k]", f"more than {MAX_EXPANSIONS} variants"),
        ("(" * 9 + "a" + ")" * 9, "nested more than 8 deep"),
        ("word " * 101, "at most 500 are read"),
    ],
)
def test_a_phrase_that_cannot_be_read_is_refused_in_plain_words(written: str, complaint: str) -> None:
    with pytest.raises(ValueError) as refusal:
        expand(written)

    assert complaint in str(refusal.value)


def test_the_largest_allowed_number_of_variants_is_expanded() -> None:
    assert len(expand("(a|b|c|d|e|f|g|h|i|j) " * 3 + "k")) == MAX_EXPANSIONS


@given(st.text(alphabet=st.sampled_from("ab '()[]|{}.\u2026-%\u0301\u05d0\u200f\u00df"), max_size=40))
def test_no_text_does_anything_but_expand_or_raise_value_error(written: str) -> None:
    try:
        phrases = expand(written)
    except ValueError:
        return
    assert 0 < len(phrases) <= MAX_EXPANSIONS
    assert len(set(phrases)) == len(phrases)
    assert all(phrases)
    assert not any(isinstance(phrase[0], Gap) or isinstance(phrase[-1], Gap) for phrase in phrases)


@given(st.text(max_size=60))
def test_no_unicode_text_breaks_the_parser(written: str) -> None:
    try:
        phrases = expand(written)
    except ValueError:
        return
    for element in (element for phrase in phrases for element in phrase):
        if isinstance(element, Literal):
            assert words_of(element.word) == (element.word,)


WORD = st.text(st.characters(categories=["Ll", "Lo", "Nd"]), min_size=1, max_size=8)


@given(st.lists(WORD, min_size=1, max_size=8))
def test_words_expand_to_themselves_and_back(words: list[str]) -> None:
    (phrase,) = expand(" ".join(words))

    spoken = " ".join(element.word for element in phrase if isinstance(element, Literal))

    assert expand(spoken) == (phrase,)
    assert tuple(spoken.split()) == words_of(" ".join(words))


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_and_gives_composed_text(text: str) -> None:
    once = fold(text)

    assert fold(once) == once
    assert unicodedata.normalize("NFC", once) == once
