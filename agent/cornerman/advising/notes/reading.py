"""Reads one completed turn for the notes: its sentences, what each of them says, and by when.

In: a completed turn. Out: a `Reading`. Words are compared by the rules of the playbook's language, as moments are: what
is denied or only reported says nothing. Pure: the same words give the same reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from cornerman.advising.notes import phrases
from cornerman.coach.answers import Answer, Answers
from cornerman.coach.language import Language, Token
from cornerman.coach.languages import language_of
from cornerman.coach.languages.function_words import content
from cornerman.coach.matching import Owner, PhraseTrie
from cornerman.coach.sayings import sayings_of
from cornerman.coach.sentences import sentences
from cornerman.coach.transcript import Utterance
from cornerman.coach.words import tokenize, tokens_of
from cornerman.events import Evidence
from cornerman.playbook import Playbook
from cornerman.playbook.phrases import expand

WORDS_BEFORE: Final = 15
WORDS_AFTER: Final = 25
"""Words of a sentence quoted before and after those that matter: speech without punctuation is one long sentence."""
REPLY_WORDS: Final = 40
"""Words of a reply that are quoted."""
QUESTION_WORDS: Final = 3
"""Words of a question at least that is worth to be answered: "okay?" and "I'm sorry?" are not."""

Saying = Literal["commitment", "agreement", "next_step", "proposal", "yes"]
Span = tuple[int, int]
_MEANT: Final[tuple[tuple[Saying, phrases.Phrases], ...]] = (
    ("commitment", phrases.PROMISES),
    ("agreement", phrases.AGREEMENTS),
    ("next_step", phrases.NEXT_STEPS),
    ("proposal", phrases.PROPOSALS),
)
_BESIDE: Final = (
    ("no commitment", phrases.NO_PROMISES),
    ("no agreement", phrases.NO_AGREEMENTS),
    ("small talk", phrases.SMALL_TALK),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence: words `first` to `last` of its turn, both included. `found` tells which words say what in it.

    `asks` where it is a question worth to be answered; `due` is by when, as it was said.
    """

    first: int
    last: int
    asks: bool
    found: tuple[tuple[Saying, Span], ...]
    due: str

    def says(self, saying: Saying) -> Span | None:
        """The words of the turn that say so."""
        return next((span for name, span in self.found if name == saying), None)

    def quoted(self, span: Span) -> Span:
        """What is quoted of the sentence for words in it."""
        return max(self.first, span[0] - WORDS_BEFORE), min(self.last, span[1] + WORDS_AFTER)


@dataclass(frozen=True, slots=True)
class Reading:
    """A completed turn, read; `answer` is what it is to a question asked before it."""

    utterance: Utterance
    lines: tuple[Line, ...]
    answer: Answer

    def line_of(self, evidence: Evidence) -> Line | None:
        """The sentence in which evidence begins, or the nearest to it; by its time, for words and their times move
        when a turn is recognised anew.
        """
        words = self.utterance.words

        def away(line: Line) -> float:
            return max(words[line.first].start - evidence.start, evidence.start - words[line.last].end, 0.0)

        return min(self.lines, key=away, default=None)

    def reply(self) -> Evidence:
        """The turn as it is quoted as a reply."""
        return self.utterance.evidence(0, min(len(self.utterance.words), REPLY_WORDS) - 1)


