"""How near what was said comes to what a playbook's moments mean, and to what they do not mean.

In: a sentence and who said it. Out: for every moment of that role that has examples, the highest similarity to one of
them and to one of its counterexamples. Similarities are rounded to four decimals, so that they read the same in a
journal and after it. Synchronous; some milliseconds a sentence: not for an event loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cornerman.contract import Role
from cornerman.events import NOTHING_LIKE, Likeness
from cornerman.paths import cache_folder
from cornerman.playbook import MomentDefinition, Playbook
from cornerman.providers.embedding.embedder import Embedder, Vectors
from cornerman.providers.embedding.kept_vectors import vectors_of
from cornerman.providers.embedding.prices import with_any_price

DECIMALS = 4
_FOLDER = "vectors"


class Compares(Protocol):
    """Whatever can say what a sentence comes near."""

    def compare(self, text: str, role: Role) -> tuple[Likeness, ...]:
        """As `Comparison.compare`."""


@dataclass(frozen=True, slots=True)
class _Compared:
    """A definition, and which rows are its examples and counterexamples."""

    definition: MomentDefinition
    examples: slice
    unlike: slice


class Comparison:
    """A playbook's examples, ready to be compared with. May be used from several threads."""

    def __init__(
        self,
        embedder: Embedder,
        playbook: Playbook,
        folder: Path | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Takes the vectors of all examples from `folder` (default: the user's cache folder) or works them out: some
        milliseconds each, once on a machine.

        Raises:
            InterruptedError: `stopped` said so between two sentences.
        """
        self._embedder = embedder
        self._compared: list[_Compared] = []
        sentences: list[str] = []
        for definition in playbook.moments:
            if definition.examples:
                first, middle = len(sentences), len(sentences) + len(definition.examples)
                sentences += map(with_any_price, (*definition.examples, *definition.unlike))
                self._compared.append(_Compared(definition, slice(first, middle), slice(middle, len(sentences))))
        self._vectors = vectors_of(sentences, embedder, folder or cache_folder() / _FOLDER, stopped)

    @property
    def sentences(self) -> int:
        """How many examples and counterexamples there are."""
        return len(self._vectors)

    def compare(self, text: str, role: Role) -> tuple[Likeness, ...]:
        """One for each definition of the role that has examples, in the playbook's order."""
        mine = [one for one in self._compared if role in one.definition.roles]
        if not mine:
            return ()
        near = self._vectors @ self._embedder.encode([with_any_price(text)])[0]
        return tuple(
            Likeness(one.definition.id, _nearest(near[one.examples]), _nearest(near[one.unlike])) for one in mine
        )


def _nearest(similarities: Vectors) -> float:
    if not similarities.size:
        return NOTHING_LIKE
    return round(min(max(float(similarities.max()), -1.0), 1.0), DECIMALS)
