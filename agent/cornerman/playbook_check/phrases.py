"""Phrases that can never fire, that say nothing new, or that fire two moments at once.

A playbook goes in; warnings go to the log. Words are compared as the coach compares them, by stem and in the
playbook's language, so "discounts" beside "a discount" is seen. What depends on slots and gaps being filled one way or
another is let be: only what holds however they are filled is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cornerman.coach.language import Language
from cornerman.coach.languages import language_of
from cornerman.coach.words import stems
from cornerman.playbook import MomentDefinition, Playbook
from cornerman.playbook.entries import Entry
from cornerman.playbook.faults import FaultLog
from cornerman.playbook.loader import Reading
from cornerman.playbook.phrases import Gap, Literal, Slot, expand
from cornerman.playbook.yaml_tree import Step

Element = str | Slot | Gap
"""A stem, a slot or a gap."""
Variant = tuple[Element, ...]
Place = tuple[str, int]
PlaceOf = Callable[[str, int], Place]
"""File and line of an entry (from 0) of `phrases` or `negative`."""


def check_phrases(reading: Reading, playbook: Playbook, log: FaultLog) -> None:
    """Notes every phrase of the playbook that is not worth its line."""
    language = language_of(playbook.language)
    seen: dict[Variant, list[tuple[MomentDefinition, Place]]] = {}
    for definition, place_of in _with_places(reading, playbook):
        phrases = [_variants(text, language) for text in definition.phrases]
        negatives = [_variants(text, language) for text in definition.negative]
        taking_back = _Tree.of(negatives, language)
        _unfillable(definition, place_of, playbook, log)
        for index, variants in enumerate(phrases):
            _taken_back(variants, taking_back, definition, place_of, index, log)
        _nothing_new(phrases, _Tree.of(phrases, language), definition.phrases, "phrases", place_of, log)
        _nothing_new(negatives, taking_back, definition.negative, "negative", place_of, log)
        _shared(phrases, taking_back, definition, place_of, seen, log)


def _with_places(reading: Reading, playbook: Playbook) -> Iterator[tuple[MomentDefinition, PlaceOf]]:
    """The moments with where their phrases stand; those of compliance.yaml come last, as the loader makes them."""
    parts = reading.parts
    places: list[PlaceOf] = [partial(_place, entry, ()) for entry in parts.moments]
    if parts.compliance:
        rules = range(len(parts.compliance.part.forbidden))
        places += [partial(_place, parts.compliance, ("forbidden", at)) for at in rules]
    yield from zip(playbook.moments, places, strict=True)


def _place(entry: Entry[Any], above: tuple[Step, ...], group: str, index: int) -> Place:
    return entry.file, entry.line(*above, group, index)


def _variants(text: str, language: Language) -> tuple[Variant, ...]:
    return tuple(
        tuple(
            element
            for part in phrase
            for element in (stems(language, part.word) if isinstance(part, Literal) else (part,))
        )
        for phrase in expand(text)
    )


@dataclass(slots=True)
class _Node:
    after: dict[str | Slot, _Node] = field(default_factory=dict)
    gaps: dict[int, _Node] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Tree:
    """Variants of several phrases, to be found inside others; a phrase is known by its index."""

    stops: frozenset[str]
    root: _Node = field(default_factory=_Node)

    @classmethod
    def of(cls, phrases: Sequence[tuple[Variant, ...]], language: Language) -> _Tree:
        tree = cls(frozenset(stem for word in language.gap_stops for stem in stems(language, word)))
        for index, variants in enumerate(phrases):
            for variant in variants:
                node = tree.root
                for element in variant:
                    if isinstance(element, Gap):
                        node = node.gaps.setdefault(element.limit, _Node())
                    else:
                        node = node.after.setdefault(element, _Node())
                node.ends.append(index)
        return tree

    def inside(self, variant: Variant) -> Iterator[tuple[int, bool]]:
        """Each phrase that is said whenever the variant is, and whether it is the same from end to end."""
        for first in range(len(variant)):
            for index, last in self._walk(self.root, variant, first):
                yield index, first == 0 and last == len(variant)

    def _walk(self, node: _Node, variant: Variant, at: int) -> Iterator[tuple[int, int]]:
        for index in node.ends:
            yield index, at
        if at >= len(variant):
            return
        element = variant[at]
        following = None if isinstance(element, Gap) else node.after.get(element)
        if following is not None:
            yield from self._walk(following, variant, at + 1)
        for limit, after in node.gaps.items():
            yield from self._leap(after, limit, variant, at)

    def _leap(self, after: _Node, limit: int, variant: Variant, at: int) -> Iterator[tuple[int, int]]:
        """A gap over as many elements as surely fit into it. A slot may be any number of words long."""
        width = 0
        while width <= limit:
            yield from self._walk(after, variant, at)
            if at >= len(variant) or isinstance(variant[at], Slot) or variant[at] in self.stops:
                return
            element = variant[at]
            width += element.limit if isinstance(element, Gap) else 1
            at += 1


def _unfillable(definition: MomentDefinition, place_of: PlaceOf, playbook: Playbook, log: FaultLog) -> None:
    """A slot for a name, where the playbook knows no name."""
    missing = {
        "competitor": "" if playbook.competitors else "write a battlecard in battlecards/",
        "product": "" if playbook.products else "give a document in products/ a 'name'",
    }
    for slot, mend in missing.items():
        for index, text in enumerate(definition.phrases):
            # Cheap first: nearly all phrases have no such slot.
            if mend and slot in text.casefold() and all(Slot(slot) in phrase for phrase in expand(text)):
                wrong = f"'{_cut(text)}' can never fire: the playbook names no {slot}"
                log.warn(*place_of("phrases", index), f"{wrong}; {mend}, or remove the phrase")


def _taken_back(
    variants: tuple[Variant, ...],
    taking_back: _Tree,
    definition: MomentDefinition,
    place_of: PlaceOf,
    index: int,
    log: FaultLog,
) -> None:
    by = [next((found for found, _ in taking_back.inside(variant)), None) for variant in variants]
    first = by[0]
    if first is not None and None not in by:
        wrong = f"'{_cut(definition.phrases[index])}' can never fire: the negative phrase"
        file, line = place_of("negative", first)
        wrong = f"{wrong} '{_cut(definition.negative[first])}' at {file}:{line} takes it back"
        log.warn(*place_of("phrases", index), f"{wrong}; narrow the one, or remove the other")


def _nothing_new(
    phrases: Sequence[tuple[Variant, ...]],
    tree: _Tree,
    texts: Sequence[str],
    group: str,
    place_of: PlaceOf,
    log: FaultLog,
) -> None:
    """A phrase that is said only where another one of its list is said too. Of two equal ones the later is told."""
    for index, variants in enumerate(phrases):
        by = [
            next((found for found, same in tree.inside(one) if found < index or (found != index and not same)), None)
            for one in variants
        ]
        first = by[0]
        if first is not None and None not in by:
            file, line = place_of(group, first)
            wrong = f"'{_cut(texts[index])}' says nothing that '{_cut(texts[first])}' at {file}:{line} does not"
            log.warn(*place_of(group, index), f"{wrong}; remove it, or narrow the other")


def _shared(
    phrases: Sequence[tuple[Variant, ...]],
    taking_back: _Tree,
    definition: MomentDefinition,
    place_of: PlaceOf,
    seen: dict[Variant, list[tuple[MomentDefinition, Place]]],
    log: FaultLog,
) -> None:
    """A variant that another moment of the same speaker has too, with another card: which is shown is then chance."""
    for index, variants in enumerate(phrases):
        told: set[str] = set()
        place = place_of("phrases", index)
        for variant in variants:
            if next(taking_back.inside(variant), None) is not None:
                continue
            others = seen.setdefault(variant, [])
            for other, (file, line) in others:
                if other.id == definition.id or other.id in told or not _may_meet(definition, other):
                    continue
                told.add(other.id)
                wrong = f"'{_read_out(variant)}' stands at {file}:{line} too, so '{other.id}' and '{definition.id}'"
                log.warn(*place, f"{wrong} both fire on it; keep it in one of them")
            if all(other.id != definition.id for other, _ in others):
                others.append((definition, place))


def _may_meet(one: MomentDefinition, other: MomentDefinition) -> bool:
    stages = not one.stages or not other.stages or set(one.stages) & set(other.stages)
    return bool(set(one.roles) & set(other.roles) and stages and (one.kind, one.card) != (other.kind, other.card))


def _read_out(variant: Variant) -> str:
    shown = (
        f"{{{element.name}}}" if isinstance(element, Slot) else "..." if isinstance(element, Gap) else element
        for element in variant
    )
    return _cut(" ".join(shown))


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
