"""Which moments one turn holds, judged afresh on every revision.

In: a turn as known so far, the exchange it answers to, and what its sentences were found to mean. Out: the definitions
that are meant, each at most once (and once for each named competitor), in order of appearance, with a confidence. A
phrase makes a moment while its sentence is still being said; hints, and meaning, wait until it is whole. Words are
compared by the rules of the playbook's language. Sees words, roles and times only; ids and titles play no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from types import MappingProxyType

from cornerman.coach.exchange import Exchange
from cornerman.coach.language import Language, Token
from cornerman.coach.languages import language_of
from cornerman.coach.matching import Match, Owner, PhraseTrie
from cornerman.coach.prices import against, is_price
from cornerman.coach.scoring import Signals, confidence, likeness_of
from cornerman.coach.sentences import Sentence, sentences
from cornerman.coach.transcript import Utterance
from cornerman.coach.words import amounts, tokens_of
from cornerman.contract import Role
from cornerman.events import NOTHING_LIKE, Likeness
from cornerman.playbook import COMPETITOR_CARD, MomentDefinition, Playbook
from cornerman.playbook.phrases import expand

SURE = 0.5
"""The confidence from which on a moment is noticed: more likely meant than not, by weights fitted for that."""
SURE_BY_MEANING = 0.6
"""The same where words alone do not suffice. What nobody foresaw has to be surer: on dialogues that the weights were
not fitted to, this is where four in five such moments were right.
"""
NO_LIKENESS = Likeness("", NOTHING_LIKE, NOTHING_LIKE)

NOTHING_SAID = Exchange()

Meanings = Mapping[tuple[int, int], tuple[Likeness, ...]]
"""What sentences mean, by their first and last word."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A definition found in a turn: index into the playbook's moments, and the words `first` to `last` that say it."""

    definition: int
    named: str
    first: int
    last: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Heard:
    """A turn's revision, read: who said it, its tokens, and its sentences, which are named by their first and last
    word.
    """

    role: Role
    tokens: list[Token]
    sentences: list[Sentence]

    def words_of(self, sentence: Sentence) -> tuple[int, int]:
        """The indices of a sentence's first and last word in the turn."""
        return self.tokens[sentence.first].word, self.tokens[sentence.last].word


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition that something speaks for: in which sentence, by which tokens, and the signals."""

    definition: int
    named: str
    sentence: int
    first: int
    last: int
    signals: Signals
    meant: bool


class Detector:
    """The playbook's moments, compiled. Immutable after construction; shared by all calls of a process."""

    def __init__(self, playbook: Playbook) -> None:
        self.definitions: tuple[MomentDefinition, ...] = playbook.moments
        self.language: Language = language_of(playbook.language)
        self._index = {definition.id: index for index, definition in enumerate(playbook.moments)}
        self._trie = PhraseTrie(self.language)
        for index, definition in enumerate(self.definitions):
            self._add(definition.phrases, Owner(index, negative=False))
            self._add(definition.negative, Owner(index, negative=True))
            self._add(definition.hints, Owner(index, negative=False, hint=True))
        for slot, names in playbook.spoken_names():
            self._trie.add_names(slot, dict(names))

    def read(self, utterance: Utterance) -> Heard:
        """The turn's words as tokens and sentences."""
        words = utterance.words
        tokens = tokens_of(self.language, words)
        return Heard(utterance.role, tokens, sentences(tokens, words, utterance.complete))

    def detect(
        self, heard: Heard, exchange: Exchange = NOTHING_SAID, meanings: Meanings = MappingProxyType({})
    ) -> list[Detection]:
        """The moments meant in this turn, as far as it is known."""
        best: dict[tuple[int, str], tuple[float, Candidate]] = {}
        candidates = list(self.candidates(heard, exchange, meanings))
        plain = {one.sentence for one in candidates if one.signals.phrase}
        for candidate in candidates:
            if candidate.sentence in plain and not candidate.signals.phrase:
                continue  # what the words say plainly, hints and meaning do not second-guess
            sure = self._confidence(candidate)
            key = (candidate.definition, candidate.named)
            if sure >= SURE and (key not in best or sure > best[key][0]):
                best[key] = sure, candidate
        found = [
            Detection(*key, heard.tokens[one.first].word, heard.tokens[one.last].word, sure)
            for key, (sure, one) in best.items()
        ]
        return sorted(found, key=lambda one: (one.first, one.last, one.definition, one.named))

    def candidates(self, heard: Heard, exchange: Exchange, meanings: Meanings) -> Iterator[Candidate]:
        """Every definition that something speaks for, sentence by sentence; phrases first, in order of appearance."""
        by_words, refused = self._by_words(heard, exchange)
        for one in by_words:
            likeness = meanings.get(heard.words_of(heard.sentences[one.sentence]))
            yield self._with_meaning(one, likeness) if likeness else one
        spoken_for = {(one.definition, one.sentence) for one in by_words}
        for one in self._by_meaning(heard, exchange, meanings):
            kind = self.definitions[one.definition].kind
            if (one.definition, one.sentence) not in spoken_for and (kind, one.sentence) not in refused:
                yield one

    def _add(self, texts: Iterable[str], owner: Owner) -> None:
        for phrase in chain.from_iterable(expand(text) for text in texts):
            self._trie.add(phrase, owner)

    def _confidence(self, candidate: Candidate) -> float:
        """A phrase is as good as it was before its sentence's meaning came: meaning, where it is sure, only adds."""
        kind, signals = self.definitions[candidate.definition].kind, candidate.signals
        sure = confidence(kind, signals, meant=True) if candidate.meant else 0.0
        sure = sure if sure >= SURE_BY_MEANING else 0.0
        if signals.phrase or signals.hint:
            words = replace(signals, like=0.0, apart=0.0, rival=0.0)
            sure = max(sure, confidence(kind, words, meant=False))
        return sure

    def _by_words(self, heard: Heard, exchange: Exchange) -> tuple[list[Candidate], set[tuple[str, int]]]:
        """What phrases and hints speak for; and in which sentences words of a kind stand that are not meant: denied,
        reported or taken back. Nor is such a sentence meant so.
        """
        tokens = heard.tokens
        matches = self._trie.find(tokens, exchange.named) if tokens else []
        taken_back = [match for match in matches if match.owner.negative]
        found: dict[tuple[int, str, int], Match] = {}
        refused: set[tuple[str, int]] = set()
        for match in matches:
            definition = self.definitions[match.owner.definition]
            if match.owner.negative or not _counts(definition, heard.role, exchange):
                continue
            at = next(n for n, one in enumerate(heard.sentences) if one.last >= match.last)
            if not self._meant(match, taken_back, tokens, heard.sentences[at]):
                refused.add((definition.kind, at))
                continue
            key = (match.owner.definition, match.named, at)
            sentence, known = heard.sentences[at], found.get(key)
            if (sentence.whole or not match.owner.hint) and (known is None or _better(match, known)):
                found[key] = match
        signals = {at: self._signals(tokens, heard.sentences[at], exchange) for _, _, at in found}
        return [_said(match, key[2], heard, signals[key[2]]) for key, match in found.items()], refused

    def _by_meaning(self, heard: Heard, exchange: Exchange, meanings: Meanings) -> Iterator[Candidate]:
        tokens = heard.tokens
        for at, sentence in enumerate(heard.sentences):
            if self._reported(tokens, sentence, sentence.last, sentence.last):
                continue
            meaning = meanings.get(heard.words_of(sentence))
            if not meaning:
                continue
            signals = self._signals(tokens, sentence, exchange)
            for likeness in meaning:
                index = self._index.get(likeness.definition)
                if index is None or not likeness_of(likeness.like):
                    continue
                definition = self.definitions[index]
                if _counts(definition, heard.role, exchange) and definition.card != COMPETITOR_CARD:
                    silent = Candidate(index, "", at, sentence.first, sentence.last, signals, meant=True)
                    yield self._with_meaning(silent, meaning)

    def _with_meaning(self, candidate: Candidate, likeness: Sequence[Likeness]) -> Candidate:
        """The candidate with what its sentence means: `likeness` is the whole sentence's."""
        kind = self.definitions[candidate.definition].kind
        own, rival = NO_LIKENESS, NOTHING_LIKE
        for one in likeness:
            index = self._index.get(one.definition)
            if index == candidate.definition:
                own = one
            elif index is not None and self.definitions[index].kind != kind:
                rival = max(rival, one.like)
        signals = replace(
            candidate.signals,
            like=likeness_of(own.like),
            apart=_within(own.like - own.unlike),
            rival=_within(own.like - rival),
        )
        return replace(candidate, signals=signals, meant=True)

    def _signals(self, tokens: Sequence[Token], sentence: Sentence, exchange: Exchange) -> Signals:
        language, first, last = self.language, sentence.first, sentence.last
        said = [one for one in amounts(language, tokens[first : last + 1]) if is_price(one)]
        relations = {against(one, exchange.named) for one in said}
        return Signals(
            question=float(sentence.asks or language.question(tokens, first, last)),
            asked=float(exchange.asked),
            denied=float(language.denies(tokens, first, last)),
            priced=float(bool(said)),
            lower=float("lower" in relations),
            same=float("same" in relations),
        )

    def _meant(self, match: Match, taken_back: Sequence[Match], tokens: Sequence[Token], sentence: Sentence) -> bool:
        if any(_takes_back(negative, match, tokens) for negative in taken_back):
            return False
        negated = self.language.negated(tokens, match.first, match.last)
        return not (negated or self._reported(tokens, sentence, match.first, match.last))

    def _reported(self, tokens: Sequence[Token], sentence: Sentence, first: int, last: int) -> bool:
        """What somebody else says, by this sentence alone: "I know what they said. It is too expensive" is meant."""
        start = min(sentence.first, first)
        return self.language.reported(tokens[start:], first - start, last - start)


