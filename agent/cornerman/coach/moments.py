"""Which moments the words of one turn hold, judged afresh on every revision.

In: a turn as known so far. Out: the definitions that match, at most one match each (and each named competitor), in
order of appearance. Words are compared by the rules of the playbook's language. Sees words, roles and times only; ids
and titles of cards play no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cornerman.coach.language import Token
from cornerman.coach.languages import language_of
from cornerman.coach.matching import Match, Owner, PhraseTrie
from cornerman.coach.transcript import Utterance
from cornerman.coach.words import tokenize
from cornerman.playbook import MomentDefinition, Playbook
from cornerman.playbook.phrases import expand


@dataclass(frozen=True, slots=True)
class Detection:
    """A definition found in a turn: index into the playbook's moments, and the words `first` to `last` that say it."""

    definition: int
    named: str
    first: int
    last: int


class Detector:
    """The playbook's moments, compiled. Immutable after construction; shared by all calls of a process."""

    def __init__(self, playbook: Playbook) -> None:
        self.definitions: tuple[MomentDefinition, ...] = playbook.moments
        self._language = language_of(playbook.language)
        self._trie = PhraseTrie(self._language)
        for index, definition in enumerate(self.definitions):
            for negative, texts in ((False, definition.phrases), (True, definition.negative)):
                for text in texts:
                    for phrase in expand(text):
                        self._trie.add(phrase, Owner(index, negative))
        self._trie.add_names(
            "competitor",
            {competitor.name: (competitor.name, *competitor.aliases) for competitor in playbook.competitors},
        )
        self._trie.add_names(
            "product", {product.name: (product.name, *product.aliases) for product in playbook.products}
        )

    def detect(self, utterance: Utterance) -> list[Detection]:
        """The moments meant in this turn, as far as it is known."""
        words = utterance.words
        tokens = tokenize(self._language, [w.text for w in words], [w.start for w in words], [w.end for w in words])
        if not tokens:
            return []
        matches = self._trie.find(tokens)
        taken_back = [match for match in matches if match.owner.negative]
        found: dict[tuple[int, str], Detection] = {}
        for match in matches:
            key = (match.owner.definition, match.named)
            if key not in found and self._meant(match, taken_back, tokens, utterance):
                found[key] = Detection(*key, tokens[match.first].word, tokens[match.last].word)
        return sorted(found.values(), key=lambda one: (one.first, one.last, one.definition, one.named))

    def _meant(self, match: Match, taken_back: Sequence[Match], tokens: Sequence[Token], utterance: Utterance) -> bool:
        if match.owner.negative or utterance.role not in self.definitions[match.owner.definition].roles:
            return False
        if any(_takes_back(negative, match, tokens) for negative in taken_back):
            return False
        language = self._language
        return not (
            language.negated(tokens, match.first, match.last) or language.reported(tokens, match.first, match.last)
        )


def _takes_back(negative: Match, match: Match, tokens: Sequence[Token]) -> bool:
    """A negative phrase of the same definition in the clause of the match."""
    if negative.owner.definition != match.owner.definition:
        return False
    clauses = range(tokens[match.first].clause, tokens[match.last].clause + 1)
    return tokens[negative.first].clause in clauses or tokens[negative.last].clause in clauses
