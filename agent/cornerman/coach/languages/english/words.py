"""English words as recognisers write them: contractions and what is left of a written word without its punctuation."""

from __future__ import annotations

import re
import unicodedata

from cornerman.coach.language import word_set
from cornerman.coach.languages.english.numbers import DIGITS

CONTRACTIONS = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not", "let's": "let us",
    "ain't": "is not", "gonna": "going to", "wanna": "want to", "gotta": "got to", "y'all": "you all",
    "kinda": "kind of", "dont": "do not", "doesnt": "does not", "didnt": "did not", "cant": "can not",
    "wont": "will not", "isnt": "is not", "wasnt": "was not", "couldnt": "could not", "wouldnt": "would not",
    "im": "i am", "ive": "i have", "lets": "let us", "thats": "that is", "whats": "what is", "youre": "you are",
}  # fmt: skip
ENDINGS = {"n't": "not", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would", "'m": "am"}
IS_AFTER = word_set("it that this what there here who where how when he she everything nothing one")

_SPLIT = re.compile(r"[^\w'$€£%.,]+")


def split_word(raw: str) -> tuple[str, ...]:
    """One written word as lower-case parts: punctuation gone, contractions written out, hyphens cut."""
    folded = unicodedata.normalize("NFC", raw).casefold().replace("\u2019", "'")
    parts: list[str] = []
    for piece in _SPLIT.split(folded.replace("-", " ")):
        bare = piece.strip(".,'") if not DIGITS.match(piece) else piece
        if bare.endswith("%") and not DIGITS.match(bare):
            bare = bare.rstrip("%")
        if bare:
            parts.extend(_expand(bare))
    return tuple(parts)


def _expand(word: str) -> list[str]:
    if word in CONTRACTIONS:
        return CONTRACTIONS[word].split()
    for ending, full in ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending):
            return [word[: -len(ending)], full]
    if word.endswith("'s"):
        base = word[:-2]
        return [base, "is"] if base in IS_AFTER else [base]
    return [word]
