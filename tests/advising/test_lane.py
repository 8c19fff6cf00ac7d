"""The reasoning lane: what a model says becomes revisions of the card of the turn, checked, or nothing at all."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from advising.rig import Rig, answer, call_with, settings_for
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Asked, Call, Reply

from cornerman.contract import Account
from cornerman.crm import AccountRecord, FileAccounts, NoAccounts
from cornerman.events import Purge

SOURCE = "objections/too-expensive#answer"
PRICES = "plays/price-question#the-answer"
REQUIREMENT = "plays/single-sign-on#what-is-there"
DISCOUNT_RESULT = "tool:check_discount_authority:1"
OBJECTION = "honestly that is too expensive for us"
NO_CARD_FOR = "honestly we have had one of these before"


def inputs(call: Rig) -> list[dict[str, Any]]:
    """Inputs of the coach as the journal has them."""
    lines = (json.loads(line) for line in (call.folder / "events-1.jsonl").read_text().splitlines())
    return [line for line in lines if "in" in line]


async def test_the_words_of_a_model_refine_the_card_that_is_shown(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.play(Reply(text=answer("Ask what the price is measured against", "Then stay silent.", [SOURCE])))
    async with call_with(model, tmp_path) as call:
        call.says(OBJECTION)
        plain = call.nudges[0]
        assert plain.rev == 0
        assert plain.final
        assert plain.kind == "price_objection"
        refined = await call.final("Ask what the price is measured against")
    assert refined.id == plain.id
    assert refined.detail == "Then stay silent."
    assert [source.id for source in refined.sources] == [SOURCE]
    assert len({nudge.id for nudge in call.nudges}) == 1


async def test_a_silent_model_leaves_the_plain_card_as_it_is(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.play(then=Reply(text=answer()))
    async with call_with(model, tmp_path) as call:
        call.says(OBJECTION)
        await call.until(lambda: model.asked, "a request")
        await asyncio.sleep(0.3)
    assert len(call.nudges) == 1


async def test_words_that_rest_on_nothing_are_not_shown(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.play(Reply(text=answer("Offer them 37 % off today", "It is worth $12,345.", [SOURCE])))
    async with call_with(model, tmp_path) as call:
        call.says(OBJECTION)
        await call.until(lambda: any(one["in"] == "advice" for one in inputs(call)), "the answer's end")
    assert [nudge.headline for nudge in call.nudges] == [call.nudges[0].headline]
    assert inputs(call)[-1]["status"] == "failed" or "failed" in [one.get("status") for one in inputs(call)]


async def test_a_falsehood_in_the_detail_brings_the_plain_card_back(model: FakeOpenAIChat, tmp_path: Path) -> None:
    lie = answer("Ask what the price is measured against", "Nine in ten of our 4711 customers agree.", [SOURCE])
    model.replies.play(Reply(text=lie, tokens_per_second=60))
    async with call_with(model, tmp_path) as call:
        call.says(OBJECTION)
        await call.until(lambda: call.nudges[-1].final and len(call.nudges) > 2, "the plain card again")
    shown = call.nudges
    assert shown[-1].headline == shown[0].headline
    assert shown[-1].detail == shown[0].detail
    assert shown[-1].advised == ""
    assert not any("4711" in nudge.detail for nudge in shown)


async def test_an_answer_grows_clause_by_clause_headline_first(model: FakeOpenAIChat, tmp_path: Path) -> None:
    detail = "It may be last year's bill, or a rival's quote. Each needs another answer. Then stay silent."
    model.replies.play(Reply(text=answer("Ask compared with what, and wait", detail, [SOURCE]), tokens_per_second=40))
    async with call_with(model, tmp_path) as call:
        call.says(OBJECTION)
        await call.final("Ask compared with what, and wait")
    grown = [nudge for nudge in call.nudges if nudge.headline == "Ask compared with what, and wait"]
    details = list(dict.fromkeys(nudge.detail for nudge in grown if nudge.advised))
    assert details[-1] == detail
    assert all(one == call.nudges[0].detail or detail.startswith(one) for one in details)
    assert [nudge.final for nudge in grown][:-1] == [False] * (len(grown) - 1)
    assert [nudge.rev for nudge in call.nudges] == list(range(len(call.nudges)))


async def test_a_model_that_hangs_costs_the_card_its_better_words_only(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.play(then=Reply(ending="stall", first=30))
    settings = settings_for(model, advising={"card_deadline": 0.6, "thinking_after": 0.2})
    async with call_with(model, tmp_path, settings=settings) as call:
        call.says(OBJECTION)
        await call.until(lambda: [nudge.status for nudge in call.nudges] == ["live", "thinking", "live"], "live again")
        await call.until(lambda: model.asked[0].closed_early, "the request is hung up")
    plain, _, again = call.nudges
    assert (again.headline, again.detail, again.final) == (plain.headline, plain.detail, True)


async def test_a_newer_turn_ends_the_answer_to_the_one_before(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.play(Reply(ending="stall", first=30), then=Reply(text=answer("Name Team at $29", "", [PRICES])))
    settings = settings_for(model, advising={"early": False})
    async with call_with(model, tmp_path, settings=settings) as call:
        call.says(OBJECTION)
        await call.until(lambda: model.asked, "the first request")
        call.says("so how much does it cost per seat then")
        await call.until(lambda: model.asked[0].closed_early, "the first request is hung up")
        await call.final("Name Team at $29")
    assert len(model.asked) == 2


async def sold_to(model: FakeOpenAIChat, call: Rig, *replies: Reply) -> None:
    """Something of a sale was said and thought about; the next requests are answered like this."""
    model.replies.play(Reply(text=answer()))
    call.says(OBJECTION)
    await call.until(lambda: any(one["in"] == "advice" for one in inputs(call)), "an answer")
    model.replies.play(*replies)


async def begun_early(call: Rig) -> str:
    """A turn that seems to be over, and is answered already."""
    turn = call.begins(NO_CARD_FOR)
    call.pauses()
    await call.until(lambda: sum(one["in"] == "advice" for one in inputs(call)) > 1, "an early answer")
    return turn


async def test_an_answer_begun_early_is_there_when_the_turn_ends(model: FakeOpenAIChat, tmp_path: Path) -> None:
    async with call_with(model, tmp_path) as call:
        await sold_to(model, call, Reply(text=answer("Ask compared with what, and wait", "", ["turn:t2"])))
        turn = await begun_early(call)
        assert not any(nudge.advised for nudge in call.nudges), "shown before the turn was over"
        call.ends(turn, NO_CARD_FOR)
        assert call.nudges[-1].headline == "Ask compared with what, and wait"
    assert len(model.asked) == 2


async def test_an_early_answer_is_thrown_away_when_the_turn_goes_elsewhere(
    model: FakeOpenAIChat, tmp_path: Path
) -> None:
    early = Reply(text=answer("Ask compared with what, and wait", "", ["turn:t2"]))
    async with call_with(model, tmp_path) as call:
        await sold_to(model, call, early, Reply(text=answer()))
        turn = await begun_early(call)
        call.ends(turn, NO_CARD_FOR + " but my boss loves it and will pay whatever it takes")
        await call.until(lambda: len(model.asked) == 3, "another request")
        await asyncio.sleep(0.2)
    assert not any(nudge.headline.startswith("Ask compared") for nudge in call.nudges)


async def test_a_card_has_better_words_while_they_still_speak(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.play(Reply(text=answer("Ask compared with what, and wait", "", [SOURCE])))
    async with call_with(model, tmp_path, settings=settings_for(model, advising={"early": False})) as call:
        turn = call.begins(OBJECTION)
        await call.final("Ask compared with what, and wait")
        call.ends(turn, OBJECTION)
        await asyncio.sleep(0.1)
    assert len(model.asked) == 1


async def test_what_the_model_looks_up_is_offered_to_it_and_may_be_cited(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.play(
        Reply(calls=(Call(name="check_discount_authority", arguments='{"percent": 12}'),)),
        then=Reply(text=answer("12 % needs the sales manager", "Against a contract of 24 months.", [DISCOUNT_RESULT])),
    )
    settings = settings_for(model, advising={"early": False})
    async with call_with(model, tmp_path, settings=settings) as call:
        call.says("can you give us a discount of twelve percent for a hundred and fifty people")
        refined = await call.final("12 % needs the sales manager")
        found = call.advising.source(refined.sources[0].id)
    assert found is not None
    assert "sales manager" in found.text
    assert "check_discount_authority" in model.asked[0].tools


async def test_without_a_model_the_discount_table_itself_advises(tmp_path: Path) -> None:
    async with call_with(None, tmp_path) as call:
        assert call.advising.engine == "rules_only"
        call.says("can you give us a discount of fifteen percent")
        verdict = await call.until(
            lambda: next((one for one in call.nudges if "15 %" in one.headline), None), "the table's verdict"
        )
    assert verdict.kind == "discount_request"
    assert "VP of sales" in verdict.headline


async def test_the_reps_question_is_answered_in_place_of_the_prepared_line(
    model: FakeOpenAIChat, tmp_path: Path
) -> None:
    model.replies.play(Reply(text=answer("Business is $49 per seat and month", "", ["products/clearwater-desk#plans"])))
    async with call_with(model, tmp_path) as call:
        call.asks("what does the business plan cost per seat")
        answered = await call.final("Business is $49 per seat and month")
    assert answered.kind == "answer"
    assert "what does the business plan cost" in model.asked[0].prompt
    assert len({nudge.id for nudge in call.nudges}) == 1


async def test_without_a_model_a_question_is_answered_from_the_playbook(tmp_path: Path) -> None:
    async with call_with(None, tmp_path) as call:
        call.asks("where is customer data stored and how is it encrypted")
        found = await call.until(
            lambda: next(
                (
                    one
                    for one in call.nudges
                    if one.sources[0].id.startswith(("products/security", "objections/data-security"))
                ),
                None,
            ),
            "the section about security",
        )
    assert found.kind == "answer"


async def test_when_somebody_withdraws_nothing_made_of_their_words_stays(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.play(Reply(text=answer("Ask compared with what, and wait", "", [SOURCE])), then=Reply(first=30))
    async with call_with(model, tmp_path) as call:
        call.says(OBJECTION)
        await call.final("Ask compared with what, and wait")
        call.says("and we are also looking at northstar which is cheaper")
        await call.until(lambda: len(model.asked) == 2, "a request with their words")
        call.driver.feed(Purge("pat"))
        call.driver.purge("pat")
        await call.until(lambda: model.asked[1].closed_early, "the request is hung up")
        assert all(nudge.status == "withdrawn" for nudge in call.latest().values())
        written = "\n".join(file.read_text() for file in call.folder.iterdir())
    assert "compared with what, and wait" not in written
    assert "expensive for us" not in written


async def test_a_proposed_outcome_is_written_once_when_the_rep_confirms(model: FakeOpenAIChat, tmp_path: Path) -> None:
    summary = "They want single sign on for two hundred people"
    proposal = json.dumps({"kind": "next_step", "summary": summary})
    account = tmp_path / "accounts.yaml"
    account.write_text("- {company: Harbor Foods, id: h1}\n")

    def reply(asked: Asked) -> Reply:
        told = re.search(r"tool:log_outcome:\d+", asked.prompt)
        if told is None:
            return Reply(calls=(Call(name="log_outcome", arguments=proposal),))
        return Reply(text=answer("Agree on single sign on first", "", [REQUIREMENT], action=told.group()))

    model.replies.decide(reply)
    source = FileAccounts(account)
    settings = settings_for(model, advising={"early": False})
    metadata = {"account": {"company": "Harbor Foods"}}
    async with call_with(model, tmp_path, settings=settings, accounts=source, metadata=metadata) as call:
        call.says("we need single sign on for two hundred people")
        card = await call.final("Agree on single sign on first")
        assert card.action is not None
        assert card.detail == summary
        assert not (tmp_path / "accounts.outcomes.jsonl").exists()
        call.confirms(card.id)
        call.confirms(card.id)
        done = await call.until(
            lambda: next((one for one in call.nudges if one.detail.startswith("Done")), None), "it was written"
        )
        call.confirms(card.id)
        await asyncio.sleep(0.2)
    assert done.action is None
    assert len((tmp_path / "accounts.outcomes.jsonl").read_text().splitlines()) == 1


class SlowAccounts(NoAccounts):
    """Knows one account, and takes its time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.asked = 0

    async def look_up(self, account: Account) -> AccountRecord | None:
        self.asked += 1
        await asyncio.sleep(self.seconds)
        return AccountRecord("h1", account.company, {"renewal": "14 March"})


