"""Whether matched English words are meant: negation before them, and speech that only reports what others say.

"It is not too expensive" and "people say it is too expensive" hold the words of an objection without making one. The
rules here are about English grammar in general; what is particular to a phrase belongs into its negative phrases.
"""

from __future__ import annotations

from collections.abc import Sequence

from cornerman.coach.language import Token, word_set

NEGATIONS = word_set("not never no without hardly neither nor nobody none nothing")
OPINIONS = word_set("think believe feel say find consider see mean suppose guess expect")
SUBJECTS = word_set("i you he she it we they that this there which")
VERBS = word_set("is are was were am be have has had do does did will would can could should may might")
NOT_NEGATING = word_set("only just to least sure")
REPORTING = word_set(
    "said say says saying told tell tells claim claims claimed complain complains complained thought "
    "mentioned wrote heard"
)
SPEAKING_FOR_THEMSELVES = word_set(
    "i we you boss manager director cfo ceo cto cio vp president owner finance procurement legal purchasing"
)
"""Subjects whose reported words are meant here and now: the speaker's own, and those of whoever decides for them."""
OWN_SIDE = word_set("team company board department colleagues users agents")
"""Subjects whose words are meant as long as they still say so: "the team says", but not "the team said"."""
STILL_SAYING = word_set("say says tell tells claim claims complain complains")
SCOPE = 3
"""How many tokens a negation reaches over; measured on nothing, the usual figure for English negation scope
heuristics.
"""
OPINION_SCOPE = 7
"""How far it reaches through a verb of opinion: "I do not think that it is really too expensive"."""
REPORT_SCOPE = 9


def negated(tokens: Sequence[Token], first: int, _last: int) -> bool:
    """True when a negation before token `first`, in its clause, reaches it."""
    for at in range(first - 1, max(first - 1 - OPINION_SCOPE, -1), -1):
        if tokens[at].clause != tokens[first].clause:
            return False
        if tokens[at].text in NEGATIONS and _reaches(tokens, at, first):
            return True
    return False


def _reaches(tokens: Sequence[Token], negation: int, first: int) -> bool:
    after = tokens[negation + 1].text
    if after in NOT_NEGATING and negation + 1 < first:
        return False
    opinion = negation + 1 < first and tokens[negation + 1].text in OPINIONS
    if not opinion and after in SUBJECTS and negation + 1 < first and negation and tokens[negation - 1].text in VERBS:
        return False  # "isn't it too expensive?" asserts
    if opinion:
        return first - negation - 1 <= OPINION_SCOPE
    if first - negation - 1 > SCOPE:
        return False
    return not any(
        tokens[at].text in SUBJECTS and tokens[at + 1].text in VERBS for at in range(negation + 1, first - 1)
    )


def reported(tokens: Sequence[Token], first: int, _last: int) -> bool:
    """True when the words are introduced as what somebody else says, who does not speak for this side of the deal.

    "My boss says it is too expensive" is meant; "half of the team said it was too expensive" is talk about talk.
    """
    for at in range(first - 1, max(first - 1 - REPORT_SCOPE, 0), -1):
        if tokens[at].text in ("but", "and", "so") and tokens[at + 1].text in SUBJECTS:
            return False
        if tokens[at].text in REPORTING:
            return not _speaks_for_this_side(tokens[at - 1].text, tokens[at].text)
    return False


def _speaks_for_this_side(subject: str, verb: str) -> bool:
    return subject in SPEAKING_FOR_THEMSELVES or (subject in OWN_SIDE and verb in STILL_SAYING)
