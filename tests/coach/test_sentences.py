"""Where sentences end in what was heard, whether they ask, and from when on they are whole."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.coach.languages import language_of
from cornerman.coach.sentences import Sentence, ends_sentence, sentences
from cornerman.coach.words import PAUSE_ENDS_CLAUSE, tokenize
from cornerman.events import Word

Times = Sequence[tuple[float, float]]


def words_of(texts: Sequence[str], times: Times = ()) -> tuple[Word, ...]:
    """The texts as words, one each third of a second where no times are given."""
    at = times or [(0.3 * index, 0.3 * index + 0.25) for index in range(len(texts))]
    return tuple(Word(text, start, end) for text, (start, end) in zip(texts, at, strict=True))


def read(words: Sequence[Word], *, complete: bool = True, language: str = "en") -> tuple[list[Sentence], list[int]]:
    """The sentences, and of each token the word it came from."""
    tokens = tokenize(language_of(language), [w.text for w in words], [w.start for w in words], [w.end for w in words])
    return sentences(tokens, words, complete), [token.word for token in tokens]


def parted(text: str, times: Times = (), *, language: str = "en") -> list[str]:
    """Each sentence's words from its first token's to its last one's."""
    texts = text.split()
    found, at = read(words_of(texts, times), language=language)
    return [" ".join(texts[at[one.first] : at[one.last] + 1]) for one in found]


def asks(text: str, language: str = "en") -> list[bool]:
    return [one.asks for one in read(words_of(text.split()), language=language)[0]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I like it, but I cannot afford it", ["I like it, but I cannot afford it"]),
        ("I like it. I cannot afford it", ["I like it.", "I cannot afford it"]),
        ("What? No! Well; yes\u2026 maybe", ["What?", "No!", "Well;", "yes\u2026", "maybe"]),
        ("Really?! Yes... maybe", ["Really?!", "Yes...", "maybe"]),
        ('He said "stop." I went', ['He said "stop."', "I went"]),
        ("It is (so far.) good", ["It is (so far.)", "good"]),
        ("one: two, three - four", ["one: two, three - four"]),
        ("it is 3.5 or 1,200.50 dollars", ["it is 3.5 or 1,200.50 dollars"]),
        ("single-sign-on. can't wait", ["single-sign-on.", "can't wait"]),
        ("", []),
        ("...", []),
        ("? ! .", []),
        ("... hello", ["hello"]),
    ],
)
def test_marks_end_sentences_and_commas_do_not(text: str, found: list[str]) -> None:
    assert parted(text) == found


@pytest.mark.parametrize(
    ("text", "language", "found", "asking"),
    [
        ("Combien \u00e7a co\u00fbte ? Je veux", "fr", ["Combien \u00e7a co\u00fbte", "Je veux"], [True, False]),
        ("C'est cher ! Non ?", "fr", ["C'est cher", "Non"], [False, True]),
        ("too much . Well", "en", ["too much", "Well"], [False, False]),
        ("so \u2026 what ? ?", "en", ["so", "what"], [False, True]),
    ],
)
def test_marks_may_stand_apart_from_their_word(text: str, language: str, found: list[str], asking: list[bool]) -> None:
    assert parted(text, language=language) == found
    assert asks(text, language) == asking


@pytest.mark.parametrize(
    ("text", "language", "asking"),
    [
        ("\u0643\u0645 \u0627\u0644\u0633\u0639\u0631\u061f \u0646\u0639\u0645", "ar", [True, False]),
        ("\u592a\u8cb4\u4e86\u3002 \u591a\u5c11\uff1f \u597d\uff01", "zh", [False, True, False]),
        ("\u00bfCu\u00e1nto cuesta? Bueno.", "es", [True, False]),
        ("cher?! vrai!? non!", "fr", [True, True, False]),
        ('you said "why?" fine', "en", [True, False]),
        ("\u771f\uff1f\uff01 \u597d\u3002", "zh", [True, False]),
    ],
)
def test_marks_of_other_scripts_end_and_ask(text: str, language: str, asking: list[bool]) -> None:
    assert asks(text, language) == asking


@pytest.mark.parametrize("word", ["cafe\u0301?", "\u0939\u0948\u0902.", "e\u0301\u0302!"])
def test_combining_characters_before_a_mark_do_not_hide_it(word: str) -> None:
    assert ends_sentence(word)
    assert len(parted(f"{word} yes", language="fr")) == 2


