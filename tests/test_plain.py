"""What comes from outside cannot steer the rep's screen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cornerman.plain import plain


def test_marks_that_steer_a_screen_are_taken_out() -> None:
    assert plain("too\u202e expensive\x1b[31m\r\nnow\u200b", 80) == "too expensive[31m now"


@given(st.text(), st.integers(0, 50))
def test_any_text_becomes_visible_and_short(text: str, limit: int) -> None:
    made = plain(text, limit)
    assert len(made) <= limit
    assert all(sign.isprintable() or sign == " " for sign in made)
