"""Finding what of a playbook a turn is about: by words, by meaning where that can be had, off the event loop."""

from __future__ import annotations

from cornerman.retrieval.index import Index, said_of
from cornerman.retrieval.query import Hit, Query
from cornerman.retrieval.retriever import Retriever, why_words_alone

__all__ = ["Hit", "Index", "Query", "Retriever", "said_of", "why_words_alone"]
