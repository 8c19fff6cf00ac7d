"""Words of an engine that tells no times are laid over the voice they were heard in."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.providers.word_times import lay_words, sounding


def test_pauses_divide_words_and_letters_share_out_the_rest() -> None:
    words = lay_words(["that", "is", "expensive"], [(1.0, 1.2), (1.5, 1.6), (2.0, 2.4)])
    assert [(word.start, word.end) for word in words] == [(1.0, 1.2), (1.5, 1.6), (2.0, 2.4)]
    words = lay_words(["that", "is", "expensive"], [(1.0, 1.8)])
    assert [word.start for word in words] == pytest.approx([1.0, 1.0 + 0.8 * 5 / 18, 1.0 + 0.8 * 8 / 18])
    assert words[-1].end == pytest.approx(1.8)
    # a closure in the middle of the longest word
    words = lay_words(["a", "misunderstanding"], [(1.0, 1.1), (1.3, 1.7), (1.8, 2.2)])
    assert [(word.start, word.end) for word in words] == [(1.0, 1.1), (1.3, 2.2)]


def test_words_are_laid_whatever_the_voice_is_like() -> None:
    scraps = [(float(at), at + 0.05) for at in range(12)]
    assert len(lay_words(["one"], scraps)) == 1
    assert len(lay_words(["word"] * 200, [(0.0, 0.1), (0.4, 25.0)])) == 200
    assert [(word.start, word.end) for word in lay_words(["a", "b"], [])] == [(0.0, 0.0), (0.0, 0.0)]
    assert lay_words([], [(0.0, 1.0)]) == ()
    assert sounding(b"", []) == []
    assert sounding(bytes(32_000), [(0, 16_000)]) == []


@given(
    st.lists(st.text(min_size=1, max_size=12), max_size=30),
    st.lists(st.tuples(st.floats(0.001, 2.0), st.floats(0.03, 4.0)), max_size=15),
)
def test_laid_words_are_all_there_in_order_and_within_the_voice(
    texts: list[str], parts: list[tuple[float, float]]
) -> None:
    pieces: list[tuple[float, float]] = []
    for pause, length in parts:
        start = (pieces[-1][1] if pieces else 0.0) + pause
        pieces.append((start, start + length))
    words = lay_words(texts, pieces)
    assert [word.text for word in words] == texts
    assert all(word.start <= word.end + 1e-9 for word in words)
    assert all(one.end <= other.start + 1e-6 for one, other in itertools.pairwise(words))
    if words and pieces:
        assert pieces[0][0] - 1e-6 <= words[0].start
        assert words[-1].end <= pieces[-1][1] + 1e-6
