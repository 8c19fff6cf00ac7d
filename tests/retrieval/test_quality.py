"""Questions are found better by words and meaning than by words alone, and the judge counts as published."""

from __future__ import annotations

import json
from math import log2
from pathlib import Path

import pytest

from bench.judgement import FAQ_FILE, Question, judge, public_faq, questions
from cornerman.errors import CornermanError
from cornerman.playbook import Playbook
from cornerman.retrieval import Index, Query


def test_meaning_is_worth_more_than_a_twentieth_of_ndcg(by_words: Index, by_meaning: Index, sample: Playbook) -> None:
    """On the questions nothing was tuned on. Words alone here know what people say too, which helps them."""
    asked = questions("judged")
    plain = Index(tuple(sample.sections.values()), sample.language)

    def ndcg(index: Index) -> float:
        return judge(asked, lambda ask: [hit.section.id for hit in index.search(Query(ask, limit=10))]).ndcg

    alone, told, both = ndcg(plain), ndcg(by_words), ndcg(by_meaning)
    assert both >= max(alone, told) + 0.05
    assert both > 0.5


def test_questions_are_many_their_answers_exist_and_none_was_tuned_on(sample: Playbook) -> None:
    judged, tuned = questions("judged"), questions("tuned")
    assert len(judged) >= 100
    assert {one.ask.casefold() for one in judged}.isdisjoint(one.ask.casefold() for one in tuned)
    assert len({one.ask for one in (*judged, *tuned)}) == len(judged) + len(tuned)
    for one in (*judged, *tuned):
        assert set(one.grades) <= set(sample.sections), one.ask
        assert 2 in one.grades.values()


def test_the_judge_counts_as_published() -> None:
    """Järvelin and Kekäläinen: each gain over the logarithm of its place, beside the best order there is."""
    asked = [Question("?", {"a": 2, "b": 1})]
    assert judge(asked, lambda _: ["a", "b"]).ndcg == pytest.approx(1.0)
    ideal = 3 + 1 / log2(3)
    assert judge(asked, lambda _: ["x", "b", "a"]).ndcg == pytest.approx((1 / log2(3) + 3 / 2) / ideal)
    assert judge(asked, lambda _: ["x"] * 10 + ["a"]).ndcg == 0
    found = judge([*asked, Question("!", {"c": 2})], lambda ask: {"?": ["b", "a"], "!": ["c"]}[ask])
    assert (found.first, found.among_five) == (0.5, 1.0)


def test_a_public_set_is_read_as_its_authors_wrote_it(tmp_path: Path) -> None:
    threads = [
        {"rephr": ["one way", "*", "another  way"], "question": "The\nquestion", "answer": ["yes", "no"]},
        {"rephr": "only way", "question": "Second", "answer": "maybe"},
        {"rephr": [None, "last"], "question": "Third", "answer": [None, "never"]},
    ]
    (tmp_path / FAQ_FILE).write_text(json.dumps({"root": {"qapair": threads}}))
    sections, asked = public_faq(tmp_path)
    assert [(one.id, one.title, one.text) for one in sections] == [
        ("faq/0#0", "The question", "yes"),
        ("faq/0#1", "The question", "no"),
        ("faq/1#0", "Second", "maybe"),
        ("faq/2#0", "Third", "never"),
    ]
    assert [one.ask for one in asked] == ["one way", "another way", "only way", "last"]
    assert asked[1].grades == {"faq/0#0": 2, "faq/0#1": 2}


def test_a_missing_public_set_is_said(tmp_path: Path) -> None:
    with pytest.raises(CornermanError, match="leave --faq out"):
        public_faq(tmp_path)
