"""Which company is meant: the same name apart from how it is written, and nobody guesses."""

from __future__ import annotations

import pytest

from cornerman.crm import AccountUnclearError
from cornerman.crm.companies import chosen, core_name


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("harbor foods", "Harbor Foods, Inc."),
        ("Harbor Foods Ltd.", "HARBOR FOODS"),
        ("Müller", "Müller GmbH & Co. KG"),
        ("Harbor-Foods", "Harbor Foods L.L.C."),
        ("Macys", "Macy's"),
        ("Macy\u2019s", "Macy's"),
        ("AG", "ag"),
        ("\uff21\uff23\uff2d\uff25", "ACME Corp"),
    ],
)
def test_same_company_written_otherwise(asked: str, name: str) -> None:
    assert chosen(["Northwind", name], asked, str, "the CRM") == name


@pytest.mark.parametrize(
    ("asked", "name"),
    [("Harbor", "Harbor Foods"), ("Harbor Foods", "Harbor Foodstuffs"), ("", "Harbor"), ("&", "&"), ("Co", "Company")],
)
def test_another_company(asked: str, name: str) -> None:
    assert chosen([name], asked, str, "the CRM") is None


def test_two_that_fit_are_not_guessed_at_unless_one_is_written_alike() -> None:
    with pytest.raises(AccountUnclearError, match="the CRM has 2 accounts"):
        chosen(["Harbor Inc", "Harbor Ltd"], "Harbor", str, "the CRM")
    assert chosen(["Harbor Inc", "Harbor Ltd"], "harbor ltd", str, "the CRM") == "Harbor Ltd"


@pytest.mark.parametrize(
    ("name", "core"),
    [("Harbor Foods, Inc.", "Harbor Foods"), ("Müller GmbH & Co. KG", "Müller"), ("AG", "AG"), ("  a  b ", "a b")],
)
def test_name_without_its_legal_form(name: str, core: str) -> None:
    assert core_name(name) == core