class Reader:
    """Reads turns by the rules of one playbook's language."""

    def __init__(self, playbook: Playbook) -> None:
        self._language = language_of(playbook.language)
        tag = self._language.tag
        self._meant = sayings_of(playbook, (texts.get(tag, ()) for _, texts in _MEANT))
        self._beside = sayings_of(playbook, (texts.get(tag, ()) for _, texts in _BESIDE), meant=False)
        self._parted = sayings_of(playbook, phrases.PARTED_PROMISES.get(tag, ((), ())))
        self._answers = Answers(playbook)
        self._due = _trie(self._language, phrases.DUE.get(tag, ()))
        self._yes = _trie(self._language, phrases.YES.get(tag, ()))
        _arranging(self._language)  # a tenth of a second: not when `arranges` is first asked, in a call

    def read(self, utterance: Utterance) -> Reading:
        """Reads a completed turn that has words."""
        tokens = tokens_of(self._language, utterance.words)
        spans = [(one.first, one.last) for one in sentences(tokens, utterance.words, complete=True)]
        asking = {(one.first, one.last) for one in self._meant.asking(utterance, tokens)}
        begins = [tokens[first].word for first, _ in spans]
        ends = [*(begin - 1 for begin in begins[1:]), len(utterance.words) - 1][: len(begins)]
        lines = tuple(
            self._line(utterance, tokens[first : last + 1], (begin, max(begin, end)), (first, last) in asking)
            for (first, last), begin, end in zip(spans, begins, ends, strict=True)
        )
        return Reading(utterance, lines, self._answers.judge(utterance))

    def _line(self, utterance: Utterance, tokens: Sequence[Token], span: Span, asks: bool) -> Line:
        first, last = span
        alone = Utterance(utterance.turn, utterance.identity, utterance.role, utterance.words[first : last + 1], True)
        beside = {_BESIDE[said.group][0] for said in self._beside.said(alone)}
        found: list[tuple[Saying, Span]] = []
        for said in self._meant.said(alone):
            saying = _MEANT[said.group][0]
            if (not asks or saying == "proposal") and f"no {saying}" not in beside:
                found.append((saying, (first + said.first, first + said.last)))
        parted = self._parted_promise(alone)
        if parted is not None and not asks and "no commitment" not in beside:
            found.append(("commitment", (first + parted[0], first + parted[1])))
        if not asks and "no agreement" not in beside and all(saying != "proposal" for saying, _ in found):
            yes = self._agrees(tokens)
            found += [("yes", (first, yes))] if yes is not None else []
        promise = next((span for saying, span in found if saying == "commitment"), None)
        worth_asking = (
            asks
            and len(alone.words) >= QUESTION_WORDS
            and "small talk" not in beside
            and bool(content(self._language, _text(alone)))
        )
        return Line(first, last, worth_asking, tuple(found), self._by_when(utterance, tokens, promise))

    def _parted_promise(self, alone: Utterance) -> Span | None:
        """A promise by its two ends."""
        ends = {said.group: said for said in self._parted.said(alone)}
        begin, end = ends.get(0), ends.get(1)
        return (begin.first, end.last) if begin and end and begin.last < end.first else None

    def _agrees(self, tokens: Sequence[Token]) -> int | None:
        """The last word of the yes that a sentence begins with."""
        if not tokens or self._language.denies(tokens, 0, len(tokens) - 1):
            return None
        return next((tokens[match.last].word for match in self._yes.find(tokens) if match.first == 0), None)

    def _by_when(self, utterance: Utterance, tokens: Sequence[Token], promise: Span | None) -> str:
        """The time named in a sentence, the longest reading of the first one; what follows a promise goes first."""
        times = [(tokens[one.first].word, tokens[one.last].word) for one in self._due.find(tokens)]
        if not times:
            return ""
        after = [span for span in times if promise is not None and span[0] >= promise[0]]
        first, last = min(after or times, key=lambda span: (span[0], -span[1]))
        return " ".join(word.text for word in utterance.words[first : last + 1]).strip(" .,;:!?\u2026")


def arranges(language: Language, text: str) -> bool:
    """Whether a text promises, settles or arranges something, or names a day for it; a look of a tenth of a millisecond
    that a reading may well take back.
    """
    return bool(_arranging(language).find(tokenize(language, text.split())))


def _arranging(language: Language) -> PhraseTrie:
    found = (phrases.PROMISES, phrases.AGREEMENTS, phrases.NEXT_STEPS, phrases.DUE)
    return _trie(language, tuple(text for one in found for text in one.get(language.tag, ())))


@lru_cache(maxsize=16)
def _trie(language: Language, texts: tuple[str, ...]) -> PhraseTrie:
    """The phrases compiled; shared by all calls of a process."""
    trie = PhraseTrie(language)
    for phrase in (phrase for text in texts for phrase in expand(text)):
        trie.add(phrase, Owner(0, negative=False))
    return trie


def _text(utterance: Utterance) -> str:
    return " ".join(word.text for word in utterance.words)
