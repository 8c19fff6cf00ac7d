"""Words that hold a sentence together and say nothing of what it is about, by base language.

For a language without a list here short words are taken for them.
"""

from __future__ import annotations

from collections.abc import Mapping

from cornerman.coach.language import Language, word_set

SHORTEST_WORD = 4
"""Letters. Shorter words are mostly articles, pronouns and prepositions in the languages of Europe."""

ENGLISH = word_set(
    "a about above after again all also always am an and any anybody anyone anything are as ask at away back be "
    "because been before being both but by call can come could did do does doing done down each either else even ever "
    "every everybody everything for from get give go going good got had has have having he her here him his how i if "
    "in into is it its just keep know least less let like little look made make many may maybe me mean might more "
    "most much must my name need never no nobody none nor not nothing now of off okay on once one only or other our "
    "out over own please put quite rather really right said same say says see shall she should show so some somebody "
    "someone something still such sure take tell than that the their them then there these they thing things think "
    "this those though through to today together told too try two under until up us use very want was way we well "
    "went were what when where whether which while who whole whom whose why will with would yes yet you your"
)
GERMAN = word_set(
    "aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bitte da dabei "
    "dafür damit dann daran darauf das dass dem den denn der des dich die dies diese diesem diesen dieser dieses dir "
    "doch dort du durch ein eine einem einen einer eines einfach er erst es etwas euch euer eure fragen für gab ganz "
    "geben geht gern gerne gesagt gibt gut haben hat hatte hatten heute hier ich ihm ihn ihnen ihr ihre ihrem ihren "
    "ihrer im immer in ins ist ja jede jedem jeden jeder jedes jemand jetzt kann kein keine keinen können könnte "
    "könnten lassen machen man mehr mein meine mich mir mit möchte möchten muss müssen nach nein nennen nicht nichts "
    "nie noch nun nur ob oder ohne sagen sagt schon sehr sei sein seine sich sie sind so soll sollen sollte sonst "
    "über um und uns unser unsere unter viel vom von vor wann war waren warum was weil welche welchem welchen welcher "
    "welches wenig wenn wer werden wie wieder will wir wird wirklich wo wohl wollen worden wurde würde würden zeigen "
    "zu zum zur"
)
LISTS: Mapping[str, frozenset[str]] = {"en": ENGLISH, "de": GERMAN}


def content(language: Language, text: str) -> frozenset[str]:
    """The stems of the words that say what a text is about. Numbers do."""
    listed = LISTS.get(language.tag)
    found: set[str] = set()
    for raw in text.split():
        for part in language.split_word(raw):
            empty = part in listed if listed is not None else len(part) < SHORTEST_WORD
            if any(letter.isdigit() for letter in part) or (part.strip("$€£%.,").isalpha() and not empty):
                found.add(language.stem(part))
    return frozenset(found)
