"""One sentence model and the sample playbook's sections for the tests of finding them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cornerman.paths import find_project_file
from cornerman.playbook import Playbook, load_playbook
from cornerman.providers.embedding import Embedder
from cornerman.retrieval import Index, said_of
from cornerman.retrieval.index import FOLDER


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture(scope="session")
def sample() -> Playbook:
    return load_playbook(find_project_file("playbook"))


@pytest.fixture(scope="session")
def by_words(sample: Playbook) -> Index:
    return Index(tuple(sample.sections.values()), sample.language, said=said_of(sample))


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder for all tests that need the sample's vectors: they take some seconds."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def by_meaning(by_words: Index, embedder: Embedder, cache: Path) -> Index:
    return by_words.with_meaning(embedder, cache / FOLDER)
