"""Screens to look at: slides with text and bars, drawn anew but always alike, and what happens to them."""

from __future__ import annotations

import io

import numpy as np
from livekit import rtc
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from cornerman.seeing.picture import Picture

WIDTH, HEIGHT = 1280, 720
INK, PAPER, BAR = (27, 36, 48), (255, 255, 255), (196, 103, 45)
WORDS = ("price", "plan", "seats", "region", "support", "rollout", "pilot", "contract", "renewal", "report", "audit")


def slide(number: int, *, lines: int = 6, width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """A slide of the talk."""
    numbers = np.random.default_rng(number)
    image = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, 12), fill=(36, 82, 122))
    draw.text((70, 50), f"{number}. {numbers.choice(WORDS)}", fill=INK, font=ImageFont.load_default(52))
    for line in range(lines):
        words = " ".join(str(word) for word in numbers.choice(WORDS, 7))
        draw.text((90, 150 + 44 * line), f"- {words}", fill=INK, font=ImageFont.load_default(26))
    for bar in range(5):
        draw.rectangle(
            (90 + 90 * bar, height - 40 - int(numbers.integers(20, 200)), 150 + 90 * bar, height - 40), fill=BAR
        )
    return image


def with_dialog(image: Image.Image, *, dimmed: float = 0.45) -> Image.Image:
    """The same with a dialog over it."""
    shown = image.point([round(value * dimmed) for value in range(256)] * 3)
    width, height = image.size
    box = (int(width * 0.32), int(height * 0.34), int(width * 0.68), int(height * 0.62))
    draw = ImageDraw.Draw(shown)
    draw.rectangle(box, fill=PAPER)
    draw.text((box[0] + 40, box[1] + 40), "The page could not be loaded", fill=INK, font=ImageFont.load_default(24))
    return shown


def with_pointer(image: Image.Image, at: tuple[int, int]) -> Image.Image:
    """The same with a mouse pointer on it."""
    shown = image.copy()
    left, top = at
    ImageDraw.Draw(shown).polygon([(left, top), (left, top + 22), (left + 15, top + 15)], fill=(0, 0, 0))
    return shown


def with_camera(image: Image.Image, moment: int) -> Image.Image:
    """The same with somebody's camera picture in a corner, which never stands still."""
    shown = image.copy()
    noise = np.random.default_rng(moment).integers(0, 255, (15, 20, 3), dtype=np.uint8)
    shown.paste(Image.fromarray(noise).resize((200, 150)), (image.width - 200, image.height - 150))
    return shown


def scrolled(image: Image.Image, by: int) -> Image.Image:
    """The same, scrolled up by so many pixels."""
    shown = Image.new("RGB", image.size, PAPER)
    shown.paste(image, (0, -by))
    return shown


def blurred(image: Image.Image, by: float = 2.0) -> Image.Image:
    """The same out of focus."""
    return image.filter(ImageFilter.GaussianBlur(by))


def photograph() -> Image.Image:
    """A soft picture without an edge in it."""
    coarse = np.random.default_rng(7).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


def frame(image: Image.Image) -> rtc.VideoFrame:
    """As it is handed to a video source."""
    return rtc.VideoFrame(image.width, image.height, rtc.VideoBufferType.RGBA, image.convert("RGBA").tobytes())


def picture(image: Image.Image) -> Picture:
    """As it comes out of a decoder: converted by WebRTC's own code."""
    decoded = frame(image).convert(rtc.VideoBufferType.I420)
    return Picture.from_i420(decoded.data, decoded.width, decoded.height)


def pixels(jpeg: bytes) -> NDArray[np.uint8]:
    """What a JPEG shows, as RGB."""
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))
