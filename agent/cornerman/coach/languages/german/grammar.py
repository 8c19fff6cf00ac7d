"""The small words of German that negation and reporting are read by; umlauts written out."""

from __future__ import annotations

from collections.abc import Sequence

from cornerman.coach.language import Token, word_set

PRONOUNS = word_set("ich du er sie es wir ihr man")
SUBJECTS = PRONOUNS | word_set("das dies die der")
DETERMINERS = word_set(
    "der die das den dem des ein eine einen einem einer mein meine meinem meiner unser unsere unserem "
    "unserer ihr ihre ihrem ihrer sein seine seinem seiner dieser diese dieses diesen diesem"
)
BEING = word_set("ist sind war waren waere waeren wird wuerde bleibt scheint gibt geht")
REQUESTING = word_set("kann kannst koennen koennt koennte koenntest koennten will wollen wollt wuerden haben habt hast")
VERBS = (
    BEING
    | REQUESTING
    | word_set(
        "bin bist seid wurde wurden werde werden habe haben hat hast hatte hatten haette haetten konnte "
        "konnten muss muessen musste muesste muessten soll sollen sollte sollten wollte wollten moechte "
        "moechten darf duerfen duerfte mag moegen geht gehen finde finden findet findest glaube glauben "
        "glaubt denke denken denkt meine meinen meint brauche brauchen braucht suche suchen sucht benoetige "
        "benoetigen benoetigt plane planen plant kostet kosten klingt liegt liegen kommt kommen macht machen "
        "sieht sehe sehen sage sagt sagen sagte sagten weiss wissen zahlen zahle zahlt nehmen nehme nutzen "
        "nutzt"
    )
)
CONJUNCTIONS = word_set("aber und sondern weil denn obwohl wenn falls damit sonst trotzdem deshalb deswegen")
"""Words after which another clause begins, whether or not a comma was heard."""
OPENERS = word_set("ja na nein naja hm aeh aehm und aber oder okay mal")
"""Words that may stand before a clause without taking its first place."""


def clause_start(tokens: Sequence[Token], at: int) -> int:
    """The first token of the clause that token `at` stands in."""
    while at and tokens[at - 1].clause == tokens[at].clause:
        at -= 1
    return at


def complementiser(tokens: Sequence[Token], at: int) -> bool:
    """Whether "dass" or "ob" stands here; recognisers write "das" for "dass", which shows by the subject after it."""
    text = tokens[at].text
    if text == "das":
        return at + 1 < len(tokens) and tokens[at + 1].text in SUBJECTS
    return text in ("dass", "ob")


def new_clause(tokens: Sequence[Token], at: int) -> bool:
    """Whether a clause with its own subject and verb begins at token `at`: "... das ist", "... ist das"."""
    if at + 1 >= len(tokens):
        return False
    here, following = tokens[at].text, tokens[at + 1].text
    return (here in SUBJECTS and following in VERBS) or (here in VERBS and following in SUBJECTS)