def _within(difference: float) -> float:
    return min(1.0, max(-1.0, difference))


def _counts(definition: MomentDefinition, role: Role, exchange: Exchange) -> bool:
    """Whether the definition is about what this role says in this stage."""
    in_stage = not definition.stages or exchange.stage is None or exchange.stage in definition.stages
    return role in definition.roles and in_stage


def _said(match: Match, at: int, heard: Heard, signals: Signals) -> Candidate:
    """The candidate of a phrase or hint in the sentence of this index; `signals` are the sentence's."""
    sentence = heard.sentences[at]
    share = (match.last - match.first + 1) / (sentence.last - sentence.first + 1)
    hint = match.owner.hint
    signals = replace(signals, phrase=float(not hint), hint=float(hint), cover=min(share, 1.0))
    return Candidate(match.owner.definition, match.named, at, match.first, match.last, signals, meant=False)


def _better(match: Match, known: Match) -> bool:
    """Whether a further match of the same definition in the same sentence says more: a phrase before a hint, then the
    longer one.
    """
    strength = (not match.owner.hint, match.last - match.first)
    return strength > (not known.owner.hint, known.last - known.first)


def _takes_back(negative: Match, match: Match, tokens: Sequence[Token]) -> bool:
    """A negative phrase of the same definition in the clause of the match."""
    if negative.owner.definition != match.owner.definition:
        return False
    clauses = range(tokens[match.first].clause, tokens[match.last].clause + 1)
    return tokens[negative.first].clause in clauses or tokens[negative.last].clause in clauses
