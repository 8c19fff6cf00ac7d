"""Whether matched German words are denied: "nicht zu teuer", "zu teuer finde ich das nicht", "ich glaube nicht, dass".

German denies before the words or, when they stand first or hold the verb, behind them. What is particular to a phrase
belongs into its negative phrases.
"""

from __future__ import annotations

from collections.abc import Sequence

from cornerman.coach.language import Token, word_set
from cornerman.coach.languages.german.grammar import (
    BEING,
    CONJUNCTIONS,
    DETERMINERS,
    OPENERS,
    REQUESTING,
    SUBJECTS,
    VERBS,
    clause_start,
    complementiser,
    new_clause,
)

ADVERBS = word_set("nicht nichts nie niemals keinesfalls keineswegs nimmer")
"""Negations that may stand behind what they deny."""
NO_SUCH = word_set("kein keine keinen keinem keiner keines keins")
NEGATIONS = ADVERBS | NO_SUCH | word_set("ohne weder kaum niemand niemanden nirgends nirgendwo")
NOT_NEGATING = word_set("nur bloss allein zuletzt wahr sicher erst")
"""Words after "nicht" that make it assert ("nicht nur", "nicht wahr") or leave open what follows ("nicht sicher")."""
OPINIONS = word_set(
    "glaube glauben glaubt denke denken denkt finde finden findet meine meinen meint meinung sehe sehen "
    "sieht sage sagen sagt gesagt behaupte behaupten behauptet heisst bedeutet stimmt so annehme erwarte "
    "erwarten eindruck gefuehl"
)
"""Verbs and nouns of opinion: denied, they deny the clause with "dass" that follows."""
QUESTION_WORDS = word_set("was wie wer wem wen wo wann warum wieso welche welcher welches")
ASKING = {"finden": "sie", "findest": "du", "findet": "ihr", "meinen": "sie", "meinst": "du"}

SCOPE = 3
"""How many tokens a negation reaches over; measured on nothing, the figure that English uses."""
OPINION_SCOPE = 7
"""How far it reaches through an opinion: "ich glaube nicht, dass das für uns wirklich zu teuer ist"."""
OPINION_BEFORE = 4
"""How far before the negation the opinion may stand: "ich bin ja gar nicht der Meinung"."""
SCOPE_BEHIND = 5
"""How far behind the words a negation may stand: "zu teuer finden wir das eigentlich nicht"."""


def negated(tokens: Sequence[Token], first: int, last: int) -> bool:
    """True when a negation before or behind tokens `first` to `last` reaches them."""
    if _denied_before(tokens, first):
        return True
    # "ohne Rabatt wird das nichts": two negations make no denial.
    return not any(token.text in NEGATIONS for token in tokens[first : last + 1]) and _denied_behind(tokens, last)


def _denied_before(tokens: Sequence[Token], first: int) -> bool:
    for at in range(first - 1, max(first - 1 - OPINION_SCOPE, -1), -1):
        text = tokens[at].text
        if tokens[at].clause != tokens[at + 1].clause and not complementiser(tokens, at + 1):
            return False
        if text in NEGATIONS and _reaches(tokens, at, first):
            return True
        if text in CONJUNCTIONS:
            return False
    return False


def _reaches(tokens: Sequence[Token], negation: int, first: int) -> bool:
    between = range(negation + 1, first)
    if between and tokens[negation + 1].text in NOT_NEGATING:
        return False
    complement = next((at for at in between if complementiser(tokens, at)), None)
    if complement is not None:
        return _opinion_denied(tokens, negation, complement)
    if len(between) > SCOPE or _only_asks(tokens, negation):
        return False
    # "niemals ist das zu teuer": a negation in the first place has the verb right behind it.
    leads = tokens[negation].text != "nicht" and tokens[negation + 1].text in VERBS
    embedded = tokens[first - 1].text in QUESTION_WORDS
    return not any(new_clause(tokens, at) for at in range(negation + (3 if leads else 1), first + (not embedded)))


def _opinion_denied(tokens: Sequence[Token], negation: int, complement: int) -> bool:
    """Whether a denied opinion, or mere doubt, leads to the clause that begins at `complement`."""
    if tokens[complement].text == "ob":
        return True
    if complement == negation + 1 and clause_start(tokens, negation) == negation:
        return True
    around = range(max(negation - OPINION_BEFORE, clause_start(tokens, negation)), complement)
    return any(tokens[at].text in OPINIONS for at in around)


def _only_asks(tokens: Sequence[Token], negation: int) -> bool:
    """Whether the negation belongs to a question that asserts: "ist das nicht zu teuer", "können Sie uns nicht ..."."""
    start = clause_start(tokens, negation)
    while start < negation and tokens[start].text in OPENERS:
        start += 1
    if start + 1 >= negation:
        return False
    verb, subject = tokens[start].text, tokens[start + 1].text
    if verb in BEING:
        return subject in SUBJECTS or subject in DETERMINERS
    return (verb in REQUESTING and subject in ("sie", "du", "ihr", "man")) or ASKING.get(verb) == subject


def _denied_behind(tokens: Sequence[Token], last: int) -> bool:
    for at in range(last + 1, min(last + 1 + SCOPE_BEHIND, len(tokens))):
        text = tokens[at].text
        if tokens[at].clause != tokens[last].clause or text in CONJUNCTIONS or text == "oder":
            return False
        if complementiser(tokens, at):
            return False
        if text in NO_SUCH and tokens[last].text in VERBS:
            return True  # "wir brauchen dafür keinen ...": what the verb asks for is denied
        if text in ADVERBS:
            after = tokens[at + 1].text if at + 1 < len(tokens) else ""
            return after not in NOT_NEGATING and not _tag_question(tokens, at)
        # Right behind the words the verb of their own clause may stand: "zu teuer ist es nicht".
        if new_clause(tokens, at) and (at > last + 1 or text in SUBJECTS):
            return False
    return False


def _tag_question(tokens: Sequence[Token], negation: int) -> bool:
    """ "finden Sie nicht" and "meinst du nicht" ask for consent to what was said."""
    return negation > 1 and ASKING.get(tokens[negation - 2].text) == tokens[negation - 1].text
