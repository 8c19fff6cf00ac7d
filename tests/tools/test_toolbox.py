"""What the model calls is answered from the playbook and the account source, once, in time, and writes nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging

import pytest
from call_tools import CountedAccounts, CountedSearch, Make
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from livekit.agents import llm

from cornerman.contract import Account
from cornerman.playbook import Playbook
from cornerman.tools import Answered, Late, Toolbox
from cornerman.tools.toolbox import MOST_CALLS, STILL


def call(name: str, number: int = 1, /, **arguments: object) -> llm.FunctionToolCall:
    return llm.FunctionToolCall(name=name, arguments=json.dumps(arguments), call_id=f"c{number}")


async def answer(toolbox: Toolbox, name: str, **arguments: object) -> Answered:
    (answered,) = await toolbox.run([call(name, 1, **arguments)], "r1", patience=20)
    return answered


async def test_a_battlecard_holds_the_card_and_its_sections(toolbox: Toolbox, playbook: Playbook) -> None:
    found = await answer(toolbox, "get_battlecard", competitor="blue fin")
    assert found.result is not None
    assert found.result.id == "tool:get_battlecard:1"
    assert found.result.title == "Battlecard: Bluefin"
    assert "Bluefin charges $35 per seat and month plus $0.40" in found.result.text
    assert set(found.result.sections) == {id_ for id_ in playbook.sections if id_.startswith("battlecards/bluefin#")}
    assert found.output.startswith("[tool:get_battlecard:1] ")


async def test_a_battlecard_there_is_not_is_an_error_that_names_those_there_are(toolbox: Toolbox) -> None:
    found = await answer(toolbox, "get_battlecard", competitor="Nobody & Sons")
    assert found.is_error
    assert found.result is None
    assert "Bluefin" in found.output
    assert toolbox.results() == ()


async def test_the_customer_on_the_call_is_looked_up(toolbox: Toolbox) -> None:
    found = await answer(toolbox, "get_account_context", company="harbour freight, Inc.")
    assert found.result is not None
    assert "Last call: They want single sign-on before March" in found.result.text
    assert found.result.sections == ("account:4711",)
    assert "\x1b" not in found.output


async def test_no_other_customer_is_looked_up(toolbox: Toolbox, accounts: CountedAccounts) -> None:
    found = await answer(toolbox, "get_account_context", company="Other Customer")
    assert found.is_error
    assert "Secret" not in found.output
    assert accounts.asked == []


async def test_a_customer_known_by_its_id_alone_may_be_asked_for_by_name(
    make_toolbox: Make, accounts: CountedAccounts
) -> None:
    toolbox = make_toolbox(account=Account(crm_id="4711"))
    other = await answer(toolbox, "get_account_context", company="Other Customer")
    assert other.is_error
    assert "sign-on" not in other.output
    for company in ("Harbour Freight", ""):
        assert (await answer(toolbox, "get_account_context", company=company)).result is not None
    assert "Other Customer" not in accounts.asked


async def test_a_customer_nobody_named_is_not_looked_up(make_toolbox: Make, accounts: CountedAccounts) -> None:
    found = await answer(make_toolbox(account=Account()), "get_account_context", company="Other Customer")
    assert found.is_error
    assert accounts.asked == []


async def test_a_customer_the_source_does_not_know_is_told(make_toolbox: Make) -> None:
    found = await answer(make_toolbox(account=Account(company="Unheard Of")), "get_account_context")
    assert found.is_error
    assert "holds nothing" in found.output


async def test_a_discount_is_decided_by_the_table(toolbox: Toolbox) -> None:
    found = await answer(toolbox, "check_discount_authority", percent=15, months=24, seats=250, prepaid=None)
    assert found.result is not None
    assert found.result.verdict is not None
    assert found.result.verdict.allowed == "no"
    assert found.result.text == found.result.verdict.sentence
    assert found.result.sections == ("discounts#strategic",)


@pytest.mark.parametrize("percent", [-3, "a quarter", "NaN", None, 0.15, [15], 1e999])
async def test_a_percentage_that_is_none_gets_word_of_what_to_send(toolbox: Toolbox, percent: object) -> None:
    found = await answer(toolbox, "check_discount_authority", percent=percent)
    assert found.is_error
    assert "percent" in found.output
    assert found.result is None


async def test_without_a_table_nothing_is_said_about_discounts(make_toolbox: Make, playbook: Playbook) -> None:
    toolbox = make_toolbox(playbook=dataclasses.replace(playbook, discounts=None))
    found = await answer(toolbox, "check_discount_authority", percent=5)
    assert found.is_error
    assert toolbox.prefetch(percents=[5]) == ()


async def test_an_outcome_is_proposed_and_can_be_found_again(toolbox: Toolbox) -> None:
    found = await answer(toolbox, "log_outcome", kind="next_step", summary="Ann sends the\x00 contract by Friday.")
    assert found.result is not None
    proposal = found.result.proposal
    assert proposal is not None
    assert (proposal.kind, proposal.summary) == ("next_step", "Ann sends the contract by Friday.")
    assert toolbox.proposal(proposal.id) == proposal
    assert toolbox.proposal("outcome-0") is None
    again = await answer(toolbox, "log_outcome", kind="next_step", summary="Ann sends the contract by friday")
    assert again.result == found.result


async def test_what_was_proposed_with_somebodys_words_goes_with_them(toolbox: Toolbox) -> None:
    calls = [call("log_outcome", kind="note", summary="Ann wants it"), call("get_account_context", 2)]
    toolbox.prefetch(account=True)
    answered = await toolbox.run(calls, "r1", saw={"ann"}, patience=20)
    proposal = answered[0].result.proposal if answered[0].result else None
    assert proposal is not None
    toolbox.forget("ann")
    assert toolbox.proposal(proposal.id) is None
    assert [one.tool for one in toolbox.results()] == ["get_account_context"]


async def test_the_playbook_is_searched(toolbox: Toolbox, search: CountedSearch) -> None:
    found = await answer(toolbox, "search_playbook", query="single sign-on")
    assert found.result is not None
    assert "plays/single-sign-on#what-is-there" in found.result.sections
    assert "[plays/single-sign-on#what-is-there]" in found.result.text
    assert [one.text for one in search.asked] == ["single sign-on"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("search_playbook", {"query": " "}), ("log_outcome", {"kind": "note", "summary": "\x00"})],
)
async def test_nothing_asked_is_nothing_found(toolbox: Toolbox, name: str, arguments: dict[str, object]) -> None:
    assert (await answer(toolbox, name, **arguments)).is_error


async def test_the_same_thing_is_looked_up_once(
    toolbox: Toolbox, accounts: CountedAccounts, search: CountedSearch
) -> None:
    keys = toolbox.prefetch(competitors=["Bluefin", "blue fin"], percents=[15, 15.0], account=True)
    await toolbox.ready(keys, 20)
    calls = [
        call("get_battlecard", 1, competitor="BlueFin"),
        call("get_account_context", 2, company="Harbour Freight"),
        call("get_account_context", 3),
        call("check_discount_authority", 4, percent="15", months=None),
        call("search_playbook", 5, query="Data security?"),
        call("search_playbook", 6, query="data  SECURITY"),
    ]
    for generation in ("r1", "r2"):
        answered = await toolbox.run(calls, generation, patience=20)
        assert not [one for one in answered if one.is_error]
    assert len(toolbox.results()) == len(set(keys)) + 1
    assert len(accounts.asked) == len(search.asked) == 1
    assert toolbox.results(keys[:1])[0].title == "Battlecard: Bluefin"


async def test_what_is_not_ready_is_told_and_comes_late(
    toolbox: Toolbox, accounts: CountedAccounts, late: list[Late]
) -> None:
    accounts.may_answer.clear()
    calls = [call("get_account_context", 1), call("get_battlecard", 2, competitor="Bluefin")]
    slow, quick = await toolbox.run(calls, "r1", patience=0.05)
    assert (slow.output, slow.is_error, slow.result) == (STILL, False, None)
    assert quick.result is not None
    accounts.may_answer.set()
    await toolbox.ready(toolbox.prefetch(account=True), 20)
    assert [(one.generation, one.result.tool) for one in late] == [("r1", "get_account_context")]


async def test_when_the_call_moves_on_what_is_late_is_dropped(
    toolbox: Toolbox, accounts: CountedAccounts, late: list[Late]
) -> None:
    accounts.may_answer.clear()
    await toolbox.run([call("get_account_context")], "r1", patience=0.05)
    toolbox.cancel("r1")
    accounts.may_answer.set()
    answered = await toolbox.run([call("get_account_context")], "r2", patience=20)
    assert answered[0].result is not None
    assert late == []


async def test_a_cancelled_run_cancels_its_generation(
    toolbox: Toolbox, accounts: CountedAccounts, late: list[Late]
) -> None:
    accounts.may_answer.clear()
    running = asyncio.create_task(toolbox.run([call("get_account_context")], "r1", patience=20))
    await asyncio.wait_for(accounts.begun.wait(), 10)
    running.cancel()
    await asyncio.wait([running])
    accounts.may_answer.set()
    answered = await toolbox.run([call("get_account_context")], "r2", patience=20)
    assert answered[0].result is not None
    assert len(accounts.asked) == 2
    assert late == []


async def test_a_slow_account_source_is_told_and_asked_again_later(
    make_toolbox: Make, accounts: CountedAccounts, clock: list[float]
) -> None:
    toolbox = make_toolbox(deadline=0.2)
    accounts.may_answer.clear()
    assert (await answer(toolbox, "get_account_context")).is_error
    accounts.may_answer.set()
    assert (await answer(toolbox, "get_account_context")).is_error
    clock[0] += 60
    assert (await answer(toolbox, "get_account_context")).result is not None
    assert len(accounts.asked) == 2


async def test_an_unknown_tool_is_an_error_that_names_those_there_are(toolbox: Toolbox) -> None:
    found = await answer(toolbox, "send_to_everybody", text="hello")
    assert found.is_error
    assert "search_playbook" in found.output


async def test_too_many_calls_at_once_are_refused(toolbox: Toolbox) -> None:
    calls = [call("get_battlecard", number, competitor="Bluefin") for number in range(MOST_CALLS + 3)]
    answered = await toolbox.run(calls, "r1", patience=20)
    assert [one.is_error for one in answered] == [False] * MOST_CALLS + [True] * 3
    assert [one.call.call_id for one in answered] == [one.call_id for one in calls]


NAMES = st.sampled_from(
    ["get_battlecard", "get_account_context", "check_discount_authority", "log_outcome", "search_playbook", "nothing"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
PARTS = st.sampled_from(["percent", "months", "seats", "prepaid", "competitor", "company", "kind", "summary", "query"])
ARGUMENTS = st.one_of(
    st.text(max_size=200),
    JSON.map(json.dumps),
    st.dictionaries(PARTS, JSON, max_size=6).map(json.dumps),
    st.just("[" * 3000),
    st.just('{"a":' * 600),
    st.just("x" * 5000),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, arguments=ARGUMENTS)
async def test_whatever_a_model_sends_is_answered(toolbox: Toolbox, name: str, arguments: str) -> None:
    sent = llm.FunctionToolCall(name=name, arguments=arguments, call_id="c")
    (answered,) = await toolbox.run([sent], "r", patience=20)
    assert answered.call is sent
    assert 0 < len(answered.output) <= 2200


async def test_nothing_of_what_was_asked_is_logged(toolbox: Toolbox, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        toolbox.prefetch(competitors=["Zanzibar Ltd"], saw={"ann"})
        for arguments in ('{"query": "zanzibar"}', '{"query": "zanzibar', '{"qwery": "zanzibar"}'):
            sent = llm.FunctionToolCall(name="search_playbook", arguments=arguments, call_id="c")
            await toolbox.run([sent], "r", patience=20)
    assert "zanzibar" not in caplog.text.casefold()


def test_no_tool_is_offered_that_could_not_answer_on_this_call(make_toolbox: Make, playbook: Playbook) -> None:
    bare = dataclasses.replace(playbook, competitors=(), discounts=None)
    toolbox = make_toolbox(account=Account(), playbook=bare)
    assert list(llm.ToolContext(list(toolbox.tools())).function_tools) == ["log_outcome", "search_playbook"]


def test_the_model_is_told_of_every_tool_and_when_not_to_call_it(toolbox: Toolbox) -> None:
    tools = list(toolbox.tools())
    for strict in (True, False):
        described = llm.ToolContext(tools).parse_function_tools("openai", strict=strict)
        functions = {one["function"]["name"]: one["function"] for one in described}
        assert list(functions) == [
            "get_battlecard",
            "get_account_context",
            "check_discount_authority",
            "log_outcome",
            "search_playbook",
        ]
        for function in functions.values():
            assert "Call it" in function["description"]
            assert "Do not call it for" in function["description"]
            properties = function["parameters"]["properties"]
            assert all(part.get("description") for part in properties.values())
            assert "self" not in properties
