"""What is said in every call whatever it is about: answers that answer nothing, and goodbyes.

In: a turn after a question, or a playbook. Out: whether the turn answers, and the phrases that end a call. The phrases
are general ones, by language; of a language without any, an answer is judged by its length and only the playbook's
own goodbyes count.
"""

from __future__ import annotations

from typing import Final, Literal

from cornerman.coach.languages import language_of
from cornerman.coach.sayings import sayings_of
from cornerman.coach.transcript import Utterance
from cornerman.coach.words import amounts
from cornerman.events import Evidence
from cornerman.playbook import Playbook

ANSWER_WITHIN: Final = 15.0
"""Seconds after a question in which an answer begins; later words are about something else."""
ANSWER_WORDS: Final = 4
"""Words an answer has at least, unless it holds a number, and questions aside: "good question" answers nothing."""
QUOTED_WORDS: Final = 30
"""So many of an answer's words are quoted."""

Answer = Literal["substantive", "none", "evasive"]

EVASIONS: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "(i|we) do not [really|actually] know",
        "(i am|we are) not [really|too|entirely|quite] sure",
        "no idea",
        "(hard|difficult|too early) to (say|tell)",
        "(i|we) (can not|could not) (say|tell)",
        "(would|will|have to) have to (check|ask|look [that|it] up|get back)",
        "(let me|i will) (check|ask|look into|get back|come back)",
        "(not|never) [really] (thought|talked|discussed) about",
        "(can not|rather not|not going to|prefer not to) (share|say|talk|discuss)",
        "why do you (ask|want to know)",
    ),
    "de": (
        "(weiß|wissen) (ich|wir) [ehrlich gesagt|leider|gar|noch|auch] nicht",
        "(ich|wir) (weiß|wissen) [es|das] [ehrlich gesagt|leider|gar|noch|auch] nicht",
        "(bin|sind) (ich|wir|mir|uns) [mir|uns] nicht sicher",
        "keine ahnung",
        "schwer zu sagen",
        "(kann|können) (ich|wir) [ihnen] [so|leider|noch] nicht sagen",
        "(muss|müsste|müssten) (ich|wir) (nachfragen|nachsehen|nachschauen|fragen|klären)",
        "warum fragen sie",
    ),
}
"""Answers that answer nothing."""

GOODBYES: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        "(bye|goodbye|good bye|bye bye)",
        "have a (good|great|nice|lovely|wonderful) (day|one|evening|weekend|afternoon|morning|night|week|rest)",
        "(enjoy|have a good) [the] rest of (your|the)",
        "(talk|speak) [to you] soon",
        "(talk|speak) to you (later|then|tomorrow|next week)",
        "see you (then|soon|later|tomorrow|next week)",
        "(i will|i am going to) let you go",
        "(thanks|thank you) again for (your time|the call|calling|the conversation|the chat)",
        "(have|need|got) to (go|run|hop off|jump off|drop off) now",
        "(have|need|got) to (hop|jump|drop) off",
    ),
    "de": (
        "(tschüss|tschüß|tschau|ciao|servus)",
        "auf (wiedersehen|wiederhören|wiederschauen)",
        "(schönen|guten) [tag|abend|feierabend] noch",
        "(schönes|gutes) wochenende",
        "(bis|wir sehen uns|wir hören uns) (bald|dann|morgen|später|nächste woche)",
        "(danke|vielen dank) für (ihre zeit|das gespräch|den anruf)",
        "machen sie es gut",
    ),
}
"""How people end a call."""


class Answers:
    """Tells an answer from an acknowledgement and an evasion."""

    def __init__(self, playbook: Playbook) -> None:
        self._language = language_of(playbook.language)
        self._evasions = sayings_of(playbook, (EVASIONS.get(self._language.tag, ()),))

    def judge(self, utterance: Utterance) -> Answer:
        """What a turn after a question is."""
        if self._evasions.said(utterance):
            return "evasive"
        tokens = self._evasions.tokens(utterance)
        asking = self._evasions.asking(utterance, tokens)
        told = [token for at, token in enumerate(tokens) if not any(one.first <= at <= one.last for one in asking)]
        return "substantive" if len(told) >= ANSWER_WORDS or amounts(self._language, told) else "none"

    def evidence(self, utterance: Utterance) -> Evidence:
        """The answer as it is quoted."""
        return utterance.evidence(0, min(len(utterance.words), QUOTED_WORDS) - 1)


def goodbyes_of(playbook: Playbook) -> tuple[str, ...]:
    """The phrases that end a call under this playbook: everybody's, and its own."""
    return (*GOODBYES.get(language_of(playbook.language).tag, ()), *playbook.goodbyes)
