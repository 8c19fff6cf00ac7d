"""Everything a text may lean on, read once: what the offered sources, tool results and turns say.

`prepare` reads it ahead, while the model has yet to answer; what a text cites is then only put together. Sections of a
playbook are kept for the process. What people said or an account holds is kept with the request's grounds and gone with
them, so that it can be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cornerman.advising.clauses import clauses_of
from cornerman.advising.grounding.free import near_free
from cornerman.advising.grounding.offered import TOOL_RESULT, Grounds, is_entry, is_playbook, is_record
from cornerman.advising.grounding.promises import first_person
from cornerman.advising.grounding.quantity import Quantities, Stated
from cornerman.advising.grounding.reading import Reading, bare, line_of, quantities_of, read
from cornerman.advising.grounding.tokens import Token, starts_sentence, tokens_of
from cornerman.advising.grounding.topics import topic_of
from cornerman.advising.grounding.vocabulary import is_common
from cornerman.language_tags import base_language

MOST_SECTIONS: Final = 1_024
"""Sections of playbooks that are kept as they were read, by the process."""
MOST_TURNS: Final = 8_192
"""Turns that are kept as they were read, by a call; of one that goes on, each step."""
MOST_KEPT: Final = 8
"""Sets of citations whose evidence is kept with a request's grounds; a text cites one, and its model few others."""


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A source or a turn, read: its text as a line, what it says in numbers and calls free, what it is about and names.

    `runs` are its longest rows of capitalised words.
    """

    line: str
    stated: tuple[Stated, ...]
    free: frozenset[str]
    topic: frozenset[str]
    names: frozenset[str]
    runs: frozenset[str]


class GroundsRead:
    """What of a request's grounds is the same whatever a text cites."""

    def __init__(self, grounds: Grounds) -> None:
        self.language = base_language(grounds.language)
        people = {
            (speaker, name): frozenset([*_line(name).split(), speaker.casefold()])
            for speaker, name in dict.fromkeys((one.speaker, one.name) for one in grounds.said)
        }
        self.speakers: tuple[frozenset[str], ...] = tuple(people[one.speaker, one.name] for one in grounds.said)
        self.said: tuple[SourceRead, ...] = tuple(self._turns(grounds))
        self.heard = Quantities(stated for turn in self.said for stated in turn.stated)
        allowed = [_line(name) for name in (*grounds.names, *dict.fromkeys(name for _, name in people))]
        self.known = tuple(line for name in grounds.known if (line := _line(name)).strip())
        self.allowed = "\n".join(allowed)
        self.whole = frozenset(line.strip() for line in (*allowed, *self.known))
        self.named = topic_of((word for line in (*allowed, *self.known) for word in line.split()), self.language)
        self._grounds = grounds
        self._sources: dict[str, SourceRead] = {}

    def source(self, name: str) -> SourceRead:
        """An offered source, read when it is first asked for."""
        if name not in self._sources:
            one = self._grounds.offered[name]
            reader = _playbook_section if is_playbook(name) else _source
            self._sources[name] = reader(one.title, one.text, self.language)
        return self._sources[name]

    def _turns(self, grounds: Grounds) -> Iterator[SourceRead]:
        """What was said. What a turn is about is also what the turn before was, and who speaks."""
        before: frozenset[str] = frozenset()
        kept = grounds.turns
        if len(kept) > MOST_TURNS:
            kept.clear()
        for one, speaker in zip(grounds.said, self.speakers, strict=True):
            turn = kept.get((one, before))
            if not isinstance(turn, SourceRead):
                turn = kept[one, before] = _turn(one.text, speaker, before, self.language)
            yield turn
            before = turn.topic


class Evidence:
    """The grounds of one request for texts that cite the same sources."""

    def __init__(self, grounds: Grounds, cited: Sequence[str]) -> None:
        self._base = base = _base_of(grounds)
        self.language, self.heard, self.known = base.language, base.heard, base.known
        counted = dict.fromkeys([*cited, *(one for one in grounds.offered if one.startswith(TOOL_RESULT))])
        sources = [base.source(one) for one in counted if one in grounds.offered]
        every = (*sources, *base.said)
        self.said_lines: tuple[tuple[str, frozenset[str]], ...] = tuple(
            (turn.line, speaker) for turn, speaker in zip(base.said, base.speakers, strict=True)
        )
        self.lines: tuple[str, ...] = tuple(one.line for one in every)
        self.quantities = Quantities(stated for one in every for stated in one.stated)
        self.topics: frozenset[str] = frozenset().union(*(one.topic for one in every))
        self.named: frozenset[str] = base.named.union(*(one.names for one in every))
        written = [base.source(one) for one in counted if one in grounds.offered and is_record(one)]
        self.free: tuple[frozenset[str], ...] = tuple(one.free for one in written if one.free)
        self.free_heard: tuple[frozenset[str], ...] = tuple(one.free for one in base.said if one.free)
        self.given_word: tuple[frozenset[str], ...] = tuple(
            [one.topic for one in base.said if first_person(one.line)]
            + [base.source(one).topic for one in counted if one in grounds.offered and is_entry(one)]
        )
        self._runs: frozenset[str] = base.whole.union(*(one.runs for one in every))
        self._line = "\n".join(self.lines)
        self._joined = ""
        self._verdicts: dict[str, Quantities] = {}

    def names_known(self, words: str) -> bool:
        """Whether these folded words, parted by single spaces, may be named: they stand together in the grounds."""
        padded = f" {words} "
        if padded in self._line or padded in self._base.allowed:
            return True
        if words.endswith("s") and f" {words[:-1]} " in self._line:
            return True
        self._joined = self._joined or self._line.replace(" ", "")
        return len(words) > 5 and words.replace(" ", "") in self._joined

    def whole_name(self, words: str) -> bool:
        """Whether they are a name by themselves, not a part of a longer one."""
        return words in self._runs and self.names_known(words)

    def names_of(self, tokens: Sequence[Token]) -> frozenset[str]:
        """The stems of what these tokens name, as far as the grounds name it."""
        return topic_of((bare(one.low) for one in tokens if one.text[0].isupper()), self.language) & self.named

    def verdict_quantities(self, sentence: str) -> Quantities:
        """What a verdict's sentence says in numbers."""
        if sentence not in self._verdicts:
            reading = read(sentence, self.language, generous=True)
            self._verdicts[sentence] = Quantities(Stated(one) for one in quantities_of(reading))
        return self._verdicts[sentence]


