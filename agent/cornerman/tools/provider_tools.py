"""Tools that the model's provider runs itself, by the settings; off unless switched on.

What they find does not pass through here: nothing of it is offered as a source, so that a number or a name they bring
is shown to the rep only where something else says it too. Further models of the chain go without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from livekit.agents import llm

from cornerman.config import LlmSettings, ToolSettings
from cornerman.errors import ConfigError

ABLE: Final = "openai_responses"


def provider_tools(settings: ToolSettings, models: LlmSettings) -> tuple[llm.ProviderTool, ...]:
    """The provider's tools that are switched on.

    Raises: ConfigError: some are, and the first model's provider has none, or its plugin is not installed.
    """
    wanted = list(_named(settings))
    if not wanted:
        return ()
    if models.provider != ABLE:
        faults = [f"tools.{name}: needs llm.provider {ABLE}, not {models.provider}" for name in wanted]
        raise ConfigError("tools cannot be used", faults)
    try:
        from livekit.plugins.openai import tools
    except ImportError:
        raise ConfigError("tools cannot be used", ["tools: install cornerman with the extra 'openai'"]) from None
    made: list[llm.ProviderTool] = []
    if settings.web_search:
        made.append(tools.WebSearch())
    if settings.file_search:
        made.append(tools.FileSearch(vector_store_ids=list(settings.file_search)))
    if settings.code_interpreter:
        made.append(tools.CodeInterpreter(container={"type": "auto"}))
    return tuple(made)


def _named(settings: ToolSettings) -> Iterator[str]:
    for name in ("web_search", "file_search", "code_interpreter"):
        if getattr(settings, name):
            yield name
