"""A real Chromium with one tab for each page to be measured, steered by Playwright.

In: the name of a page in `panel_pages`. Out: a `Subject` that joins a room and tells what it costs: memory after a
collection, and tasks of its main thread that took 50 ms or longer. The rep's package comes as it was built, from
`rep_client/web/dist`; the page's livekit-client from that package's own modules.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from bench.chromium import chromium_program
from bench.processes import ROOT
from bench.serving import served
from cornerman.errors import CornermanError

PAGES = ROOT / "bench" / "panel_pages"
WEB = ROOT / "rep_client" / "web"
PACKAGE = WEB / "dist"
LIBRARY = WEB / "node_modules" / "livekit-client" / "dist"
SERVED = {"/livekit-client": LIBRARY, "/cornerman-client": PACKAGE, "/": PAGES}
FLAGS = ("--disable-background-networking", "--disable-component-update", "--disable-gpu", "--no-first-run")
LONG_TASKS = """
window.tasks = [];
new PerformanceObserver((seen) => tasks.push(...seen.getEntries().map((task) => task.duration)))
  .observe({ type: "longtask", buffered: true });
"""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a page holds after a collection: bytes of its JavaScript heap, DOM nodes, event listeners."""

    heap: float
    nodes: float
    listeners: float

    def since(self, before: Memory) -> Memory:
        """How much more it is."""
        return Memory(self.heap - before.heap, self.nodes - before.nodes, self.listeners - before.listeners)


class Subject:
    """One open page."""

    def __init__(self, page: Page, debugger: CDPSession) -> None:
        self._page = page
        self._debugger = debugger

    async def join(self, url: str, token: str) -> None:
        """Connects the page to a room."""
        await self._page.evaluate("([url, token]) => join(url, token)", [url, token])

    async def memory(self) -> Memory:
        """Collects garbage, what the first collection sets free included, then counts."""
        for _ in range(2):
            await self._debugger.send("HeapProfiler.collectGarbage")
        counted = await self._debugger.send("Memory.getDOMCounters")
        used = await self._debugger.send("Runtime.getHeapUsage")
        return Memory(used["usedSize"], counted["nodes"], counted["jsEventListeners"])

    async def forget_long_tasks(self) -> None:
        """What was long until now was warming up."""
        await self._page.evaluate("tasks.length = 0")

    async def long_tasks(self) -> list[float]:
        """Durations, in milliseconds, of tasks that took 50 ms or longer."""
        found: list[float] = await self._page.evaluate("tasks")
        return found


@asynccontextmanager
async def browser() -> AsyncIterator[tuple[Browser, str]]:
    """A browser, and the address the pages are served at.

    Raises:
        CornermanError: there is no Chromium, or the rep's package was not built.
    """
    if not (PACKAGE / "element.js").is_file() or not LIBRARY.is_dir():
        raise CornermanError("the rep's package is not built: run `make web`")
    program = chromium_program()
    async with served(SERVED) as address, async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=program, args=list(FLAGS), chromium_sandbox=False)
        try:
            yield opened, address
        finally:
            await opened.close()


@asynccontextmanager
async def subject(opened: Browser, address: str, name: str) -> AsyncIterator[Subject]:
    """A page in a profile of its own; closed with the block, so that none is the other's load."""
    context = await opened.new_context(viewport={"width": 360, "height": 720})
    await context.add_init_script(LONG_TASKS)
    page = await context.new_page()
    await page.goto(f"{address}/{name}.html")
    await page.wait_for_function("() => typeof join === 'function'")
    try:
        yield Subject(page, await context.new_cdp_session(page))
    finally:
        await context.close()
