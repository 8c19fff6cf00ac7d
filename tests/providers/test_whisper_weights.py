"""Weights that are missing, incomplete, spoiled or slow are said at the start, with what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from providers.tiny_whisper import ONE_THREAD, make_model

from cornerman.errors import ProviderError
from cornerman.providers.whisper.host import WhisperHost
from cornerman.providers.whisper.settings import WhisperSettings


@pytest.mark.parametrize("missing", ["model.bin", "config.json", "tokenizer.json", "vocabulary.json"])
def test_an_incomplete_folder_is_refused_with_what_is_missing(tmp_path: Path, missing: str) -> None:
    (make_model(tmp_path) / missing).unlink()
    with pytest.raises(ProviderError, match=rf"lacks {missing} .*cornerman models get") as raised:
        WhisperHost(tmp_path)
    assert str(tmp_path) in str(raised.value)


def test_a_missing_folder_is_refused_with_the_way_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"no folder .*cornerman models get .*stt\.model"):
        WhisperHost(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("spoiled", "content"), [("model.bin", b"no model"), ("tokenizer.json", b"{"), ("model.bin", b"")]
)
def test_spoiled_weights_are_an_error_at_the_start(tmp_path: Path, spoiled: str, content: bytes) -> None:
    (make_model(tmp_path) / spoiled).write_bytes(content)
    host = WhisperHost(tmp_path, settings=ONE_THREAD)
    with pytest.raises(ProviderError, match="fetch the weights again"):
        host.start()
    assert host.pids == ()
    host.close()


def test_a_model_that_does_not_load_in_time_is_an_error(weights: Path) -> None:
    host = WhisperHost(weights, settings=WhisperSettings(start_timeout=0.001))
    with pytest.raises(ProviderError, match=r"within 0\.001 s"):
        host.start()
    assert host.pids == ()
    host.close()


def test_what_a_model_hears_is_known(tmp_path: Path, weights: Path) -> None:
    host = WhisperHost(weights, settings=ONE_THREAD)
    assert host.hears("en-GB")
    assert not host.hears("de-AT")
    host.start()
    assert host.hears("en")
    assert not host.hears("de")
    host.close()
    many = make_model(tmp_path)
    (many / "vocabulary.json").write_text(json.dumps(["word"] * 51_865))
    assert WhisperHost(many).hears("de-AT")
