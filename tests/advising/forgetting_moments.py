"""Points of a call at which somebody withdraws: how each is got to, and what the model says there.

Every one of them brings words of the person into the lane; what is made of these by a model holds words of its own.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from advising.rig import Rig, answer, settings_for
from advising.traces import on_disk
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Asked, Call, Reply

from cornerman.config import Settings
from cornerman.contract import Account
from cornerman.crm import AccountRecord, NoAccounts, Outcome

SAID, MADE, SOUGHT = "zarquon", "frumious", "vorpal"
"""What the person said; what a model made of it; what it looked up because of it."""
THEIRS = (SAID, MADE, SOUGHT)
REPS, OTHERS = "frobozz", "quibble"
"""What the rep and somebody else said: it stays."""
SOURCE = "objections/too-expensive#answer"
OBJECTION = f"honestly that is too expensive for our {SAID}"
NO_CARD_FOR = f"we have had that one already for our {SAID}"
HEADLINE = f"Ask what the {MADE} {SAID} is compared with"
GOOD = answer(HEADLINE, f"Then wait for the {MADE} answer.", [SOURCE])
SERVED = Path(__file__).parents[1] / "tools" / "served.py"


def kind_of(asked: Asked) -> str:
    """What a request is for, by the form of its answer."""
    form = (asked.body.get("response_format") or {}).get("json_schema")
    return str(form["name"]) if form else "summary"


def playing(**replies: Reply) -> Callable[[Asked], Reply]:
    """Replies by what is asked for; what is not named is answered at once, with nothing."""
    nothing = {
        "AdviceAnswer": Reply(text=answer()),
        "summary": Reply(text="They talked."),
        "Look": Reply(text=json.dumps({"sentiment": "neutral", "intent": 50, "next_action": ""})),
    }

    def reply(asked: Asked) -> Reply:
        chosen = replies.get(kind_of(asked)) if SAID in asked.prompt else None
        return chosen or nothing.get(kind_of(asked)) or Reply(text="{}")

    return reply


class SlowAccounts(NoAccounts):
    """Knows the account and takes its time, to find it and to write."""

    def __init__(self, seconds: float = 30.0) -> None:
        self.seconds = seconds
        self.asked = 0
        self.writing = 0
        self.written: list[Outcome] = []

    async def look_up(self, account: Account) -> AccountRecord | None:
        self.asked += 1
        await asyncio.sleep(self.seconds)
        return AccountRecord("h1", account.company, {"renewal": "14 March"})

    async def log(self, outcome: Outcome) -> str:
        self.writing += 1
        await asyncio.sleep(self.seconds)
        self.written.append(outcome)
        return "written"


@dataclass
class Scene:
    """A call, the model's server, and what a test may want of it."""

    call: Rig
    model: FakeOpenAIChat
    accounts: SlowAccounts

    async def asked(self, kind: str = "AdviceAnswer", count: int = 1) -> None:
        """Waits for requests of a kind."""
        await self.call.until(lambda: len(self.of(kind)) >= count, f"request {count} for {kind}")

    def of(self, kind: str) -> list[Asked]:
        return [one for one in self.model.asked if kind_of(one) == kind]


@dataclass(frozen=True)
class Moment:
    """A point of a call: how it is got to, and the settings and replies it takes."""

    bring: Callable[[Scene], Awaitable[None]]
    replies: Callable[[Asked], Reply] = field(default_factory=playing)
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    hangs: str = ""
    """The kind of request that has to be hung up."""
    early: bool = False

    def settings(self, model: FakeOpenAIChat) -> Settings:
        sections = {"advising": {"early": self.early, "card_deadline": 30.0}, **self.sections}
        return settings_for(model, **sections)


async def a_partial(scene: Scene) -> None:
    scene.call.begins(OBJECTION)


async def a_partial_whose_sections_were_found(scene: Scene) -> None:
    scene.call.begins(OBJECTION)
    await asyncio.sleep(0.2)