def evidence_of(grounds: Grounds, cited: Sequence[str]) -> Evidence:
    """The evidence for these citations, put together once for each grounds."""
    kept = grounds.kept
    key = tuple(dict.fromkeys(cited))
    found = kept.get(key)
    if not isinstance(found, Evidence):
        if len(kept) >= MOST_KEPT:
            base = kept.get(_BASE)
            kept.clear()
            if base is not None:
                kept[_BASE] = base
        found = kept[key] = Evidence(grounds, key)
    return found


def prepare(grounds: Grounds) -> None:
    """Reads all that is offered, so that the first check finds it read. Some milliseconds; no I/O; any thread."""
    base = _base_of(grounds)
    for name in grounds.offered:
        base.source(name)


def warm(language: str) -> None:
    """Reads word lists that are read once in a process, so that no call waits for it."""
    base = base_language(language)
    is_common("warm")
    _source("Warm", "Warm up: $1.5k, a third, 2 October.", base)


_BASE: Final = ("",)
"""What is the same for all citations is kept under a citation that nobody can make."""


def _base_of(grounds: Grounds) -> GroundsRead:
    found = grounds.kept.get(_BASE)
    if not isinstance(found, GroundsRead):
        found = grounds.kept[_BASE] = GroundsRead(grounds)
    return found


def _source(title: str, text: str, language: str) -> SourceRead:
    parts = (title, *(clause for row in text.split("\n") for clause in clauses_of(row)))
    readings = [read(part, language, generous=True) for part in parts]
    topics = [topic_of(one.line.split(), language) for one in readings]
    line = f" {' '.join(one.line.strip() for one in readings)} "
    own = [_names(one.tokens, language) for one in readings]
    return SourceRead(
        line,
        tuple(_stated(readings, topics, own)),
        near_free(line, readings[0].line, language),
        frozenset().union(*topics),
        frozenset().union(*own),
        _runs(readings),
    )


_playbook_section = lru_cache(maxsize=MOST_SECTIONS)(_source)


def _turn(text: str, speaker: frozenset[str], before: frozenset[str], language: str) -> SourceRead:
    reading = read(text, language, generous=True)
    topic = topic_of([*reading.line.split(), *speaker], language)
    names = _names(reading.tokens, language)
    stated = tuple(Stated(quantity, topic | before, names) for quantity in quantities_of(reading))
    return SourceRead(reading.line, stated, near_free(reading.line, "", language), topic, names, _runs([reading]))


def _stated(
    readings: Sequence[Reading], topics: Sequence[frozenset[str]], own: Sequence[frozenset[str]]
) -> Iterator[Stated]:
    """What a source says in numbers. Each sentence is about what its neighbours and the title are, and names what the
    last one before named.
    """
    names: frozenset[str] = frozenset()
    for at, one in enumerate(readings):
        names = own[at] or names
        for quantity in quantities_of(one):
            yield Stated(quantity, frozenset[str]().union(topics[0], *topics[max(at - 1, 0) : at + 2]), names)


def _names(tokens: Sequence[Token], language: str) -> frozenset[str]:
    """The stems of words whose capital letter says that they name something."""
    words = (
        word
        for at, token in enumerate(tokens)
        if token.text[0].isupper()
        and (word := bare(token.low))
        and not (starts_sentence(tokens, at) and is_common(word))
    )
    return topic_of(words, language)


def _runs(readings: Sequence[Reading]) -> frozenset[str]:
    """Capitalised words that follow each other, as long as they do."""
    found: set[str] = set()
    for reading in readings:
        run: list[str] = []
        for token in reading.tokens:
            if token.text[0].isupper():
                run.append(bare(token.low))
            elif not (token.low == "-" and token.glued):
                found.add(" ".join(run))
                run = []
        found.add(" ".join(run))
    return frozenset(found - {""})


def _line(text: str) -> str:
    return line_of(tokens_of(text))
