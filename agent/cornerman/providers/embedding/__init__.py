"""Meaning as numbers: a sentence's vector, by a small model that runs here, and how near two sentences come.

Nothing is sent and nothing is downloaded: the weights come with an installed package, or lie in a folder the operator
named.
"""

from __future__ import annotations

from cornerman.providers.embedding.comparison import Compares, Comparison
from cornerman.providers.embedding.embedder import DIMENSIONS, Embedder
from cornerman.providers.embedding.presence import why_no_model, why_not
from cornerman.providers.embedding.weights import MODEL, ModelFiles, check_model, find_model

__all__ = [
    "DIMENSIONS",
    "MODEL",
    "Compares",
    "Comparison",
    "Embedder",
    "ModelFiles",
    "check_model",
    "find_model",
    "why_no_model",
    "why_not",
]
