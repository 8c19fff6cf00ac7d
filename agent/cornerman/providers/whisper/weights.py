"""The folder of weights an operator names: whether all is there, and what it can hear.

In: a folder as `cornerman models get` leaves it, or any Whisper model converted for CTranslate2. Loads nothing.
"""

from __future__ import annotations

import json
from pathlib import Path

from cornerman.errors import ProviderError

NEEDED = ("model.bin", "config.json", "tokenizer.json")
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
"""One of these; older conversions have the second."""
MULTILINGUAL_TOKENS = 51_865
"""The smallest vocabulary of a model that hears more than English."""


def check_weights(folder: Path) -> None:
    """Raises ProviderError saying what is missing and how to get it."""
    advice = "fetch weights with `cornerman models get small.en --into FOLDER` and name their folder in stt.model"
    if not folder.is_dir():
        raise ProviderError(f"there is no folder {folder} with the neural engine's weights; {advice}")
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in VOCABULARIES):
        missing.append(VOCABULARIES[0])
    if missing:
        raise ProviderError(f"the folder {folder} lacks {', '.join(missing)} of the neural engine's weights; {advice}")


def is_multilingual(folder: Path) -> bool:
    """Whether the model hears more than English. Raises ProviderError where `check_weights` does, or when the
    vocabulary cannot be read."""
    check_weights(folder)
    vocabulary = next(folder / name for name in VOCABULARIES if (folder / name).is_file())
    try:
        text = vocabulary.read_text(encoding="utf-8")
        tokens = len(json.loads(text)) if vocabulary.suffix == ".json" else text.count("\n")
    except (OSError, ValueError, TypeError) as error:
        raise ProviderError(f"{vocabulary} cannot be read ({error}); fetch the weights again") from None
    return tokens >= MULTILINGUAL_TOKENS
