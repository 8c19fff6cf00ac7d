"""The scorer: what each signal does to a confidence, whatever the weights were fitted to."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornerman.coach.moments import SURE, SURE_BY_MEANING
from cornerman.coach.scoring import LIKE_FLOOR, SIGNALS, Signals, confidence, likeness_of, parts
from cornerman.coach.weights import WITH_MEANING, WORDS_ALONE
from cornerman.playbook.kinds import WORD_KINDS

FITTED = sorted((set(WORDS_ALONE) | set(WITH_MEANING)) - {"*"})
KINDS = [*FITTED, "a-kind-of-ones-own"]
STEPS = [step / 10 for step in range(11)]
SHARES = st.sampled_from(STEPS)
FLAGS = st.sampled_from([0.0, 1.0])
DIFFERENCES = st.sampled_from([step / 10 for step in range(-10, 11)])
OBSERVED = st.builds(
    Signals,
    phrase=FLAGS,
    hint=FLAGS,
    cover=SHARES,
    like=SHARES,
    apart=DIFFERENCES,
    rival=DIFFERENCES,
    question=FLAGS,
    asked=FLAGS,
    denied=FLAGS,
    priced=FLAGS,
    lower=FLAGS,
    same=FLAGS,
)


def test_weights_are_of_known_signals_and_kinds() -> None:
    for weights in (WORDS_ALONE, WITH_MEANING):
        assert set(weights) <= {"*"} | WORD_KINDS
        assert set(weights["*"]) <= {"", *SIGNALS}
        assert all(set(own) <= {"", *SIGNALS} for own in weights.values())


def test_words_alone_weigh_nothing_that_only_meaning_knows() -> None:
    assert not [kind for kind, own in WORDS_ALONE.items() if {"like", "apart", "rival"} & set(own)]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(observed=OBSERVED, meant=st.booleans())
def test_a_phrase_never_makes_a_moment_less_likely(kind: str, observed: Signals, meant: bool) -> None:
    without, with_it = (confidence(kind, replace(observed, phrase=flag), meant=meant) for flag in (0.0, 1.0))
    assert without <= with_it


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(observed=OBSERVED)
def test_the_nearer_the_meaning_the_likelier(kind: str, observed: Signals) -> None:
    """`apart` and `rival` rise with it: they are differences to the same likeness."""
    for name, steps in (
        ("like", STEPS),
        ("apart", (-1.0, -0.2, 0.0, 0.3, 1.0)),
        ("rival", (-1.0, -0.2, 0.0, 0.3, 1.0)),
    ):
        sure = [confidence(kind, replace(observed, **{name: step}), meant=True) for step in steps]
        assert all(left <= right for left, right in pairwise(sure)), name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cover", [0.05, 0.5, 1.0])
def test_a_phrase_suffices(kind: str, cover: float) -> None:
    assert confidence(kind, Signals(phrase=1.0, cover=cover), meant=False) >= SURE


@pytest.mark.parametrize("kind", KINDS)
def test_a_hint_in_a_sentence_that_says_more_does_not_suffice(kind: str) -> None:
    for cover in STEPS[:8]:
        assert confidence(kind, Signals(hint=1.0, cover=cover), meant=False) < SURE, cover
        assert confidence(kind, Signals(hint=1.0, cover=cover), meant=True) < SURE, cover


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_itself_is_surely_meant(kind: str) -> None:
    assert confidence(kind, Signals(like=1.0, apart=0.5, rival=0.5), meant=True) >= SURE_BY_MEANING


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(observed=OBSERVED, meant=st.booleans())
def test_the_parts_add_up_to_the_log_odds(kind: str, observed: Signals, meant: bool) -> None:
    added = parts(kind, observed, meant=meant)
    assert set(added) <= {"", *SIGNALS}
    assert confidence(kind, observed, meant=meant) == round(1.0 / (1.0 + exp(-sum(added.values()))), 3)
    seen = {name for name in SIGNALS if getattr(observed, name)}
    assert set(added) - {""} == seen


@pytest.mark.parametrize("kind", FITTED)
def test_a_kinds_own_weights_are_added_to_the_common_ones(kind: str) -> None:
    own = WORDS_ALONE.get(kind, {})
    added = parts(kind, Signals(phrase=1.0), meant=False)
    for name in ("", "phrase"):
        assert added[name] == pytest.approx(WORDS_ALONE["*"][name] + own.get(name, 0.0))


@given(observed=OBSERVED, meant=st.booleans())
def test_a_kind_that_was_not_in_the_data_has_the_common_weights(observed: Signals, meant: bool) -> None:
    common = (WITH_MEANING if meant else WORDS_ALONE)["*"]
    for name, value in parts("a-kind-of-ones-own", observed, meant=meant).items():
        assert value == (getattr(observed, name) if name else 1.0) * common.get(name, 0.0)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(observed=OBSERVED, meant=st.booleans())
def test_a_confidence_is_a_share_of_three_decimals(kind: str, observed: Signals, meant: bool) -> None:
    sure = confidence(kind, observed, meant=meant)
    assert 0.0 <= sure <= 1.0
    assert round(sure * 1000) / 1000 == sure


@pytest.mark.parametrize(
    ("similarity", "like"), [(-1.0, 0.0), (0.0, 0.0), (LIKE_FLOOR, 0.0), (1.0, 1.0), ((1 + LIKE_FLOOR) / 2, 0.5)]
)
def test_likeness_begins_where_sentences_have_something_to_do_with_each_other(similarity: float, like: float) -> None:
    assert likeness_of(similarity) == pytest.approx(like)
