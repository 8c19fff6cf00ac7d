"""What stands between the two sides when somebody begins to speak: the prices named, and whether an answer is due.

In: the turns said so far. Out: an `Exchange` for a turn, from the few turns before it, in the order they began. What
was read in a turn is kept until the turn is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from cornerman.coach.language import Language
from cornerman.coach.prices import is_price
from cornerman.coach.sentences import sentences
from cornerman.coach.transcript import Transcript, Utterance
from cornerman.coach.words import amounts, tokens_of
from cornerman.contract import Role
from cornerman.events import Stage

LOOKED_BACK = 8
"""Turns before this one that count. Prices are haggled over from turn to turn; eight is four each."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """`named`: the prices the other side named last, as its own; `asked`: its last turn asks something, or names a
    price; `stage`: where the call stood, None where that is not known.
    """

    named: tuple[float, ...] = ()
    asked: bool = False
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """What one revision of a turn says."""

    revision: Utterance
    prices: tuple[float, ...]
    asks: bool


class Exchanges:
    """The exchange before every turn of one call."""

    def __init__(self, language: Language, transcript: Transcript) -> None:
        self._language = language
        self._transcript = transcript
        self._read: dict[str, _Read] = {}

    def before(self, utterance: Utterance, stage: Stage | None) -> Exchange:
        """What stood there when this turn began, in this stage of the call."""
        mine = _side(utterance.role)
        earlier = [
            (_side(one.role), self._reading(one))
            for one in islice(self._transcript.before(utterance.turn), LOOKED_BACK)
        ]
        first_said: dict[float, str] = {}  # "450, really?" does not make their price ours
        for side, read in reversed(earlier):
            for price in read.prices:
                first_said.setdefault(price, side)
        others = [read for side, read in earlier if side != mine]
        asks = (tuple(price for price in read.prices if first_said[price] != mine) for read in others)
        named = next((prices for prices in asks if prices), ())
        return Exchange(named, bool(others) and others[0].asks, stage)

    def forget(self, turn: str) -> None:
        """Drops what was read in a purged turn."""
        self._read.pop(turn, None)

    def _reading(self, utterance: Utterance) -> _Read:
        read = self._read.get(utterance.turn)
        if read is None or read.revision is not utterance:
            read = self._read[utterance.turn] = self._fresh(utterance)
        return read

    def _fresh(self, utterance: Utterance) -> _Read:
        language, words = self._language, utterance.words
        tokens = tokens_of(language, words)
        prices = tuple(one.value for one in amounts(language, tokens) if is_price(one))
        said = sentences(tokens, words, utterance.complete)
        asks = any(language.asks_decision(tokens, one.first, one.last) for one in said)
        asks = asks or (bool(said) and (said[-1].asks or language.question(tokens, said[-1].first, said[-1].last)))
        return _Read(utterance, prices, asks or bool(prices))


def _side(role: Role) -> str:
    return "seller" if role in ("rep", "colleague") else role
