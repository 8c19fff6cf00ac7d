"""Signs that have no place on a rep's card: markup, links, addresses, and what steers a screen instead of being read.

In: a text as a model wrote it. Out: the fault, or None.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from cornerman.advising.grounding.offered import Fault
from cornerman.advising.grounding.tokens import normal
from cornerman.advising.grounding.vocabulary import is_function_word
from cornerman.coach.language import word_set

_MARKUP: Final = re.compile(
    r"<\s*[/!?a-zA-Z|]|[a-zA-Z\"'/]\s*>|&(?:#\w+|[a-zA-Z]+);|!?\[[^\]]*\]\s*[(\[]|`|\*\*|__|~~|[#|>\[\]{}]"
    r"|\*\w[^*]*\*|\{\{|\}\}|\$\{|<\||\|>|\\[a-zA-Z\\(\[{]|\|\s*-{2,}|%[0-9A-Fa-f]{2}%|\\u[0-9a-fA-F]{4}|={3,}|-{4,}"
)
_TOP_LEVEL: Final = (
    "com|net|org|io|ai|co|de|eu|uk|us|fr|ch|at|nl|it|es|ru|cn|in|jp|app|dev|info|biz|me|ly|gg|xyz|link|site|online|"
    "shop|store|tech|cloud|live|page|click|top|club|tv|cc|ws|sh|to|be|pl|se|no|ca|au|br|edu|gov|mil|int|zip|mov"
)
_LINK: Final = re.compile(
    r"\w+\s*:\s*/\s*/|\bhxxp|\bhttps?\b|\bwww\b|\b(?:mailto|javascript|data|tel|file|sms)\s*:\s*\S"
    rf"|\b[\w-]+\s*(?:\[\.\]|\(\.\)|\[dot\]|\(dot\)|\{{dot\}}|\[at\]|\(at\))\s*\w"
    rf"|\b[\w-]{{2,}}\s?\.\s?(?:{_TOP_LEVEL})(?:\b/|/|\b(?!\s[a-z])(?<=\w))(?<!\s)"
    rf"|\b[\w-]+\.(?:{_TOP_LEVEL})\b"
    rf"|\b(?:dot|punkt)\s+(?:{_TOP_LEVEL})\b"
    rf"|\b(?:{_TOP_LEVEL})\s+slash\b|\bslash\s+\w+"
    r"|@|\b\w+\s+at\s+\w+\s+dot\s+\w+|\b\d{1,3}(?:\.\d{1,3}){3}\b|\\\\\w|(?<!\w)/(?:etc|home|usr|var|tmp)/"
    r"|\blocalhost\b|\bbit\s*\.?\s*ly\b"
)
_SPOKEN_DOT: Final = re.compile(
    r"([^\W_]+)[\s,-]+(?:dot|full stop)[\s,-]+([^\W_]+)|\w\s+\.\s+\w"
    r"|\b(?:dot|punkt)\s+(?:example|test|invalid|local|onion)\b"
)
"""An address read aloud: any name, "dot", any name. Top levels are too many to list."""
_BEFORE_A_DOT: Final = word_set("the a an one each every this that no polka")
_JOINED_WORDS: Final = re.compile(r"[^\W\d_]{2,}\.[^\W\d_]{2,}")
_SPACE: Final = frozenset(" ")


def markup_fault(text: str) -> Fault | None:
    """What makes the text more than words."""
    if not text.isascii() or not text.isprintable():
        if fault := _sign_fault(text):
            return fault
        text = normal(text)
    if _MARKUP.search(text):
        return Fault("markup", "holds markup")
    folded = text.casefold()
    if _LINK.search(folded) or _JOINED_WORDS.search(folded) or _spoken_link(folded):
        return Fault("link", "holds a link or an address")
    return None


def _spoken_link(folded: str) -> bool:
    """Whether an address is spelled out in words. "On the dot and ..." is none: no name is made of such words."""
    return any(
        match.group(1) is None or match.group(1) not in _BEFORE_A_DOT or not is_function_word(match.group(2))
        for match in _SPOKEN_DOT.finditer(folded)
    )


def _sign_fault(text: str) -> Fault | None:
    marks = 0
    for sign in text:
        category = unicodedata.category(sign)
        if category[0] == "C" or category in ("Zl", "Zp"):
            return Fault("markup", "holds a sign that cannot be seen")
        if category in ("So", "Sk") and sign not in "\u00b0\u00ae\u2122\u00a9":
            return Fault("markup", "holds a picture sign")
        marks = marks + 1 if category[0] == "M" else 0
        if marks > 2 or category == "Me":
            return Fault("markup", "holds signs on top of each other")
    return _mixed_scripts(text)


def _mixed_scripts(text: str) -> Fault | None:
    """Letters that look alike across alphabets hide a word or a number."""
    for word in text.split():
        scripts = {unicodedata.name(sign, "?").split()[0] for sign in word if sign.isalpha()}
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1:
            return Fault("markup", "mixes alphabets in a word")
    return None
