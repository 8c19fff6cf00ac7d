"""Sentences to vectors: the forward pass of all-MiniLM-L6-v2 in numpy.

In: texts. Out: one vector of 384 numbers of length 1 for each, so that the dot product of two is their cosine
similarity. Promises: a text's vector depends on that text alone, not on what else was asked at the same time, so the
same text gives the same bits in every process of a machine; one core is used, never more; no text is kept or logged.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cornerman.errors import ProviderError
from cornerman.providers.embedding.minilm import DIMENSIONS, MiniLM
from cornerman.providers.embedding.weights import check_model, find_model, map_tensors

__all__ = ["DIMENSIONS", "Embedder"]

Vectors = NDArray[np.float32]
_LONGEST = 128  # word pieces; the length the model was trained on. What comes after is not looked at.


class Embedder:
    """The sentence model, loaded. Loading takes 0.2 to 0.5 s and a call some milliseconds a text: neither belongs on
    an event loop. May be used from several threads; they take turns.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Load the model from `folder`, else from the installed package.

        Raises:
            ProviderError: the extra `meaning` or the model is missing, or the model's files are damaged.
        """
        try:
            import threadpoolctl
            from tokenizers import Tokenizer
        except ImportError as error:
            raise ProviderError(f'{error.name} is not installed: pip install "cornerman[meaning]"') from None
        files = find_model(folder)
        check_model(files)
        # For the whole process, and for good: by default the library would take every core for a matrix, and hearing
        # needs them more. One thread is also no slower for texts as short as these.
        threadpoolctl.threadpool_limits(limits=1, user_api="blas")
        self._model = MiniLM(map_tensors(files.weights), _LONGEST)
        self._tokenizer = Tokenizer.from_file(str(files.tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_LONGEST)
        self._one_at_a_time = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, in order; shape (number of texts, 384), each row of length 1."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(texts):
            # One by one on purpose. In a batch a text would be padded to its neighbours' length and multiplied in
            # blocks of another size, which moves the last bits of its vector: a replay would no longer be exact.
            with self._one_at_a_time:
                # half a surrogate pair, as a broken recogniser may send, is no text for the tokenizer
                whole = text.encode("utf-8", "replace").decode("utf-8")
                vectors[row] = self._model.vector(self._tokenizer.encode(whole).ids)
        return vectors
