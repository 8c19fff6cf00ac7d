"""Puts what a model noted beside what was noted without one.

In: the deterministic notes, a model's notes and replies, all checked. Out: notes in the order things were said. Where
both stand on the same words, the deterministic note stays and takes the model's wording; a model takes nothing away.
"""

from __future__ import annotations

from collections.abc import Sequence

from cornerman.advising.notes.claims import Reply, key_of
from cornerman.advising.notes.model import Note, Notes


def merged(notes: Notes, claimed: Sequence[Note], replies: Sequence[Reply]) -> Notes:
    """The notes with what a model added to them."""
    kept = list(notes.notes)
    for claim in claimed:
        at = next((at for at, note in enumerate(kept) if _same(note, claim)), None)
        if at is None:
            kept.append(claim)
        elif not kept[at].text:
            saw = claim.saw if claim.text else kept[at].saw
            due = kept[at].due or claim.due
            kept[at] = kept[at].model_copy(update={"text": claim.text, "due": due, "saw": saw})
    answers = {reply.to: reply for reply in replies}
    kept = [_with_reply(note, answers.get(key_of(note))) for note in kept]
    kept.sort(key=lambda note: (note.said.start, note.said.turn))
    return notes.model_copy(update={"notes": tuple(kept)})


def _same(note: Note, claim: Note) -> bool:
    """Whether two notes of a kind stand on some of the same words."""
    return (
        note.kind == claim.kind
        and note.said.turn == claim.said.turn
        and note.said.start < claim.said.end
        and claim.said.start < note.said.end
    )


def _with_reply(note: Note, reply: Reply | None) -> Note:
    return note if reply is None or note.reply is not None else note.model_copy(update={"reply": reply.said})
