"""Weights are fetched by the real client from a hub on this machine, and what keeps them from coming is said."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from providers.hub import FakeHub
from providers.tiny_whisper import make_model

from cornerman.providers.models import MODELS
from cornerman.providers.whisper.host import WhisperHost
from cornerman.providers.whisper.settings import WhisperSettings

GET = """
import sys
from pathlib import Path
from cornerman.errors import CornermanError
from cornerman.providers.models import get_model
try:
    print(get_model(sys.argv[1], Path(sys.argv[2])))
except CornermanError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""
HALF_A_MEGABYTE_AT_MOST = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))\n"
WITHOUT_THE_EXTRA = "import sys\nsys.modules['huggingface_hub'] = None\n"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_model(tmp_path_factory.mktemp("hub") / "tiny")
    (folder / "README.md").write_text("not wanted")
    return folder


@pytest.fixture
def hub(weights: Path, tmp_path: Path) -> Iterator[FakeHub]:
    no_model = tmp_path / "no model"
    no_model.mkdir()
    (no_model / "config.json").write_text("{}")
    with FakeHub({MODELS["tiny.en"]: weights, "someone/own-whisper": weights, "someone/letters": no_model}) as hub:
        yield hub


def get(
    name: str, into: Path, *, at: str, before: str = "", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Fetch in a process of its own, for the library looks at its environment once. `before` is run there first."""
    mine = {key: value for key, value in os.environ.items() if not key.startswith("HF_") and "proxy" not in key.lower()}
    return subprocess.run(
        [sys.executable, "-c", before + GET, name, str(into)],
        env=mine | {"HF_ENDPOINT": at, "HF_HOME": str(into.parent / "home")} | dict(environment or {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(("name", "folder"), [("tiny.en", "tiny.en"), ("someone/own-whisper", "own-whisper")])
async def test_what_was_fetched_is_a_model_that_loads(hub: FakeHub, tmp_path: Path, name: str, folder: str) -> None:
    fetched = get(name, tmp_path / "models", at=hub.url)
    assert fetched.returncode == 0, fetched.stderr
    assert fetched.stdout.strip() == str(tmp_path / "models" / folder)
    assert not (tmp_path / "models" / folder / "README.md").exists()
    host = WhisperHost(tmp_path / "models" / folder, settings=WhisperSettings(cpu_threads=1))
    host.start()
    await host.aclose()


def test_what_is_there_is_not_fetched_again(hub: FakeHub, tmp_path: Path) -> None:
    assert get("tiny.en", tmp_path / "models", at=hub.url).returncode == 0
    assert [asked for asked in hub.asked if asked.startswith("GET") and asked.endswith("model.bin")]
    hub.asked.clear()
    assert get("tiny.en", tmp_path / "models", at=hub.url).returncode == 0
    assert not [asked for asked in hub.asked if asked.startswith("GET") and "resolve" in asked]


def test_an_unknown_name_is_refused_with_the_known_ones(hub: FakeHub, tmp_path: Path) -> None:
    refused = get("enormous", tmp_path / "models", at=hub.url)
    assert refused.returncode == 1
    assert "ProviderError: no weights are called 'enormous'; choose tiny, tiny.en, base" in refused.stderr
    assert hub.asked == []


def test_a_repository_that_is_not_there_is_an_error(hub: FakeHub, tmp_path: Path) -> None:
    refused = get("someone/unknown", tmp_path / "models", at=hub.url)
    assert refused.returncode == 1
    assert "ProviderError: there are no weights someone/unknown" in refused.stderr


def test_a_repository_that_is_no_such_model_is_an_error(hub: FakeHub, tmp_path: Path) -> None:
    refused = get("someone/letters", tmp_path / "models", at=hub.url)
    assert refused.returncode == 1
    assert "lacks model.bin, tokenizer.json, vocabulary.json" in refused.stderr


@pytest.mark.parametrize("way", ["nobody listens", "offline"])
def test_no_network_is_an_error_that_says_what_to_look_at(tmp_path: Path, weights: Path, way: str) -> None:
    with FakeHub({}) as gone:
        nowhere = gone.url
    offline = {"HF_HUB_OFFLINE": "1"} if way == "offline" else {}
    refused = get("tiny.en", tmp_path / "models", at=nowhere, environment=offline)
    assert refused.returncode == 1
    assert f"ProviderError: the weights {MODELS['tiny.en']} cannot be reached" in refused.stderr
    assert "HTTPS_PROXY" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_no_space_is_an_error(hub: FakeHub, tmp_path: Path) -> None:
    refused = get("tiny.en", tmp_path / "models", at=hub.url, before=HALF_A_MEGABYTE_AT_MOST)
    assert refused.returncode == 1
    assert "ProviderError: there is no space left" in refused.stderr


def test_a_folder_that_cannot_be_made_is_an_error(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    refused = get("tiny.en", tmp_path / "models", at=hub.url)
    assert refused.returncode == 1
    assert "cannot be written" in refused.stderr


def test_without_the_extra_it_says_what_to_install(hub: FakeHub, tmp_path: Path) -> None:
    refused = get("tiny.en", tmp_path / "models", at=hub.url, before=WITHOUT_THE_EXTRA)
    assert refused.returncode == 1
    assert 'pip install "cornerman[whisper]"' in refused.stderr
