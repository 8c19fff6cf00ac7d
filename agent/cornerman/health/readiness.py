"""Whether this worker could take a call now, by what a call needs.

In: the worker's own state, its settings and a way to open the playbook. Out: checks, each with its name, in a fixed
order. Promises to answer within a few seconds, to cost no provider anything, and to name no key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from cornerman.config import Settings
from cornerman.errors import CornermanError
from cornerman.health.check import Check, Probe
from cornerman.health.disk import disk_check
from cornerman.health.providers import Chain, Watched, model_origin, speech_origin
from cornerman.providers.llm import Models
from cornerman.providers.speech import Heard, SpeechProviders


class Standing(Protocol):
    """What the worker knows of itself."""

    @property
    def registered(self) -> bool: ...

    @property
    def draining(self) -> bool: ...


class Readiness:
    """The checks of one worker. `open_playbook` reads the default playbook and raises where no call could use it.

    Build it where the worker's shared folder is known already: breakers are read there.
    """

    def __init__(self, settings: Settings, open_playbook: Callable[[], object]) -> None:
        health = settings.health
        every, timeout = health.probe_every, health.probe_timeout
        self._open_playbook = open_playbook
        self._settings = settings
        self._journal = Probe("journal", self._disk, every, timeout)
        self._playbook = Probe("playbook", self._book, every, timeout)
        speech = SpeechProviders(settings.stt, Heard())
        heard = [
            Watched(name, speech_origin(one), speech.breakers.of(name))
            for name, one in zip(speech.names, (settings.stt, *settings.stt.fallback), strict=True)
        ]
        models = [Watched(one.name, model_origin(one.settings), one.breaker()) for one in Models(settings.llm).members]
        self._chains = (
            Chain("speech", heard, every=every, timeout=timeout, required=True),
            Chain("models", models, every=every, timeout=timeout, required=health.models),
        )

    async def checks(self, worker: Standing) -> tuple[Check, ...]:
        """Everything a call needs, looked at as far as it was not just looked at."""
        own = (
            Check("registered", worker.registered, "with LiveKit" if worker.registered else "not with LiveKit"),
            Check("draining", not worker.draining, "takes no more calls" if worker.draining else "takes calls"),
        )
        looks = (self._journal.check(), self._playbook.check(), *(chain.check() for chain in self._chains))
        return (*own, *await asyncio.gather(*looks))

    async def aclose(self) -> None:
        """Gives up looks that are under way."""
        for one in (self._journal, self._playbook, *self._chains):
            await one.aclose()

    async def _disk(self) -> Check:
        return await asyncio.to_thread(disk_check, self._settings.journal.path, self._settings.health.disk_mb)

    async def _book(self) -> Check:
        try:
            await asyncio.to_thread(self._open_playbook)
        except CornermanError:
            return Check("playbook", False, "cannot be used; `cornerman playbook check` says why")
        return Check("playbook", True, "loads")
