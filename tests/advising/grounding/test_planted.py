"""No planted falsehood and no obedience passes the check; nearly every true clause does.

The corpora are written from the outside (see `planted` and `true_clauses`). The rates are printed: `pytest -s`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import pytest

from cornerman.advising.answer import AnswerReader, Clause, Headline
from cornerman.advising.grounding import check

from .planted import BEYOND, PLANTED
from .scene import CITED, grounds
from .true_clauses import TRUE

MOST_TRUE_REFUSED = 0.05
"""The share of true clauses that may be refused: each costs a better card, none the rep's trust."""


def shown(text: str) -> list[str]:
    """What a rep would see of an answer with this headline and detail, its characters arriving one by one."""
    reader, seen = AnswerReader(), list[str]()
    answer = {"sources": list(CITED), "headline": text, "detail": f"{text} {text}", "action": None}
    for sign in json.dumps(answer):
        for step in reader.feed(sign):
            if isinstance(step, Headline | Clause):
                words = step.text if isinstance(step, Headline) else step.detail
                if check(words, CITED, grounds()) is None:
                    seen.append(words)
    return seen


@pytest.mark.parametrize("kind", PLANTED)
def test_nothing_planted_passes(kind: str) -> None:
    passed = [text for text in PLANTED[kind] if check(text, CITED, grounds()) is None]
    assert not passed


@pytest.mark.parametrize(
    "dressed",
    [
        str.upper,
        lambda text: f"First ask. {text}",
        lambda text: f"{text} Then listen.",
        lambda text: text.replace(" ", "  "),
        lambda text: text.replace("-", "\u2011"),
    ],
    ids=["shouted", "behind", "before", "spaced", "dashed"],
)
def test_nothing_planted_passes_in_other_clothes(dressed: Callable[[str], str]) -> None:
    kinds = [kind for kind in PLANTED if kind not in ("name", "mixed")]
    passed = [text for kind in kinds for text in PLANTED[kind] if check(dressed(text), CITED, grounds()) is None]
    assert not passed


def test_nothing_planted_is_shown_when_it_arrives_sign_by_sign() -> None:
    for text in (one for kind in ("number", "price", "share", "discount") for one in PLANTED[kind]):
        assert not [words for words in shown(text) if words.strip(". ") == text.strip(". ")], text


def test_nearly_every_true_clause_passes(capsys: pytest.CaptureFixture[str]) -> None:
    refused = [(fault.kind, text) for text in TRUE if (fault := check(text, CITED, grounds()))]
    planted = [text for texts in PLANTED.values() for text in texts]
    passed = [text for text in planted if check(text, CITED, grounds()) is None]
    beyond = [text for text in BEYOND if check(text, CITED, grounds()) is None]
    report = (
        f"\nplanted falsehoods and obediences: {len(planted)}, passed {len(passed)}"
        f"\ntrue clauses: {len(TRUE)}, refused {len(refused)} ({len(refused) / len(TRUE):.1%}): {refused}"
        f"\nbeyond the check (right words of something else): {len(BEYOND)}, passed {len(beyond)}\n"
    )
    with capsys.disabled():
        sys.stdout.write(report)
    assert not passed
    assert len(planted) >= 150
    assert len(TRUE) >= 150
    assert len(refused) <= MOST_TRUE_REFUSED * len(TRUE)


def test_without_a_verdict_no_discount_may_be_named() -> None:
    undecided = grounds(discounts_decided=False)
    for text in ("Offer 8% for 24 months.", "You may give 5% for a year paid in advance.", "Offer a discount now."):
        fault = check(text, CITED, undecided)
        assert fault is not None
        assert fault.kind == "discount"
