"""When the screen is looked at, and which frames go to a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.config import ScreenSettings
from cornerman.seeing import Frame, rate_for
from cornerman.seeing.relevance import SPARE, TOO_OLD, Relevance

RELEVANT, EVERY, OFF = (ScreenSettings(policy=policy) for policy in ("relevant", "every_turn", "off"))


def frame(slide: int, at: float = 0.0) -> Frame:
    return Frame(at, f"{slide:016x}", b"jpeg", 10, 10, slide)


@pytest.mark.parametrize(
    ("settings", "presenting", "speaks", "rate"),
    [
        (RELEVANT, False, True, 0.0),
        (RELEVANT, True, False, 1 / 3),
        (RELEVANT, True, True, 1.0),
        (EVERY, False, False, 1 / 3),
        (EVERY, False, True, 1.0),
        (OFF, True, True, 0.0),
    ],
)
def test_how_often_a_frame_is_wanted(settings: ScreenSettings, presenting: bool, speaks: bool, rate: float) -> None:
    assert rate_for(settings, presenting=presenting, prospect_speaks=speaks) == rate


def test_a_frame_goes_where_the_turn_points_and_not_without() -> None:
    relevance = Relevance(RELEVANT)
    assert relevance.choose(frame(1), 1.0, points=False, presenting=False) is None
    assert relevance.choose(frame(1), 1.0, points=True, presenting=False) == frame(1)


def test_a_slide_that_went_is_not_sent_again_for_a_turn_that_does_not_point() -> None:
    relevance = Relevance(RELEVANT)
    assert relevance.choose(frame(1), 1.0, points=True, presenting=True) is not None
    assert relevance.choose(frame(1), 2.0, points=False, presenting=True) is None


def test_somebody_who_points_again_is_seen_again() -> None:
    relevance = Relevance(RELEVANT)
    assert relevance.choose(frame(1), 1.0, points=True, presenting=False) is not None
    assert relevance.choose(frame(1), 2.0, points=True, presenting=False) is not None


def test_nothing_goes_when_the_policy_is_off_or_the_frame_is_too_old_or_missing() -> None:
    assert Relevance(OFF).choose(frame(1), 1.0, points=True, presenting=True) is None
    assert Relevance(RELEVANT).choose(frame(1), TOO_OLD + 1, points=True, presenting=True) is None
    assert Relevance(RELEVANT).choose(None, 1.0, points=True, presenting=True) is None


def test_every_turn_means_every_turn() -> None:
    relevance = Relevance(EVERY)
    assert all(relevance.choose(frame(1), float(at), points=False, presenting=False) for at in range(5))


TURNS = st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.booleans()), max_size=120)


@given(TURNS)
def test_frames_that_go_stay_below_one_and_a_half_times_the_slides_pointed_at(
    turns: list[tuple[int, bool, bool]],
) -> None:
    relevance = Relevance(RELEVANT)
    slide = 1
    pointed: set[int] = set()
    for forward, points, presenting in turns:
        slide += forward
        if points:
            pointed.add(slide)
        relevance.choose(frame(slide), 0.0, points=points, presenting=presenting)
    assert relevance.counts.pointed == len(pointed)
    assert relevance.counts.attached <= max(1.5 * len(pointed), len(pointed) + SPARE)
