"""The rep's panel in a terminal: cards as they come, who is heard, the consent step, and keys to answer with.

Joins the call under the rep's token, takes no media and publishes none. On a terminal it redraws itself; written to a
file or pipe it prints cards and changes line by line. Keys are read only from a terminal, which is put back as it was
found. Ends when the call does, when the rep joins elsewhere, or when it is cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
import termios
import time
import tty
from collections.abc import AsyncIterator, Iterator

from rich.console import Console
from rich.live import Live
from rich.text import Text

from cornerman.rep_panel_view import RepView, nudge_lines
from cornerman_client import CoachClient, CornermanClientError, Nudge
from cornerman_client.contract import DEFAULT_IDENTITY_PREFIX, Attention, FeedbackKind

DISCLOSURE = (
    "Before we begin: an AI assistant is in this call and listens along. It writes down what is said and "
    "shows me hints, to nobody but me. Is that all right with everybody?"
)
DISCLOSURE_HOW = "read out by the rep"
WHAT_NOW = "What now?"
"""Asked where the rep presses return without a question of their own."""
QUESTION_LIMIT = 500
REDRAW_SECONDS = 0.5
UNREAD_KEYS = 64

_FUNCTION_KEY = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|O.|.)?")
"""Arrow and function keys arrive as several letters, which mean nothing here."""

_RETURN = ("\r", "\n")
_BACKSPACE = ("\x7f", "\b")
_FEEDBACK: dict[str, FeedbackKind] = {"d": "dismissed", "p": "pinned", "u": "useful", "y": "confirm"}
NOTES_LINES = 30
_ATTENTION: dict[str, Attention] = {"q": "quiet", "l": "live"}


class Keyboard:
    """Single key presses of a terminal. Keeps `UNREAD_KEYS`, drops further ones; ends when the terminal does."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._pressed: asyncio.Queue[str] = asyncio.Queue(UNREAD_KEYS)

    @contextlib.contextmanager
    def open(self) -> Iterator[Keyboard]:
        """Reads keys unechoed and without waiting for return, until left."""
        before = termios.tcgetattr(self._terminal)
        tty.setcbreak(self._terminal)
        loop = asyncio.get_running_loop()
        loop.add_reader(self._terminal, self._read)
        try:
            yield self
        finally:
            loop.remove_reader(self._terminal)
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, before)

    async def keys(self) -> AsyncIterator[str]:
        """Keys as they are pressed."""
        while True:
            yield await self._pressed.get()

    def _read(self) -> None:
        try:
            pressed = os.read(self._terminal, 64).decode(errors="ignore")
        except OSError:
            pressed = ""
        if not pressed:
            asyncio.get_running_loop().remove_reader(self._terminal)
        for key in _FUNCTION_KEY.sub("", pressed):
            with contextlib.suppress(asyncio.QueueFull):
                self._pressed.put_nowait(key)


