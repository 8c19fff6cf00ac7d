"""Meaning for replays: the very same model and examples as live, loaded once for all playbooks of a command.

In: the settings, and whether meaning is wanted. Out: a comparison for a playbook, or words alone and the reason. What a
sentence means is remembered while the command runs, so that two playbooks over the same calls cost the model once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from cornerman.config import MeaningSettings
from cornerman.errors import ProviderError
from cornerman.playbook import Playbook
from cornerman.providers.embedding import Comparison, Embedder, why_not
from cornerman.providers.embedding.embedder import Vectors

REMEMBERED = 10_000
"""Sentences; their vectors take 15 MB."""


class RememberingEmbedder(Embedder):
    """An embedder that works each sentence out once. Not for live calls: it keeps what was said."""

    def __init__(self, settings: MeaningSettings) -> None:
        """Raises: ProviderError: as `Embedder`."""
        super().__init__(settings.model)
        self._known: OrderedDict[str, Vectors] = OrderedDict()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As `Embedder.encode`, to the bit: a text's vector depends on nothing but the text."""
        return np.concatenate([self._vector(text) for text in texts]) if texts else super().encode(texts)

    def _vector(self, text: str) -> Vectors:
        vector = self._known.pop(text, None)
        if vector is None:
            vector = super().encode([text])
        self._known[text] = vector
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return vector


class ReplayedMeaning:
    """Comparisons for the playbooks of one command. `wanted`: True insists, False is words alone, None takes meaning
    where it can be had.
    """

    def __init__(self, settings: MeaningSettings, wanted: bool | None = None) -> None:
        self.why_not = "switched off" if wanted is False else ""
        """Why the last playbook asked for has words alone; empty where it has meaning."""
        # who asks for it on the command line gets it, whatever the settings of live calls are
        self._settings = settings.model_copy(update={"enabled": "auto"}) if wanted else settings
        self._wanted = wanted
        self._embedder: RememberingEmbedder | None = None

    @property
    def told(self) -> str:
        """How the last playbook asked for is played, for a report."""
        return f"words alone: {self.why_not}" if self.why_not else "words and meaning"

    def of(self, playbook: Playbook) -> Comparison | None:
        """The playbook's comparison; None where words alone decide, and `why_not` then says why.

        Raises:
            ProviderError: meaning is insisted on and cannot be had, or the model is damaged.
        """
        if self._wanted is False:
            return None
        self.why_not = why_not(self._settings, playbook)
        if self.why_not:
            if self._wanted:
                raise ProviderError(f"{playbook.name} cannot be played with meaning: {self.why_not}")
            return None
        if self._embedder is None:
            self._embedder = RememberingEmbedder(self._settings)
        return Comparison(self._embedder, playbook)