async def a_search_under_way(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    await asyncio.sleep(0)


async def words_before_the_first(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    await scene.asked()


async def words_coming(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    await scene.call.until(lambda: any(one.headline == HEADLINE for one in scene.call.nudges), "the first words")


async def final_words(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    await scene.call.final(HEADLINE)


async def final_words_of_a_question(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    scene.call.asks(f"what if the {SOUGHT} {SAID} is too expensive for them")
    await scene.call.final(HEADLINE)


async def something_of_a_sale(scene: Scene) -> None:
    """What somebody else said, whose words stay."""
    scene.call.says(f"a {OTHERS} is too expensive", who="sam")
    journal = scene.call.folder / "events-1.jsonl"
    await scene.call.until(lambda: '"in":"advice"' in journal.read_text(), "advice on it")


async def an_early_answer(scene: Scene) -> None:
    await something_of_a_sale(scene)
    scene.call.begins(NO_CARD_FOR)
    scene.call.pauses()
    await scene.asked(count=2)
    await scene.call.until(lambda: on_disk(scene.call.folder, MADE), "an answer that is kept back")
    assert not any(one.advised for one in scene.call.nudges)


async def an_early_request(scene: Scene) -> None:
    await something_of_a_sale(scene)
    scene.call.begins(NO_CARD_FOR)
    scene.call.pauses()
    await scene.asked(count=2)


async def a_look_up_under_way(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    await scene.call.until(lambda: scene.accounts.asked, "a look-up")


async def a_look_up_that_is_late(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    await scene.call.final(HEADLINE)
    assert scene.accounts.asked


async def a_look_up_that_was_answered(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    await scene.asked(count=2)


async def a_proposed_outcome(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    card = await scene.call.until(
        lambda: next((one for one in scene.call.nudges if one.action is not None), None), "a proposal"
    )
    assert SAID in card.detail


async def an_outcome_that_is_being_written(scene: Scene) -> None:
    await a_proposed_outcome(scene)
    scene.call.confirms(scene.call.nudges[-1].id)
    await scene.call.until(lambda: scene.accounts.writing, "it is being written")


async def a_question_under_way(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    await scene.asked()
    scene.call.asks(f"what of their {SOUGHT} {SAID}")
    await scene.asked(count=2)


async def insights_under_way(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    await scene.asked("Look")


async def insights_that_were_told(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    await scene.call.until(lambda: scene.call.advising.insights, "insights")
    assert on_disk(scene.call.folder, MADE)


async def notes_under_way(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    await scene.asked("Claims")


async def notes_that_were_written(scene: Scene) -> None:
    scene.call.says(OBJECTION)
    await scene.call.until(lambda: "notes.md" in on_disk(scene.call.folder, SAID), "notes")


async def long_ago(scene: Scene) -> None:
    """Turns that no longer stand word for word, one more to have them summed up."""
    for _ in range(3):
        scene.call.says(OBJECTION, partials=False)
    await asyncio.sleep(0.4)
    scene.call.says("and so it goes on and on", partials=False)


async def a_summary_under_way(scene: Scene) -> None:
    await long_ago(scene)
    await scene.asked("summary")


async def a_summary_that_was_made(scene: Scene) -> None:
    """Said again until it was used: while one summary is made, no other is begun."""
    while not any(MADE in one.prompt for one in scene.of("AdviceAnswer")):
        await long_ago(scene)


async def an_mcp_look_up(scene: Scene) -> None:
    await scene.call.until(lambda: any("shop" in one.get_name() for one in asyncio.all_tasks()), "the server")
    await something_of_a_sale(scene)
    for number in range(2, 100):
        scene.call.says(NO_CARD_FOR, partials=False)
        await scene.asked(count=number)
        if "shop_stock" in scene.of("AdviceAnswer")[-1].tools:
            break
        await asyncio.sleep(0.1)
    await scene.call.until(
        lambda: any("42 pieces" in one.prompt for one in scene.of("AdviceAnswer")), "what the server found"
    )


def tool(name: str, then: Reply, **arguments: Any) -> Callable[[Asked], Reply]:
    """The model calls a function first, offered or not, one of a server's once it is offered; what comes after it was
    answered is `then`.
    """

    def reply(asked: Asked) -> Reply:
        if kind_of(asked) != "AdviceAnswer":
            return playing()(asked)
        answered = any(message["role"] == "tool" for message in asked.messages)
        if answered or (name == "shop_stock" and name not in asked.tools):
            return then
        return Reply(calls=(Call(name=name, arguments=json.dumps(arguments)),))

    return reply


def only_of_theirs(reply: Reply | None = None) -> Callable[[Asked], Reply]:
    """This reply where the prompt holds words that are to go, or one that cites them."""

    def answered(asked: Asked) -> Reply:
        if kind_of(asked) != "AdviceAnswer" or SAID not in asked.prompt:
            return playing()(asked)
        turn = re.findall(r'<data id="([^"]+)"', asked.prompt)[-1]
        return reply or Reply(text=answer(HEADLINE, f"Then wait for the {MADE} answer.", [turn]))

    return answered


def citing_what_is_offered(asked: Asked) -> Reply:
    if SAID not in asked.prompt:
        return playing()(asked)
    found = re.search(r'kind="source" id="([^"]+)"', asked.prompt)
    return Reply(text=answer(HEADLINE, f"Then wait for the {MADE} answer.", [found.group(1)] if found else []))


def proposing(asked: Asked) -> Reply:
    found = next((word for word in asked.prompt.split('"') if word.startswith("tool:log_outcome:")), "")
    if found:
        return Reply(text=answer(HEADLINE, "", [SOURCE], action=found))
    summary = f"Too expensive for the {SAID} people"
    return Reply(calls=(Call(name="log_outcome", arguments=json.dumps({"kind": "objection", "summary": summary})),))


HANGING = Reply(ending="stall", first=60)
IN_THE_MIDDLE = Reply(text=GOOD[: GOOD.index("answer.")], ending="stall")
CLAIM = {"kind": "objection", "text": f"It is {MADE} expensive", "turn": "t3", "quote": "that is too expensive"}
EARLY_SUMMARY = {"advising": {"early": False, "verbatim": 0.2, "summarise_every": 1}}
SHOP = {"command": sys.executable, "args": [str(SERVED), "stdio"], "allow": ["stock"]}
QUICK = {"insights": {"enabled": True, "batch": 0.02, "every": 0.02}}
NOTING = {"notes": {"enabled": True, "every": 0.05}}

MOMENTS = {
    "a partial": Moment(a_partial),
    "sections found for a partial": Moment(a_partial_whose_sections_were_found),
    "a search under way": Moment(a_search_under_way),
    "before the first word": Moment(words_before_the_first, playing(AdviceAnswer=HANGING), hangs="AdviceAnswer"),
    "mid-stream": Moment(words_coming, playing(AdviceAnswer=IN_THE_MIDDLE), hangs="AdviceAnswer"),
    "after the last word": Moment(final_words, playing(AdviceAnswer=Reply(text=GOOD))),
    "an early answer kept back": Moment(an_early_answer, only_of_theirs(), early=True),
    "an early request": Moment(an_early_request, only_of_theirs(HANGING), hangs="AdviceAnswer", early=True),
    "a look-up of the account": Moment(a_look_up_under_way, tool("get_account_context", Reply(text=GOOD))),
    "a late look-up": Moment(a_look_up_that_is_late, tool("get_account_context", Reply(text=GOOD))),
    "a search by the model": Moment(
        a_look_up_that_was_answered,
        tool("search_playbook", HANGING, query=f"{SOUGHT} price objections"),
        hangs="AdviceAnswer",
    ),
    "a wrong call by the model": Moment(
        a_look_up_that_was_answered,
        tool("get_battlecard", HANGING, competitor=f"{SOUGHT} {SAID}"),
        hangs="AdviceAnswer",
    ),
    "a proposed outcome": Moment(a_proposed_outcome, proposing),
    "an outcome being written": Moment(an_outcome_that_is_being_written, proposing),
    "a question under way": Moment(a_question_under_way, playing(AdviceAnswer=HANGING), hangs="AdviceAnswer"),
    "a question answered": Moment(final_words_of_a_question, citing_what_is_offered),
    "insights under way": Moment(insights_under_way, playing(Look=HANGING), QUICK, hangs="Look"),
    "insights told": Moment(
        insights_that_were_told,
        playing(
            Look=Reply(
                text=json.dumps({"sentiment": "negative", "intent": 10, "next_action": f"Ask of the {MADE} {SAID}"})
            )
        ),
        QUICK,
    ),
    "notes under way": Moment(notes_under_way, playing(Claims=HANGING), NOTING, hangs="Claims"),
    "notes written": Moment(
        notes_that_were_written, playing(Claims=Reply(text=json.dumps({"claims": [CLAIM]}))), NOTING
    ),
    "a summary under way": Moment(a_summary_under_way, playing(summary=HANGING), EARLY_SUMMARY, hangs="summary"),
    "a summary made": Moment(
        a_summary_that_was_made, playing(summary=Reply(text=f"They find it {MADE} and {SAID}.")), EARLY_SUMMARY
    ),
    "an MCP look-up": Moment(
        an_mcp_look_up, tool("shop_stock", HANGING, article=f"{SOUGHT} {SAID}"), {"tools": {"mcp": {"shop": SHOP}}}
    ),
}
