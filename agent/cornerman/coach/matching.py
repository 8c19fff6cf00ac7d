"""Finds the playbook's phrases in what was said: one trie for all of them, so that the cost does not grow with their
number.

In: tokens of one turn. Out: every match, with the definition it belongs to. Literals match by stem (inflections too),
slots match amounts, prices against the other side's, and named competitors, gaps match a few words of the same clause.
Phrases and tokens are read by the rules of one language. Knows nothing of negation or roles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cornerman.coach.language import Amount, Language, Token
from cornerman.coach.prices import against
from cornerman.coach.words import amounts, stems
from cornerman.playbook.phrases import Literal, Phrase, Slot

GAP_LIMIT = 6
"""The widest gap the phrase language can ask for, in words."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose phrase it is: index of the definition, and whether the phrase takes the definition's moment back. A hint
    speaks for the moment without making it.
    """

    definition: int
    negative: bool
    hint: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found in tokens `first` to `last`, both included. `named` is the competitor or product that filled a
    slot.
    """

    owner: Owner
    first: int
    last: int
    named: str = ""


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    slots: dict[str, _Node] = field(default_factory=dict)
    gaps: dict[int, _Node] = field(default_factory=dict)
    owners: list[Owner] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Span:
    """A slot's filling that starts at some token: where it ends and what it names."""

    last: int
    named: str


class PhraseTrie:
    """All phrases of a playbook, compiled once and shared by every call of the process."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._root = _Node()
        self._names: dict[str, dict[str, list[tuple[tuple[str, ...], str]]]] = {}

    def add(self, phrase: Phrase, owner: Owner) -> None:
        """Adds one expanded phrase."""
        node = self._root
        for element in phrase:
            if isinstance(element, Literal):
                for stem in stems(self._language, element.word):
                    node = node.literals.setdefault(stem, _Node())
            elif isinstance(element, Slot):
                node = node.slots.setdefault(element.name, _Node())
            else:
                node = node.gaps.setdefault(min(element.limit, GAP_LIMIT), _Node())
        if node is not self._root and owner not in node.owners:
            node.owners.append(owner)

    def add_names(self, slot: str, names: Mapping[str, Iterable[str]]) -> None:
        """What a naming slot (`competitor`, `product`) may be filled with: name -> ways it is said."""
        index = self._names.setdefault(slot, {})
        for name, spoken_forms in names.items():
            for spoken in spoken_forms:
                said = stems(self._language, spoken)
                if said:
                    entries = index.setdefault(said[0], [])
                    entries.append((said, name))
                    entries.sort(key=lambda entry: (-len(entry[0]), entry[1]))

    def find(self, tokens: Sequence[Token], named: Sequence[float] = ()) -> list[Match]:
        """Every match in the tokens, in order of start, then end; `named` are the prices the other side named last."""
        spans = self._spans(tokens, named)
        found: dict[Match, None] = {}
        for first in range(len(tokens)):
            for match in self._walk(self._root, tokens, spans, first, first, ""):
                found[match] = None
        return sorted(found, key=lambda match: (match.first, match.last, match.owner.definition, match.named))

    def _walk(
        self, node: _Node, tokens: Sequence[Token], spans: dict[tuple[str, int], _Span], first: int, at: int, named: str
    ) -> Iterator[Match]:
        for owner in node.owners:
            yield Match(owner, first, at - 1, named)
        if at >= len(tokens):
            return
        following = node.literals.get(tokens[at].stem)
        if following is not None:
            yield from self._walk(following, tokens, spans, first, at + 1, named)
        for slot, after in node.slots.items():
            span = spans.get((slot, at))
            if span is not None:
                yield from self._walk(after, tokens, spans, first, span.last + 1, span.named or named)
        for limit, after in node.gaps.items():
            for skipped in range(limit + 1):
                if at + skipped >= len(tokens) or (at and tokens[at + skipped].clause != tokens[at - 1].clause):
                    break
                if skipped and tokens[at + skipped - 1].text in self._language.gap_stops:
                    break
                yield from self._walk(after, tokens, spans, first, at + skipped, named)

    def _spans(self, tokens: Sequence[Token], named: Sequence[float]) -> dict[tuple[str, int], _Span]:
        spans: dict[tuple[str, int], _Span] = {}
        for amount in amounts(self._language, tokens):
            spans.update(_amount_spans(amount, named))
        for slot, index in self._names.items():
            for at, token in enumerate(tokens):
                for said, name in index.get(token.stem, ()):
                    if tuple(other.stem for other in tokens[at : at + len(said)]) == said:
                        spans[slot, at] = _Span(at + len(said) - 1, name)
                        break
        return spans


def _amount_spans(amount: Amount, named: Sequence[float]) -> dict[tuple[str, int], _Span]:
    span = _Span(amount.last, "")
    filled = {(amount.kind, amount.first): span}
    filled["number", amount.first] = span
    relation = against(amount, named)
    if relation is not None:
        filled[relation, amount.first] = span
    return filled
