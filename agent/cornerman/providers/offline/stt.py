"""The offline engine behind livekit's streaming `stt.STT` interface: pocketsphinx in worker processes.

A demo and test engine: about one word in three of human speech is wrong, and in noise it is useless. `stream` says
what flows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectOptions,
    LanguageCode,
    NotGivenOr,
    utils,
)

from cornerman.errors import ProviderError
from cornerman.providers.offline.host import RecogniserHost
from cornerman.providers.offline.settings import OfflineSettings
from cornerman.providers.offline.stream import LANGUAGE, OfflineStream
from cornerman.providers.streaming import StreamingSTT

LONGEST_WAIT_SECONDS = 5.0
"""Audio a stream lets wait for a recogniser that cannot keep up; what is older is dropped, for late words help
nobody."""


class OfflineSTT(StreamingSTT):
    """pocketsphinx in worker processes. Streams share `host`; without one this object makes its own, and closes it.

    Make one object for each speaker, with one host for all.
    """

    def __init__(
        self,
        *,
        host: RecogniserHost | None = None,
        terms: Mapping[str, Sequence[str]] | None = None,
        settings: OfflineSettings | None = None,
        longest_wait: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        if host is not None and (terms is not None or settings is not None):
            raise ProviderError("terms and settings belong to the host; give them to RecogniserHost, or give no host")
        super().__init__(interim_results=True)
        self._owns_host = host is None
        self._host = host or RecogniserHost(terms=terms, settings=settings)
        self._longest_wait = longest_wait

    @property
    def model(self) -> str:
        return "pocketsphinx en-us"

    @property
    def provider(self) -> str:
        return "offline"

    @property
    def missing_terms(self) -> Mapping[str, str]:
        """Terms the engine will never hear, with the reason. Known after `prewarm`."""
        return self._host.missing_terms

    def prewarm(self) -> None:
        """Load the model, so that streams open at once. Blocks for about half a second: call it before the call, off
        the event loop.

        Raises ProviderError when the engine cannot be started.
        """
        self._host.start()

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> OfflineStream:
        """Raises ProviderError for any language but English."""
        if utils.is_given(language) and LanguageCode(language).language != LANGUAGE.language:
            raise ProviderError(f"the offline recogniser hears English only, not {language!r}; choose another provider")
        stream = OfflineStream(
            recogniser=self, host=self._host, longest_wait=self._longest_wait, conn_options=conn_options
        )
        return self._own(stream)

    async def aclose(self) -> None:
        await super().aclose()
        if self._owns_host:
            await self._host.aclose()
