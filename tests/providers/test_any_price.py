"""Whatever price is named, the sentence is compared as if it were one and the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.providers.embedding.prices import ANY_PRICE, with_any_price


def alike(sentence: str) -> str:
    """The result with single spaces, and P where the price stands."""
    return " ".join(with_any_price(sentence).replace(ANY_PRICE, "P").split())


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("80", "P"),
        ("80?", "P ?"),
        ("I could do $1,500 today", "I could do P today"),
        ("I could do 1,500.50 today", "I could do P today"),
        ("would you take 80 dollars?", "would you take P ?"),
        ("would you take 80 BUCKS", "would you take P"),
        ("it is 1.5k", "it is P"),
        ("it is $2K or \u20ac 20 or 20\u20ac or \u00a320", "it is P or P or P or P"),
        (".50 is all I have", "P is all I have"),
        ("between 80 and 90", "between P and P"),
        ("80-90 pounds", "P - P"),
        ("(80)", "( P )"),
        ("it is 80, or 90.", "it is P , or P ."),
    ],
)
def test_prices_in_digits_become_one_price(sentence: str, found: str) -> None:
    assert alike(sentence) == found


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "how much is it",
        "fifty dollars",
        "the 3rd of may",
        "an mp3 player",
        "a 2door car",
        "a 4x4",
        "b2b",
        "1080p",
        "$",
        "\u20ac?",
    ],
)
def test_what_names_no_price_in_digits_stays_as_it_is(sentence: str) -> None:
    assert with_any_price(sentence) == sentence


def test_two_prices_in_the_same_sentence_make_no_difference() -> None:
    assert with_any_price("How about 80 dollars?") == with_any_price("How about $1,250?")


TEXT = st.text(st.sampled_from("ab 0159.,$\u20ack?-x"), max_size=30)


@given(TEXT)
def test_no_price_is_left_over(sentence: str) -> None:
    """What is done once is done."""
    once = with_any_price(sentence)
    assert " ".join(with_any_price(once).split()) == " ".join(once.split())


@given(st.text())
def test_any_text_is_taken(sentence: str) -> None:
    changed = with_any_price(sentence)
    assert any(sign.isdigit() for sign in sentence) or changed == sentence.strip()


@given(
    TEXT.filter(lambda text: not any(sign.isdigit() for sign in text)),
    st.sampled_from(["7", "$45", "1,200", "3.5k", "900 dollars"]),
)
def test_which_price_it_is_makes_no_difference(rest: str, price: str) -> None:
    def put(named: str) -> str:
        return " ".join(with_any_price(f"{rest} say {named} or so").split())

    assert put(price) == put("80")
