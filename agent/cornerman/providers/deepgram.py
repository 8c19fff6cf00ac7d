"""Deepgram, by LiveKit's plugin: nova over the first version of its streaming protocol, flux over the second.

The key stands in DEEPGRAM_API_KEY; `base_url` is the whole address of the endpoint, for a deployment of one's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornerman.config import ProviderSettings
from cornerman.errors import ProviderError
from cornerman.language_tags import base_language
from cornerman.providers.engine import Engine, watched_engine

NOVA_SAYS = ("Results", "SpeechStarted", "UtteranceEnd", "Metadata")
FLUX_SAYS = ("Connected", "TurnInfo", "ConfigureSuccess")
MOST_KEYTERMS = 100
END_OF_TURN_MS = 1500
"""Silence after which flux ends a turn whatever it thinks of it: within the tail of silence that it is sent."""


def is_flux(settings: ProviderSettings) -> bool:
    """Whether the settings name a model of the flux family."""
    return settings.model.startswith("flux")


def deepgram_engine(settings: ProviderSettings, language: str, keyterms: Sequence[str]) -> Engine:
    """An engine for one participant.

    Raises:
        ProviderError: the plugin is not installed.
        ValueError: the key is missing or an option cannot be used.
    """
    try:
        from livekit.plugins import deepgram
    except ImportError:
        raise ProviderError(
            'a speech provider is deepgram, but its plugin is not installed: pip install "cornerman[deepgram]"'
        ) from None
    options: dict[str, Any] = {"mip_opt_out": True, **settings.options}
    if settings.model:
        options["model"] = settings.model
    if settings.base_url:
        options["base_url"] = settings.base_url
    if is_flux(settings):
        options = {"eot_timeout_ms": END_OF_TURN_MS, "keyterm": list(keyterms[:MOST_KEYTERMS]), **options}
        if settings.model == "flux-general-multi":
            options.setdefault("language_hint", [base_language(language)])
        return watched_engine(deepgram.STTv2(**options), FLUX_SAYS)
    return watched_engine(deepgram.STT(**_terms(options, keyterms), language=language), NOVA_SAYS)


def _terms(options: dict[str, Any], keyterms: Sequence[str]) -> dict[str, Any]:
    """Keyterms in the form the model takes: nova-3 knows keyterms, models before it boosted single keywords."""
    if not keyterms or "keyterm" in options or "keywords" in options:
        return options
    terms = list(keyterms[:MOST_KEYTERMS])
    if options.get("model", "nova-3").startswith("nova-3"):
        return {**options, "keyterm": terms}
    return {**options, "keywords": [(term, 1.0) for term in terms if " " not in term]}
