"""Whatever a provider sends, the words in it are in no log; who operates the worker still sees what went wrong.

The real plugins talk to a local server that answers with nothing but words somebody might have said, in each place of
each protocol where the plugin logs or raises what it got. The same without the filter shows the words: the test can
fail.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import textwrap
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from aiohttp import WSMsgType, web
from livekit.agents.cli.log import JsonFormatter
from livekit.agents.ipc.log_queue import LogQueueListener
from livekit.agents.utils.aio import duplex_unix

from cornerman.log_privacy import PrivacyFilter, install

WORDS = "nine passwords"
DEADLINE = 90.0

UNEXPECTED = (
    {"type": "Surprise", "transcript": WORDS},
    {"type": "Results", "metadata": {}, "channel": {"alternatives": [{"transcript": WORDS}]}},
    {"type": "ConfigureFailure", "description": WORDS},
    {"type": "Error", "description": WORDS},
    {"type": "error", "error": {"message": WORDS}},
)

PLUGINS = textwrap.dedent(
    f"""
    import asyncio, gc, logging, socket, sys
    import aiohttp
    from livekit import rtc
    from livekit.agents import APIConnectOptions
    from livekit.agents.cli.log import setup_logging
    from livekit.agents.ipc.log_queue import LogQueueHandler
    from livekit.agents.utils.aio import duplex_unix
    from livekit.plugins import deepgram, openai
    from cornerman.log_privacy import install

    base, log_to, installed = sys.argv[1:]
    RETRY = APIConnectOptions(max_retry=1, retry_interval=0.0, timeout=10.0)
    SILENCE = rtc.AudioFrame(bytes(32000), 16000, 1, 16000)
    log = logging.getLogger("cornerman.test")

    async def listen(engine):
        stream = engine.stream(conn_options=RETRY)
        try:
            stream.push_frame(SILENCE)
            async for _ in stream:
                pass
        finally:
            await stream.aclose()

    async def transcribe(engine):
        await engine.recognize(SILENCE, conn_options=RETRY)

    def said_by_us(error):
        log.warning("the stream failed", exc_info=error)
        log.warning("the stream failed: %s", error)
        log.warning("the stream failed", extra={{"error": error}})
        log.warning(error)
        try:
            raise RuntimeError("hearing stopped: {WORDS}") from error
        except RuntimeError:
            log.exception("hearing stopped")

    async def main():
        session = aiohttp.ClientSession()
        attempts = (
            listen(deepgram.STT(api_key="key", base_url=base + "/nova", http_session=session)),
            listen(deepgram.STTv2(api_key="key", base_url=base + "/flux", http_session=session)),
            listen(openai.STT(api_key="key", base_url=base + "/openai", use_realtime=True)),
            transcribe(openai.STT(api_key="key", base_url=base + "/openai", use_realtime=False)),
        )
        for attempt in attempts:
            task = asyncio.create_task(attempt)
            await asyncio.wait([task])
            said_by_us(task._exception)
            del task
            gc.collect()  # asyncio reports the error that nobody asked for
        await session.close()

    if log_to == "own":
        setup_logging("DEBUG", devmode=False, console=False)
    else:
        handler = LogQueueHandler(duplex_unix._Duplex.open(socket.socket(fileno=int(log_to))))
        logging.getLogger().addHandler(handler)
        logging.getLogger().setLevel("DEBUG")
    if installed == "True":
        install()
        install()
    asyncio.run(main())
    if log_to != "own":
        handler.close()
    """
)


async def answer_with_words(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return web.json_response({"error": {"message": WORDS}}, status=503)
    line = web.WebSocketResponse()
    await line.prepare(request)
    for message in UNEXPECTED:
        if not line.closed:
            await line.send_json(message)
    await line.send_str(WORDS)
    await line.close(code=1011, message=WORDS.encode())
    async for received in line:
        assert received.type in (WSMsgType.TEXT, WSMsgType.BINARY)
    return line


@pytest.fixture
async def provider() -> AsyncIterator[str]:
    """The address of a provider that answers with `WORDS` only."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer_with_words)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def run_plugins(provider: str, *, log_to: str, installed: bool) -> str:
    """What a process that runs the plugins prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PLUGINS,
        provider,
        log_to,
        str(installed),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        pass_fds=() if log_to == "own" else (int(log_to),),
    )
    async with asyncio.timeout(DEADLINE):
        printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode()


def check_what_operators_see(log: str) -> None:
    for told in (
        "received unexpected message from deepgram",
        "failed to process deepgram message",
        "deepgram sent an error",
        "deepgram rejected Configure update",
        "Error in recv_task",
        "failed to recognize speech: (text withheld), retrying in",
        "Task exception was never retrieved",
        "hearing stopped",
        "RuntimeError (text withheld)",
        "APIStatusError with status 1011 (text withheld)",
        "APIStatusError with status 503 (text withheld)",
        "KeyError (text withheld)",
        "JSONDecodeError (text withheld)",
        "in _process_stream_event",
    ):
        assert told in log, told


async def test_no_word_a_provider_sends_is_in_the_log_of_a_process(provider: str) -> None:
    log = await run_plugins(provider, log_to="own", installed=True)
    assert WORDS not in log
    check_what_operators_see(log)
    assert all(json.loads(line)["level"] for line in log.splitlines())


async def test_without_the_filter_the_words_are_there(provider: str) -> None:
    log = await run_plugins(provider, log_to="own", installed=False)
    assert log.count(WORDS) > 20


@pytest.fixture
def worker_log() -> Iterator[list[str]]:
    """What the worker prints of its own records and of those it gets from job processes."""
    lines: list[str] = []

    class Printer(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    printer = Printer()
    printer.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(printer)
    yield lines
    logging.getLogger().removeHandler(printer)


@pytest.mark.parametrize("installed", [True, False])
async def test_no_word_goes_from_a_job_process_to_the_workers_log(
    provider: str, worker_log: list[str], installed: bool
) -> None:
    ours, theirs = socket.socketpair()
    listener = LogQueueListener(duplex_unix._Duplex.open(ours), lambda record: None)
    listener.start()
    with theirs:
        await run_plugins(provider, log_to=str(theirs.fileno()), installed=installed)
    await asyncio.to_thread(listener.stop)
    log = "\n".join(worker_log)
    assert (WORDS in log) is not installed
    if installed:
        check_what_operators_see(log)


# The filter on its own


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.Logger, "callHandlers", logging.Logger.callHandlers)
    install()


@pytest.mark.usefixtures("installed")
def test_loggers_and_handlers_of_later_are_cleaned_too(worker_log: list[str]) -> None:
    later = logging.getLogger(f"livekit.plugins.later_{threading.get_ident()}")
    later.warning("odd", extra={"lk.pii.data": WORDS, "my.pii.text": WORDS, "room": "r1"})
    (line,) = worker_log
    assert WORDS not in line
    assert json.loads(line)["room"] == "r1"


@pytest.mark.usefixtures("installed")
def test_what_quotes_no_provider_is_told_in_full(worker_log: list[str]) -> None:
    try:
        raise FileNotFoundError("the playbook is not in playbook/")
    except FileNotFoundError as error:
        logging.getLogger("cornerman.room").exception("job refused: %s", error, extra={"why": error})
    (line,) = worker_log
    told = json.loads(line)
    assert told["message"] == "job refused: the playbook is not in playbook/"
    assert told["exc_info"].endswith("FileNotFoundError: the playbook is not in playbook/")
    assert told["why"] == "the playbook is not in playbook/"


def error_in_a_ring() -> BaseException:
    one, other = ValueError(WORDS), ValueError(WORDS)
    one.__context__, other.__context__ = other, one
    return one


def error_in_a_group() -> BaseException:
    return ExceptionGroup(WORDS, [ValueError(WORDS), ExceptionGroup(WORDS, [KeyError(WORDS)])])


def error_with_a_note() -> BaseException:
    error = ValueError(WORDS)
    error.add_note(WORDS)
    return error


def record_of(error: BaseException, message: str = "failed") -> logging.LogRecord:
    return logging.LogRecord(
        "livekit.plugins.x", logging.ERROR, "file", 1, message, None, (type(error), error, error.__traceback__)
    )


@pytest.mark.parametrize("make", [error_in_a_ring, error_in_a_group, error_with_a_note])
def test_no_text_of_exceptions_that_hang_together_is_told(make: Callable[[], BaseException]) -> None:
    error = make()
    record = record_of(error, f"failed: {error!r}")
    assert PrivacyFilter().filter(record)
    line = logging.Formatter().format(record)
    assert WORDS not in line
    assert "ValueError (text withheld)" in line


class UnprintableError(Exception):
    def __repr__(self) -> str:
        raise RuntimeError(WORDS)


def test_a_record_that_cannot_be_cleaned_is_withheld() -> None:
    record = record_of(UnprintableError(WORDS), WORDS)
    record.__dict__["lk.pii.data"] = WORDS
    record.__dict__["data"] = WORDS
    assert PrivacyFilter().filter(record)
    line = JsonFormatter().format(record)
    assert WORDS not in line
    assert "a message was withheld: it could not be cleaned (RuntimeError)" in line
