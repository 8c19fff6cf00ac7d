"""What would keep a worker from coaching, looked for before it starts, and told in one list.

In: settings, as far as they could be read. Out: one sentence for each fault, the setting named first. A fault in one
part hides none in another: the playbook, every speech provider and language model of the chains, tools, accounts, the
journal, the ports and the server's address are looked at each for itself. Asks nobody anything over the network.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from cornerman.config import LlmSettings, ModelSettings, ProviderSettings, Settings, read_key
from cornerman.config.partly import PartlyRead, read_settings
from cornerman.crm import account_source
from cornerman.errors import ConfigError, CornermanError, FaultListError
from cornerman.health.disk import disk_check
from cornerman.playbook import Shelf
from cornerman.providers.llm import Models
from cornerman.providers.speech import Heard, SpeechProviders
from cornerman.record.keeping import keeping_of
from cornerman.room import job
from cornerman.tools import McpServers, provider_tools

CANNOT: Final = "the worker cannot start"
_SERVED: Final = frozenset({"start", "dev"})
"""Commands of the framework that register with a server."""


def settings_to_start_with(arguments: Sequence[str] = ()) -> Settings:
    """The settings, if a worker that is started with these arguments can do its work.

    Raises:
        ConfigError: it cannot; every fault is listed.
    """
    read = read_settings()
    faults = faults_at_start(read, arguments)
    if faults:
        raise ConfigError(CANNOT, faults)
    return read.settings


def faults_at_start(read: PartlyRead, arguments: Sequence[str] = ()) -> list[str]:
    """Everything that is wrong. Not inside an event loop."""
    faults = list(read.faults)
    if "--help" in arguments:
        return faults
    faults += asyncio.run(part_faults(read))
    if arguments and arguments[0] in _SERVED and "--url" not in arguments and "livekit" not in read.unread:
        faults += read.settings.livekit.faults()
    if "worker" not in read.unread:
        faults += port_faults(read.settings)
    return faults


def port_faults(settings: Settings) -> list[str]:
    """Ports of the worker's own pages that cannot be had."""
    worker = settings.worker
    wanted = {"worker.http_port": worker.http_port, "worker.metrics_port": worker.metrics_port}
    faults = []
    for name, port in wanted.items():
        if port:
            reason = why_taken(worker.http_host, port)
            faults += [f"{name}: {port} on {worker.http_host or 'all addresses'}: {reason}"] if reason else []
    if worker.http_port and worker.http_port == worker.metrics_port:
        faults.append(f"worker.metrics_port: {worker.metrics_port} is worker.http_port too; give it another")
    return faults


async def part_faults(read: PartlyRead) -> list[str]:
    """What the parts say that settings name; a part whose settings could not be read is passed over. In the main
    thread, where alone plugins may be loaded.
    """
    settings, unread = read.settings, read.unread
    faults: list[str] = []

    async def look(sections: set[str], name: str, doing: Callable[[], Awaitable[None]]) -> None:
        if not sections & unread:
            faults.extend(await _tried(name, doing))

    async def playbook() -> None:
        Shelf().open(job.playbook_folder(settings, ""))

    async def tools() -> None:
        provider_tools(settings.tools, settings.llm)
        McpServers(settings.tools.mcp)

    async def accounts() -> None:
        await account_source(settings.accounts).aclose()

    async def journal() -> None:
        keeping_of(settings.journal)
        found = disk_check(settings.journal.path, 0)
        if not found.ok:
            raise ConfigError(CANNOT, [f"path: {settings.journal.path.absolute()}: {found.detail}"])

    async def rooms() -> None:
        for name, reference in settings.rooms.keys.items():
            read_key(reference, f"keys.{name}")

    await look({"playbook"}, "playbook", playbook)
    for number, one in enumerate((settings.stt, *settings.stt.fallback)):
        await look({"stt"}, f"stt.fallback[{number - 1}]" if number else "stt", partial(_speech, settings, one))
    for name, model in _models(settings.llm):
        await look({"llm"}, name, partial(_model, model))
    await look({"tools", "llm"}, "tools", tools)
    await look({"accounts"}, "accounts", accounts)
    await look({"journal"}, "journal", journal)
    await look({"rooms"}, "rooms", rooms)
    return faults


async def _speech(settings: Settings, one: ProviderSettings) -> None:
    alone = one.model_dump(include=set(ProviderSettings.model_fields))
    await SpeechProviders(settings.stt.model_copy(update={**alone, "fallback": ()}), Heard()).check()


def _models(llm: LlmSettings) -> list[tuple[str, ModelSettings]]:
    named: list[tuple[str, ModelSettings]] = [("llm", llm)]
    named += [(f"llm.fallback[{number}]", one) for number, one in enumerate(llm.fallback)]
    named += [("llm.questions", llm.questions)] if llm.questions is not None else []
    return [(name, one) for name, one in named if one.provider != "none"]


async def _model(one: ModelSettings) -> None:
    alone = LlmSettings.model_validate(one.model_dump(include=set(ModelSettings.model_fields)))
    models = Models(alone)
    try:
        await models.check()
    finally:
        await models.aclose()


async def _tried(name: str, doing: Callable[[], Awaitable[None]]) -> list[str]:
    try:
        await doing()
    except FaultListError as error:
        return [f"{name}: {fault}" for fault in error.faults]
    except CornermanError as error:
        return [f"{name}: {error}"]
    return []


def why_taken(host: str, port: int) -> str:
    """Why nobody can listen there; empty: somebody can."""
    try:
        family = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family[0], family[1]) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(family[4])
            listening.listen(1)
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
