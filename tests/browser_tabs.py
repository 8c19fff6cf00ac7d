"""Tabs of a call in a real browser: the rep's with its panel, the prospect's, and what either received.

A tab is looked at as a person would, by what is visible and by its name to a screen reader; what reached it over data
channels is counted by a script put in before the page's own, see `live/browser/scripts`. Errors of a page are kept: a
test that expects none asks `faults`.
"""

from __future__ import annotations

import asyncio
import base64
import io
import wave
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from calls import LOOK_EVERY, RATE
from numpy.typing import NDArray
from playwright.async_api import BrowserContext, ConsoleMessage, FrameLocator, Locator, Page, expect

SCRIPTS = Path(__file__).parent / "live" / "browser" / "scripts"
AXE = Path(__file__).parents[1] / "rep_client" / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 40_000
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NODE_FAILURE = [0x6A, 0x02, 0x10, 0x01]
"""`SignalRequest.simulate` of LiveKit's protocol, `node_failure`: the server drops all it has of this client."""


@dataclass(frozen=True)
class Received:
    """What reached a page over data channels since it was loaded, and how many channels were watched for it."""

    messages: int
    bytes: int
    channels: int


async def eventually(so: Callable[[], Awaitable[bool]], what: str) -> None:
    """Waits until a page says that something is so; fails with what was waited for."""
    try:
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while not await so():
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise AssertionError(f"never came: {what}") from None


class Tab:
    """One open page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._keep)

    def _keep(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not said.location["url"].endswith("/favicon.ico"):
            self.faults.append(f"{said.text} ({said.location['url']})")

    async def received(self) -> Received:
        return Received(**await self.page.evaluate("observed.received()"))

    async def join(self) -> None:
        """Clicks the button that joins, and waits until the call is on."""
        await self.page.get_by_role("button", name="Join", exact=False).first.click()
        await expect(self.page.locator("body")).to_have_attribute("data-phase", "joined", timeout=PATIENCE_MS)

    async def drop_signalling(self) -> None:
        """Cuts the connection to the server, as a network that fails does; media go on."""
        await self.page.evaluate("observed.sockets.at(-1).close(3333, 'cut by the test')")

    async def connections(self) -> int:
        """How often this page has called the server."""
        return int(await self.page.evaluate("observed.sockets.length"))

    async def lose_the_server(self) -> None:
        """Has the server fail under this client, which then connects anew from the ground up."""
        await self.page.evaluate("(bytes) => observed.tellServer(bytes)", NODE_FAILURE)

    async def be_hidden(self, hidden: bool) -> None:
        """What a page is told when another tab comes to the front, or when this one does again."""
        await self.page.evaluate(
            """(hidden) => {
                Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
                const state = hidden ? "hidden" : "visible";
                Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
                document.dispatchEvent(new Event("visibilitychange"));
            }""",
            hidden,
        )

    async def violations(self) -> list[str]:
        """What axe-core finds wrong with this page and its frames as they are now, in light and in dark."""
        axe = AXE.read_text(encoding="utf-8")
        for frame in self.page.frames:
            await frame.evaluate(axe)
        found: list[str] = []
        for scheme in SCHEMES:
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            result: dict[str, Any] = await self.page.evaluate("axe.run()")
            wrong = [(one["id"], node) for one in result["violations"] for node in one["nodes"]]
            found += [f"{scheme}, {rule}: {node['target']} {node['failureSummary']}" for rule, node in wrong]
        await self.page.emulate_media(color_scheme="light", reduced_motion="no-preference")
        return found


class Panel:
    """`<coach-panel>`, wherever it is: in a page of its own, or in a frame."""

    def __init__(self, within: Page | FrameLocator) -> None:
        self._within = within
        self.element = within.locator("coach-panel")

    @property
    def newest(self) -> Locator:
        """The card in the large place."""
        return self.element.locator("[part~=newest] [part~=card]")

    @property
    def cards(self) -> Locator:
        return self.element.locator("[part~=card]")

    @property
    def status(self) -> Locator:
        """How things stand, in a word or two."""
        return self.element.locator("[part~=state] [role=status]")

    @property
    def dot(self) -> Locator:
        """What is left of the panel while it hides."""
        return self.element.locator("[part~=dot]")

    def button(self, name: str) -> Locator:
        return self.element.get_by_role("button", name=name, exact=True)

    async def confirm_consent(self) -> None:
        """Says that everybody who is listed was told."""
        await self.button("I have told them").click()

    async def ask(self, question: str) -> None:
        """Sends a question; one that the panel says did not reach the coach is sent again."""
        field = self.element.get_by_role("textbox", name="Ask the coach")
        await expect(field).to_be_enabled(timeout=PATIENCE_MS)
        await field.fill(question)

        async def sent() -> bool:
            await field.press("Enter")
            await expect(self.element.locator(".ask[aria-busy]")).to_have_count(0, timeout=PATIENCE_MS)
            return not await field.input_value()

        await eventually(sent, f"the coach takes the question {question!r}")

    async def shows(self, text: str) -> Locator:
        """Waits for a card with this in its headline, and until it can be seen; gives the card."""
        card = self.cards.filter(has=self._within.locator("[part~=headline]", has_text=text)).first
        await expect(card).to_be_visible(timeout=PATIENCE_MS)
        return card

    async def answers(self, question: str) -> Locator:
        """Asks the coach, and waits for the card with the answer."""
        await self.ask(question)
        answer = self.cards.filter(has=self._within.locator("[part~=quote]", has_text=question)).first
        await expect(answer).to_be_visible(timeout=PATIENCE_MS)
        return answer

    async def says(self, status: str) -> None:
        """Waits until the panel's line says so."""
        await expect(self.status).to_have_text(status, timeout=PATIENCE_MS)


class RepTab(Tab):
    """The rep's page with its panel."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.panel: Panel = Panel(page)

    async def reconnects(self) -> None:
        """Waits until the panel has said that it reconnects, and says something else again."""

        async def so() -> bool:
            return "Reconnecting" in await self.page.evaluate("observed.statuses.slice(0, -1)")

        await eventually(so, "the panel says that it reconnects, and then that it has")
        await self.page.evaluate("observed.statuses.length = 0")


class ProspectTab(Tab):
    """The prospect's page, with a microphone the test speaks into."""

    async def say(self, samples: NDArray[np.int16]) -> None:
        """Speaks; returns when the last word is said."""
        await self.page.evaluate("(wav) => microphone.say(wav)", _wav(samples))

    async def counted_by_the_page(self) -> str:
        """What the page itself says it received."""
        return await self.page.locator("#received-count").inner_text()


async def observed_by_tests(context: BrowserContext, *, speaks: bool) -> BrowserContext:
    """Puts the scripts into every page of this context, and grants it the microphone."""
    await context.add_init_script(path=SCRIPTS / "observe.js")
    if speaks:
        await context.add_init_script(path=SCRIPTS / "microphone.js")
    return context


def _wav(samples: NDArray[np.int16]) -> str:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return base64.b64encode(written.getvalue()).decode()