class RepPanel:
    """Keeps the screen and the client in step. `screen` is None where there is nothing to redraw."""

    def __init__(self, console: Console, disclosure: str, screen: Live | None) -> None:
        self.view = RepView(disclosure)
        self._console = console
        self._screen = screen
        self._status = ""

    async def paint(self, nudge: Nudge) -> None:
        """Shows a revision; returns when it is on the screen."""
        self.view.show(nudge, time.monotonic())
        await self.draw()

    async def draw(self) -> None:
        """Brings the screen up to date, in a thread: a terminal that is held up must not hold up the call."""
        if self._screen is None:
            self._print_status()
            return
        self._screen.update(self.view.render(time.monotonic()))
        await asyncio.to_thread(self._screen.refresh)

    async def follow_nudges(self, client: CoachClient) -> None:
        """Prints cards where there is no screen; on a screen, only what the client itself withdrew is news here."""
        async for nudge in client.nudges():
            self.view.show(nudge, time.monotonic())
            if self._screen is None:
                for line in nudge_lines(nudge):
                    self._console.print(line, soft_wrap=True)
            await self.draw()

    async def follow_states(self, client: CoachClient) -> None:
        async for state in client.states():
            self.view.state = state
            await self.draw()

    async def follow_standings(self, client: CoachClient) -> None:
        async for standing in client.standings():
            self.view.standing = standing
            await self.draw()

    async def follow_keys(self, client: CoachClient, keyboard: Keyboard) -> None:
        async for key in keyboard.keys():
            try:
                self.view.notice = await self._press(client, key)
            except CornermanClientError as error:
                self.view.notice = str(error)
            await self.draw()

    async def keep_fresh(self) -> None:
        """Cards expire without anybody saying so."""
        while True:
            await asyncio.sleep(REDRAW_SECONDS)
            await self.draw()

    async def _press(self, client: CoachClient, key: str) -> str:
        """Does what a key asks for; the hint to show about it."""
        if self.view.asking is not None:
            return await self._type(client, self.view.asking, key)
        if self.view.choosing:
            self.view.choosing = False
            return await self._take_back(client, key)
        if key == "a":
            self.view.asking = ""
            return ""
        if key == "n":
            self.view.notes = "" if self.view.notes else await self._notes(client)
            return ""
        if key == "c":
            return await self._grant(client)
        if key == "w":
            self.view.choosing = bool(self.view.consenting())
            return "" if self.view.choosing else "nobody's consent is recorded"
        if attention := _ATTENTION.get(key):
            await client.control(attention)
            return ""
        if (kind := _FEEDBACK.get(key)) is None:
            return ""
        card = self.view.newest(time.monotonic())
        if card is None:
            return "there is no card to answer"
        if kind == "confirm" and card.nudge.action is None:
            return "this card proposes nothing to do"
        card.mark = kind
        await client.feedback(card.nudge.id, kind)
        return ""

    async def _type(self, client: CoachClient, question: str, key: str) -> str:
        """One more letter of a question. Return asks it; a backspace with nothing left to delete gives up."""
        if key in _BACKSPACE:
            self.view.asking = question[:-1] if question else None
        elif key not in _RETURN:
            self.view.asking = (question + key)[:QUESTION_LIMIT] if key.isprintable() else question
        else:
            self.view.asking = None
            await client.ask(question.strip() or WHAT_NOW)
            return "asked"
        return ""

    async def _notes(self, client: CoachClient) -> str:
        """All pages of the notes, the newest lines of them as far as a screen holds."""
        first = await client.notes()
        pages = [first.markdown, *[(await client.notes(page)).markdown for page in range(2, first.pages + 1)]]
        return "\n".join("".join(pages).splitlines()[-NOTES_LINES:])

    async def _grant(self, client: CoachClient) -> str:
        if client.state and client.state.consent_mode != "rep_discloses":
            return "in this call everybody is asked for consent by the meeting itself"
        people = self.view.waiting()
        if not people:
            return "nobody is waiting for consent"
        await client.consent(
            [person.identity for person in people], granted=True, how=DISCLOSURE_HOW, text=self.view.disclosure
        )
        return "consent recorded"

    async def _take_back(self, client: CoachClient, key: str) -> str:
        people = self.view.consenting()
        if not ("1" <= key <= "9") or int(key) > len(people):
            return "nothing was changed"
        person = people[int(key) - 1]
        await client.consent([person.identity], granted=False, how="taken back through the rep")
        return f"{person.name or person.identity} is not heard any more"

    def _print_status(self) -> None:
        people = self.view.state.participants if self.view.state else ()
        heard = ", ".join(person.name or person.identity for person in people if person.heard) or "nobody"
        status = f"{self.view.status_line()}; heard: {heard}"
        if status != self._status:
            self._status = status
            self._console.print(Text(status, style="dim"), soft_wrap=True)


async def run_panel(
    url: str,
    token: str,
    *,
    identity_prefix: str = DEFAULT_IDENTITY_PREFIX,
    room_key: str | None = None,
    disclosure: str = DISCLOSURE,
    console: Console | None = None,
    terminal: int | None = None,
) -> str:
    """Runs the panel until the call ends; returns why it ended, for example `duplicate_identity`.

    Args:
        url: the LiveKit server's.
        token: the rep's.
        identity_prefix: the reserved prefix of the coach's identity.
        room_key: that of an end-to-end encrypted room.
        disclosure: what the rep reads out before consent is recorded.
        console: where to; standard output by default.
        terminal: file descriptor keys are read from; standard input by default, no keys where that is no terminal.

    Raises:
        CornermanClientError: the room cannot be joined.
    """
    console = console or Console()
    terminal = sys.stdin.fileno() if terminal is None else terminal
    async with contextlib.AsyncExitStack() as stack:
        screen = Live(console=console, auto_refresh=False, screen=True) if console.is_terminal else None
        panel = RepPanel(console, disclosure, screen)
        client = await stack.enter_async_context(
            CoachClient.connect(
                url,
                token,
                room_key=room_key,
                identity_prefix=identity_prefix,
                client="cornerman-terminal",
                paint=panel.paint if screen is not None else None,
            )
        )
        if screen is not None:
            stack.enter_context(screen)
        follow = [panel.follow_nudges(client), panel.follow_states(client), panel.keep_fresh()]
        if screen is not None and os.isatty(terminal):
            follow.append(panel.follow_keys(client, stack.enter_context(Keyboard(terminal).open())))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in follow]
            await panel.follow_standings(client)
            for task in tasks:
                task.cancel()
    reason = client.closed_reason or "closed"
    console.print(Text(panel.view.status_line(), style="dim"), soft_wrap=True)
    return reason
