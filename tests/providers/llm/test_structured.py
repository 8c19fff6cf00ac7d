"""Answers in a form: how each kind of server is held to it, and what is taken away where it cannot be."""

from __future__ import annotations

import json

import pytest
from fakes.language_model import FakeLanguageModel
from fakes.openai_chat import FakeOpenAIChat, schema_fault
from fakes.replies import Reply
from hypothesis import given
from hypothesis import strategies as st
from livekit.agents import llm
from providers.llm.asking import ANSWER, Advice, Make, ask, at, settings
from pydantic import BaseModel, Field

from cornerman.providers.llm.structured import ObjectOnly, response_format, with_instructions

FENCED = f"Sure! Here is the object:\n```json\n{ANSWER}\n```\nAnything else?"


class Part(BaseModel):
    """A part with names that are keywords of JSON schema too."""

    title: str = Field("untitled", max_length=10)
    default: int | None = None


class Whole(BaseModel):
    """Nested."""

    parts: list[Part] = Field(min_length=0)
    one: Part


def test_a_form_holds_what_strict_servers_take_and_keeps_names() -> None:
    form = response_format(Whole)
    assert form["json_schema"]["strict"]
    schema = form["json_schema"]["schema"]
    assert schema_fault(schema) is None
    text = json.dumps(schema)
    assert "maxLength" not in text
    assert '"untitled"' not in text
    (part,) = schema["$defs"].values()
    assert list(part["properties"]) == ["title", "default"]


def test_a_form_is_worked_out_once() -> None:
    assert response_format(Advice) is response_format(Advice)


def test_the_form_is_told_behind_the_first_system_message_of_a_copy() -> None:
    chat = llm.ChatContext.empty()
    chat.add_message(role="system", content="one")
    chat.add_message(role="user", content="two")
    told = with_instructions(chat, Advice)
    assert [item.role for item in told.items if isinstance(item, llm.ChatMessage)] == ["system", "system", "user"]
    assert len(chat.items) == 2
    instructions = told.items[1]
    assert isinstance(instructions, llm.ChatMessage)
    assert '"headline"' in str(instructions.content)


@pytest.mark.parametrize("structured", ["json", "prompt"])
async def test_a_server_that_takes_no_form_is_told_it(fake: FakeLanguageModel, make: Make, structured: str) -> None:
    fake.replies.play(Reply(text=ANSWER))
    told = await ask(make(settings(at(fake, structured=structured))))
    assert Advice.model_validate_json(told.text).headline
    (asked,) = fake.asked
    assert '"headline"' in asked.texts[1]
    form = asked.body.get("response_format") or (asked.body.get("text") or {}).get("format") or {}
    assert form == ({"type": "json_object"} if structured == "json" else {})


async def test_what_stands_around_the_object_is_taken_away(other: FakeOpenAIChat, make: Make) -> None:
    other.replies.play(Reply(text=FENCED))
    assert (await ask(make(settings(at(other, structured="prompt"))))).text == ANSWER


async def test_thoughts_aloud_are_taken_away(other: FakeOpenAIChat, make: Make) -> None:
    other.replies.play(Reply(text=f"<think>They said {{price}}.</think>{ANSWER}"))
    assert (await ask(make(settings(at(other, structured="prompt"))))).text == ANSWER


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner), max_leaves=8
)


@given(
    st.dictionaries(st.text(), values),
    st.text().filter(lambda text: "{" not in text),
    st.text(),
    st.lists(st.integers(1, 7), min_size=1),
)
def test_an_object_is_found_however_the_text_is_cut(
    inside: dict[str, object], before: str, after: str, cuts: list[int]
) -> None:
    written = json.dumps(inside, ensure_ascii=False)
    text, found, reader = before + written + after, "", ObjectOnly()
    for number in range(len(text)):
        step = cuts[number % len(cuts)]
        found += reader.feed(text[:step])
        text = text[step:]
    assert found == written


def test_a_text_without_an_object_is_nothing() -> None:
    assert ObjectOnly().feed("I would rather not.") == ""
