"""The command line: `cornerman demo`, `worker`, `watch`, `rep`, `replay`, `backtest`, `times`, `doctor` and others."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cornerman import playbook_search, replay_commands
from cornerman.calls_commands import calls_app
from cornerman.errors import CornermanError
from cornerman.playbook_commands import playbook_app

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="A silent sales coach in a LiveKit call.")
server_app = typer.Typer(no_args_is_help=True, help="The LiveKit server this machine uses.")
app.add_typer(server_app, name="server")
models_app = typer.Typer(no_args_is_help=True, help="Weights of the neural offline engine.")
app.add_typer(models_app, name="models")
app.command()(replay_commands.replay)
app.command()(replay_commands.backtest)
app.command()(replay_commands.times)
playbook_app.command("search")(playbook_search.search)
app.add_typer(playbook_app, name="playbook")
app.add_typer(calls_app, name="calls")


def main() -> None:
    """Runs a command; an error raised on purpose is shown as its message."""
    status: int | str | None = 0
    try:
        app()
    except CornermanError as error:
        Console(stderr=True).print(Text(str(error), style="red"))
        status = 1
    except SystemExit as end:
        status = end.code
    _leave(status)


def _leave(status: int | str | None) -> None:
    """Ends the process. LiveKit's native library was seen to abort while the interpreter winds down, which would make
    an exit status of 134 out of any other; where it is loaded, the winding down is left out.
    """
    if "livekit.rtc" not in sys.modules or not isinstance(status, int):
        raise SystemExit(status)
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


@app.command()
def demo(
    headless: Annotated[bool, typer.Option(help="Print the result only.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the result to this file.")] = None,
    seconds: Annotated[float | None, typer.Option(min=20, help="Play only the first seconds of the call.")] = None,
    page: Annotated[bool, typer.Option("--page", help="Serve the call page only, until interrupted.")] = False,
    page_port: Annotated[int, typer.Option(min=0, max=65535, help="The call page's port; 0: a free one.")] = 0,
) -> None:
    """Plays a recorded sales call into a real room and coaches it, with a page to join such a call in a browser."""
    from cornerman.demo import run_demo, serve_page
    from cornerman.demo.report import Report
    from cornerman.demo.screen import Screen
    from cornerman.demo.serving import Beside

    console = Console()
    screen = Screen(console, headless=headless)
    if page:
        asyncio.run(serve_page(screen, page_port))
        return

    def told(report: Report) -> None:
        if json_file is not None:
            text = json.dumps(report.as_json(), indent=2, ensure_ascii=False)
            json_file.write_text(text + "\n", encoding="utf-8")
        screen.report(report)

    beside: Beside = "no" if headless else "until_interrupted" if console.is_terminal else "while_it_plays"
    report = asyncio.run(run_demo(screen, told, seconds, beside, page_port))
    raise typer.Exit(0 if report.ok else 1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def worker(context: typer.Context) -> None:
    """Runs the worker; arguments are the framework's own (dev, start, connect; default: start)."""
    command = [sys.executable, "-m", "cornerman.room.worker", *(context.args or ["start"])]
    os.execv(sys.executable, command)


@app.command()
def health(
    url: Annotated[str, typer.Option(help="The worker's address; empty: where these settings have it listen.")] = "",
    live: Annotated[bool, typer.Option("--live", help="Ask only whether it lives, not whether it is ready.")] = False,
) -> None:
    """Asks the worker whether it could take a call; exits with 1 where not. For health checks of containers."""
    from cornerman.config import load_settings
    from cornerman.health.asking import LIVE, READY, address, ask

    answer = ask((url or address(load_settings().worker)).rstrip("/") + (LIVE if live else READY))
    Console(soft_wrap=True).print(Text("\n".join(answer.lines)))
    raise typer.Exit(0 if answer.ok else 1)


@app.command()
def watch() -> None:
    """Watches over the workers, and has a new coach come to a call whose coach died."""
    from cornerman.config import load_settings
    from cornerman.watch.run import run

    run(load_settings())


@app.command()
def rep(
    room: Annotated[str, typer.Option(help="The room to join; needs LIVEKIT_API_KEY and _SECRET.")] = "",
    identity: Annotated[str, typer.Option(help="The rep's identity, as in the job's metadata.")] = "rep",
    token: Annotated[str, typer.Option(envvar="LIVEKIT_TOKEN", help="A token, instead of room and identity.")] = "",
    url: Annotated[str, typer.Option(envvar="LIVEKIT_URL", help="The LiveKit server.")] = "",
) -> None:
    """The rep's panel in the terminal. LIVEKIT_ROOM_KEY: the key of an end-to-end encrypted room."""
    from cornerman.config import load_settings
    from cornerman.livekit_server import ServerAddress
    from cornerman.rep_panel import run_panel
    from cornerman.stand_ins.tokens import rep_token

    livekit = load_settings().livekit
    address = ServerAddress(url or livekit.url, livekit.api_key, livekit.api_secret)
    if not address.url or not (token or room):
        raise CornermanError("say where to join: --url (or LIVEKIT_URL), and --token or --room with the API key set")
    if not token and not (livekit.api_key and livekit.api_secret.get_secret_value()):
        raise CornermanError("--room needs LIVEKIT_API_KEY and LIVEKIT_API_SECRET to mint a token; or give --token")
    key = os.environ.get("LIVEKIT_ROOM_KEY") or None  # no option: whoever lists processes could read it
    joining = token or rep_token(address, room, identity)
    Console().print(Text(asyncio.run(run_panel(address.url, joining, room_key=key))))


@app.command()
def doctor() -> None:
    """Checks everything that must work, one line each, with what to do."""
    from cornerman.doctor import examine

    console = Console()

    async def run() -> bool:
        sound = True
        async for finding in examine(lambda line: console.print(Text(line, style="dim"))):
            mark = ("ok  ", "green") if finding.ok else ("FAIL", "bold red")
            console.print(Text.assemble(mark, f" {finding.name}: {finding.detail}"))
            if not finding.ok:
                console.print(Text(f"     -> {finding.advice}"))
                sound = False
        return sound

    raise typer.Exit(0 if asyncio.run(run()) else 1)


@server_app.command("get")
def server_get() -> None:
    """Finds a LiveKit server, or builds one."""
    from cornerman.livekit_server import get_server

    console = Console(soft_wrap=True)
    console.print(Text(get_server(progress=lambda line: console.print(Text(line, style="dim")))))


@models_app.command("get")
def models_get(
    name: Annotated[str, typer.Argument(help="A name such as small.en, or owner/name.")],
    into: Annotated[Path, typer.Option(help="The folder that will hold the folder of weights.")] = Path("models"),
) -> None:
    """Fetches weights for `stt.provider: whisper`; the only command that does."""
    from cornerman.providers.models import get_model

    folder = get_model(name, into)
    Console(soft_wrap=True).print(Text(f"{folder}\nset stt.provider: whisper and stt.model: {folder.resolve()}"))
