"""The provider's own tools are off, and are switched on only where a provider has them."""

from __future__ import annotations

from typing import Any

import pytest
from livekit.plugins.openai.tools import OpenAITool

from cornerman.config import LlmSettings, ToolSettings
from cornerman.errors import ConfigError
from cornerman.tools import provider_tools

ALL = ToolSettings(web_search=True, file_search=("vs_1",), code_interpreter=True)


def test_none_is_on_by_default() -> None:
    assert provider_tools(ToolSettings(), LlmSettings(provider="openai_responses")) == ()


def test_those_switched_on_are_written_as_the_provider_wants_them() -> None:
    written: list[dict[str, Any]] = []
    for tool in provider_tools(ALL, LlmSettings(provider="openai_responses")):
        assert isinstance(tool, OpenAITool)
        written.append(tool.to_dict())
    assert [one["type"] for one in written] == ["web_search", "file_search", "code_interpreter"]
    assert written[1]["vector_store_ids"] == ["vs_1"]
    assert written[2]["container"] == {"type": "auto"}


@pytest.mark.parametrize("provider", ["none", "openai", "plugin"])
def test_a_provider_that_has_none_is_a_fault_for_each_at_start(provider: Any) -> None:
    with pytest.raises(ConfigError) as told:
        provider_tools(ALL, LlmSettings(provider=provider))
    assert [fault.split(":")[0] for fault in told.value.faults] == [
        "tools.web_search",
        "tools.file_search",
        "tools.code_interpreter",
    ]
