"""What people say and what playbooks say become the same terms, in each language as far as it goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.retrieval.terms import Terms


@pytest.mark.parametrize(
    ("language", "text", "terms"),
    [
        ("en", "What are your discounts?", ["discount"]),
        ("en", "they discounted it, don't they?", ["discount"]),
        ("en", "The customer\u2019s data isn't encrypted", ["custom", "data", "encrypt"]),
        ("en-GB", "SOC 2 and ISO 27001", ["soc", "2", "iso", "27001"]),
        ("en", "Single sign-on", ["singl", "sign"]),
        ("en", "\uff33\uff33\uff2f", ["sso"]),
        ("de", "Das ist uns zu teuer", ["teu"]),
        ("de-AT", "Was kosten die Lizenzen?", ["kost", "lizenz"]),
        ("ja", "価格が高い", ["価格", "格が", "が高", "高い"]),
        ("xx", "Words stay as they are", ["words", "stay", "as", "they", "are"]),
        ("en", "!?", []),
        ("en", "", []),
    ],
)
def test_a_text_is_read_in_its_language(language: str, text: str, terms: list[str]) -> None:
    assert Terms(language).of(text) == terms
    assert Terms(language).learn(text) == terms


@given(st.text())
def test_any_text_can_be_read_and_learning_changes_nothing(text: str) -> None:
    terms = Terms("en")
    before = terms.of(text)
    assert terms.learn(text) == before == terms.of(text)
    assert all(term.strip() and not term.isspace() for term in before)


def test_of_what_is_asked_nothing_is_remembered() -> None:
    terms = Terms("en")
    terms.learn("the price of a seat")
    known = dict(terms._stems)
    terms.of("our pricing is a secret")
    assert terms._stems == known


def test_threads_do_not_disturb_each_other() -> None:
    terms = Terms("en")
    texts = [f"discounted {word} securities{number}" for number, word in enumerate(["prices", "meetings"] * 200)]
    alone = [terms.of(text) for text in texts]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(terms.of, texts)) == alone
