"""What was said, as a model is shown it: each turn between marks of its own, with its id and a label for its speaker.

In: turns and names. Out: the turns, the newest kept where they are too many. Labels are given here, so that nobody can
pose as somebody else by the name they chose. All of it is material, and is marked as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cornerman.advising.grounding import Grounds, Offered, Said
from cornerman.advising.notes.heard import Heard
from cornerman.advising.untrusted import enclosed
from cornerman.coach.transcript import Utterance

TURN: Final = "turn:"
"""What the id of a turn that is cited starts with."""
TURN_LIMIT: Final = 1_500
"""Characters of a turn: more than is said in the longest."""
NAME_LIMIT: Final = 80


@dataclass(frozen=True, slots=True)
class Script:
    """Turns as a model is shown them; `labels` by identity."""

    turns: Mapping[str, Utterance]
    labels: Mapping[str, str]
    text: str

    @property
    def saw(self) -> tuple[str, ...]:
        """Whose words it shows."""
        return tuple(sorted({utterance.identity for utterance in self.turns.values()}))

    def turn(self, name: str) -> Utterance | None:
        """A turn by the id a model names it by."""
        return self.turns.get(name.strip(" []").removeprefix(TURN))


def script_of(heard: Heard, turns: Sequence[Utterance], characters: int) -> Script:
    """The newest of these turns that fit, in order, at least one; an overlong one is cut."""
    labels = {identity: f"S{number}" for number, identity in enumerate(heard.people, start=1)}
    said: list[str] = []
    kept: list[Utterance] = []
    room = characters
    for utterance in reversed(turns):
        label = labels.setdefault(utterance.identity, f"S{len(labels) + 1}")
        part = enclosed(
            text_of(utterance),
            name=utterance.turn,
            limit=TURN_LIMIT,
            title=f"{label} ({utterance.role})",
        )
        if kept and len(part) >= room:
            break
        room -= len(part) + 1
        said.append(part)
        kept.append(utterance)
    kept.reverse()
    said.reverse()
    names = (
        enclosed(heard.name_of(identity), kind="name", name=labels[identity], limit=NAME_LIMIT)
        for identity in dict.fromkeys(utterance.identity for utterance in kept)
    )
    return Script({one.turn: one for one in kept}, labels, "\n".join([*names, *said]))


def grounds_of(base: Grounds, heard: Heard, turns: Iterable[Utterance]) -> tuple[Grounds, tuple[str, ...]]:
    """What a text about these turns may lean on, and the ids it cites: these turns. `base` has what always holds."""
    offered = {}
    said = []
    for utterance in turns:
        name, text = heard.name_of(utterance.identity), text_of(utterance)
        offered[TURN + utterance.turn] = Offered(TURN + utterance.turn, name, text, f"{utterance.words[0].start:.0f} s")
        said.append(Said(utterance.identity, name, text))
    people = frozenset(person.name for person in heard.people.values() if person.name)
    grounds = Grounds(
        offered=offered,
        said=tuple(said),
        names=base.names | people,
        verdicts=base.verdicts,
        forbidden=base.forbidden,
        known=base.known,
        language=base.language,
    )
    return grounds, tuple(offered)


def text_of(utterance: Utterance) -> str:
    """A turn's words as a text."""
    return " ".join(word.text for word in utterance.words)
