"""What a model is told of an account: short, plain, the last call first, and no number cut."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from cornerman.contract import Account
from cornerman.crm import AccountRecord, Contact, Deal, PastCall, dossier_of, known_of, more

HARBOR = AccountRecord(
    "hf-1",
    "Harbor Foods",
    {"industry": "Food", "employees": "450"},
    (Contact("Dana Reed", "COO"),),
    (Deal("Pilot", "Negotiation", "48000 EUR", "2026-12-15"),),
    PastCall("asked for a security review", "2026-11-12"),
    ("buys in Q1 only",),
    "HubSpot",
)
LONG = AccountRecord(
    "hf-1",
    "Harbor Foods",
    {f"field {number}": f"{number}000000 of something long " * 4 for number in range(1, 30)},
    tuple(Contact(f"Person Number{number}", "Head of something") for number in range(30)),
    tuple(Deal(f"Deal {number}", "Negotiation", f"{number}48000 EUR", "2026-12-15") for number in range(30)),
    PastCall("They asked about the price of 1234567 units. " * 30, "2026-11-12"),
    tuple(f"Note {number}: " + "they want 7654321 seats by March " * 20 for number in range(10)),
)


def test_dossier_begins_with_the_last_call() -> None:
    dossier = dossier_of(HARBOR)
    assert dossier.text.splitlines() == [
        "Last call (2026-11-12): asked for a security review",
        "Company: Harbor Foods; industry: Food; employees: 450",
        "Deals: Pilot, Negotiation, 48000 EUR, closes 2026-12-15",
        "People: Dana Reed (COO)",
        "Notes: buys in Q1 only",
    ]
    assert (dossier.source.id, dossier.source.title) == ("account:hf-1", "Harbor Foods")
    assert dossier.source.locator == "HubSpot hf-1"


def test_account_without_an_id_is_cited_by_its_name() -> None:
    assert dossier_of(AccountRecord("", "Northwind")).source.id == "account:Northwind"


def test_long_record_is_a_short_dossier_and_more_on_request() -> None:
    dossier, everything = dossier_of(LONG).text, more(LONG)
    assert len(dossier) <= 1000
    assert 1000 < len(everything) <= 2000
    for text in (dossier, everything):
        assert [line.partition(":")[0].partition(" (")[0] for line in text.splitlines()] == [
            "Last call",
            "Company",
            "Deals",
            "People",
            "Notes",
        ]


def test_no_number_is_cut() -> None:
    whole = set(re.findall(r"\d+", repr(LONG)))
    for text in (dossier_of(LONG).text, more(LONG)):
        assert set(re.findall(r"\d+", text)) <= whole


def test_what_the_dispatcher_says_of_the_last_call_is_newer() -> None:
    told = Account(company="Harbor Foods", last_call="wants <b>SSO</b>")
    known = known_of(told, HARBOR)
    assert known is not None
    assert dossier_of(known).text.startswith("Last call: wants SSO\n")
    alone = known_of(told, None)
    assert alone is not None
    assert dossier_of(alone).source.id == "account:Harbor Foods"
    assert known_of(Account(company="Harbor Foods"), None) is None
    assert known_of(Account(company="Harbor Foods"), HARBOR) is HARBOR


_ANY = st.text(max_size=400)


@given(
    st.builds(
        AccountRecord,
        _ANY,
        _ANY,
        st.dictionaries(_ANY, _ANY, max_size=6),
        st.lists(st.builds(Contact, _ANY, _ANY), max_size=6).map(tuple),
        st.lists(st.builds(Deal, _ANY, _ANY, _ANY, _ANY), max_size=6).map(tuple),
        st.none() | st.builds(PastCall, _ANY, _ANY),
        st.lists(_ANY, max_size=6).map(tuple),
        _ANY,
    )
)
def test_any_record_makes_a_dossier_within_its_limits(record: AccountRecord) -> None:
    dossier = dossier_of(record)
    assert len(dossier.text) <= 1000
    assert len(more(record)) <= 2000
    assert len(dossier.source.id) <= 200
