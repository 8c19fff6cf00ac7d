"""Percentages are read out of speech as recognisers write it, so that their look-up can start before anybody asks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.tools import percent_heard


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Could you do 15 %?", (15.0,)),
        ("Could you do 15%?", (15.0,)),
        ("could you do fifteen percent", (15.0,)),
        ("Fifteen per cent, and we sign.", (15.0,)),
        ("ten to fifteen percent", (10.0, 15.0)),
        ("10-15% off", (10.0, 15.0)),
        ("10% or 15%", (10.0, 15.0)),
        ("twenty-five percent", (25.0,)),
        ("twenty five percent", (25.0,)),
        ("twelve and a half percent", (12.5,)),
        ("seven point five percent", (7.5,)),
        ("12.5 percent", (12.5,)),
        ("a 15-percent discount", (15.0,)),
        ("15 percent here, 15 percent there", (15.0,)),
        ("Can you knock a fifth off the price?", (20.0,)),
        ("We want a quarter off.", (25.0,)),
        ("half price", (50.0,)),
        ("Ten percent. Or a third off?", (10.0, 33.3333)),
        # A share is a discount only where the sentence is about a price.
        ("Let us talk in a quarter of an hour.", ()),
        ("We decide next quarter. Is there a discount?", ()),
        ("Fifteen people use it", ()),
        ("We grew 250% last year", ()),
        ("zero percent", ()),
        ("$15 per seat", ()),
        ("sixteen percent", (16.0,)),
        ("six percent", (6.0,)),
        ("", ()),
    ],
)
def test_english(text: str, heard: tuple[float, ...]) -> None:
    assert percent_heard(text, "en-US") == heard


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Können Sie fünfzehn Prozent machen?", (15.0,)),
        ("15 %", (15.0,)),
        ("zehn bis fünfzehn Prozent", (10.0, 15.0)),
        ("fünfundzwanzig Prozent", (25.0,)),
        ("dreißig Prozent", (30.0,)),
        ("sieben Komma fünf Prozent", (7.5,)),
        ("12,5 Prozent", (12.5,)),
        ("Geht noch ein Viertel vom Preis runter?", (25.0,)),
        ("in einem Viertel der Zeit", ()),
    ],
)
def test_german(text: str, heard: tuple[float, ...]) -> None:
    assert percent_heard(text, "de-DE") == heard


@given(text=st.text(max_size=300), language=st.sampled_from(["en", "de", "fr", ""]))
def test_whatever_is_said_at_most_four_percentages_come_of_it(text: str, language: str) -> None:
    heard = percent_heard(text, language)
    assert len(heard) <= 4
    assert all(0 < value <= 100 for value in heard)


def test_a_very_long_turn_is_read_in_no_time() -> None:
    assert percent_heard("twenty and a half point six to " * 20_000, "en") == ()
