"""A call of the demo page in a real browser: the page's own server, tabs for rep and prospect, and its journal.

In: a LiveKit server, a worker that is registered. Out: tabs, and a `LiveCall` that reads the journal and steers the
coach. The page's server is the one `cornerman demo --page` runs, told to dispatch the test's worker.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from browser_chromium import chromium
from browser_tabs import PATIENCE_MS, ProspectTab, Received, RepTab, Tab, observed_by_tests
from calls import LiveCall, decisions_of, inputs_of, until
from livekit import api
from playwright.async_api import Browser, BrowserContext, Page, expect

from cornerman.config import Settings
from cornerman.demo.page_files import built_pages
from cornerman.demo.page_server import page_server
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress

NOBODY = "no-such-worker"
"""No worker has this name: a call whose coach a test plays itself."""
NEEDED = ("index.html", "rep.html", "prospect.html", "frame.html", "host.html")


@dataclass
class BrowserCalls:
    """The demo page, and a browser to look at it."""

    server: ServerAddress
    livekit: api.LiveKitAPI
    address: str
    browser: Browser
    agent_name: str
    journals: Path
    stack: AsyncExitStack
    _contexts: list[BrowserContext] = field(default_factory=list)

    async def rep_context(self) -> BrowserContext:
        """A browser profile for a rep: several tabs of it are one person's."""
        return await self._context(speaks=False)

    async def call(
        self, *, prospect: str = "browser", rep_voice: str = "own", consent: str = "rep_discloses", **query: str
    ) -> BrowserCall:
        """Starts a call on the rep's page and joins it. `query` is more for the page's address."""
        asked = {"prospect": prospect, "rep_voice": rep_voice, "consent": consent, **query}
        context = await self.rep_context()
        rep = RepTab(await context.new_page())
        await rep.page.goto(f"{self.address}rep.html?" + "&".join(f"{name}={value}" for name, value in asked.items()))
        await rep.join()
        name = rep.page.url.rpartition("#call=")[2]
        ticket = await rep.page.evaluate("async (call) => (await fetch(`/api/calls/${call}/rep`)).json()", name)
        live = LiveCall(self.server, self.livekit, ticket["room"], self.agent_name, self.journals, self.stack)
        return BrowserCall(self, live, ticket, context, rep)

    async def tab(self, path: str, *, speaks: bool = False) -> Tab:
        """Some page of the server, in a profile of its own."""
        tab = Tab(await (await self._context(speaks=speaks)).new_page())
        await tab.page.goto(self.address + path)
        return tab

    async def prospect_page(self) -> Page:
        return await (await self._context(speaks=True)).new_page()

    async def _context(self, *, speaks: bool) -> BrowserContext:
        context = await self.browser.new_context(permissions=["microphone", "camera"])
        self._contexts.append(context)
        return await observed_by_tests(context, speaks=speaks)


@dataclass
class BrowserCall:
    """One call with its rep's tab; the coach may still be on its way."""

    calls: BrowserCalls
    live: LiveCall
    ticket: dict[str, Any]
    context: BrowserContext
    rep: RepTab

    @property
    def room(self) -> str:
        return self.live.room

    @asynccontextmanager
    async def prospect(self) -> AsyncIterator[ProspectTab]:
        """The prospect joins, with a browser profile of their own, and has received nothing when the block is left."""
        tab = ProspectTab(await self.calls.prospect_page())
        await tab.page.goto(self.calls.address.rstrip("/") + self.ticket["prospect_page"])
        await tab.join()
        yield tab
        assert_nothing_reached(await tab.received())
        await assert_has_no_panel(tab)
        assert tab.faults == []

    async def both_heard(self) -> None:
        """Waits until the coach hears rep and prospect: the panel says of nobody that they are not."""
        await self.rep.panel.says("Listening")
        await expect(self.rep.panel.element.locator("[part~=state]")).not_to_contain_text("of 2", timeout=PATIENCE_MS)

    def nudges(self, kind: str) -> list[str]:
        """Ids of the cards of a kind that the coach let out so far."""
        return list(dict.fromkeys(one["id"] for one in decisions_of(self.live, "nudge") if one["kind"] == kind))

    async def settled(self, nudge: str, outcome: str = "shown") -> Mapping[str, Any]:
        """Waits for the journal's word that a nudge was delivered so."""

        def find() -> Mapping[str, Any] | None:
            found = [one for one in inputs_of(self.live, "delivery") if one["nudge"] == nudge]
            return next((one for one in found if one["outcome"] == outcome), None)

        return await until(find, f"nudge {nudge} is {outcome} in the journal")

    async def journal_has(self, kind: str, **fields: Any) -> None:
        """Waits for an input of a kind with these fields."""
        await until(
            lambda: [one for one in inputs_of(self.live, kind) if fields.items() <= one.items()],
            f"{kind} {fields} in the journal",
        )


def assert_nothing_reached(received: Received) -> None:
    """The prospect's browser got nothing. The server itself opens the channels: that they were watched is checked."""
    assert received.channels > 0, "no data channel was watched: nothing is proved"
    assert (received.messages, received.bytes) == (0, 0)


async def assert_has_no_panel(prospect: ProspectTab) -> None:
    """The prospect's page has no panel, and says itself that nothing came."""
    await expect(prospect.page.locator("coach-panel")).to_have_count(0)
    await expect(prospect.page.locator("#received-count")).to_have_text("0 messages, 0 bytes", timeout=PATIENCE_MS)


@asynccontextmanager
async def browser_calls(
    server: ServerAddress, livekit: api.LiveKitAPI, folder: Path, *, agent_name: str = NOBODY, journals: Path = Path()
) -> AsyncIterator[BrowserCalls]:
    """The page served and a browser opened, until the block is left."""
    try:
        pages = built_pages()
    except CornermanError as error:
        pytest.fail(str(error), pytrace=False)
    if missing := [name for name in NEEDED if not (pages / name).is_file()]:
        pytest.fail(f"{', '.join(missing)}: not built; run `npm run pages` in rep_client/web", pytrace=False)
    settings = Settings.model_validate({"worker": {"agent_name": agent_name}})
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(page_server(server, settings, pages))
        browser = await stack.enter_async_context(chromium(folder))
        yield BrowserCalls(server, livekit, address, browser, agent_name, journals, stack)
