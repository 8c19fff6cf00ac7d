"""A streaming recogniser made of one that takes whole pieces of audio. `segmented_stream` says what flows."""

from __future__ import annotations

import dataclasses

from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    APIConnectOptions,
    LanguageCode,
    NotGivenOr,
    utils,
)

from cornerman.providers.segmented_stream import SegmentedSettings, SegmentedStream
from cornerman.providers.streaming import StreamingSTT
from cornerman.providers.transcriber import Transcriber


class SegmentedSTT(StreamingSTT):
    """See `SegmentedSettings` for the settings. Closing it closes its streams and `transcriber`."""

    def __init__(
        self,
        transcriber: Transcriber,
        *,
        interim_every: float = 1.0,
        silence: float = 0.35,
        prefix: float = 0.3,
        longest: float = 25.0,
        deadline: float = 5.0,
        longest_wait: float = 90.0,
        at_once: int = 2,
        language: str = "",
        label: str = "",
        model: str = "unknown",
        provider: str = "unknown",
    ) -> None:
        super().__init__(interim_results=interim_every > 0)
        if label:
            self._label = label
        self._transcriber = transcriber
        self._settings = SegmentedSettings(interim_every, silence, prefix, longest, deadline, longest_wait, at_once)
        self._language = LanguageCode(language)
        self._model = model
        self._provider = provider

    @property
    def model(self) -> str:
        return self._model

    @property
    def provider(self) -> str:
        return self._provider

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> SegmentedStream:
        """`language` labels what the transcriber gives no language for; what is heard is the transcriber's to choose.
        Of `conn_options` nothing is used: a stream that fails is not tried again."""
        stream = SegmentedStream(
            recogniser=self,
            transcriber=self._transcriber,
            settings=self._settings,
            language=LanguageCode(language) if utils.is_given(language) else self._language,
            conn_options=dataclasses.replace(conn_options, max_retry=0),
        )
        return self._own(stream)

    async def aclose(self) -> None:
        await super().aclose()
        await self._transcriber.aclose()
