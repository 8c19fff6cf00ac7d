"""Whether matched German words are only what others say: "sie sagen, das sei zu teuer", "zu teuer, meinten sie".

What the speaker says, and what those say who decide for the speaker's side, is meant: "mein Chef sagt, es ist zu
teuer". "They" and the formal "you" are one word, and taken as others; "sagen Sie" in the first place asks or calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cornerman.coach.language import Token, word_set
from cornerman.coach.languages.german.grammar import (
    DETERMINERS,
    OPENERS,
    SUBJECTS,
    VERBS,
    clause_start,
    complementiser,
)

STILL_SAYING = word_set(
    "sagt sagen sage meint meinen behauptet behaupten erzaehlt erzaehlen berichtet berichten klagt "
    "klagen beschwere beschweren schreibt schreiben erwaehnt"
)
REPORTING = STILL_SAYING | word_set(
    "sagte sagten gesagt meinte meinten gemeint behauptete behaupteten erzaehlte erzaehlten berichtete "
    "berichteten klagte klagten geklagt beklagt beklagte beklagten beschwert beschwerten schrieb schrieben "
    "geschrieben dachte dachten gedacht erwaehnte erwaehnten erklaert erklaerte erklaerten"
)
PARTICIPLES = word_set("gesagt gemeint geklagt geschrieben gedacht beklagt beschwert")
"""Verbs of saying whose subject stands before them only."""
HEARSAY = word_set("gehoert gelesen")
"""Words of hearing, in the perfect tense only: "das gehört dazu" reports nothing."""
HAVING = word_set("habe haben hat hatte hatten")
SUBJUNCTIVE = frozenset(["sei", "seien"])
"""What is told in this mood is somebody else's, whoever that is; "es sei denn" is another thing."""
SPEAKING_FOR_THEMSELVES = word_set(
    "ich wir du chef chefin boss vorgesetzter vorgesetzte geschaeftsfuehrer geschaeftsfuehrerin "
    "geschaeftsfuehrung geschaeftsleitung vorstand inhaber inhaberin leiter leiterin leitung direktor "
    "direktorin einkauf einkaeufer finanzen finanzabteilung finanzchef controlling buchhaltung "
    "rechtsabteilung betriebsrat cfo ceo cto cio coo procurement legal ehrlich offen kurz wie gelinde "
    "genauer anders grob einfach deutlich"
)
"""Subjects whose words are meant here and now, and the first words of "ehrlich gesagt" and its like."""
OWN_SIDE = word_set("team firma unternehmen abteilung kollegen kollegin kollege mitarbeiter nutzer anwender")
"""Subjects whose words are meant as long as they still say so: "das Team sagt", but not "das Team sagte"."""
PASSED_OVER = (
    (VERBS - REPORTING)
    | (DETERMINERS - SUBJECTS)
    | word_set(
        "das mir dir ihm ihnen uns euch sich schon auch immer ja doch gestern heute oft selbst gerade eben nur "
        "mal vorhin bereits noch nicht es so da jetzt neulich letztens zuletzt eigentlich wieder wirklich ganz halt "
        "wohl natuerlich dann also hier nun lassen"
    )
)
"""Words between a verb of saying and whoever says it."""
TURNS = word_set("aber doch sondern trotzdem und")
"""Words after which the speaker may go on in their own name."""
REPORT_SCOPE = 9
"""How many tokens a verb of saying reaches over."""
SUBJUNCTIVE_SCOPE = 3
PERFECT_SCOPE = 4
"""How many tokens lie between auxiliary and participle at most, where a report is closed."""


def reported(tokens: Sequence[Token], first: int, last: int) -> bool:
    """True when the words are introduced, or closed, as what somebody says who does not speak for this side."""
    for at in range(first - 1, max(first - 1 - REPORT_SCOPE, -1), -1):
        text = tokens[at].text
        turns = text in TURNS and (text == "aber" or tokens[at + 1].text in SUBJECTS)
        if turns and not complementiser(tokens, at + 1):
            return False
        if text == "angeblich":
            return True
        if text in REPORTING and not _calls(tokens, at):
            return not _speaks_for_this_side(tokens, at)
        if text in HEARSAY:
            return any(tokens[before].text in HAVING for before in range(clause_start(tokens, at), at))
    return _closed_as_report(tokens, last) or _subjunctive(tokens, first, last)


def _closed_as_report(tokens: Sequence[Token], last: int) -> bool:
    """Whether the next clause begins with a verb of saying: "zu teuer, meinten sie", "zu teuer, haben sie gesagt"."""
    at = last + 1
    while at < len(tokens) and tokens[at].clause == tokens[last].clause:
        at += 1
    if at < len(tokens) and tokens[at].text in HAVING:
        perfect = range(at + 1, min(at + 1 + PERFECT_SCOPE, len(tokens)))
        at = next((verb for verb in perfect if tokens[verb].text in PARTICIPLES), at)
    if at >= len(tokens) or tokens[at].text not in REPORTING or _calls(tokens, at):
        return False
    return not _speaks_for_this_side(tokens, at)


def _subjunctive(tokens: Sequence[Token], first: int, last: int) -> bool:
    around = (*range(max(first - SUBJUNCTIVE_SCOPE, clause_start(tokens, first)), first), last + 1)
    return any(
        at < len(tokens)
        and tokens[at].clause in (tokens[first].clause, tokens[last].clause)
        and tokens[at].text in SUBJUNCTIVE
        and not (at + 1 < len(tokens) and tokens[at + 1].text == "denn")
        for at in around
    )


def _speaks_for_this_side(tokens: Sequence[Token], verb: int) -> bool:
    """Whoever stands next to the verb says it: before it in its clause, or else behind it ("gestern sagte er")."""
    start = clause_start(tokens, verb)
    speaker = _speaker(tokens, range(verb - 1, start - 1, -1))
    if not speaker and tokens[verb].text not in PARTICIPLES:
        end = verb + 1
        while end < len(tokens) and tokens[end].clause == tokens[verb].clause:
            end += 1
        speaker = _speaker(tokens, range(verb + 1, end))
    if speaker in OWN_SIDE:
        return tokens[verb].text in STILL_SAYING
    # "man sagt" is hearsay; with "sagen", as in "da muss man sagen", the speaker speaks.
    return speaker in SPEAKING_FOR_THEMSELVES or (speaker == "man" and tokens[verb].text == "sagen")


def _speaker(tokens: Sequence[Token], places: Iterable[int]) -> str:
    return next((tokens[at].text for at in places if not _passed_over(tokens, at)), "")


def _passed_over(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word is none that says, but an article, an auxiliary, an adverb or whom it is said to."""
    if tokens[at].text in ("der", "die") and at + 1 < len(tokens):
        return tokens[at + 1].text in SPEAKING_FOR_THEMSELVES | OWN_SIDE
    return tokens[at].text in PASSED_OVER


def _calls(tokens: Sequence[Token], verb: int) -> bool:
    """ "Sagen Sie" in the first place is a question or a call to the listener, and reports nothing."""
    start = clause_start(tokens, verb)
    while start < verb and tokens[start].text in OPENERS:
        start += 1
    return start == verb and tokens[verb].text == "sagen" and verb + 1 < len(tokens) and tokens[verb + 1].text == "sie"
