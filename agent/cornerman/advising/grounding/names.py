"""Whether every name in a text occurs in its grounds: people, companies, products, places, plans, certificates.

A name is a capitalised word, or several that follow each other, where a capital letter says something; and whatever a
playbook knows as a competitor or a product, in any case. "Anna Becker" is not said by "Anna Smith" and "Tom Becker".
In German, where every noun has a capital letter, names are abbreviations, words with capitals inside, and what follows
a form of address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cornerman.advising.grounding.evidence import Evidence
from cornerman.advising.grounding.reading import Reading, bare
from cornerman.advising.grounding.tokens import Token, starts_sentence
from cornerman.advising.grounding.vocabulary import is_common, is_function_word, is_plain_acronym

_ADDRESSED: Final = frozenset(["herr", "herrn", "frau", "firma", "dr", "prof", "familie"])
_TITLE_CASE: Final = 0.6
"""The share of capitalised words from which on a text is a title, where capitals say nothing."""


def unknown_name(claim: Reading, evidence: Evidence) -> bool:
    """Whether the text names somebody or something that its grounds do not."""
    if any(name in claim.line and not evidence.names_known(name.strip()) for name in evidence.known):
        return True
    covered = {at for one in claim.found for at in range(one.first, one.end)}
    return any(not _said(run, evidence) for run in _runs(claim.tokens, covered, evidence))


def _runs(tokens: Sequence[Token], covered: set[int], evidence: Evidence) -> Iterator[tuple[str, ...]]:
    """Capitalised words that follow each other, folded, without what may be capitalised for other reasons."""
    german = evidence.language == "de"
    titled = not german and _is_title(tokens)
    run: list[str] = []
    for at, token in enumerate(tokens):
        if token.low == "-" and token.glued and run:
            continue
        word = bare(token.low)
        if at in covered or not _is_name(tokens, at, word, german=german, titled=titled, evidence=evidence):
            if run:
                yield tuple(run)
            run = []
            continue
        run.append(word)
    if run:
        yield tuple(run)


def _is_name(tokens: Sequence[Token], at: int, word: str, *, german: bool, titled: bool, evidence: Evidence) -> bool:
    text = tokens[at].text
    if not text[0].isalpha() or is_plain_acronym(word):
        return False
    if not _latin(text):
        return True
    if not any(sign.isupper() for sign in text):
        return False
    inner = any(sign.isupper() for sign in text.partition("'")[0][1:])
    if german:
        return inner or (at > 0 and bare(tokens[at - 1].low) in _ADDRESSED and text[0].isupper())
    if inner:
        return not (text.isupper() and _shouted(tokens) and is_common(word))
    if word in ("i", "i'm", "i've", "i'd", "i'll"):
        return False
    free = titled or starts_sentence(tokens, at)
    return not (free and (is_common(word) or is_function_word(word)))


def _said(run: tuple[str, ...], evidence: Evidence) -> bool:
    """Whether the words of a name stand together in the grounds, or it is several names that each do."""
    if evidence.names_known(" ".join(run)):
        return True
    return any(
        evidence.whole_name(" ".join(run[:cut])) and _said_whole(run[cut:], evidence) for cut in range(1, len(run))
    )


def _said_whole(run: tuple[str, ...], evidence: Evidence) -> bool:
    if evidence.whole_name(" ".join(run)):
        return True
    return any(
        evidence.whole_name(" ".join(run[:cut])) and _said_whole(run[cut:], evidence) for cut in range(1, len(run))
    )


def _is_title(tokens: Sequence[Token]) -> bool:
    words = [token.text for token in tokens if token.text[0].isalpha()]
    return len(words) > 3 and sum(word[0].isupper() for word in words) >= _TITLE_CASE * len(words)


def _shouted(tokens: Sequence[Token]) -> bool:
    words = [token.text for token in tokens if len(token.text) > 3 and token.text.isalpha()]
    return len(words) > 1 and all(word.isupper() for word in words)


def _latin(text: str) -> bool:
    return all(sign < "\u0370" or not sign.isalpha() or "\u1e00" <= sign <= "\u1fff" for sign in text)