@pytest.mark.parametrize("word", ["", "cafe\u0301", "3.5", "U.S.A", "a?b", "well,", "so:", '"'])
def test_marks_inside_a_word_end_nothing(word: str) -> None:
    assert not ends_sentence(word)


@pytest.mark.parametrize("mark", [".", "?", '"', "?!"])
def test_a_word_of_marks_without_end_is_read_at_once(mark: str) -> None:
    """What a broken recogniser may send costs in proportion to its length: with its square this would take minutes."""
    long = mark * 400_000
    assert not ends_sentence(f"{long}x")
    assert ends_sentence(f"x.{long}")


def test_a_long_pause_ends_a_sentence_and_a_shorter_one_does_not() -> None:
    def pause(seconds: float) -> list[str]:
        return parted("no thank you", [(0.0, 1.0), (1.0 + seconds, 3.0), (3.0, 3.2)])

    assert pause(PAUSE_ENDS_CLAUSE + 0.01) == ["no", "thank you"]
    assert pause(PAUSE_ENDS_CLAUSE - 0.01) == ["no thank you"]


def test_a_pause_before_a_mark_that_stands_apart_counts_after_the_mark() -> None:
    assert parted("well \u2013 yes", [(0.0, 1.0), (1.0, 1.1), (2.5, 3.0)]) == ["well", "yes"]
    assert parted("well \u2013 yes", [(0.0, 1.0), (1.0, 2.0), (2.2, 3.0)]) == ["well \u2013 yes"]


@pytest.mark.parametrize(
    "times",
    [
        [(1.0, 1.0), (1.0, 1.0), (1.0, 1.0)],
        [(3.0, 3.2), (2.0, 2.2), (1.0, 1.2)],
        [(1.0, 9.0), (2.0, 2.5), (3.0, 3.1)],
        [(1.0, 0.5), (1.0, 0.5), (1.0, 0.5)],
    ],
    ids=["no length", "reversed", "overlapping", "ends before it starts"],
)
def test_odd_times_are_no_pause(times: Times) -> None:
    assert parted("no thank you", times) == ["no thank you"]


def test_a_sentence_is_whole_once_the_next_has_begun_or_the_turn_is_over() -> None:
    def whole(text: str, *, complete: bool) -> list[bool]:
        return [one.whole for one in read(words_of(text.split()), complete=complete)[0]]

    assert whole("That is fine.", complete=False) == [False]
    assert whole("That is fine. ?", complete=False) == [False]
    assert whole("That is fine. But", complete=False) == [True, False]
    assert whole("That is fine. But", complete=True) == [True, True]
    assert whole("one. two. three. four", complete=False) == [True, True, True, False]


def test_a_word_of_several_tokens_is_never_cut() -> None:
    found, at = read(words_of(["don't.", "it's", "sign-on?"]))
    assert [(at[one.first], at[one.last]) for one in found] == [(0, 0), (1, 2)]
    assert [one.asks for one in found] == [False, True]


TEXTS = st.lists(
    st.one_of(st.sampled_from(["no", "it's.", "why?", "?", "..", "3.5", "well,", ""]), st.text(max_size=6))
)
SECONDS = st.floats(0, 100)


@given(TEXTS, st.data(), st.booleans(), st.sampled_from(["en", "de", "fr", "zh"]))
def test_any_words_are_parted_without_gap_or_overlap(
    texts: list[str], data: st.DataObject, complete: bool, language: str
) -> None:
    times = data.draw(st.lists(st.tuples(SECONDS, SECONDS), min_size=len(texts), max_size=len(texts)))
    found, at = read(words_of(texts, times), complete=complete, language=language)
    assert [one.first for one in found] == [0, *(one.last + 1 for one in found[:-1])][: len(found)]
    assert (found[-1].last if found else -1) == len(at) - 1
    assert all(left.whole for left in found[:-1])
    assert not found or found[-1].whole == complete
    assert all(at[left.last] < at[right.first] for left, right in pairwise(found))


@given(TEXTS, st.data())
def test_a_whole_sentence_stays_as_it_is_while_the_turn_grows(texts: list[str], data: st.DataObject) -> None:
    """So that what it means is asked once."""
    times = data.draw(st.lists(st.tuples(SECONDS, SECONDS), min_size=len(texts), max_size=len(texts)))
    words = words_of(texts, times)
    final, _ = read(words)
    for count in range(len(words)):
        whole = [one for one in read(words[:count], complete=False)[0] if one.whole]
        assert final[: len(whole)] == whole
