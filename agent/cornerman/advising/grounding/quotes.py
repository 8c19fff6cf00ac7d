"""Whether every quotation in a text stands word for word in its grounds, and with the one it is put in the mouth of.

Case, punctuation and the kind of quotation marks do not count; an ellipsis leaves words out. What somebody is reported
to have said has to stand in what was said, by the one who is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cornerman.advising.grounding.evidence import Evidence
from cornerman.advising.grounding.reading import line_of
from cornerman.advising.grounding.tokens import normal, tokens_of
from cornerman.coach.language import word_set

_QUOTED: Final = re.compile(r"\"([^\"]*)(?:\"|$)|(?<![\w'])'([^\"']+(?:'\w[^\"']*)*)'(?!\w)")
_REPORTING: Final = word_set(
    "said asked told mentioned wrote complained objected called promised agreed admitted insisted claimed stated "
    "sagte fragte meinte erwähnte sagten"
)
_BEFORE: Final = 10
"""Words before a quotation among which it is told whose it is."""


def invented_quote(text: str, evidence: Evidence) -> bool:
    """Whether the text quotes what nobody said and no source says, or the wrong one."""
    for before, quoted in _quotations(normal(text)):
        spans = [line_of(tokens_of(part)) for part in re.split(r"\.{3}", quoted)]
        spans = [span for span in spans if span.strip()]
        if spans and not any(_holds(line, spans) for line in _lines(before, evidence)):
            return True
    return False


def _quotations(text: str) -> Iterator[tuple[str, str]]:
    """Each quotation, with the words before it in its sentence."""
    for match in _QUOTED.finditer(text):
        before = re.split(r"[.!?;\"]", text[: match.start()])[-1]
        yield before, match.group(1) if match.group(1) is not None else match.group(2)


def _lines(before: str, evidence: Evidence) -> Iterator[str]:
    """Where the quotation may stand."""
    words = line_of(tokens_of(before)).split()[-_BEFORE:]
    reported = any(word in _REPORTING for word in words)
    speakers = [speaker for _, speaker in evidence.said_lines if speaker & set(words)] if reported else []
    for line, speaker in evidence.said_lines:
        if not speakers or speaker in speakers:
            yield line
    if not reported:
        yield from evidence.lines


def _holds(line: str, spans: list[str]) -> bool:
    at = 0
    for span in spans:
        found = line.find(span, at)
        if found < 0:
            return False
        at = found + len(span) - 1
    return True
