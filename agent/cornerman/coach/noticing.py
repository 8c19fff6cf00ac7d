"""Keeps the moments of every turn in step with its words: new ones, ones taken away, ones whose words moved.

In: a turn's newest revision, and what its sentences were found to mean. Out: what changed. A moment stands as long as
the words do; nothing here knows budgets or cards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cornerman.coach.exchange import Exchanges
from cornerman.coach.moments import Detection, Detector, Heard
from cornerman.coach.transcript import Transcript, Utterance
from cornerman.events import Evidence, Likeness, MeaningRequest, MeaningResult, Moment, Stage


@dataclass(frozen=True, slots=True)
class Noticed:
    """A moment with where it came from: the definition's index and the competitor or product it names."""

    moment: Moment
    definition: int
    named: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a revision did: moments that are new, ids of moments gone, moments whose quote reads differently now, and
    sentences whose meaning has to be known.
    """

    new: tuple[Noticed, ...] = ()
    gone: tuple[str, ...] = ()
    moved: tuple[tuple[str, Evidence], ...] = ()
    asked: tuple[MeaningRequest, ...] = ()


@dataclass(slots=True)
class _Turn:
    """What is known of one turn. `stage` is where the call stood when it began. Sentences are named by their first and
    last word; `asked` holds their evidence under the id of the request.
    """

    stage: Stage | None
    standing: dict[tuple[int, str], Moment] = field(default_factory=dict)
    asked: dict[str, Evidence] = field(default_factory=dict)
    meanings: dict[tuple[int, int], tuple[Evidence, tuple[Likeness, ...]]] = field(default_factory=dict)


class Noticing:
    """The standing moments of one call. Set `stage` when the call comes to another: it counts for turns that begin."""

    def __init__(self, detector: Detector, transcript: Transcript, *, by_meaning: bool = False) -> None:
        self.stage: Stage | None = None
        self._detector = detector
        self._transcript = transcript
        self._exchanges = Exchanges(detector.language, transcript)
        self._by_meaning = by_meaning
        self._turns: dict[str, _Turn] = {}
        self._asked_in: dict[str, str] = {}
        self._moments = 0
        self._requests = 0

    def revise(self, utterance: Utterance) -> Changes:
        """Judges the turn afresh and tells what changed against the revision before."""
        turn = self._turns.setdefault(utterance.turn, _Turn(self.stage))
        heard = self._detector.read(utterance)
        self._drop_revised(turn, utterance)
        asked = tuple(self._ask(turn, utterance, heard)) if self._by_meaning else ()
        changes = self._changes(turn, utterance, heard, asked)
        _let_go(turn, utterance)
        return changes

    def meant(self, result: MeaningResult) -> Changes:
        """Takes in what a sentence means; nothing where the sentence was revised or forgotten meanwhile."""
        name = self._asked_in.pop(result.request, "")
        turn, utterance = self._turns.get(name), self._transcript.utterance(name)
        if turn is None or utterance is None or result.request not in turn.asked:
            return Changes()
        evidence = turn.asked.pop(result.request)
        turn.meanings[evidence.first, evidence.last] = evidence, result.likeness
        changes = self._changes(turn, utterance, self._detector.read(utterance), ())
        _let_go(turn, utterance)
        return changes

    def standing(self, turn: str) -> tuple[Moment, ...]:
        """The moments that stand in a turn."""
        known = self._turns.get(turn)
        return tuple(known.standing.values()) if known else ()

    def forget(self, turn: str) -> tuple[str, ...]:
        """Drops a purged turn; returns the ids of the moments that stood in it."""
        self._exchanges.forget(turn)
        known = self._turns.pop(turn, None)
        if known is None:
            return ()
        for name in known.asked:
            del self._asked_in[name]
        return tuple(moment.id for moment in known.standing.values())

    def _changes(self, turn: _Turn, utterance: Utterance, heard: Heard, asked: tuple[MeaningRequest, ...]) -> Changes:
        before, after = turn.standing, {}
        new: list[Noticed] = []
        moved: list[tuple[str, Evidence]] = []
        exchange = self._exchanges.before(utterance, turn.stage)
        meanings = {words: likeness for words, (_, likeness) in turn.meanings.items()}
        for detection in self._detector.detect(heard, exchange, meanings):
            key = (detection.definition, detection.named)
            evidence = utterance.evidence(detection.first, detection.last)
            known = before.get(key)
            if known is None:
                moment = self._mint(detection, evidence)
                new.append(Noticed(moment, *key))
            else:
                moment = Moment(known.id, known.kind, known.definition, evidence, known.confidence)
                if _reads_differently(known, evidence):
                    moved.append((known.id, evidence))
            after[key] = moment
        turn.standing = after
        gone = tuple(moment.id for key, moment in before.items() if key not in after)
        return Changes(tuple(new), gone, tuple(moved), asked)

    def _ask(self, turn: _Turn, utterance: Utterance, heard: Heard) -> Iterator[MeaningRequest]:
        """Requests for the sentences that are whole and were not asked about yet, as they read now."""
        known = {(one.first, one.last) for one in turn.asked.values()} | set(turn.meanings)
        for sentence in heard.sentences:
            words = heard.words_of(sentence)
            if sentence.whole and words not in known:
                self._requests += 1
                request = MeaningRequest(f"s{self._requests}", utterance.evidence(*words))
                turn.asked[request.id] = request.evidence
                self._asked_in[request.id] = utterance.turn
                yield request

    def _drop_revised(self, turn: _Turn, utterance: Utterance) -> None:
        """Forgets what was asked and told about sentences that read differently now."""
        for name in [name for name, one in turn.asked.items() if not _stands(one, utterance)]:
            del turn.asked[name], self._asked_in[name]
        turn.meanings = {words: told for words, told in turn.meanings.items() if _stands(told[0], utterance)}

    def _mint(self, detection: Detection, evidence: Evidence) -> Moment:
        self._moments += 1
        definition = self._detector.definitions[detection.definition]
        return Moment(f"m{self._moments}", definition.kind, definition.id, evidence, detection.confidence)


def _let_go(turn: _Turn, utterance: Utterance) -> None:
    """Once a turn is over and all its sentences are known, nothing will be judged in it any more."""
    if utterance.complete and not turn.asked:
        turn.meanings.clear()


def _stands(evidence: Evidence, utterance: Utterance) -> bool:
    spoken = utterance.words[evidence.first : evidence.last + 1]
    return evidence.last < len(utterance.words) and " ".join(word.text for word in spoken) == evidence.quote


def _reads_differently(known: Moment, evidence: Evidence) -> bool:
    before = known.evidence
    return not isinstance(before, Evidence) or (before.quote, before.first) != (evidence.quote, evidence.first)
