"""What has been said in this call, turn by turn, and its forgetting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cornerman.contract import Role
from cornerman.events import Evidence, Partial, Turn, Word


@dataclass(slots=True)
class Utterance:
    """One turn as known so far; `complete` once its end was heard."""

    turn: str
    identity: str
    role: Role
    words: tuple[Word, ...]
    complete: bool

    def evidence(self, first: int, last: int) -> Evidence:
        """The words `first` to `last`, both included, as evidence. The quote is these words and nothing else."""
        spoken = self.words[first : last + 1]
        quote = " ".join(word.text for word in spoken)
        return Evidence(self.turn, self.identity, self.role, first, last, spoken[0].start, spoken[-1].end, quote)


class Transcript:
    """Turns by id, in the order first heard. Words of a purged participant are gone from memory."""

    def __init__(self) -> None:
        self._turns: dict[str, Utterance] = {}
        self._purged: set[str] = set()

    def hear(self, event: Partial | Turn) -> Utterance | None:
        """Takes in the newest words of a turn. None when the turn was over or forgotten: a late result is dropped."""
        known = self._turns.get(event.turn)
        if event.turn in self._purged or (known is not None and known.complete):
            return None
        complete = isinstance(event, Turn)
        utterance = Utterance(event.turn, event.identity, event.role, event.words, complete)
        self._turns[event.turn] = utterance
        return utterance

    def says(self, evidence: Evidence) -> bool:
        """True when the quoted words stand in the transcript just so."""
        utterance = self._turns.get(evidence.turn)
        if utterance is None or not evidence.quote:
            return False
        spoken = utterance.words[evidence.first : evidence.last + 1]
        return " ".join(word.text for word in spoken) == evidence.quote

    def before(self, turn: str) -> Iterator[Utterance]:
        """The turns that began before this one, the latest first."""
        newest_first = iter(reversed(self._turns.values()))
        for utterance in newest_first:
            if utterance.turn == turn:
                break
        return newest_first

    def utterance(self, turn: str) -> Utterance | None:
        """A turn as known so far."""
        return self._turns.get(turn)

    def unfinished(self, identity: str) -> Utterance | None:
        """The turn somebody is in the middle of."""
        newest = next((one for one in reversed(self._turns.values()) if one.identity == identity), None)
        return newest if newest is not None and not newest.complete else None

    def purge(self, identity: str) -> list[str]:
        """Forgets everything this identity said; returns the turns forgotten. Late words of them will be dropped."""
        turns = [turn for turn, utterance in self._turns.items() if utterance.identity == identity]
        for turn in turns:
            del self._turns[turn]
            self._purged.add(turn)
        return turns
