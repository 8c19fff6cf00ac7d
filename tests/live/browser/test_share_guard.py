"""The rep shares a screen: a real capture of the tab with the panel, which must not be seen in it."""

from __future__ import annotations

from browser_calls import BrowserCall, BrowserCalls
from browser_speech import trigger
from calls import decisions_of, inputs_of, until
from playwright.async_api import expect

PLAYS_MANY_CALLS = True

SINGLE_SIGN_ON = trigger("requirement")
HEADLINE = "identity provider"


async def test_a_share_of_the_panels_own_tab_shows_a_dot_and_quiets_the_coach_until_it_ends_or_is_cleared(
    coached: BrowserCalls,
) -> None:
    call = await coached.call(consent="granted", share="this-tab")
    page, panel = call.rep.page, call.rep.panel
    async with call.prospect() as prospect:
        await call.both_heard()
        await panel.answers("what is on the screen?")
        await page.get_by_role("button", name="Share").click()

        # A dot before the browser is even asked for a picture, and no word of the coach.
        await expect(prospect.page.locator("#screen video")).to_be_visible()
        (before,) = await page.evaluate("observed.captures")
        assert before["dot"] is True
        assert before["cards"] == 0
        assert "what is on the screen?" not in before["text"]
        await expect(panel.dot).to_be_visible()
        await expect(panel.newest).to_be_hidden()
        await _attention(call, ["quiet"])
        await prospect.say(SINGLE_SIGN_ON)
        await until(
            lambda: [one for one in decisions_of(call.live, "held") if one["reason"] == "attention_quiet"],
            "a card is held while the panel hides",
        )
        assert call.nudges("requirement") == []

        await page.get_by_role("button", name="Stop", exact=True).click()
        await _attention(call, ["quiet", "live"])
        await expect(panel.dot).to_be_hidden()
        await panel.answers("am I alone again?")

        # The rep may look, and take the panel back for this share.
        await page.get_by_role("button", name="Share").click()
        await expect(panel.dot).to_be_visible()
        await _attention(call, ["quiet", "live", "quiet"])
        await panel.dot.click()
        await expect(panel.element.locator("[part~=why]")).to_contain_text("this very tab is shared")
        await panel.button("Show it all the same").click()
        await expect(panel.dot).to_be_hidden()
        await _attention(call, ["quiet", "live", "quiet", "live"])
        await panel.answers("are you shown again?")
        await page.get_by_role("button", name="Stop", exact=True).click()
        await expect(prospect.page.locator("#screen")).to_be_hidden()
        await _attention(call, ["quiet", "live", "quiet", "live"])
    assert call.rep.faults == []


async def _attention(call: BrowserCall, wanted: list[str]) -> None:
    """Waits until the rep's wishes are these, in this order, by the coach's journal."""

    def wishes() -> list[str]:
        return [one["attention"] for one in inputs_of(call.live, "control")]

    await until(lambda: len(wishes()) >= len(wanted), f"{wanted} in the journal")
    assert wishes() == wanted
