"""What a call's notes hold, as they are written beside the journal and shown to the rep.

Every note stands on words that were said: speaker, start, end and quote, in seconds since the call began. `text` is a
model's wording of it, checked before it got here; `saw` are then the participants whose words it may rest on.
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from cornerman.contract import Role
from cornerman.events import TickedList

VERSION: Final = 1
TEXT_LIMIT: Final = 240
DUE_LIMIT: Final = 60

NoteKind = Literal["agreement", "commitment", "next_step", "question", "objection", "moment"]


class NotePart(BaseModel):
    """Base of what stands in the notes."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Quote(NotePart):
    """Words somebody said, as they stand in the transcript."""

    identity: str
    name: str
    role: Role
    turn: str
    start: float
    end: float
    quote: str


class Note(NotePart):
    """One thing to remember. `about` is the kind of moment it was noticed as, empty where none was.

    `due` is by when a promise is to be kept, as it was said. `reply` is what the other side said to it: how an
    objection was met, how a question was put off, or, of an agreement, what was agreed to.
    """

    kind: NoteKind
    about: str = ""
    said: Quote
    text: str = Field(default="", max_length=TEXT_LIMIT)
    due: str = Field(default="", max_length=DUE_LIMIT)
    reply: Quote | None = None
    by: Literal["coach", "model"] = "coach"
    saw: tuple[str, ...] = ()

    def rests_on(self, identity: str) -> bool:
        """Whether the note would not be there without this participant's words."""
        return self.said.identity == identity or (self.by == "model" and identity in self.saw)

    def without(self, identity: str) -> Note:
        """The note with nothing in it that rests on this participant's words; for one that does not stand on them."""
        reply = self.reply if self.reply is not None and self.reply.identity != identity else None
        unworded = {"text": "", "saw": ()} if identity in self.saw else {}
        return self.model_copy(update={"reply": reply, **unworded})


class Item(NotePart):
    """An item of one of the playbook's lists; `said` are the words that ticked it, None where an earlier coach of the
    call heard them, or nobody did.
    """

    list: TickedList
    item: str
    title: str
    done: bool
    said: Quote | None = None


class Person(NotePart):
    """Somebody who took part."""

    identity: str
    name: str
    role: Role


class Notes(NotePart):
    """The notes of a call as of `at`, in the order things were said. `ended`: nothing comes any more."""

    v: Literal[1] = VERSION
    title: str
    language: str
    at: float
    ended: bool
    stage: str = ""
    people: tuple[Person, ...] = ()
    notes: tuple[Note, ...] = ()
    items: tuple[Item, ...] = ()
    gauges: dict[str, float] = Field(default_factory=dict)

    def of(self, kind: NoteKind) -> tuple[Note, ...]:
        """The notes of one kind."""
        return tuple(note for note in self.notes if note.kind == kind)

    def without(self, identity: str) -> Notes:
        """The notes with nothing left of what this participant said."""
        kept = tuple(note.without(identity) for note in self.notes if not note.rests_on(identity))
        items = tuple(
            item.model_copy(update={"said": None, "done": False})
            if item.said is not None and item.said.identity == identity
            else item
            for item in self.items
        )
        return self.model_copy(update={"notes": kept, "items": items})
