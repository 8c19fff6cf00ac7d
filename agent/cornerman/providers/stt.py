"""From settings to speech engines: one instance for each participant, since errors and usage are told per instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from livekit.agents import stt

from cornerman.config import SttSettings
from cornerman.errors import ProviderError
from cornerman.providers.offline.host import RecogniserHost
from cornerman.providers.offline.stt import OfflineSTT

SpeechEngine = stt.STT[Any]
Engine = Callable[[], SpeechEngine]


class SpeechEngines:
    """Makes speech engines of one provider. `prewarm` may block and belongs before a call; `aclose` ends what is
    shared.
    """

    def __init__(self, new: Engine, host: RecogniserHost | None = None) -> None:
        self.new = new
        self._host = host

    def check(self) -> None:
        """Makes an engine to see whether settings and keys suffice.

        Raises:
            ProviderError: they do not; the provider's own words say what is missing.
        """
        try:
            self.new()
        except (ValueError, TypeError) as error:
            raise ProviderError(f"the speech provider cannot be set up: {error}; see stt.* in the settings") from None

    def prewarm(self) -> None:
        """Loads what takes time."""
        if self._host is not None:
            self._host.start()

    async def aclose(self) -> None:
        """Ends what the engines share. Engines themselves are closed by whoever had them made."""
        if self._host is not None:
            await self._host.aclose()


def speech_engines(settings: SttSettings, terms: Mapping[str, Sequence[str]]) -> SpeechEngines:
    """The engines that settings choose. `terms`: words the playbook knows, with pronunciations.

    Raises:
        ProviderError: the provider's plugin is not installed.
    """
    match settings.provider:
        case "offline":
            host = RecogniserHost(terms=terms)
            return SpeechEngines(lambda: OfflineSTT(host=host), host)
        case "deepgram":
            return SpeechEngines(_deepgram(settings))
        case "openai":
            return SpeechEngines(_openai(settings))


def _deepgram(settings: SttSettings) -> Engine:
    try:
        from livekit.plugins import deepgram
    except ImportError:
        raise _missing("deepgram") from None
    options: dict[str, Any] = {"language": settings.language, **settings.options}
    if settings.model:
        options["model"] = settings.model
    if settings.base_url:
        options["base_url"] = settings.base_url
    return lambda: deepgram.STT(interim_results=True, **options)


def _openai(settings: SttSettings) -> Engine:
    try:
        from livekit.plugins import openai
    except ImportError:
        raise _missing("openai") from None
    options: dict[str, Any] = {"language": settings.language.partition("-")[0], **settings.options}
    if settings.model:
        options["model"] = settings.model
    if settings.base_url:
        options["base_url"] = settings.base_url
    return lambda: openai.STT(use_realtime=True, **options)


def _missing(extra: str) -> ProviderError:
    return ProviderError(f'stt.provider is {extra}, but its plugin is not installed: pip install "cornerman[{extra}]"')
