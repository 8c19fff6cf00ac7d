"""Reads a model's answer while it is being written: an object of JSON whose fields come in a fixed order.

In: pieces of text, cut anywhere, also inside an escape or a number. Out: steps in the order sources, headline, clauses
of the detail, action, done; each as soon as it is certain. Headline and clauses wait for the sources they are checked
against; an answer that names none is silent. Every character is read once. What is no such object ends in `Malformed`,
after which nothing follows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from cornerman.advising.clauses import ClauseReader, clauses_of
from cornerman.advising.json_reading import Ended, JsonError, ObjectReader, TextPiece, Value

MAX_HEADLINE: Final = 80
MAX_DETAIL: Final = 400
MAX_ANSWER: Final = 16_384
"""Characters of a whole answer; a model that writes more is not answering."""
MAX_SOURCES: Final = 8


class AdviceAnswer(BaseModel):
    """What the model answers, in the order it is to write it in; `instructions.py` tells it what the fields mean. Each
    field before the headline is a moment that the rep waits for it, so that silence has none: it is to name no source.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: list[str]
    headline: str
    detail: str
    action: str | None


@dataclass(frozen=True, slots=True)
class Silent:
    """The model has nothing to say. Only `Done` or `Malformed` follows."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The ids the advice rests on, one or more, each once, as the model wrote them: yet to be held against what was
    offered.
    """

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """The whole headline, at most 80 characters. `cut`: there was more of it."""

    text: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """The next whole clause of the detail, and the detail so far with it, at most 400 characters."""

    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class Action:
    """The id of the action the model wants on the card, as it wrote it."""

    id: str


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is whole, and this is it, cut to fit."""

    answer: AdviceAnswer


@dataclass(frozen=True, slots=True)
class Malformed:
    """The answer cannot be used. `why` repeats nothing of it."""

    why: str


Step = Silent | Sources | Headline | Clause | Action | Done | Malformed


class AnswerReader:
    """One answer as it streams."""

    def __init__(self) -> None:
        self._json = ObjectReader(("headline", "detail"))
        self._clauses = ClauseReader()
        self._fields: dict[str, Any] = {}
        self._headline: list[str] = []
        self._detail = ""
        self._detail_full = False
        self._waiting: list[Step] = []
        self._length = 0
        self._over = False

    @property
    def over(self) -> bool:
        """Whether nothing can follow any more: the answer is whole or cannot be used."""
        return self._over

    def feed(self, piece: str) -> tuple[Step, ...]:
        """Takes in more of the answer; returns what became certain."""
        if self._over:
            return ()
        self._length += len(piece)
        if self._length > MAX_ANSWER:
            return self._broken(f"the answer is longer than {MAX_ANSWER} characters")
        steps: list[Step] = []
        try:
            for part in self._json.feed(piece):
                steps.extend(self._take(part))
        except JsonError as fault:
            return (*steps, *self._broken(str(fault)))
        if self._over:
            return tuple(steps)
        return (*steps, *self._done()) if self._json.over else tuple(steps)

    def finish(self) -> tuple[Step, ...]:
        """The stream is over: an answer that is not whole by now never will be."""
        return () if self._over else self._broken("the answer broke off")

    def _take(self, part: TextPiece | Value | Ended) -> Iterator[Step]:
        if self._over:
            return
        if isinstance(part, TextPiece):
            yield from self._take_text(part)
        elif isinstance(part, Value):
            yield from self._take_value(part)
        else:
            self._fields[part.key] = True
            yield from self._settle(self._headline_step() if part.key == "headline" else self._last_clauses())

    def _take_text(self, part: TextPiece) -> Iterator[Step]:
        if part.key == "headline":
            self._headline.append(part.text)
        elif not self._detail_full:
            yield from self._settle(self._clause_steps(self._clauses.feed(part.text)))

    def _take_value(self, part: Value) -> Iterator[Step]:
        value = part.value
        if part.key == "sources" and isinstance(value, list) and all(isinstance(one, str) for one in value):
            ids = self._fields["sources"] = tuple(dict.fromkeys(value))[:MAX_SOURCES]
            yield Sources(ids) if ids else Silent()
            yield from self._settle(())
        elif part.key == "action" and (value is None or isinstance(value, str)):
            self._fields["action"] = value
            yield from self._settle((Action(value),) if value else ())
        elif part.key in ("headline", "detail") and value is None:
            self._fields[part.key] = True
        elif part.key in AdviceAnswer.model_fields:
            yield from self._broken(f"{part.key} is of the wrong type")

    def _settle(self, steps: Iterator[Step] | tuple[Step, ...]) -> Iterator[Step]:
        """The steps, once it is known by which sources the model speaks; until then they wait. Silence has none."""
        self._waiting.extend(steps)
        if "sources" not in self._fields:
            return
        if self._fields["sources"]:
            yield from self._waiting
        self._waiting.clear()

    def _headline_step(self) -> Iterator[Step]:
        whole = " ".join("".join(self._headline).split())
        text = cut_to(whole, MAX_HEADLINE)
        self._headline = [text]
        if text:
            yield Headline(text, cut=text != whole)

    def _clause_steps(self, clauses: tuple[str, ...]) -> Iterator[Step]:
        for clause in clauses:
            text = " ".join(clause.split())
            detail = f"{self._detail} {text}".lstrip()
            if self._detail_full or len(detail) > MAX_DETAIL:
                self._detail_full = True
                text = "" if self._detail else cut_to(text, MAX_DETAIL)
                detail = text
            if text:
                self._detail = detail
                yield Clause(text, detail)

    def _last_clauses(self) -> Iterator[Step]:
        return self._clause_steps(self._clauses.finish())

    def _done(self) -> tuple[Step, ...]:
        if self._fields.get("sources") == ():
            return self._whole(AdviceAnswer(sources=[], headline="", detail="", action=None))
        missing = [name for name in AdviceAnswer.model_fields if name not in self._fields and name != "action"]
        if missing:
            return self._broken(f"the answer has no {', no '.join(missing)}")
        headline = "".join(self._headline)
        if not headline:
            return self._broken("the headline is empty")
        sources, action = list(self._fields["sources"]), self._fields.get("action")
        return self._whole(AdviceAnswer(sources=sources, headline=headline, detail=self._detail, action=action))

    def _whole(self, answer: AdviceAnswer) -> tuple[Step, ...]:
        self._over = True
        return (Done(answer),)

    def _broken(self, why: str) -> tuple[Step, ...]:
        self._over = True
        return (Malformed(why),)


def cut_to(text: str, limit: int) -> str:
    """As much of the text as fits: whole clauses, else up to a comma or dash, else whole words and an ellipsis."""
    if len(text) <= limit:
        return text
    kept = ""
    for clause in clauses_of(text):
        longer = f"{kept} {clause}".lstrip()
        if len(longer) > limit:
            break
        kept = longer
    if kept:
        return kept
    head = text[: limit - 1]
    for mark in (" - ", " \u2013 ", " \u2014 ", ": ", ", ", " "):
        at = head.rfind(mark)
        if at > limit // 2:
            return head[:at].rstrip(" ,:;-\u2013\u2014") + "\u2026"
    return head + "\u2026"


def answer_example() -> str:
    """An answer as the model is to write it, for servers that cannot be given a schema."""
    return json.dumps({"sources": ["<id>"], "headline": "<text>", "detail": "<text>", "action": None})
