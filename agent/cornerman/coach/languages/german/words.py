"""German words as recognisers write them: umlauts and ß in either spelling, contractions, inflections, full stops.

Umlauts are written out ("ä" as "ae", "ß" as "ss") in everything that is compared, so that "Groesse", "Größe" and
"GRÖSSE" are one word, and so are Müller and Mueller.
"""

from __future__ import annotations

from cornerman.coach.language import word_set
from cornerman.coach.languages.german.numbers import spelled
from cornerman.coach.languages.stemming import snowball
from cornerman.coach.languages.writing import parts
from cornerman.coach.words import punctuation_ends_clause
from cornerman.playbook.phrases import fold

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

CONTRACTIONS = {
    "gehts": "geht es", "gibts": "gibt es", "hats": "hat es", "wars": "war es", "habs": "habe es", "wirds": "wird es",
    "hab": "habe", "nich": "nicht", "nix": "nichts", "nem": "einem", "nen": "einen", "ner": "einer",
    "fuers": "fuer das", "aufs": "auf das", "ins": "in das", "ans": "an das", "durchs": "durch das",
    "uebers": "ueber das",
}  # fmt: skip
ES_AFTER = word_set(
    "bin ist war waer waere wird wurde hat hatte hab habe haett haette kann koennt koennte muss soll geht "
    "ging gibt macht tut kostet bringt passt laeuft klappt reicht lohnt sieht liegt steht was wie wer wo "
    "ob wenn wann dass weil ich du er sie wir ihr man mir dir"
)
"""Words after which 's is a short "es"; after any other it is a genitive ("Northstar's Preis") and says nothing."""

ABBREVIATIONS = word_set(
    "abt bzw ca d.h dr evtl exkl frl ggf hr inkl max min mio mrd mtl nr prof rd sog std tel tsd u.a v.a "
    "vgl z.b zzgl jan feb apr aug sept okt nov dez"
)
"""What ends with a full stop without ending a clause; so do ordinals ("am 15. März")."""

_snowball = snowball("german")
_STEMS = {"teu": "teur", "hoh": "hoch"}
"""What Snowball keeps apart although it is one word: teuer and teures, hoch and hoher."""


def split_word(raw: str) -> tuple[str, ...]:
    """One written word as lower-case parts: punctuation gone, contractions written out, hyphens cut."""
    return tuple(word for piece in parts(fold(raw).translate(_UMLAUTS)) for word in _expand(piece))


def stem(word: str) -> str:
    """The word without its inflection (Snowball's German stemmer, and adjectives in -bel with their -ble forms)."""
    found = _snowball(word)
    if found.endswith("bel"):
        return f"{found[:-2]}l"
    return _STEMS.get(found, found)


def ends_clause(raw: str) -> bool:
    """Whether a written word ends a clause by its punctuation; full stops of abbreviations and ordinals do not."""
    if not raw.endswith("."):
        return punctuation_ends_clause(raw)
    bare = raw[:-1].casefold().lstrip("(\"'„")
    return bare not in ABBREVIATIONS and not (bare.isdigit() and len(bare) <= 2)


def _expand(word: str) -> list[str]:
    if word in CONTRACTIONS:
        return CONTRACTIONS[word].split()
    base, apostrophe, ending = word.rpartition("'")
    if apostrophe:
        if ending == "s":
            return [*_expand(base), "es"] if base in ES_AFTER else [base]
        # An apostrophe inside a number parts thousands; in words it stands for letters nobody says ("d'accord").
        return [word] if word[0].isdigit() else [part for part in word.split("'") if part]
    number, percent, inflection = word.partition("prozentig")
    if percent and spelled(number) is not None:
        return [number, percent + inflection]
    return [word]
