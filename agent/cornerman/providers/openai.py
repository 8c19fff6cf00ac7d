"""OpenAI's transcription, and every server that speaks the same protocols, by LiveKit's plugin.

Over the realtime websocket where the server has one, else by uploading one utterance after the other. The key stands in
OPENAI_API_KEY; `base_url` is the address up to and with `/v1`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from cornerman.config import ProviderSettings
from cornerman.errors import ProviderError
from cornerman.language_tags import base_language
from cornerman.providers.engine import Engine, watched_engine
from cornerman.providers.openai_http import OpenAITranscriber
from cornerman.providers.segmented import SegmentedSTT

SAYS = ("input_audio_buffer.", "conversation.item.")
KNOWS_KEYWORDS = ("gpt-transcribe", "gpt-live-transcribe")
LONGEST_PROMPT = 800
"""Characters of the names a model is told beforehand: a prompt is cut by the server where it grows long."""
MOST_KEYWORDS = 100
KEY_VARIABLE = "OPENAI_API_KEY"
NO_KEY = "none"
"""What a server of one's own that asks for no key is sent: the plugin insists on one."""


def openai_realtime_engine(settings: ProviderSettings, language: str, keyterms: Sequence[str]) -> Engine:
    """An engine for one participant over the realtime protocol. Raises as `deepgram_engine` does."""
    plugin = _plugin(settings, language, keyterms, realtime=True)
    return watched_engine(plugin, SAYS, client=plugin._client)


def openai_http_engine(settings: ProviderSettings, language: str, keyterms: Sequence[str]) -> Engine:
    """An engine for one participant that uploads utterances. Raises as `deepgram_engine` does."""
    segmenting = {key: value for key, value in settings.options.items() if key in _SEGMENTING}
    plugin = _plugin(settings, language, keyterms, realtime=False)
    recogniser = SegmentedSTT(OpenAITranscriber(plugin), language=language, provider="openai", **segmenting)
    return Engine(recogniser)


_SEGMENTING = frozenset({"interim_every", "silence", "longest", "deadline"})


def load_plugin() -> Any:
    """The plugin's module. Loading it takes half a second or more, in which nobody is heard: do it before a call.

    Raises:
        ProviderError: it is not installed.
    """
    try:
        from livekit.plugins import openai
    except ImportError:
        raise ProviderError(
            'a speech provider is openai, but its plugin is not installed: pip install "cornerman[openai]"'
        ) from None
    return openai


def _plugin(settings: ProviderSettings, language: str, keyterms: Sequence[str], *, realtime: bool) -> Any:
    options: dict[str, Any] = {key: value for key, value in settings.options.items() if key not in _SEGMENTING}
    if settings.model:
        options["model"] = settings.model
    if settings.base_url:
        options["base_url"] = settings.base_url
        if not os.environ.get(KEY_VARIABLE):
            options.setdefault("api_key", NO_KEY)
    if keyterms and "prompt" not in options and "keywords" not in options:
        if options.get("model", "").startswith(KNOWS_KEYWORDS):
            options["keywords"] = list(keyterms[:MOST_KEYWORDS])
        else:
            options["prompt"] = _prompt(keyterms)
    options.setdefault("language", base_language(language))
    return load_plugin().STT(use_realtime=realtime, **options)


def _prompt(keyterms: Sequence[str]) -> str:
    """As many names as fit, each whole."""
    prompt = f"Names: {', '.join(keyterms)}"
    return prompt if len(prompt) <= LONGEST_PROMPT else prompt[:LONGEST_PROMPT].rpartition(", ")[0]
