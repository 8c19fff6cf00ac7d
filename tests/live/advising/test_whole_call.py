"""A whole call with a model: its words on the card that stands, an answer, an outcome, insights and notes, told to the
rep and to nobody else, and the same again when the journal is replayed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from advising_calls import (
    COMPANY,
    LAST_CALL,
    LATER,
    OBJECTION,
    AdvisedWorker,
    Told,
    Wanted,
    advised_worker,
    answer,
    begun,
    engine_of,
    playbook,
    quiet,
    replays_the_same,
    said,
)
from calls import LiveCall, until
from fakes.replies import Call, Reply

from cornerman.livekit_server import ServerAddress
from cornerman.stand_ins.tokens import prospect_token
from cornerman.stand_ins.witness_process import witness

SOURCE = "objections/too-expensive#answer"
HEADLINE = "Ask what they compare the price with, then wait"
DETAIL = "It may be last year's bill, or a rival's quote. Each needs another answer. Then stay silent."
QUESTION = "what does the business plan cost"
PLANS = "products/clearwater-desk#plans"
ANSWER = "Business is $49 per seat and month"
OUTCOME = "They want to come back to this next quarter."
NEXT = "Agree on a date for next quarter now"
QUICK = {
    "CORNERMAN__INSIGHTS__BATCH": "1",
    "CORNERMAN__INSIGHTS__EVERY": "1",
    "CORNERMAN__NOTES__EVERY": "2",
}


@pytest.fixture(scope="module")
def advised(livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdvisedWorker]:
    """A worker that looks at the call and takes notes at once."""
    with advised_worker(livekit_server, tmp_path_factory.mktemp("whole"), QUICK) as running:
        yield running


def proposes(request: Wanted) -> Reply:
    """Has an outcome proposed first, then puts it on the card."""
    proposals = [name for name in request.tool_results if name.startswith("tool:log_outcome")]
    if not proposals:
        arguments = json.dumps({"kind": "next_step", "summary": OUTCOME})
        return Reply(calls=(Call(name="log_outcome", arguments=arguments),))
    return Reply(text=answer(NEXT, "", ["objections/not-now#answer", *proposals], action=proposals[0]))


def insights(request: Wanted) -> Reply:
    """Names the turn of the objection, and one nobody said."""
    objections = [
        {"text": "It is too expensive for them.", "turn": one.turn} for one in request.turns if "expensive" in one.text
    ]
    look = {
        "sentiment": "negative",
        "intent": 35,
        "objections": [*objections, {"text": "It is too expensive for them.", "turn": "t999"}],
        "products": ["Clearwater Desk", "Something Else"],
        "hints": [],
        "compliance": [],
        "next_action": "",
    }
    return Reply(text=json.dumps(look))


def notes(request: Wanted) -> Reply:
    """One claim that stands, and one whose quote nobody said."""
    claims = [
        {"kind": "objection", "turn": one.turn, "speaker": one.who.partition(" ")[0], "quote": quote}
        for one in request.turns
        if "expensive" in one.text
        for quote in ("too expensive for us", "we will sign on friday")
    ]
    return Reply(text=json.dumps({"claims": claims}))


async def test_a_model_betters_the_card_answers_and_proposes_and_nobody_else_hears_of_it(
    call: LiveCall, told: Told, advised: AdvisedWorker
) -> None:
    script = advised.script
    script.to("expensive", Reply(text=answer(HEADLINE, DETAIL, [SOURCE]), first=0.6, tokens_per_second=30))
    script.to(QUESTION, Reply(text=answer(ANSWER, "", [PLANS])))
    script.to("come back", proposes)
    script.answers("insights", insights)
    script.answers("notes", notes)
    async with witness(call.server.url, prospect_token(call.server, call.room, "witness")) as watching:
        client, (prospect,) = await begun(call, account={"company": COMPANY})
        assert engine_of(client) == "full"

        await said(call, prospect, OBJECTION)
        async with quiet(prospect):
            await until(lambda: told.final(HEADLINE), "the model's words")
        _grew(told)
        assert COMPANY in script.asked("expensive")[0].asked.prompt
        assert LAST_CALL in script.asked("expensive")[0].asked.prompt

        async with quiet(prospect):
            asked = await client.ask(f"tell me, {QUESTION} per seat?")
            answered = await until(lambda: told.final(ANSWER), "the answer")
        assert answered.kind == "answer"
        assert answered.because[0].model_dump()["ask_id"] == asked
        assert [source.id for source in answered.sources] == [PLANS]

        await said(call, prospect, LATER)
        async with quiet(prospect):
            card = await until(lambda: told.final(NEXT), "a card that proposes")
            assert card.action is not None
            assert card.detail == OUTCOME
            assert advised.outcomes == []
            await asyncio.gather(*(client.feedback(card.id, "confirm") for _ in range(3)))
            await until(lambda: advised.outcomes, "the outcome in the account's log")
            await until(lambda: (now := told.card(card.id)[-1]).action is None and now, "the card says that it is done")
            look = await until(lambda: client.state.insights if client.state else None, "insights")
            await until(lambda: script.asked_for("notes"), "a request for notes")
            page = await client.notes()
        assert (look.sentiment, look.intent, look.products) == ("negative", 35, ("Clearwater Desk",))
        assert [one.text for one in look.objections] == ["It is too expensive for them."]
        assert "too expensive for us" in page.markdown
        testimony = await watching.testify()
    assert (testimony.messages, testimony.bytes, testimony.tracks) == (0, 0, 0), testimony.kinds
    folder = await call.end()
    await until(lambda: (folder / "notes.json").exists(), "notes")
    written = (folder / "notes.md").read_text() + (folder / "notes.json").read_text()
    assert "too expensive for us" in written
    assert "sign on friday" not in written
    (outcome,) = advised.outcomes
    assert outcome["summary"] == OUTCOME
    assert QUESTION not in "".join(file.read_text() for file in folder.iterdir())
    assert replays_the_same(folder) > 10
    (usage,) = [note["models"] for note in call.segment().notes() if "models" in note]
    assert usage["openai"]["requests"] >= 5
    assert usage["openai"]["completion"] > 50


def _grew(told: Told) -> None:
    """The plain card first, then headline, then clause by clause, all revisions of one card, the last marked."""
    card = told.of("price_objection")
    assert {one.id for one in card} == {card[0].id}
    plain = playbook().cards["objections/too-expensive"]
    assert (card[0].rev, card[0].headline, card[0].final) == (0, plain.headline, True)
    revs = [one.rev for one in card]
    assert revs == sorted(set(revs))
    words = [one for one in card if one.headline == HEADLINE]
    assert len(words) >= 3
    assert words[0].detail in ("", plain.detail)
    assert [one.final for one in words] == [False] * (len(words) - 1) + [True]
    assert all(DETAIL.startswith(one.detail) for one in words[1:])
    assert words[-1].detail == DETAIL
    assert card[-1] is words[-1]
