"""Words told while somebody still speaks have stood for a while, and are not taken back on a moment's doubt."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from cornerman.providers.offline.steadiness import HeardWord, SteadyWords


def guess(sentence: str) -> list[HeardWord]:
    return [HeardWord(text, float(index), index + 1.0) for index, text in enumerate(sentence.split())]


def tell(sentences: list[str], *, paused: bool = False) -> Iterator[str | None]:
    steady = SteadyWords(last_word_windows=4, followed_word_windows=2)
    for sentence in sentences:
        told = steady.hear(guess(sentence), paused=paused)
        yield None if told is None else " ".join(word.text for word in told)


def test_newest_word_is_told_after_standing_long_enough() -> None:
    assert list(tell(["too"] * 5)) == [None, None, None, "too", None]


def test_word_followed_by_another_is_told_sooner() -> None:
    assert list(tell(["too", "too x", "too y"])) == [None, "too", None]


def test_word_followed_by_a_pause_is_told_sooner() -> None:
    assert list(tell(["too", "too"], paused=True)) == [None, "too"]


def test_flickering_word_is_never_told() -> None:
    assert list(tell(["way witch", "way each", "way eggs", "way ex"])) == [None, "way", None, None]


def test_told_word_survives_a_moment_of_doubt() -> None:
    assert list(tell(["price"] * 4 + ["prices"] * 2 + ["price"] * 4))[4:] == [None] * 6


def test_told_word_is_replaced_by_the_one_that_stands_instead() -> None:
    assert list(tell(["price"] * 4 + ["prices"] * 4))[4:] == [None, None, None, "prices"]


def test_told_word_that_stays_away_is_taken_back() -> None:
    assert list(tell(["a b"] * 4 + ["a"] * 4))[4:] == [None, None, None, "a"]


@given(st.lists(st.text(alphabet="ab ", max_size=7), max_size=40))
def test_what_is_told_is_always_a_beginning_of_the_guess_and_always_news(sentences: list[str]) -> None:
    last: str | None = ""
    for sentence, told in zip(sentences, tell(sentences), strict=True):
        if told is not None:
            assert sentence.split()[: len(told.split())] == told.split()
            assert told != last
            last = told
