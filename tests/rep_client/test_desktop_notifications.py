"""The example that shows nudges on the desktop: what it has `notify-send` and `osascript` do, recorded by stand-ins."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from coach_end import nudge_payload

from cornerman_client import Nudge

EXAMPLE = Path(__file__).parents[2] / "rep_client/python/examples/desktop_notifications.py"
HOSTILE = '<b>now</b> $(reboot) "; \\x41 & \\n'
RECORDER = """\
#!{python} -IS
import json, sys
with open({calls!r}, "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
if "--help" in sys.argv[1:2]:
    print({help!r})
else:
    print(sum(1 for _ in open({calls!r})))
sys.exit({status})
"""


@pytest.fixture(scope="module")
def example() -> Any:
    spec = importlib.util.spec_from_file_location("desktop_notifications", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Recorder:
    """A command on PATH that writes down how it was called, and prints another number each time."""

    def __init__(self, folder: Path, name: str, *, helps: str = "  -r, --replace-id=ID", status: int = 0) -> None:
        self._calls = folder / f"{name}.jsonl"
        self.file = folder / name
        self.file.write_text(RECORDER.format(python=sys.executable, calls=str(self._calls), help=helps, status=status))
        self.file.chmod(0o755)

    def calls(self) -> list[list[str]]:
        """Arguments of each call but the question for help."""
        lines = self._calls.read_text().splitlines() if self._calls.exists() else []
        return [call for call in map(json.loads, lines) if call != ["--help"]]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def card(rev: int = 0, **other: Any) -> Nudge:
    return Nudge.model_validate(json.loads(nudge_payload(rev=rev, **other)))


def options(call: list[str]) -> tuple[dict[str, str], list[str]]:
    """Options of a call of notify-send, and what it shows."""
    at = call.index("--")
    return {name: value for name, _, value in (one.partition("=") for one in call[:at])}, call[at + 1 :]


async def test_revisions_replace_and_a_withdrawn_card_goes_away(example: Any, path: Path) -> None:
    sent = Recorder(path, "notify-send")
    shown = example.Notifications(await example.desktop())
    assert await shown.paint(card(headline="First", detail="Do it.", ttl_ms=9000))
    assert await shown.paint(card(1, headline="Second"))
    assert await shown.paint(card(id="1-2", headline="Another"))
    assert await shown.paint(card(2, status="withdrawn", headline="Withdrawn"))
    first, second, another, withdrawn = map(options, sent.calls())
    assert first[1] == ["First", "Do it.\nPrice card"]
    assert first[0]["--expire-time"] == "9000"
    assert first[0]["--hint"] == "boolean:transient:true"
    assert "--replace-id" not in first[0]
    assert "--replace-id" not in another[0]
    assert (second[0]["--replace-id"], second[1][0]) == ("2", "Second")
    assert (withdrawn[0]["--replace-id"], withdrawn[0]["--expire-time"], withdrawn[1]) == ("3", "1", ["Withdrawn", ""])


async def test_what_was_never_shown_is_not_taken_back_and_the_older_does_not_replace_the_newer(
    example: Any, path: Path
) -> None:
    sent = Recorder(path, "notify-send")
    shown = example.Notifications(await example.desktop())
    assert not await shown.paint(card(status="withdrawn", headline="Withdrawn"))
    both = await asyncio.gather(*(shown.paint(card(rev, headline=f"Words {rev}")) for rev in (1, 2)))
    assert sorted(both) == [False, True] or both == [True, True]
    assert not await shown.paint(card(1, headline="Words 1"))
    assert options(sent.calls()[-1])[1][0] == "Words 2"


async def test_nothing_in_a_card_is_an_option_a_program_or_markup(example: Any, path: Path) -> None:
    sent = Recorder(path, "notify-send")
    shown = example.Notifications(await example.desktop())
    assert await shown.paint(card(headline="--replace-id=7", detail=HOSTILE))
    ((named, (headline, body)),) = map(options, sent.calls())
    assert headline == "--replace-id=7"
    assert "--replace-id" not in named
    # as notify-send reads backslashes, and the service markup, this is what the card said
    assert body.split("\n")[0] == '&lt;b&gt;now&lt;/b&gt; $(reboot) "; \\\\x41 &amp; \\\\n'


async def test_on_macos_words_are_arguments_of_the_script_and_revisions_wait_to_be_final(
    example: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    ran = Recorder(path, "osascript")
    shown = example.Notifications(await example.desktop())
    for rev, final in ((0, False), (1, False), (2, True)):
        assert await shown.paint(card(rev, headline=f"-{rev}", detail=HOSTILE, final=final))
    assert await shown.paint(card(3, status="withdrawn", headline="Withdrawn"))
    assert not await shown.paint(card(0, id="1-5", status="withdrawn", headline="Withdrawn"))
    calls = ran.calls()
    assert [call[-2] for call in calls] == ["-0", "-2", "Withdrawn"]
    assert calls[0][-1] == f"{HOSTILE}\nPrice card"
    assert {tuple(call[:-2]) for call in calls} == {(*example.MacDesktop.SCRIPT, "--")}


async def test_a_desktop_that_fails_is_not_called_shown(example: Any, path: Path) -> None:
    sent = Recorder(path, "notify-send")
    shown = example.Notifications(await example.desktop())
    Recorder(path, "notify-send", status=1)
    assert not await shown.paint(card())
    Recorder(path, "notify-send")
    assert await shown.paint(card())
    first, second = (options(call)[0] for call in sent.calls())
    assert "--replace-id" not in first | second


async def test_a_desktop_that_hangs_ends_with_whoever_waited_for_it(example: Any, path: Path, tmp_path: Path) -> None:
    sleeping = path / "notify-send"
    started = tmp_path / "started"
    sleeping.write_text(f"#!/bin/sh\necho $$ > {started}.part\n/bin/mv {started}.part {started}\nexec /bin/sleep 600\n")
    sleeping.chmod(0o755)
    showing = asyncio.create_task(example.Notifications(example.LinuxDesktop(str(sleeping))).paint(card()))
    async with asyncio.timeout(20):
        while not started.exists():
            await asyncio.sleep(0.01)
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


@pytest.mark.parametrize(("helps", "said"), [(None, "libnotify-bin"), ("-u, --urgency", "libnotify 0.8")])
def test_a_machine_without_notifications_is_told_what_to_install(tmp_path: Path, helps: str | None, said: str) -> None:
    if helps is not None:
        Recorder(tmp_path, "notify-send", helps=helps)
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), "ws://127.0.0.1:9", "token"],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
