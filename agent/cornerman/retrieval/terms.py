"""Texts as the terms they are found by: small letters, stems of their language, without words that say nothing.

A text and its language in, terms in order out. Promises: the same text gives the same terms on every machine; may be
used from several threads.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from typing import Final

import snowballstemmer

from cornerman.language_tags import base_language
from cornerman.playbook.languages import stemmer_of

_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
# Scripts written without spaces: Thai, Lao, Khmer, Japanese, Chinese. A run of them is read as pairs of characters.
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_SHORTENED: Final = re.compile(r"['\u2019](?:s|t|re|ve|ll|d|m)$")


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ENGLISH = _listed(
    "a about actually after again all also always am an and any anybody anyone anything are aren as at be because been "
    "before being both but by can could couldn did didn do does doesn doing don done each either else ever every "
    "everybody everything for from get gets getting give given go goes going gonna got had has hasn have haven having "
    "he her here hers him his how however i if in into is isn it its just kind let like ll many may maybe me mean "
    "might more most much must my no nor not of off oh okay on once one only or other our ours out over own please "
    "quite rather re really right said same say says see shall she should shouldn so some somebody someone something "
    "still such than that the their theirs them then there these they thing things this those though through to too "
    "um under until up us ve very want was wasn we well were weren what when where whether which while who whole whom "
    "whose why will with won would wouldn yeah yes yet you your yours"
)
_GERMAN = _listed(
    "aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bitte da dabei "
    "dafür damit dann daran darauf das dass dem den denn der des dich die dies diese diesem diesen dieser dieses dir "
    "doch dort du durch ein eine einem einen einer eines einfach er erst es etwas euch euer eure für gab ganz geben "
    "geht gern gerne gesagt gibt haben hat hatte hatten hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins "
    "ist ja jede jedem jeden jeder jedes jemand jetzt kann kein keine keinen können könnte könnten machen man mehr "
    "mein meine mich mir mit möchte möchten muss müssen nach nicht nichts noch nun nur ob oder ohne sagen sagt schon "
    "sehr sei sein seine sich sie sind so soll sollen sollte sonst um und uns unser unsere unter viel vom von vor "
    "war waren was weil welche welchem welchen welcher welches wenn wer werden wie wieder will wir wird wirklich wo "
    "wohl wollen worden wurde würde würden zu zum zur über"
)
_EMPTY: Final = {"en": _ENGLISH, "de": _GERMAN}


class Terms:
    """Reads texts of one language. Where the language has no stemmer or no list of empty words, it does without."""

    def __init__(self, language: str) -> None:
        base = base_language(language)
        self._empty = _EMPTY.get(base, frozenset())
        algorithm = stemmer_of(base)
        self._stemmer = snowballstemmer.stemmer(algorithm) if algorithm else None
        self._one_at_a_time = threading.Lock()
        self._stems: dict[str, str] = {}

    def learn(self, text: str) -> list[str]:
        """As `of`, and remembers the words: for texts of a playbook, not for what somebody says."""
        return self._read(text, learns=True)

    def of(self, text: str) -> list[str]:
        """The terms of a text, in order, as often as they occur."""
        return self._read(text, learns=False)

    def _read(self, text: str, *, learns: bool) -> list[str]:
        found: list[str] = []
        for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
            if _UNSPACED.search(word):
                found += _pairs(word)
                continue
            plain = _SHORTENED.sub("", word)
            if plain not in self._empty:
                stem = self._stems.get(plain) or self._stem(plain)
                found.append(stem)
                if learns:
                    self._stems[plain] = stem
        return found

    def _stem(self, word: str) -> str:
        if self._stemmer is None:
            return word
        with self._one_at_a_time:  # a stemmer keeps the word it is at work on in itself
            found = str(self._stemmer.stemWord(word))
            self._stemmer.stemWord("")
            return found


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)] or [word]
