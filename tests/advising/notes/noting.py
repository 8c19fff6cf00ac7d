"""A call whose notes are taken: a real coach under a playbook, a notebook that follows it, and a model where wanted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakes.openai_chat import FakeOpenAIChat
from providers.llm.asking import at, settings
from scenes import Scene, definition, playbook

from cornerman.advising.grounding import Grounds, check
from cornerman.advising.notes import Note, Notebook, Notes, NotesWriter, to_markdown
from cornerman.advising.notes.model import NoteKind
from cornerman.config import LlmSettings, NotesSettings
from cornerman.contract import Role
from cornerman.events import Attendance, CallEnd, Consent, Decision, Event, Purge, Turn, Word
from cornerman.playbook import Playbook, load_playbook
from cornerman.providers.llm import Models

TESTS = Path(__file__).parents[2]
BOOK = playbook(
    definition("price", "too expensive"),
    definition("promise", "will send ... contract", kind="commitment", roles=("rep",)),
    definition("needs", "need single sign on", kind="requirement"),
)
NAMES = {"rep": "Maya", "prospect": "Tom", "boss": "Ann"}
GAP = 0.4
"""Seconds between turns."""


def sample_playbook() -> Playbook:
    return load_playbook(TESTS.parent / "playbook")


def german_playbook() -> Playbook:
    return load_playbook(TESTS / "coach" / "klarwasser")


@dataclass
class Noted(Scene):
    """A scene; `follows` are told every step, as a driver tells them."""

    follows: list[Callable[[Event, float, list[Decision]], None]] = field(default_factory=list)
    said: int = 0
    over: float = 0.0

    def __post_init__(self) -> None:
        self.book = Notebook(self.playbook)
        super().__post_init__()

    def _step(self, event: Event, at: float) -> list[Decision]:
        made = super()._step(event, at)
        if self.follows:
            for follow in self.follows:
                follow(event, at, made)
        else:
            self.book.follow(event, at, made)
        return made

    def come(self, identity: str, role: Role) -> None:
        self.hear(Attendance(identity, NAMES.get(identity, identity), role, True))
        self.hear(Consent(identity, "granted", "test"))

    def says(self, who: str, text: str, *, role: Role | None = None, pause: float = GAP) -> str:
        """Somebody says a whole turn, after a pause; returns its id."""
        self.said += 1
        turn = f"t{self.said}"
        start = max(self.over + pause, self.now)
        words = tuple(
            Word(word, round(start + 0.3 * number, 2), round(start + 0.3 * number + 0.25, 2))
            for number, word in enumerate(text.split())
        )
        self.over = words[-1].end
        given: Role = role or ("rep" if who == "rep" else "prospect")
        self.hear(Turn(turn, who, given, words, words[0].start, self.over, 0.9), round(self.over + 0.5, 2))
        return turn

    def end(self) -> None:
        self.hear(CallEnd("over"), self.now + 1.0)

    def forget(self, identity: str) -> None:
        self.hear(Consent(identity, "declined", "rep"))
        self.hear(Purge(identity))

    def notes(self) -> Notes:
        return self.book.notes(self.now)

    def of(self, kind: NoteKind) -> list[Note]:
        return list(self.notes().of(kind))

    def quotes(self, kind: NoteKind) -> list[str]:
        return [note.said.quote for note in self.of(kind)]

    @property
    def markdown(self) -> str:
        return to_markdown(self.notes())


def scene(book: Playbook = BOOK) -> Noted:
    noted = Noted(book)
    noted.come("rep", "rep")
    noted.come("prospect", "prospect")
    return noted


def claim(kind: str, turn: str, speaker: str, quote: str, **more: str) -> dict[str, str]:
    """A claim as a model writes it."""
    return {
        "kind": kind,
        "turn": turn,
        "speaker": speaker,
        "quote": quote,
        "text": "",
        "due": "",
        "answers": "",
        **more,
    }


def claims(*several: dict[str, Any]) -> str:
    return json.dumps({"claims": list(several)})


def at_fake(fake: FakeOpenAIChat) -> LlmSettings:
    return settings(at(fake))


def writer(
    noted: Noted, models: Models | None, folder: Path | None, *, every: float = 0.01, deadline: float = 5.0
) -> NotesWriter:
    """A writer that follows the scene from here on, in place of its notebook alone."""
    made = NotesWriter(
        noted.book,
        noted.playbook,
        NotesSettings(every=every, deadline=deadline),
        models=models,
        check=check,
        base=Grounds(language=noted.playbook.language),
        folder=folder,
        now=lambda: noted.now,
    )
    noted.follows.append(made.follow)
    return made
