"""Whether a discount may be given is what the table says, whatever is asked and however it is asked."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman.playbook import DiscountRule, Discounts, load_playbook
from cornerman.tools import DiscountVerdict, ToolError, Trade, verdict
from cornerman.tools.discounts import cited
from cornerman_client.contract import Source

SAMPLE = load_playbook(Path(__file__).parents[2] / "playbook").discounts
assert SAMPLE is not None
TABLE: Discounts = SAMPLE


def rule(name: str, by: str, percent: float, to: str = "anybody", against: str = "a reference call") -> DiscountRule:
    return DiscountRule(name, by, percent, to, against, "", Source(id=f"discounts#{name}", title=name, locator=name))


def table(*rules: DiscountRule, ceiling: float = 50) -> Discounts:
    return Discounts("EUR", ceiling, rules)


@pytest.mark.parametrize(
    ("percent", "trade", "allowed", "by", "rules"),
    [
        (5, Trade(), "yes", "the rep", ("annual-prepay", "two-years")),
        (8, Trade(), "yes", "the rep", ("two-years",)),
        (8, Trade(months=24), "yes", "the rep", ("two-years",)),
        (8, Trade(months=12), "no", "", ("two-years", "volume", "strategic")),
        (5, Trade(months=12), "yes", "the rep", ("annual-prepay",)),
        (5, Trade(months=24, prepaid=False), "yes", "the rep", ("two-years",)),
        (5, Trade(months=12, prepaid=False), "no", "", ("annual-prepay", "two-years", "volume", "strategic")),
        (8.01, Trade(), "with_approval", "the sales manager", ("volume",)),
        (12, Trade(seats=100, months=24), "with_approval", "the sales manager", ("volume",)),
        (12, Trade(seats=99, months=24), "no", "", ("volume", "strategic")),
        (12, Trade(seats=99, months=36, prepaid=True), "with_approval", "the VP of sales", ("strategic",)),
        (20, Trade(), "with_approval", "the VP of sales", ("strategic",)),
        (20, Trade(months=36, prepaid=False), "no", "", ("strategic",)),
        (20.5, Trade(months=60, seats=900, prepaid=True), "no", "", tuple(one.id for one in TABLE.rules)),
        (100, Trade(), "no", "", tuple(one.id for one in TABLE.rules)),
    ],
)
def test_the_sample_table_decides(percent: float, trade: Trade, allowed: str, by: str, rules: tuple[str, ...]) -> None:
    found = verdict(TABLE, percent, trade)
    assert (found.allowed, found.by, found.rules) == (allowed, by, rules)
    assert cited(TABLE, found.rules) == tuple(f"discounts#{name}" for name in rules)


def test_a_yes_says_to_whom_and_against_what() -> None:
    found = verdict(TABLE, 8)
    assert found.sentence == (
        "Yes, 8 % may be given by the rep, and only so: up to 8 % to any customer, against a contract of 24 months."
    )
    assert (found.to, found.against) == ("any customer", "a contract of 24 months")


def test_what_needs_approval_is_not_named_before() -> None:
    found = verdict(TABLE, 15)
    assert found.sentence.startswith("Not without approval: 15 % may be given only by the VP of sales")
    assert "Asked for in writing" in found.sentence
    assert found.sentence.endswith("Do not name it to the customer before.")


def test_a_no_says_what_is_missing_and_what_may_be_given_instead() -> None:
    found = verdict(TABLE, 10, Trade(seats=40, months=24))
    assert "100 seats" in found.sentence
    assert "a contract of 36 months" in found.sentence
    assert "What may be given by the rep instead: up to 8 % to any customer" in found.sentence
    assert found.most == 8


def test_a_refusal_names_no_percentage_that_may_not_be_given() -> None:
    for trade in (Trade(), Trade(months=1, seats=1, prepaid=False)):
        sentence = verdict(TABLE, 25, trade).sentence
        assert "20" not in sentence
        assert "12" not in sentence


def test_rules_do_not_add_up() -> None:
    assert verdict(table(rule("one", "the rep", 5), rule("two", "the rep", 8)), 13).allowed == "no"


def test_nothing_goes_beyond_the_ceiling_even_where_a_rule_does() -> None:
    over = table(rule("generous", "the rep", 30), ceiling=10)
    assert verdict(over, 20).allowed == "no"
    assert verdict(over, 20).most == 10


@pytest.mark.parametrize("by", ["the rep", "Rep", "the sales rep", "Account executive", "every AE", "der Verkäufer"])
def test_the_rep_is_recognised(by: str) -> None:
    assert verdict(table(rule("one", by, 5)), 5).allowed == "yes"


@pytest.mark.parametrize("by", ["the rep's manager", "the reporting lead", "VP", "the rep and the CFO", "nobody", ""])
def test_whoever_is_not_plainly_the_rep_has_to_be_asked(by: str) -> None:
    assert verdict(table(rule("one", by, 5)), 5).allowed == "with_approval"


@pytest.mark.parametrize(
    ("against", "trade", "allowed"),
    [
        ("a two-year contract", Trade(months=12), "no"),
        ("a two-year contract", Trade(months=24), "yes"),
        ("24 months", Trade(months=23), "no"),
        ("einen Vertrag über zwei Jahre", Trade(months=12), "no"),
        ("eine Laufzeit von 36 Monaten", Trade(months=36), "yes"),
        ("Vorauszahlung für ein Jahr", Trade(prepaid=False), "no"),
        ("1,000 seats", Trade(seats=999), "no"),
        ("1,000 seats", Trade(seats=1000), "yes"),
        ("100+ users on day one", Trade(seats=99), "no"),
        ("100 seats or more", Trade(seats=99), "no"),
        # What is not said plainly rules out nothing; the verdict repeats the words.
        ("a contract of 24 months or a year paid in advance", Trade(months=12, prepaid=False), "yes"),
        ("a contract of 12 to 24 months", Trade(months=12), "yes"),
        ("a contract of up to 24 months", Trade(months=12), "yes"),
        ("fewer than 50 seats", Trade(seats=10), "yes"),
        ("a signature within 3 months", Trade(months=1), "yes"),
        ("1.5 years", Trade(months=12), "yes"),
        ("a reference call", Trade(months=1, seats=1, prepaid=False), "yes"),
    ],
)
def test_a_trade_rules_out_only_what_it_plainly_falls_short_of(against: str, trade: Trade, allowed: str) -> None:
    assert verdict(table(rule("one", "the rep", 10, against=against)), 10, trade).allowed == allowed


@pytest.mark.parametrize("percent", [-5, 0, 0.15, 100.1, math.nan, math.inf, -math.inf])
def test_a_percentage_that_is_none_is_refused_with_what_to_send(percent: float) -> None:
    with pytest.raises(ToolError, match="such as 15 for 15 %"):
        verdict(TABLE, percent)


@pytest.mark.parametrize("given_as", ["a quarter", "15", True, None])
def test_what_is_no_number_is_refused_with_what_to_send(given_as: object) -> None:
    with pytest.raises(ToolError, match="such as 15 for 15 %"):
        verdict(TABLE, given_as)  # type: ignore[arg-type]


@pytest.mark.parametrize("trade", [Trade(months=0), Trade(months=math.nan), Trade(months=-1), Trade(seats=0)])
def test_a_trade_that_is_none_is_refused(trade: Trade) -> None:
    with pytest.raises(ToolError, match="leave it out"):
        verdict(TABLE, 5, trade)


TRADES = st.builds(
    Trade,
    months=st.none() | st.integers(1, 72),
    seats=st.none() | st.integers(1, 500),
    prepaid=st.none() | st.booleans(),
)
PERCENTS = st.floats(1, 100, allow_nan=False)


@given(percent=PERCENTS, trade=TRADES)
def test_nobody_is_ever_allowed_more_than_the_rules_that_are_named(percent: float, trade: Trade) -> None:
    found = verdict(TABLE, percent, trade)
    named = [one for one in TABLE.rules if one.id in found.rules]
    if found.allowed == "no":
        return
    assert all(percent <= one.percent <= TABLE.ceiling_percent and one.by == found.by for one in named)
    assert (found.allowed == "yes") == (found.by == "the rep")
    assert found.most >= percent


@given(percents=st.lists(PERCENTS, min_size=2, max_size=2), trade=TRADES)
def test_who_may_give_more_may_give_less(percents: list[float], trade: Trade) -> None:
    less, more = (verdict(TABLE, each, trade) for each in sorted(percents))
    order = ["yes", "with_approval", "no"]
    assert order.index(less.allowed) <= order.index(more.allowed)


@given(percent=PERCENTS, trade=TRADES)
def test_knowing_more_of_the_trade_never_allows_more(percent: float, trade: Trade) -> None:
    order = ["yes", "with_approval", "no"]
    known: DiscountVerdict = verdict(TABLE, percent, trade)
    assert order.index(verdict(TABLE, percent).allowed) <= order.index(known.allowed)
