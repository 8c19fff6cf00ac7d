"""The rep's page and the prospect's, each in a browser of its own, through a call with a real coach."""

from __future__ import annotations

from functools import partial

import pytest
from browser_calls import BrowserCall, BrowserCalls
from browser_speech import trigger
from browser_tabs import ProspectTab, Received, eventually
from calls import decisions_of, inputs_of, turns_of, until
from playwright.async_api import expect

from cornerman.contract import wire
from cornerman.stand_ins.leaking_coach import LEAKS
from cornerman.stand_ins.tokens import agent_token
from cornerman.stand_ins.voice import joined

PLAYS_MANY_CALLS = True

SINGLE_SIGN_ON = trigger("requirement")
HEADLINE = "identity provider"
OVER_DATA_CHANNELS = sorted(LEAKS.keys() - {"attributes", "track"})


async def test_the_rep_is_shown_and_answered_what_the_prospect_never_receives(coached: BrowserCalls) -> None:
    call = await coached.call()
    panel = call.rep.panel
    async with call.prospect() as prospect:
        # Nobody is heard before the rep confirms in the panel that they were told.
        await panel.says("Waiting for consent")
        await prospect.say(SINGLE_SIGN_ON)
        assert inputs_of(call.live, "partial") == []
        await expect(panel.cards).to_have_count(0)
        await panel.confirm_consent()
        await call.both_heard()

        # Then they are. The card is painted, and the coach is told so.
        await prospect.say(SINGLE_SIGN_ON)
        card = await panel.shows(HEADLINE)
        await expect(card.locator("[part~=quote]")).to_contain_text("single sign on")
        delivery = await call.settled(call.nudges("requirement")[0])
        assert 0 < delivery["painted"] <= delivery["now"] - delivery["sent"]
        assert turns_of(call.live, "prospect")

        await panel.answers("what do I say to that?")
        await panel.newest.get_by_role("button", name="Pin", exact=True).click()
        await call.journal_has("feedback", nudge=call.nudges("answer")[0], feedback="pinned")

        # What is dismissed is gone, and does not come back when the same is said again.
        row = await panel.shows(HEADLINE)
        await row.get_by_role("button", name="Show the whole hint").click()
        await row.get_by_role("button", name="Dismiss", exact=True).click()
        await expect(row).to_have_count(0)
        await call.journal_has("feedback", nudge=call.nudges("requirement")[0], feedback="dismissed")
        await prospect.say(SINGLE_SIGN_ON)
        await until(
            lambda: [one for one in decisions_of(call.live, "held") if one["reason"] == "dismissed_before"],
            "the same card is held",
        )
        await expect(row).to_have_count(0)
    assert call.rep.faults == []


async def test_a_leaking_coach_turns_the_same_check_red(uncoached: BrowserCalls) -> None:
    call = await uncoached.call()
    with pytest.raises(AssertionError):
        await _play_a_call_that_leaks(call)


async def _play_a_call_that_leaks(call: BrowserCall) -> None:
    token = agent_token(call.live.server, call.room, wire.DEFAULT_IDENTITY_PREFIX + "leaking")
    async with call.prospect() as prospect, joined(call.live.server.url, token) as leaking:
        for leak in OVER_DATA_CHANNELS:
            before = await prospect.received()
            await LEAKS[leak](leaking, "prospect")
            await eventually(partial(_more_came, prospect, before), f"something of the leak {leak}")
        await expect(prospect.page.locator("#received-count")).not_to_have_text("0 messages, 0 bytes")


async def _more_came(prospect: ProspectTab, before: Received) -> bool:
    return (await prospect.received()).bytes > before.bytes
