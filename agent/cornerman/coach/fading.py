"""Which cards this rep does without: what the rep said before the card came, and what they do so often that the card
stays away.

In: the rep's turns and the drafts that are about to be sent. Out: the words that handled a draft, and the cards that
have faded. Experts lose quality when they are assisted all the time; a hint to do what was just done is the first to
go.

**The measure.** A card says its thing in parts: its headline, and every line its detail puts in quotation marks. Of
each part the stems count that say what it is about, in the playbook's language, without the words that only hold a
sentence together. The rep has said it where one stretch of `STRETCH` words or less, after the words that caused the
card or in the rep's turn right before them, holds at least `SHARE` of one part's stems and no fewer than `FEWEST`.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from functools import lru_cache

from cornerman.coach.language import Language, Token
from cornerman.coach.languages.function_words import content
from cornerman.coach.transcript import Utterance
from cornerman.coach.words import tokenize
from cornerman.events import Draft, Evidence

STRETCH = 25
"""Words: about ten seconds of speech. In a longer stretch the stems of many cards meet by chance."""
SHARE = 0.5
FEWEST = 2
EXCHANGE = 20.0
"""Seconds between the rep's turn and the words it may already have answered."""
KEPT_TURNS = 8
"""Turns of the rep that are remembered; a draft waits seconds, not minutes."""

_QUOTED = re.compile(r'["“„»«]([^"“”„»«]+)["”“»«]')


class Fading:
    """What one rep handled unaided in one call. `after`: how often before a card stays away."""

    def __init__(self, language: Language, after: int) -> None:
        self._language = language
        self._after = after
        self._turns: deque[Utterance] = deque(maxlen=KEPT_TURNS)
        self._handled: dict[str, list[str]] = {}

    def hear(self, utterance: Utterance) -> None:
        """Takes in the newest words of one of the rep's turns."""
        if self._turns and self._turns[-1].turn == utterance.turn:
            self._turns.pop()
        self._turns.append(utterance)

    def forget(self, turns: Iterable[str]) -> None:
        """Drops purged words of the rep's, and what was counted by them."""
        gone = set(turns)
        self._turns = deque((one for one in self._turns if one.turn not in gone), KEPT_TURNS)
        for card, counted in list(self._handled.items()):
            self._handled[card] = [turn for turn in counted if turn not in gone]

    def faded(self, card: str) -> bool:
        """Whether the rep has done without this card so often that it stays away."""
        return len(self._handled.get(card, ())) >= self._after

    def handled(self, draft: Draft) -> Evidence | None:
        """The rep's words that made the draft needless; counted. None where there are none."""
        cause = draft.moment.evidence
        if not isinstance(cause, Evidence):
            return None
        # what a model wrote may hold somebody's words: it is not remembered
        read = parts_of.__wrapped__ if draft.advised else parts_of
        parts = read(self._language, draft.headline, draft.detail)
        for utterance in reversed(self._turns):
            first, last = _answering(utterance, cause)
            found = said(self._language, parts, utterance, first, last)
            if found is not None:
                self._handled.setdefault(draft.card, []).append(utterance.turn)
                return found
        return None


def _answering(utterance: Utterance, cause: Evidence) -> tuple[int, int]:
    """The words of a turn, first to last, that may have answered the cause: all that came after it, and all of a turn
    that ended shortly before it. Last before first where there are none.
    """
    words = utterance.words
    after = next((index for index, word in enumerate(words) if word.start >= cause.end), len(words))
    before = bool(words) and cause.start - EXCHANGE <= words[-1].end <= cause.start
    return (0 if before and utterance.turn != cause.turn else after), len(words) - 1


@lru_cache(maxsize=1_000)
def parts_of(language: Language, headline: str, detail: str) -> tuple[frozenset[str], ...]:
    """What a card says, part by part, as stems; parts of too few stems are left out."""
    parts = (content(language, text) for text in (headline, *_QUOTED.findall(detail)))
    return tuple(part for part in parts if len(part) >= FEWEST)


def said(
    language: Language, parts: Sequence[frozenset[str]], utterance: Utterance, first: int, last: int
) -> Evidence | None:
    """The stretch of the words `first` to `last` that says most of one part, from the part's first stem to its last."""
    words = utterance.words[first : last + 1]
    tokens = tokenize(language, [word.text for word in words])
    for part in parts:
        hits = [token for token in tokens if token.stem in part]
        needed = max(FEWEST, -(-len(part) * SHARE // 1))
        stretch = _stretch(hits, needed)
        if stretch is not None:
            return utterance.evidence(first + stretch[0], first + stretch[1])
    return None


def _stretch(hits: Sequence[Token], needed: float) -> tuple[int, int] | None:
    """The first stretch of words with so many different stems; first and last word."""
    for index, start in enumerate(hits):
        stems: set[str] = set()
        for hit in hits[index:]:
            if hit.word - start.word >= STRETCH:
                break
            stems.add(hit.stem)
            if len(stems) >= needed:
                return start.word, hit.word
    return None
