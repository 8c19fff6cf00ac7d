"""The variant for teams that cannot change their bundle: a host's page with the panel in a frame, end to end."""

from __future__ import annotations

import json
from urllib.parse import quote

from browser_calls import BrowserCall, BrowserCalls
from browser_speech import trigger
from browser_tabs import Panel, RepTab
from calls import LiveCall, inputs_of, until
from playwright.async_api import expect

PLAYS_MANY_CALLS = True

SINGLE_SIGN_ON = trigger("requirement")


async def test_a_framed_panel_asks_for_consent_shows_and_answers_through_its_parent(coached: BrowserCalls) -> None:
    call = await _framed_call(coached)
    panel = call.rep.panel
    async with call.prospect() as prospect:
        await panel.says("Waiting for consent")
        await panel.confirm_consent()
        await call.both_heard()
        await prospect.say(SINGLE_SIGN_ON)
        card = await panel.shows("identity provider")
        nudge = call.nudges("requirement")[0]
        assert (await call.settled(nudge))["painted"] > 0
        await card.get_by_role("button", name="Pin", exact=True).click()
        await call.journal_has("feedback", nudge=nudge, feedback="pinned")
        await panel.answers("what do I say to that?")
        assert await call.rep.violations() == []

        # The host shares its own tab: its page tells the frame, which hides before a picture is taken.
        host = call.rep.page
        await host.evaluate(
            "async () => { window.shared = await navigator.mediaDevices.getDisplayMedia({ preferCurrentTab: true }); }"
        )
        await expect(panel.dot).to_be_visible()
        await expect(panel.newest).to_be_hidden()
        await call.journal_has("control", attention="quiet")
        await host.evaluate("shared.getTracks().forEach((track) => track.stop())")
        await expect(panel.dot).to_be_hidden()
        await until(lambda: inputs_of(call.live, "control")[-1]["attention"] == "live", "attention is live again")
    assert call.rep.faults == []


async def _framed_call(calls: BrowserCalls) -> BrowserCall:
    """The host's page in a call of the demo's server, with the ticket a product's back end would give it."""
    context = await calls.rep_context()
    rep = RepTab(await context.new_page())
    await rep.page.goto(calls.address)
    begin = """async () => (await fetch("/api/calls", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ prospect: "browser", rep_voice: "own", consent: "rep_discloses" }),
    })).json()"""
    ticket = await rep.page.evaluate(begin)
    own = quote(json.dumps({"url": ticket["url"], "token": ticket["rep"]["token"]}))
    await rep.page.goto(f"{calls.address}host.html#{own}")
    rep.panel = Panel(rep.page.frame_locator("iframe#panel"))
    live = LiveCall(calls.server, calls.livekit, ticket["room"], calls.agent_name, calls.journals, calls.stack)
    return BrowserCall(calls, live, ticket, context, rep)