async def test_a_late_look_up_betters_the_card_it_was_for(model: FakeOpenAIChat, tmp_path: Path) -> None:
    accounts = SlowAccounts(1.6)

    def reply(asked: Asked) -> Reply:
        if "14 March" in asked.prompt:
            return Reply(text=answer("Their contract ends on 14 March", "", [SOURCE]))
        if "Still being looked up" in asked.prompt:
            return Reply(text=answer("Ask compared with what, and wait", "", [SOURCE]))
        return Reply(calls=(Call(name="get_account_context", arguments="{}"),))

    model.replies.decide(reply)
    settings = settings_for(model, advising={"early": False})
    metadata = {"account": {"company": "Harbor Foods"}}
    async with call_with(model, tmp_path, settings=settings, accounts=accounts, metadata=metadata) as call:
        call.says(OBJECTION)
        first = await call.final("Ask compared with what, and wait")
        bettered = await call.final("Their contract ends on 14 March")
    assert bettered.id == first.id
    assert accounts.asked == 1


async def test_a_late_look_up_is_dropped_when_the_call_has_moved_on(model: FakeOpenAIChat, tmp_path: Path) -> None:
    def reply(asked: Asked) -> Reply:
        if "how much does it cost" in asked.prompt:
            return Reply(text=answer())
        if "Still being looked up" in asked.prompt:
            return Reply(text=answer("Ask compared with what, and wait", "", [SOURCE]))
        return Reply(calls=(Call(name="get_account_context", arguments="{}"),))

    model.replies.decide(reply)
    settings = settings_for(model, advising={"early": False})
    metadata = {"account": {"company": "Harbor Foods"}}
    async with call_with(model, tmp_path, settings=settings, accounts=SlowAccounts(1.6), metadata=metadata) as call:
        call.says(OBJECTION)
        await call.final("Ask compared with what, and wait")
        call.says("so how much does it cost per seat then")
        await call.until(lambda: len(model.asked) == 3, "the next request")
        await asyncio.sleep(1.5)
    assert len(model.asked) == 3


async def test_words_that_cite_nothing_are_not_shown(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.play(Reply(text=answer("Ask what the price is measured against")))
    async with call_with(model, tmp_path) as call:
        call.says(OBJECTION)
        await call.until(lambda: any(one["in"] == "advice" for one in inputs(call)), "the answer's end")
    assert len(call.nudges) == 1


async def test_a_section_goes_by_a_short_name_and_is_cited_by_its_own(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.play(then=Reply(text=answer("Ask what they compare it with", "Then wait.", ["s1"])))
    async with call_with(model, tmp_path) as call:
        call.says("honestly that is too expensive for us")
        refined = await call.final("Ask what they compare it with")
    assert refined.sources[0].id == "objections/too-expensive#answer"
    assert '<data kind="source" id="s1" title="Too expensive: Answer">' in model.asked[0].prompt
    assert "objections/too-expensive#answer" not in model.asked[0].prompt
