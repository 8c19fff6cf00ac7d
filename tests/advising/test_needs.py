"""Which functions go along with a request: those that may find what is missing, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from advising.rig import answer, call_with, settings_for
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Reply

from cornerman.advising.needs import ALL, Needs
from cornerman.advising.notes import reading
from cornerman.advising.notes.notebook import Notebook
from cornerman.advising.picture import SaidTurn
from cornerman.contract import Account
from cornerman.crm import AccountRecord, dossier_of
from cornerman.paths import find_project_file
from cornerman.playbook import load_playbook
from cornerman.tools import ToolResult
from cornerman.tools.functions import Functions

PLAYBOOK = load_playbook(find_project_file("playbook"))
SECTIONS = tuple(PLAYBOOK.sections.values())[:1]
CARD = ToolResult("tool:get_battlecard:1", "get_battlecard", "k", "Battlecard: Northstar", "They win on price.", "x")
EXPENSIVE = "honestly that is too expensive for us"


def needed(*said: str, **known: object) -> frozenset[str]:
    turns = [
        SaidTurn(f"t{at}", "pat", "prospect", "", text, 5.0 * at, 5.0 * at + 4, True) for at, text in enumerate(said)
    ]
    given = {
        "stage": "discovery",
        "moments": (),
        "sections": SECTIONS,
        "results": (),
        "account_told": True,
        "sees": False,
    }
    return Needs(PLAYBOOK).of(turns, **{**given, **known})  # type: ignore[arg-type]


def test_a_turn_whose_words_were_looked_up_already_needs_nothing() -> None:
    assert needed(EXPENSIVE) == frozenset()
    assert needed("we are also looking at northstar", results=(CARD,)) == frozenset()


@pytest.mark.parametrize(
    ("name", "said", "known"),
    [
        ("get_battlecard", ("we are also looking at northstar", "and they are cheaper"), {}),
        ("get_battlecard", ("northstar or ironbridge, that is the question",), {"results": (CARD,)}),
        ("get_battlecard", ("have a look at this",), {"sees": True, "sections": SECTIONS}),
        ("search_playbook", ("do you speak esperanto",), {"sections": ()}),
        ("get_account_context", (EXPENSIVE,), {"account_told": False}),
        ("check_discount_authority", ("give me fifteen percent", "then we can talk"), {}),
        ("check_discount_authority", ("can you do something about the price",), {"moments": {"discount_request"}}),
        ("log_outcome", ("i will send you the numbers by friday", "that is good"), {}),
        ("log_outcome", ("fine",), {"stage": "closing"}),
        ("log_outcome", ("we will take care of it",), {"moments": {"commitment"}}),
    ],
)
def test_what_is_missing_may_be_looked_up(name: str, said: tuple[str, ...], known: dict[str, object]) -> None:
    assert name in needed(*said, **known)


def test_what_was_settled_long_ago_is_not_logged_again() -> None:
    assert "log_outcome" not in needed("i will send it by friday", *["and so it goes"] * 3)


def test_its_phrases_are_compiled_with_those_of_the_notes_before_any_call() -> None:
    reading._trie.cache_clear()
    Notebook(PLAYBOOK)
    compiled = reading._trie.cache_info().misses
    assert needed("i will send you the numbers by friday") == {"log_outcome"}
    assert reading._trie.cache_info().misses == compiled


def test_every_function_is_needed_for_something() -> None:
    functions = Functions(playbook=PLAYBOOK, retriever=None, query=None, accounts=None, account=Account())  # type: ignore[arg-type]
    assert {tool.info.name for tool in functions.tools()} == ALL


def test_a_dossier_tells_whether_it_is_all() -> None:
    assert dossier_of(AccountRecord("a1", "Harbor Foods", fields={"seats": "120"})).is_all
    assert not dossier_of(AccountRecord("a1", "Harbor Foods", notes=tuple("word " * 60 for _ in range(5)))).is_all


async def test_a_turn_is_asked_about_without_functions_and_a_question_with_all(
    model: FakeOpenAIChat, tmp_path: Path
) -> None:
    model.replies.play(then=Reply(text=answer()))
    metadata = {"account": {"company": "Harbor Foods"}}
    async with call_with(model, tmp_path, settings=settings_for(model), metadata=metadata) as call:
        call.says("that is too expensive for us")
        await call.until(lambda: model.asked, "a request")
        await call.until(lambda: any(one.final for one in call.nudges), "the answer's end")
        call.asks("who may give a discount?")
        asked = await call.until(lambda: [one for one in model.asked if "discount?" in one.prompt], "the question")
    assert set(model.asked[0].tools) <= {"get_account_context"}
    assert set(asked[0].tools) == ALL
