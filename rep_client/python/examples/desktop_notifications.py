"""Joins a call as the rep and shows every nudge as a desktop notification.

    python desktop_notifications.py ws://localhost:7880 TOKEN

On Linux by `notify-send` (libnotify 0.8 or newer): a revision replaces the notification of its card, a withdrawn card
goes away. On macOS by `osascript`, which can do neither: a card is shown when it comes and when its words are final,
and a withdrawn one is followed by a notification that says so.

What is in a nudge is handed over as text: nothing in it is run or shown as markup. Whoever sees your screen sees your
notifications: mute them while you share it.
"""

from __future__ import annotations

import asyncio
import html
import shutil
import sys
from collections import OrderedDict

from cornerman_client import CoachClient, CornermanClientError, Nudge

NAME = "Cornerman"
REMEMBERED = 100
"""Cards whose notification can be replaced; beyond, the one shown longest ago is forgotten."""
GONE_MS = 1


class NoNotifications(Exception):  # noqa: N818  (named for what is missing)
    """This machine has no way to show a notification that is known here; the text says what to install."""


class LinuxDesktop:
    """Shows cards through the notification service of the desktop."""

    def __init__(self, notify_send: str) -> None:
        self._notify_send = notify_send
        self._shown: OrderedDict[str, str] = OrderedDict()

    async def show(self, nudge: Nudge) -> bool:
        """Shows a revision in place of the one before; true once the desktop has it."""
        before = self._shown.get(nudge.id)
        if nudge.status == "withdrawn":
            if before is None:
                return False
            del self._shown[nudge.id]
            return await self._notify(nudge.headline, "", GONE_MS, before) is not None
        shown = await self._notify(nudge.headline, text_of(nudge), max(nudge.ttl_ms, GONE_MS), before)
        if shown is None:
            return False
        self._shown[nudge.id] = shown
        self._shown.move_to_end(nudge.id)
        if len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)
        return True

    async def _notify(self, headline: str, text: str, milliseconds: int, replaced: str | None) -> str | None:
        """The notification's own id; None where it could not be shown."""
        # The service reads markup in the text, and notify-send reads backslashes in it: neither is meant here.
        body = html.escape(text, quote=False).replace("\\", "\\\\")
        options = ["--print-id", f"--app-name={NAME}", f"--expire-time={milliseconds}", "--hint=boolean:transient:true"]
        if replaced is not None:
            options.append(f"--replace-id={replaced}")
        printed = await run(self._notify_send, *options, "--", headline, body)
        return None if printed is None else printed.strip()


class MacDesktop:
    """Shows cards in the notification centre, where nothing can be replaced."""

    # The text comes as arguments: in the script itself it would be a program.
    SCRIPT = (
        "-e",
        "on run argv",
        "-e",
        "display notification (item 2 of argv) with title (item 1 of argv)",
        "-e",
        "end run",
    )

    def __init__(self, osascript: str) -> None:
        self._osascript = osascript
        self._shown: OrderedDict[str, bool] = OrderedDict()

    async def show(self, nudge: Nudge) -> bool:
        """Shows a card when it comes, when its words are final, and when it is withdrawn; true if it was shown."""
        was_final = self._shown.get(nudge.id)
        if nudge.status == "withdrawn":
            return self._shown.pop(nudge.id, None) is not None and await self._notify(nudge.headline, "")
        if was_final is not None and (was_final or not nudge.final):
            return True
        if not await self._notify(nudge.headline, text_of(nudge)):
            return False
        self._shown[nudge.id] = nudge.final
        if len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)
        return True

    async def _notify(self, headline: str, text: str) -> bool:
        return await run(self._osascript, *self.SCRIPT, "--", headline, text) is not None


class Notifications:
    """Puts cards on the desktop one after the other, a revision only while there is no newer one."""

    def __init__(self, desktop: LinuxDesktop | MacDesktop) -> None:
        self._desktop = desktop
        self._newest: OrderedDict[str, int] = OrderedDict()
        self._turn = asyncio.Lock()

    async def paint(self, nudge: Nudge) -> bool:
        """For `CoachClient(paint=)`: true once the rep can see it."""
        self._newest[nudge.id] = max(nudge.rev, self._newest.get(nudge.id, 0))
        self._newest.move_to_end(nudge.id)
        if len(self._newest) > REMEMBERED:
            self._newest.popitem(last=False)
        async with self._turn:
            if nudge.rev < self._newest.get(nudge.id, 0):
                return False
            return await self._desktop.show(nudge)


def text_of(nudge: Nudge) -> str:
    """What stands below the headline: the detail, then what it rests on."""
    return "\n".join([*([nudge.detail] if nudge.detail else []), nudge.sources[0].title])


async def run(*command: str) -> str | None:
    """What a command printed; None if it failed. It ends with the caller."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return printed.decode(errors="replace") if process.returncode == 0 else None


async def desktop() -> LinuxDesktop | MacDesktop:
    """This machine's way to show notifications.

    Raises:
        NoNotifications: there is none.
    """
    if notify_send := shutil.which("notify-send"):
        if "--replace-id" not in (await run(notify_send, "--help") or ""):
            raise NoNotifications("this notify-send cannot replace a notification: it takes libnotify 0.8 or newer")
        return LinuxDesktop(notify_send)
    if sys.platform == "darwin" and (osascript := shutil.which("osascript")):
        return MacDesktop(osascript)
    raise NoNotifications("no desktop notifications here: install notify-send (Debian: libnotify-bin), or use macOS")


async def main(url: str, token: str) -> None:
    notifications = Notifications(await desktop())
    async with CoachClient.connect(url, token, client="desktop_notifications", paint=notifications.paint) as client:
        async for standing in client.standings():
            if standing.coach_lost:
                sys.stdout.write("the coach has fallen silent\n")
        sys.stdout.write(f"closed: {client.closed_reason}\n")


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:3]))
    except (NoNotifications, CornermanClientError) as error:
        sys.exit(str(error))
