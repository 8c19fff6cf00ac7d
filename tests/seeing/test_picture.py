"""What is measured of a picture, and the JPEG that is made of it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from seeing.screens import BAR, blurred, picture, pixels, slide

from cornerman.seeing import Region, SeeingError
from cornerman.seeing.picture import Picture


def test_jpeg_shows_the_colours_that_were_on_the_screen() -> None:
    shown = Image.new("RGB", (640, 360), BAR)
    jpeg, width, height = picture(shown).jpeg()
    assert (width, height) == (640, 360)
    assert np.abs(pixels(jpeg).astype(int) - np.array(BAR)).max() <= 4


def test_black_stays_black_and_white_white() -> None:
    for value in (0, 255):
        jpeg, _, _ = picture(Image.new("RGB", (64, 64), (value, value, value))).jpeg()
        assert np.abs(pixels(jpeg).astype(int) - value).max() <= 2


@given(st.integers(1, 1500), st.integers(1, 1500))
def test_a_frame_is_never_larger_than_1024_and_keeps_its_shape(width: int, height: int) -> None:
    across, down = (width + 1) // 2, (height + 1) // 2
    jpeg, *size = Picture.from_i420(bytes(width * height + 2 * across * down), width, height).jpeg()
    assert Image.open(io.BytesIO(jpeg)).size == tuple(size)
    assert max(size) <= 1024
    scale = min(1.0, 1024 / max(width, height))
    assert abs(size[0] - width * scale) <= 1
    assert abs(size[1] - height * scale) <= 1


def test_a_region_is_shown_in_the_pixels_it_was_shared_in() -> None:
    screen = picture(slide(3, width=1920, height=1080))
    whole, *_ = screen.jpeg(quality=90)
    part, width, height = screen.jpeg(Region(0.0, 0.0, 0.5, 0.5), quality=90)
    assert (width, height) == (960, 540)
    original = np.asarray(slide(3, width=1920, height=1080))[:540, :960].astype(int)
    assert np.abs(pixels(part).astype(int) - original).mean() < 2
    assert pixels(whole).shape == (576, 1024, 3)


@given(st.tuples(*[st.floats(0, 1, allow_nan=False)] * 4))
def test_any_region_that_is_one_can_be_cut_out(corners: tuple[float, float, float, float]) -> None:
    screen = picture(Image.new("RGB", (33, 17), BAR))
    try:
        region = Region(*corners)
    except SeeingError:
        assert not (corners[0] < corners[2] and corners[1] < corners[3])
        return
    _, width, height = screen.jpeg(region)
    assert 1 <= width <= 33
    assert 1 <= height <= 17


@pytest.mark.parametrize("corners", [(0.5, 0, 0.5, 1), (-0.1, 0, 1, 1), (0, 0, 1, 1.1), (0, float("nan"), 1, 1)])
def test_what_is_no_region_is_refused(corners: tuple[float, float, float, float]) -> None:
    with pytest.raises(SeeingError, match="from 0 to 1"):
        Region(*corners)


def test_a_picture_out_of_focus_is_far_less_sharp_however_much_is_on_it() -> None:
    for lines in (1, 3, 6):
        screen = slide(lines, lines=lines)
        assert picture(blurred(screen, 1.5)).sharpness() < picture(screen).sharpness() / 5


def test_an_empty_screen_is_not_called_blurred() -> None:
    assert picture(Image.new("RGB", (320, 180), (255, 255, 255))).sharpness() == float("inf")
