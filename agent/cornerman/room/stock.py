"""What job processes find ready: the default playbook compiled, searchable and comparable, laid in once and shared.

The worker has the process that job processes are forked from lay it in (`preload.py`), so that all of them work on the
same memory and none reads or compiles what another has. In: settings. Out: a `Stock`, or None where nothing was laid
in. Promises that a stock is only ever used for what it was made from: a changed playbook, or other settings, make each
part anew where it is needed. No thread and no event loop is left running: neither lives through a fork.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from livekit.agents.utils import http_context

from cornerman.advising.advising import models_of
from cornerman.advising.grounding import Forbidden, warm
from cornerman.advising.notes.notebook import Notebook
from cornerman.coach import Coach, CoachSettings
from cornerman.coach.moments import Detector
from cornerman.config import LlmSettings, MeaningSettings, RetrievalSettings, Settings
from cornerman.errors import CornermanError
from cornerman.playbook import Playbook
from cornerman.providers.embedding import Compares, Comparison, Embedder, why_not
from cornerman.providers.llm import Models
from cornerman.retrieval.index import Index, said_of
from cornerman.retrieval.retriever import why_words_alone
from cornerman.seeing.pointing import points_at_screen

logger = logging.getLogger(__name__)

Part = TypeVar("Part")

VECTORS_WITHIN = 20.0
"""Seconds for each of the two sets of vectors, which a machine's first start with a playbook works out. What takes
longer is left to the job processes, whose calls need not wait for it.
"""


@dataclass(frozen=True, slots=True)
class Stock:
    """What calls with one playbook share. `comparison`, `index` and `models` are None where each process makes its
    own.
    """

    playbook: Playbook
    meaning: MeaningSettings
    retrieval: RetrievalSettings
    llm: LlmSettings
    detector: Detector
    forbidden: Forbidden
    comparison: Compares | None
    index: Index | None
    models: Models | None

    def models_for(self, settings: LlmSettings) -> Models | None:
        """Models that nobody has asked yet, where they were laid in and fit these settings."""
        return self.models if settings == self.llm else None

    def comparison_for(self, settings: MeaningSettings) -> Compares | None:
        """What was laid in to compare sentences with, where it fits these settings."""
        return self.comparison if settings == self.meaning else None

    def index_for(self, retrieval: RetrievalSettings, meaning: MeaningSettings) -> Index | None:
        """What was laid in to search, where it fits these settings."""
        return self.index if (retrieval, meaning) == (self.retrieval, self.meaning) else None


_LAID_IN: list[Stock] = []


def lay_in(settings: Settings, playbook: Playbook, *, models: bool = False) -> None:
    """Makes what calls with this playbook share, for this process and those forked from it. `models`: those too, which
    belong to one event loop; only for processes that are forked from this one, each of which then has its own.
    """
    _LAID_IN[:] = [stock_of(settings, playbook, models=models)]
    # The framework makes one for a process's first request: 4 MB, and half a tenth of a second on the event loop.
    http_context._create_ssl_context()


def keep_for_good() -> None:
    """Has the garbage collector never look again at what is here now: that would hold up calls for a tenth of a second,
    and in a forked process write to every page of what it shares, and so make a copy of all of it.
    """
    gc.collect()
    gc.freeze()


def laid_in_for(playbook: Playbook) -> Stock | None:
    """What was laid in for this very playbook, if anything."""
    return next((stock for stock in _LAID_IN if stock.playbook.digest == playbook.digest), None)


def compiled(playbook: Playbook) -> Detector:
    """The playbook's phrases, compiled. A coach on trial compiles those that coaches share among themselves, which
    would hold up the event loop when the call begins.
    """
    detector = Detector(playbook)
    Coach(playbook, CoachSettings(), detector)
    points_at_screen("", playbook.language)
    return detector


def stock_of(settings: Settings, playbook: Playbook, *, models: bool = False) -> Stock:
    """Everything that calls with this playbook can share. Takes some seconds, on a machine's first start more."""
    warm(playbook.language)
    Notebook(playbook)
    return Stock(
        playbook,
        settings.meaning,
        settings.retrieval,
        settings.llm,
        compiled(playbook),
        Forbidden(playbook),
        _left_out(lambda: _comparison(settings, playbook), "examples"),
        _left_out(lambda: _index(settings, playbook), "sections"),
        _left_out(lambda: models_of(settings.llm), "models") if models else None,
    )


def _comparison(settings: Settings, playbook: Playbook) -> Compares | None:
    if why_not(settings.meaning, playbook):
        return None
    embedder = Embedder(settings.meaning.model)
    embedder.encode(["hello"])  # brings every layer's pages into memory, once for all calls
    return Comparison(embedder, playbook, stopped=_after(VECTORS_WITHIN))


def _index(settings: Settings, playbook: Playbook) -> Index | None:
    index = Index(tuple(playbook.sections.values()), playbook.language, said=said_of(playbook))
    if why_words_alone(settings.retrieval, settings.meaning, playbook.language):
        return index
    # with a model of its own: a search must not keep a sentence that was just said waiting
    return index.with_meaning(Embedder(settings.meaning.model), stopped=_after(VECTORS_WITHIN))


def _left_out(make: Callable[[], Part | None], what: str) -> Part | None:
    """The part; None where it cannot be made: whoever needs it tries again, and tells the operator why it fails."""
    try:
        return make()
    except (CornermanError, InterruptedError) as error:
        logger.debug("%s are not laid in: %s", what, error)
        return None


def _after(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until
