"""Which pictures count, and what is told of the screen."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image
from seeing.screens import blurred, photograph, picture, scrolled, slide, with_camera, with_dialog, with_pointer

from cornerman.seeing.frame import Frame
from cornerman.seeing.sight import PATIENCE, Sight

HELD = 180.0


def looked(sight: Sight, images: Sequence[Image.Image], *, start: float = 0.0, every: float = 1.0) -> list[str]:
    """Shows one image after the other; the kinds of change that were told."""
    told: list[str] = []
    for number, image in enumerate(images):
        glance = sight.look(picture(image), start + every * number, presenting=True)
        told += [change.change for change in glance.changes]
    return told


def frame_of(sight: Sight, at: float = 1000.0) -> Frame | None:
    """The good frame, when nothing more comes."""
    return sight.unchanged(at).frame


def test_a_picture_counts_once_a_second_one_is_like_it() -> None:
    sight = Sight(HELD)
    first = sight.look(picture(slide(1)), 1.0)
    second = sight.look(picture(slide(1)), 1.2)
    assert (first.still, first.frame) == (False, None)
    assert second.still
    assert second.frame is not None
    assert second.frame.at == 1.2


def test_two_pictures_too_close_together_tell_no_standstill() -> None:
    sight = Sight(HELD)
    sight.look(picture(slide(1)), 1.0)
    assert sight.look(picture(slide(1)), 1.05).frame is None


def test_a_picture_after_which_none_came_stands_still() -> None:
    sight = Sight(HELD)
    sight.look(picture(slide(1)), 1.0)
    glance = sight.unchanged(1.4)
    assert glance.still
    assert glance.frame is not None


def test_nothing_counts_in_the_middle_of_a_scroll() -> None:
    sight = Sight(HELD)
    for step in range(12):
        assert sight.look(picture(scrolled(slide(1), 23 * step)), 0.2 * step).frame is None
    after = sight.look(picture(scrolled(slide(1), 23 * 11)), 2.6).frame
    assert after is not None


def test_a_blurred_picture_waits_for_the_sharp_one() -> None:
    sight = Sight(HELD)
    for step in range(4):
        assert sight.look(picture(blurred(slide(1))), 0.4 * step).frame is None
    sight.look(picture(slide(1)), 1.6)
    frame = sight.look(picture(slide(1)), 2.0).frame
    assert frame is not None
    assert frame.slide == 1


def test_a_photograph_counts_although_it_is_soft_after_some_patience() -> None:
    sight = Sight(HELD)
    looks = [sight.look(picture(photograph()), 0.5 * step) for step in range(8)]
    first = next(number for number, glance in enumerate(looks) if glance.frame is not None)
    assert 0.5 * (first - 1) >= PATIENCE


def test_a_soft_frame_gives_way_to_the_sharp_one_of_the_same_slide() -> None:
    sight = Sight(HELD)
    soft = blurred(slide(1), 1.0)
    looked(sight, [soft] * 5)
    before = frame_of(sight, 5.0)
    told = looked(sight, [slide(1)] * 3, start=6.0)
    after = frame_of(sight, 9.0)
    assert before is not None
    assert after is not None
    assert before.hash != after.hash
    assert len(told) <= 1


def test_the_same_slide_stays_the_same_frame_and_only_its_time_moves() -> None:
    sight = Sight(HELD)
    looked(sight, [slide(1)] * 2)
    before = frame_of(sight, 2.0)
    assert looked(sight, [slide(1)] * 5, start=3.0) == []
    after = sight.unchanged(9.0).frame
    assert before is not None
    assert after is not None
    assert (after.hash, after.slide, after.at) == (before.hash, before.slide, 9.0)


def test_a_mouse_pointer_makes_no_new_slide() -> None:
    sight = Sight(HELD)
    assert looked(sight, [with_pointer(slide(1), (100 + 90 * step, 200)) for step in range(8)]) == []


def test_one_more_line_of_text_does() -> None:
    sight = Sight(HELD)
    assert looked(sight, [slide(1, lines=3)] * 3 + [slide(1, lines=4)] * 3) == ["new"]


def test_somebodys_camera_in_a_corner_neither_hides_slides_nor_makes_them() -> None:
    sight = Sight(HELD)
    first = [with_camera(slide(1), moment) for moment in range(8)]
    second = [with_camera(slide(2), 100 + moment) for moment in range(8)]
    looked(sight, first[:4])
    assert looked(sight, first[4:], start=4.0) == []
    assert frame_of(sight, 7.5) is not None
    assert looked(sight, second, start=8.0)[:1] == ["new"]


def test_each_of_thirty_slides_is_told_once() -> None:
    sight = Sight(HELD)
    looked(sight, [slide(0)] * 2)
    for number in range(1, 30):
        assert looked(sight, [slide(number)] * 3, start=10.0 * number) == ["new"]


def test_a_slide_held_too_long_is_told_once() -> None:
    sight = Sight(HELD)
    looked(sight, [slide(1)] * 2)
    times = [10.0 * step for step in range(1, 60)]
    told = [(change.change, at) for at in times for change in sight.unchanged(at, presenting=True).changes]
    assert [kind for kind, _ in told] == ["held"]
    assert HELD <= told[0][1] <= HELD + 20


def test_a_slide_is_not_held_by_somebody_who_is_not_presenting() -> None:
    sight = Sight(HELD)
    looked(sight, [slide(1)] * 2)
    assert not [change for at in range(10, 600, 10) for change in sight.unchanged(float(at)).changes]
    told = [change.at for at in range(600, 900, 10) for change in sight.unchanged(float(at), presenting=True).changes]
    assert [at >= 600 + HELD for at in told] == [True]


def test_what_changed_while_nobody_looked_is_not_told_as_a_change() -> None:
    sight = Sight(HELD)
    looked(sight, [slide(1)] * 3)
    sight.interrupted()
    assert looked(sight, [slide(2)] * 3, start=300.0) == []
    frame = frame_of(sight, 305.0)
    assert frame is not None
    assert frame.slide == 2


@pytest.mark.parametrize("dimmed", [0.3, 0.45, 0.7, 0.85])
@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_dialog_that_dims_its_page_is_told_as_an_error(number: int, dimmed: float) -> None:
    sight = Sight(HELD)
    screen = slide(number)
    assert looked(sight, [screen] * 2 + [with_dialog(screen, dimmed=dimmed)] * 6, every=0.7) == ["error"]


def test_another_slide_a_darker_one_and_a_dialog_that_goes_are_no_errors() -> None:
    sight = Sight(HELD)
    dark = Image.new("RGB", slide(1).size, (30, 40, 60))
    told = looked(sight, [slide(1)] * 3 + [slide(2)] * 3 + [dark] * 6 + [slide(3)] * 3)
    assert told == ["new"] * 3
    looked(sight, [with_dialog(slide(3))] * 6, start=30.0)
    assert looked(sight, [slide(3)] * 3, start=40.0) == ["new"]


def test_the_same_pictures_give_the_same_frames() -> None:
    both = []
    for _ in range(2):
        sight = Sight(HELD)
        looked(sight, [slide(1)] * 2 + [slide(2)] * 3)
        both.append(frame_of(sight))
    assert both[0] == both[1] is not None


def test_a_fine_frame_shows_what_was_looked_at_last() -> None:
    sight = Sight(HELD)
    assert sight.detail(1.0, None) is None
    looked(sight, [slide(1)] * 2)
    frame = sight.detail(2.0, None)
    assert frame is not None
    assert (frame.detail, frame.width) == ("high", 1024)
    ordinary = frame_of(sight)
    assert ordinary is not None
    assert len(frame.jpeg) > len(ordinary.jpeg)
