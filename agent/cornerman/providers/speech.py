"""From settings to the chain of speech providers that hear a call, first choice first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Protocol

from cornerman.config import ProviderSettings, SttSettings
from cornerman.errors import ProviderError
from cornerman.language_tags import base_language
from cornerman.providers.breaker import Breakers, worker_state_folder
from cornerman.providers.deepgram import deepgram_engine, is_flux
from cornerman.providers.engine import Engine
from cornerman.providers.offline.host import RecogniserHost
from cornerman.providers.offline.stt import OfflineSTT
from cornerman.providers.openai import load_plugin, openai_http_engine, openai_realtime_engine
from cornerman.providers.provider import Provider
from cornerman.providers.whisper.host import WhisperHost
from cornerman.providers.whisper.settings import WhisperSettings
from cornerman.providers.whisper.stt import whisper_stt

DEEPGRAM_REPLAY = 1.25
OPENAI_RENEWAL = 8 * 60.0
"""The plugin replaces a realtime session after ten minutes, whatever is being said; sooner, in a pause, is better."""
FLUX_KEEPALIVE = 4.0
FLUX_CLOSING_SILENCE = 1.6
OPENAI_CLOSING_SILENCE = 0.6

WHISPER_SETTINGS = frozenset(field.name for field in fields(WhisperSettings))


class Host(Protocol):
    """Processes that recognise speech on this machine, for all participants of a job."""

    def start(self) -> None: ...

    async def aclose(self) -> None: ...


Maker = Callable[[str, Sequence[str]], Engine]


@dataclass(frozen=True, slots=True)
class Heard:
    """Words to listen for: `pronounced` ones for a dictionary (ARPAbet), `names` for providers that take them as
    written."""

    pronounced: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: tuple[str, ...] = ()


class SpeechProviders:
    """The chain. `prewarm` may block and belongs before a call; `aclose` ends what the engines share."""

    def __init__(self, settings: SttSettings, heard: Heard) -> None:
        self._settings = settings
        self._heard = heard
        self._hosts: list[Host] = []
        chosen = [settings, *settings.fallback]
        names = Counter[str]()
        self._links: list[tuple[str, ProviderSettings, Maker]] = []
        for one in chosen:
            names[one.provider] += 1
            number = names[one.provider]
            self._links.append((f"{one.provider}-{number}" if number > 1 else one.provider, one, self._maker(one)))
        self.breakers = Breakers(worker_state_folder(), threshold=settings.breaker_failures, rest=settings.breaker_rest)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the chain's providers, as a call's journal keeps them."""
        return tuple(name for name, *_ in self._links)

    def chain(self, names: Sequence[str] = ()) -> tuple[Provider, ...]:
        """The providers of one call. `names`: further names to listen for, such as those of its participants."""
        keyterms = tuple(dict.fromkeys([*names, *self._heard.names]))
        return tuple(self._provider(name, settings, make, keyterms) for name, settings, make in self._links)

    async def check(self) -> None:
        """Makes an engine of each provider to see whether settings and keys suffice.

        Raises:
            ProviderError: they do not; the provider's own words say what is missing.
        """
        for provider in self.chain():
            try:
                await provider.new(self._settings.language).aclose()
            except (ValueError, TypeError, OSError) as error:
                raise ProviderError(
                    f"the speech provider {provider.name} cannot be set up: {error}; see stt.* in the settings"
                ) from None

    def prewarm(self) -> None:
        """Loads what takes time.

        Raises:
            ProviderError: a plugin is not installed.
        """
        if any(settings.provider in ("openai", "openai_http") for _, settings, _ in self._links):
            load_plugin()
        for host in self._hosts:
            host.start()

    async def aclose(self) -> None:
        """Ends what the engines share. Engines themselves are closed by whoever had them made."""
        await self.breakers.aclose()
        for host in self._hosts:
            await host.aclose()

    def _maker(self, settings: ProviderSettings) -> Maker:
        match settings.provider:
            case "deepgram":
                return partial(deepgram_engine, settings)
            case "openai":
                return partial(openai_realtime_engine, settings)
            case "openai_http":
                return partial(openai_http_engine, settings)
            case "whisper":
                return self._whisper(settings)
            case _:
                host = RecogniserHost(terms=self._heard.pronounced)
                self._hosts.append(host)
                return lambda _language, _keyterms: Engine(OfflineSTT(host=host))

    def _whisper(self, settings: ProviderSettings) -> Maker:
        if not settings.model:
            raise ProviderError("stt.provider is whisper, but stt.model names no folder of weights; see `models get`")
        processes = {key: value for key, value in settings.options.items() if key in WHISPER_SETTINGS}
        segmenting = {key: value for key, value in settings.options.items() if key not in WHISPER_SETTINGS}
        host = WhisperHost(Path(settings.model), settings=WhisperSettings(**processes))
        self._hosts.append(host)
        return lambda language, names: Engine(whisper_stt(host, language=language, terms=names, **segmenting))

    def _provider(self, name: str, settings: ProviderSettings, make: Maker, keyterms: Sequence[str]) -> Provider:
        known = partial(Provider, name, lambda language: make(language, keyterms), only_speech=settings.only_speech)
        hang = self._settings.hang
        match settings.provider:
            case "deepgram" if is_flux(settings):
                return known(
                    hears=_anything,
                    hangs_after=hang,
                    keepalive=FLUX_KEEPALIVE,
                    closing_silence=FLUX_CLOSING_SILENCE,
                    replay_speed=settings.replay_speed or DEEPGRAM_REPLAY,
                )
            case "deepgram":
                return known(
                    hears=_anything,
                    hangs_after=hang,
                    replay_speed=settings.replay_speed or DEEPGRAM_REPLAY,
                )
            case "openai":
                return known(
                    hears=_anything,
                    hangs_after=hang,
                    answers="utterances",
                    closing_silence=OPENAI_CLOSING_SILENCE,
                    replay_speed=settings.replay_speed or 4.0,
                    renew_after=OPENAI_RENEWAL,
                )
            case "openai_http":
                return known(hears=_anything, hangs_after=None, replay_speed=settings.replay_speed or 20.0)
            case "whisper":
                model = Path(settings.model).name
                hears = _is_english if model.endswith(".en") else _anything
                return known(hears=hears, hangs_after=None, replay_speed=settings.replay_speed or 20.0)
            case _:
                return known(hears=_is_english, hangs_after=None, replay_speed=settings.replay_speed or 4.0)


def _anything(_language: str) -> bool:
    return True


def _is_english(language: str) -> bool:
    return base_language(language) == "en"
