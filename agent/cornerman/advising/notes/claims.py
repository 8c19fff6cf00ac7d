"""What a model noted, and which of it may stand: only what people said, just so, and only who said it.

In: a model's answer and the turns it was shown. Out: notes and replies whose quotes stand in the turn they name, by the
speaker they name, word for word but for spelling of case and punctuation. The quote that is kept is the transcript's,
not the model's. Its own wording must pass the check every word of a model passes; a time to keep a promise by must
have been said. Everything else is dropped.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from cornerman.advising.grounding import Fault, Grounds
from cornerman.advising.notes.heard import Heard, side_of
from cornerman.advising.notes.model import DUE_LIMIT, TEXT_LIMIT, Note, Quote
from cornerman.advising.notes.script import Script, grounds_of
from cornerman.coach.language import Language, Token
from cornerman.coach.transcript import Utterance
from cornerman.coach.words import tokenize, tokens_of
from cornerman.errors import CornermanError
from cornerman.plain import plain

logger = logging.getLogger(__name__)

MOST_CLAIMS: Final = 40
QUOTE_WORDS: Final = 60
"""Words of a quote at most: more is retelling."""
LEAST_WORDS: Final = 2
"""Words of a quote at least, unless the whole turn has fewer."""
ABOUT_THE_CALL: Final = frozenset({"discount", "forbidden"})
"""What a model must not advise may well have been said: such a note stands by its quote alone."""

Check = Callable[[str, Sequence[str], Grounds], Fault | None]
"""Tells what is wrong with a text that cites these ids, None where nothing is."""


class ClaimsError(CornermanError):
    """A model's notes cannot be read at all."""


class Claim(BaseModel):
    """One thing a model noted; `answers` names an open note that a `reply` is to."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["agreement", "commitment", "next_step", "question", "objection", "reply"]
    turn: str
    speaker: str
    quote: str
    text: str = ""
    due: str = ""
    answers: str = ""


class Claims(BaseModel):
    """The form of the answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    claims: list[Claim]


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody said to an open note; `to` is its key."""

    to: str
    said: Quote
    saw: tuple[str, ...]


def key_of(note: Note) -> str:
    """What a note is named by as long as its words stand."""
    return f"{note.kind}/{note.said.turn}/{note.said.start}"


def read_claims(text: str) -> tuple[Claim, ...]:
    """The claims of an answer; one that is no claim does not spoil the others.

    Raises: ClaimsError: the answer is no object with a list of claims.
    """
    try:
        listed = json.loads(text)["claims"]
    except (ValueError, KeyError, TypeError, RecursionError):
        listed = None
    if not isinstance(listed, list):
        raise ClaimsError("the model's notes are no JSON object with a list of claims")
    found = []
    for one in listed[:MOST_CLAIMS]:
        try:
            found.append(Claim.model_validate(one))
        except ValidationError:
            logger.debug("a claim has not the form of one")
    return tuple(found)


class Auditor:
    """Tells which claims stand. `base` is what texts may lean on in every call of this kind."""

    def __init__(self, language: Language, check: Check, base: Grounds) -> None:
        self._language = language
        self._check = check
        self._base = base

    def stand(
        self,
        claims: Sequence[Claim],
        script: Script,
        heard: Heard,
        open_notes: Mapping[str, Note],
        saw: tuple[str, ...],
    ) -> tuple[tuple[Note, ...], tuple[Reply, ...]]:
        """The claims that stand, as notes and as replies to `open_notes`, which are named by what the model calls
        them; `saw` are all whose words it was shown.
        """
        notes: list[Note] = []
        replies: list[Reply] = []
        for claim in claims:
            note = self._note(claim, script, heard, saw)
            if note is None:
                logger.info("a claim of the model does not stand", extra={"kind": claim.kind})
            elif claim.kind != "reply":
                notes.append(note)
            elif (to := open_notes.get(claim.answers.strip(" []"))) is not None and _may_reply(note.said, to):
                replies.append(Reply(key_of(to), note.said, saw))
        return tuple(notes), tuple(replies)

    def _note(self, claim: Claim, script: Script, heard: Heard, saw: tuple[str, ...]) -> Note | None:
        utterance = script.turn(claim.turn)
        if utterance is None or script.labels.get(utterance.identity) != claim.speaker.strip(" []"):
            return None
        span = self._quoted(claim.quote, utterance)
        if span is None:
            return None
        kind = claim.kind if claim.kind != "reply" else "moment"
        near = _near(utterance, script)
        text = plain(claim.text, TEXT_LIMIT + 1)
        if text:
            grounds, cited = grounds_of(self._base, heard, near)
            fault = self._check(text, cited, grounds)
            if fault is not None and fault.kind not in ABOUT_THE_CALL:
                return None
            text = "" if fault is not None or len(text) > TEXT_LIMIT else text
        said = heard.quote(utterance.evidence(*span))
        return Note(kind=kind, said=said, text=text, due=self._due(claim.due, near), by="model", saw=saw)

    def _quoted(self, quote: str, utterance: Utterance) -> tuple[int, int] | None:
        """The words of the turn that are quoted."""
        tokens = tokens_of(self._language, utterance.words)
        wanted = self._texts(tokenize(self._language, quote.split()))
        if not wanted or len(wanted) > QUOTE_WORDS or (len(wanted) < LEAST_WORDS and len(wanted) < len(tokens)):
            return None
        at = _index(self._texts(tokens), wanted)
        return None if at is None else (tokens[at].word, tokens[at + len(wanted) - 1].word)

    def _due(self, due: str, near: Sequence[Utterance]) -> str:
        """By when, if it was said so."""
        wanted = self._texts(tokenize(self._language, due.split()))
        if not wanted or len(due) > DUE_LIMIT:
            return ""
        said = any(_index(self._texts(tokens_of(self._language, one.words)), wanted) is not None for one in near)
        return plain(due, DUE_LIMIT) if said else ""

    def _texts(self, tokens: Sequence[Token]) -> list[str]:
        return [token.text for token in tokens]


def _index(texts: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Where the wanted words stand, one after the other."""
    starts = range(len(texts) - len(wanted) + 1)
    return next((at for at in starts if list(texts[at : at + len(wanted)]) == list(wanted)), None)


def _near(utterance: Utterance, script: Script) -> tuple[Utterance, ...]:
    """A turn with those right before and after it: what a word about it may be taken from."""
    turns = list(script.turns.values())
    at = turns.index(utterance)
    return tuple(turns[max(at - 1, 0) : at + 2])


def _may_reply(said: Quote, to: Note) -> bool:
    """Whether words can be a reply: the other side's, and later."""
    return side_of(said.role) != side_of(to.said.role) and said.start >= to.said.end
