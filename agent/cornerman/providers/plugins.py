"""LiveKit's plugins that settings name, imported before job processes are forked: what one process imports takes some
20 MB and half a second, and those forked from it have it for nothing.
"""

from __future__ import annotations

import importlib
import logging
from typing import Final

from cornerman.config import Settings

logger = logging.getLogger(__name__)

OF_PROVIDER: Final = {
    "deepgram": "deepgram",
    "openai": "openai",
    "openai_http": "openai",
    "openai_responses": "openai",
}


def plugins_of(settings: Settings) -> tuple[str, ...]:
    """The names of the plugins that a call with these settings may need, each once."""
    speech = [settings.stt, *settings.stt.fallback]
    models = [settings.llm, *settings.llm.fallback, *filter(None, [settings.llm.questions])]
    named = [OF_PROVIDER.get(one.provider, "") for one in speech]
    named += [one.plugin if one.provider == "plugin" else OF_PROVIDER.get(one.provider, "") for one in models]
    return tuple(dict.fromkeys(filter(None, named)))


def import_plugins(settings: Settings) -> None:
    """Imports them; in a process's main thread, which plugins insist on. One that cannot be imported is left out:
    whoever needs it tells the operator why.
    """
    for name in plugins_of(settings):
        try:
            importlib.import_module(f"livekit.plugins.{name}")
        except Exception as error:
            logger.debug("livekit.plugins.%s is not imported ahead: %s", name, type(error).__name__)
