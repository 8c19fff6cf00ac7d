"""axe-core finds nothing on the demo's pages, with the panel in the midst of a call, in light and in dark."""

from __future__ import annotations

from browser_calls import BrowserCalls
from coach_end import CoachEnd, agent_in
from playwright.async_api import expect

from cornerman.contract import wire

PLAYS_MANY_CALLS = True


async def test_no_page_of_a_call_has_an_accessibility_violation(uncoached: BrowserCalls) -> None:
    found: list[str] = []
    start = await uncoached.tab("")
    found += await start.violations()
    lobby = await uncoached.tab("rep.html")
    found += await lobby.violations()

    call = await uncoached.call()
    panel = call.rep.panel
    async with agent_in(uncoached.server, call.room) as room, call.prospect() as prospect:
        coach = CoachEnd(room, consent="waiting")
        await coach.reach(wire.STATE, coach.state())
        await expect(panel.button("I have told them")).to_be_visible()
        found += await call.rep.violations()
        found += await prospect.violations()

        await panel.confirm_consent()
        await panel.says("Listening")
        await coach.nudge("1-1", action={"id": "a1", "label": "Log it"}, detail="Ask which one it is.")
        await coach.nudge("1-2", headline="Then ask who decides")
        await coach.nudge("1-3", headline="It is being thought about", status="thinking", final=False)
        await expect(panel.cards).to_have_count(3)
        found += await call.rep.violations()
        await panel.button("Notes so far").click()
        found += await call.rep.violations()

    await call.rep.page.get_by_role("button", name="Leave").click()
    await expect(call.rep.page.get_by_role("link", name="Back to the start")).to_be_visible()
    found += await call.rep.violations()
    found += await (await uncoached.tab("prospect.html")).violations()
    assert found == []
