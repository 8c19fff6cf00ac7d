"""Which of LiveKit's plugins are imported ahead."""

from __future__ import annotations

import sys

import pytest

from cornerman.config import Settings
from cornerman.providers.plugins import import_plugins, plugins_of


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, ()),
        ({"stt": {"provider": "deepgram", "model": "nova-3"}}, ("deepgram",)),
        ({"stt": {"provider": "deepgram", "fallback": [{"provider": "openai_http"}]}}, ("deepgram", "openai")),
        ({"stt": {"provider": "openai"}, "llm": {"provider": "openai_responses", "model": "m"}}, ("openai",)),
        (
            {"llm": {"provider": "openai", "model": "m", "fallback": [{"provider": "plugin", "plugin": "x"}]}},
            ("openai", "x"),
        ),
        ({"llm": {"provider": "none", "questions": {"provider": "openai", "model": "m"}}}, ("openai",)),
    ],
)
def test_each_plugin_that_settings_name_once(settings: dict[str, object], names: tuple[str, ...]) -> None:
    assert plugins_of(Settings.model_validate(settings)) == names


def test_one_that_is_not_installed_leaves_the_others() -> None:
    missing = {"provider": "plugin", "plugin": "nobody_wrote"}
    sys.modules.pop("livekit.plugins.deepgram", None)
    import_plugins(Settings.model_validate({"llm": missing, "stt": {"provider": "deepgram"}}))
    assert "livekit.plugins.deepgram" in sys.modules
