"""Whether a text makes, or tells the rep to make, a claim that the playbook forbids.

The phrases are those by which the rep is told off while speaking (`compliance.yaml`), and they are judged by the very
rules that judge the rep, as if the rep were to say the text. One thing is stricter: what somebody is told to say
("tell them we never go down") counts as said, unless the telling itself is denied ("never say that ...").
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cornerman.coach.language import word_set
from cornerman.coach.moments import Detector
from cornerman.coach.transcript import Utterance
from cornerman.events import Word
from cornerman.playbook import Playbook
from cornerman.playbook.kinds import COMPLIANCE_KIND

_TELLING: Final = word_set(
    "say says tell tells telling saying mention claim claims promise confirm reassure assure them him her that "
    "they answer reply explain state write quote sag sage sagen sagt antworten antworte versichern erklaeren "
    "erklaere"
)
_DENYING: Final = word_set(
    "not never no without avoid instead rather don't cannot can't nobody nothing stop nicht nie niemals kein "
    "keine keinen ohne statt"
)
_TO_THEM: Final = {"them": "you", "him": "you", "her": "you", "their": "your"}
"""What a rep who follows the advice says in its place."""
_WORD_SECONDS: Final = 0.3
"""How long a word is taken to last, so that no pause parts the words of a sentence."""


class Forbidden:
    """The forbidden claims of a playbook, compiled. Immutable; shared by all calls of a process."""

    def __init__(self, playbook: Playbook | None = None) -> None:
        claims = tuple(one for one in playbook.moments if one.kind == COMPLIANCE_KIND) if playbook else ()
        self._detector = Detector(replace(playbook, moments=claims)) if playbook and claims else None

    def claimed(self, text: str) -> str:
        """The id of a forbidden claim that the text makes; empty where it makes none."""
        if self._detector is None:
            return ""
        words = text.split()
        to_them = [_TO_THEM.get(_bare(raw), raw) for raw in words]
        found = self._found(words) or (self._found(to_them) if to_them != words else "")
        telling = [_bare(raw) in _TELLING for raw in words] + [False]
        for at in range(len(words)):
            if found:
                break
            if telling[at] and not telling[at + 1] and not _denied(words, at):
                found = self._found(to_them[at + 1 :])
        return found

    def _found(self, words: list[str]) -> str:
        detector = self._detector
        if detector is None or not words:
            return ""
        spoken = tuple(
            Word(
                text.strip("\"'\u201c\u201d\u201e\u00ab\u00bb()") or text, at * _WORD_SECONDS, (at + 1) * _WORD_SECONDS
            )
            for at, text in enumerate(words)
        )
        detections = detector.detect(detector.read(Utterance("advice", "rep", "rep", spoken, complete=True)))
        return detector.definitions[detections[0].definition].id if detections else ""


NOTHING_FORBIDDEN: Final = Forbidden()


def _bare(raw: str) -> str:
    return raw.strip(".,:;!?\"'()\u201c\u201d\u201e").casefold().replace("\u2019", "'")


def _denied(words: list[str], at: int) -> bool:
    """Whether the telling at this word is denied in its own clause."""
    for before in range(at - 1, max(at - 5, -1), -1):
        if words[before].endswith((".", ",", ";", "!", "?", ":")):
            return False
        if _bare(words[before]) in _DENYING or _bare(words[before]).endswith("n't"):
            return True
    return False
