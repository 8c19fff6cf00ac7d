"""Whether a German sentence asks, and whether it asks for a yes.

A question opens with an interrogative and a verb, or with a verb and its subject; words such as "und" and "also" may
come before. In speech without punctuation the order of words is all there is. Words are listed as `split_word` writes
them: ue for the umlaut, ss for the sharp s.
"""

from __future__ import annotations

from collections.abc import Sequence

from cornerman.coach.language import Token, word_set

INTERROGATIVES = word_set(
    "was wie wann wo wohin woher warum wieso weshalb wofuer womit woran worauf wer wen wem wessen welche welcher "
    "welches welchen welchem wieviel wieviele"
)
SUBJECTS = word_set("ich du er sie es wir ihr man das die der den ihnen ihre ihr unser unsere wer jemand dies")
AUXILIARIES = word_set(
    "ist sind war waren bin bist seid hat haben habt hatte hatten haetten haette kann koennen koennt koennte koennten "
    "darf duerfen duerfte soll sollen sollte sollten muss muessen muesste will wollen wollt wuerde wuerden wird werden "
    "moechten moechte brauchen nutzen kennen sehen gibt geht passt stimmt"
)
BEFORE = word_set("und also ja nein gut okay ok aber na aeh aehm dann denn so nun super danke hallo")
NOT_ASKING = word_set("gesagt schon bereits immer gewohnt besprochen")
OFFERS = (
    "wuerden sie", "waeren sie", "koennten sie", "koennen sie", "wollen sie", "moechten sie", "wollen wir",
    "wie waere", "was halten sie", "was meinen sie", "passt das", "passt ihnen", "ist das in ordnung",
    "einverstanden", "sind wir uns einig", "ich kann ihnen", "wir koennen ihnen", "ich koennte ihnen",
    "wir koennten ihnen", "mein angebot", "unser angebot",
)  # fmt: skip
"""Words by which somebody asks the other side to decide, or makes an offer."""


def question(tokens: Sequence[Token], first: int, last: int) -> bool:
    """True when the sentence opens with an interrogative and a verb, or with a verb and its subject."""
    at = first
    while at < last and tokens[at].text in BEFORE:
        at += 1
    if at == last:
        return tokens[at].text in INTERROGATIVES
    word, following = tokens[at].text, tokens[at + 1].text
    if word in INTERROGATIVES:
        return following not in SUBJECTS and following not in NOT_ASKING
    return word in AUXILIARIES and following in SUBJECTS
