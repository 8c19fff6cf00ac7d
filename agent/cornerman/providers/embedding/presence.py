"""Whether meaning can be had at all here, told before anything is loaded.

In: the settings and a playbook. Out: why not, as a sentence for a log, a report or a journal; empty where it can.
"""

from __future__ import annotations

import importlib.util
from typing import Final

from cornerman.config import MeaningSettings
from cornerman.errors import ProviderError
from cornerman.language_tags import base_language
from cornerman.playbook import Playbook
from cornerman.providers.embedding.weights import MODEL, find_model

LANGUAGES: Final = frozenset({"en"})
"""What the model was trained on. In others it finds alike what shares words."""
_LIBRARIES = ("threadpoolctl", "tokenizers")


def why_not(settings: MeaningSettings, playbook: Playbook) -> str:
    """The first reason against; that the model's files are whole is only known once it is loaded."""
    if settings.enabled == "off":
        return "switched off by meaning.enabled"
    if base_language(playbook.language) not in LANGUAGES:
        return f"{MODEL} knows English, the playbook is in {playbook.language}"
    if not any(definition.examples for definition in playbook.moments):
        return "no moment of the playbook has examples"
    return why_no_model(settings)


def why_no_model(settings: MeaningSettings) -> str:
    """The reason for which the model cannot be loaded here; empty where nothing speaks against it."""
    missing = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        return f'{" and ".join(missing)} not installed: pip install "cornerman[meaning]"'
    try:
        find_model(settings.model)
    except ProviderError as error:
        return str(error)
    return ""
