"""Finds in a turn which of several groups of phrases are said and meant: signs of a stage, answers, disclosures.

In: groups of phrases as a playbook's author wrote them, and a turn. Out: for each group the first words that say it
(those of a statement before those of a question), in order of appearance. What is denied ("this call is not recorded")
or only reported does not count. Words are compared by the rules of the playbook's language, as in moments.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cornerman.coach.language import Language, Token
from cornerman.coach.languages import language_of
from cornerman.coach.matching import Match, Owner, PhraseTrie
from cornerman.coach.sentences import Sentence, sentences
from cornerman.coach.transcript import Utterance
from cornerman.coach.words import tokenize, tokens_of
from cornerman.playbook import Playbook
from cornerman.playbook.model import SpokenNames
from cornerman.playbook.phrases import Literal, Phrase, expand

STATEMENT_ENDS = (".", "!", "\u2026")
Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Words `first` to `last` of a turn, both included, say the group of this index; `asks`: in questions only."""

    group: int
    first: int
    last: int
    asks: bool


class Sayings:
    """Groups of phrases, compiled. Immutable after construction; shared by all calls of a process.

    `meant` False: words count however they are put. So do questions: "tell me who has to approve" reports nothing.
    """

    def __init__(self, language: Language, groups: Groups, names: SpokenNames = (), meant: bool = True) -> None:
        self._language = language
        self._meant_only = meant
        self._trie = PhraseTrie(language)
        # A phrase that denies by itself ("can not afford") is owned apart: what is inside it denies nothing more.
        denials: dict[str, bool] = {}
        for index, texts in enumerate(groups):
            for phrase in (phrase for text in texts for phrase in expand(text)):
                self._trie.add(phrase, Owner(2 * index + self._denies_itself(phrase, denials), False))
        for slot, spoken in names:
            self._trie.add_names(slot, dict(spoken))

    def said(self, utterance: Utterance) -> list[Said]:
        """The groups that are meant in this turn, each once."""
        tokens = self.tokens(utterance)
        if not tokens:
            return []
        whole = sentences(tokens, utterance.words, utterance.complete)
        asking = self.asking(utterance, tokens)
        found: dict[int, Said] = {}
        for match in self._trie.find(tokens):
            group, denies_itself = divmod(match.owner.definition, 2)
            if group in found and not found[group].asks:
                continue
            if not any(one.first <= match.first and match.last <= one.last for one in whole):
                continue  # the end of one sentence and the start of the next say nothing together
            if self._meant(match, tokens, bool(denies_itself)):
                asks = any(one.first <= match.last <= one.last for one in asking)
                if group not in found or not asks:
                    found[group] = Said(group, tokens[match.first].word, tokens[match.last].word, asks)
        return sorted(found.values(), key=lambda one: (one.first, one.last, one.group))

    def tokens(self, utterance: Utterance) -> list[Token]:
        """The turn's words made comparable."""
        return tokens_of(self._language, utterance.words)

    def asking(self, utterance: Utterance, tokens: Sequence[Token]) -> list[Sentence]:
        """The sentences of the turn that ask. Punctuation tells; where a recogniser writes none, the words do."""
        words = utterance.words
        spans = sentences(tokens, words, utterance.complete)
        return [
            one
            for one in spans
            if one.asks
            or (
                not words[tokens[one.last].word].text.endswith(STATEMENT_ENDS)
                and self._language.question(tokens, one.first, one.last)
            )
        ]

    def _meant(self, match: Match, tokens: Sequence[Token], denies_itself: bool) -> bool:
        if not self._meant_only:
            return True
        language = self._language
        if language.negated(tokens, match.first, match.last) or language.reported(tokens, match.first, match.last):
            return False
        # A gap may have jumped over a denial: "an assistant does not listen" for "assistant ... listen".
        return denies_itself or not language.denies(tokens, match.first, match.last)

    def _denies_itself(self, phrase: Phrase, denials: dict[str, bool]) -> bool:
        for word in (element.word for element in phrase if isinstance(element, Literal)):
            if word not in denials:
                tokens = tokenize(self._language, [word])
                denials[word] = bool(tokens) and self._language.denies(tokens, 0, len(tokens) - 1)
            if denials[word]:
                return True
        return False


def sayings_of(playbook: Playbook, groups: Iterable[Sequence[str]], *, meant: bool = True) -> Sayings:
    """The groups compiled by the playbook's language, with its names; the same groups are compiled once."""
    return _compiled(playbook.language, tuple(tuple(texts) for texts in groups), playbook.spoken_names(), meant)


@lru_cache(maxsize=128)
def _compiled(language: str, groups: Groups, names: SpokenNames, meant: bool) -> Sayings:
    return Sayings(language_of(language), groups, names, meant)
