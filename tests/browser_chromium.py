"""A real Chromium for tests, steered by Playwright, with a silent microphone, and tabs that may share themselves.

Nothing is asked of a person: a capture is granted, and it is of the very tab that asked, with its real pixels. Chromium
is the one `make test` found or installed; where there is none the test fails and says how to get one.
"""

from __future__ import annotations

import runpy
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

ROOT = Path(__file__).parents[1]
FLAGS = (
    "--use-fake-device-for-media-stream",
    "--auto-accept-this-tab-capture",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--no-first-run",
)
MICROPHONE = "--use-file-for-fake-audio-capture={}"
RATE = 48_000
START_MS = 30_000


def program() -> str:
    """Where Chromium is."""
    found = runpy.run_path(str(ROOT / "tools" / "chromium.py"))["find"]()
    if not found:
        pytest.fail("there is no Chromium on this machine; tools/chromium.py gets one", pytrace=False)
    return str(found)


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Browser]:
    """A browser of its own; `folder` takes the recording its microphone plays."""
    silence = folder / "silence.wav"
    with wave.open(str(silence), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(bytes(2 * RATE))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program(),
            args=[*FLAGS, MICROPHONE.format(silence)],
            chromium_sandbox=False,
            timeout=START_MS,
        )
        try:
            yield browser
        finally:
            await browser.close()
