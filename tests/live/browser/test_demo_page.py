"""`make demo`'s page as a newcomer meets it: one command, no key, no account, a card in a real browser."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from browser_calls import assert_has_no_panel, assert_nothing_reached
from browser_chromium import chromium
from browser_tabs import ProspectTab, RepTab, observed_by_tests
from playwright.async_api import expect

PLAYS_MANY_CALLS = True

STARTS_WITHIN = 120.0
ENDS_WITHIN = 40.0
TO_FIRST_CARD_MS = 90_000
KEYS = re.compile(r"KEY|SECRET|TOKEN|^LIVEKIT_|^CORNERMAN")


async def test_the_recorded_call_shows_its_first_card_without_a_key_or_an_account(tmp_path: Path) -> None:
    async with _demo_page(tmp_path) as address, chromium(tmp_path) as browser:
        context = await observed_by_tests(await browser.new_context(permissions=["microphone", "camera"]), speaks=False)
        rep = RepTab(await context.new_page())
        await rep.page.goto(address)
        await rep.page.get_by_role("button", name="Watch the call").click()
        await rep.join()
        await expect(rep.panel.button("I have told them")).to_be_visible(timeout=TO_FIRST_CARD_MS)
        async with context.expect_page() as opened:
            await rep.page.get_by_role("link", name="See the other side").click()
        other_side = ProspectTab(await opened.value)
        await other_side.join()
        await rep.panel.confirm_consent()

        await expect(rep.panel.newest).to_be_visible(timeout=TO_FIRST_CARD_MS)
        await expect(rep.panel.newest.locator("[part~=quote]").first).to_contain_text("single sign on")
        await assert_has_no_panel(other_side)
        assert_nothing_reached(await other_side.received())
        assert rep.faults + other_side.faults == []


@asynccontextmanager
async def _demo_page(folder: Path) -> AsyncIterator[str]:
    """`cornerman demo --page` in an empty folder, with nothing in its environment that could be a key; its address."""
    environment = {name: value for name, value in os.environ.items() if not KEYS.search(name)}
    log = folder / "demo.log"
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("cornerman"),
            "demo",
            "--page",
            cwd=folder,
            env=environment | {"COLUMNS": "200"},
            stdout=written,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        yield await _address(process, log)
    finally:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(ENDS_WITHIN):
            await process.wait()


async def _address(process: asyncio.subprocess.Process, log: Path) -> str:
    told = ""
    async with asyncio.timeout(STARTS_WITHIN):
        while process.returncode is None:
            told = await asyncio.to_thread(log.read_text)
            if found := re.search(r"http://127\.0\.0\.1:\d+/", told):
                return found[0]
            await asyncio.sleep(0.1)
    raise AssertionError(f"the demo ended before it had a page:\n{told}")
