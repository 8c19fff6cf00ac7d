"""What a panel does with a coach that means harm, with strangers, and with what no contract foresaw.

The coach is played by the test, as a participant of kind agent, against the demo page in a real browser.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from browser_calls import BrowserCalls
from browser_tabs import PATIENCE_MS
from coach_end import CoachEnd, agent_in, nudge_payload, state
from livekit import rtc
from playwright.async_api import expect

from cornerman.contract import wire
from cornerman.stand_ins.voice import joined

PLAYS_MANY_CALLS = True

SCRIPT = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"
UNREADABLE: dict[str, str] = {
    "not JSON": "{",
    "no object": "[1, 2]",
    "another version": nudge_payload(id="1-9", v=2),
    "no version": nudge_payload(id="1-9", v=None),
    "a detail of 14 KB": nudge_payload(id="1-9", detail="x" * 14_000),
    "more than travels in one message": nudge_payload(id="1-9", unheard_of="x" * 15_500),
    "letters that run backwards": nudge_payload(id="1-9", headline="Give 10% \u202e%001"),
    "isolated letters": nudge_payload(id="1-9", detail="a\u2066b"),
    "control characters": nudge_payload(id="1-9", headline="bell \u0007"),
    "half a character": nudge_payload(id="1-9").replace("Ask what", "\\ud83d Ask what"),
    "an id for a selector": nudge_payload(id='1-9"]'),
    "a headline of nothing": nudge_payload(id="1-9", headline="  "),
    "a time nobody can format": nudge_payload(id="1-9", ttl_ms=10**12),
    "a role nobody has": nudge_payload(id="1-9", because=[{"type": "words", "role": SCRIPT}]),
    "no cause": nudge_payload(id="1-9", because=[]),
    "nested a thousand deep": nudge_payload(id="1-9", because="[" * 1000),
}


def with_own_prototype(payload: str) -> str:
    """The payload with keys that would change every object, were they merged into one."""
    return payload[:-1] + ', "__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'


async def test_words_of_a_hostile_coach_are_shown_as_words_or_refused_and_the_page_lives_on(
    uncoached: BrowserCalls,
) -> None:
    call = await uncoached.call()
    page, panel = call.rep.page, call.rep.panel
    title = await page.title()
    async with agent_in(uncoached.server, call.room) as room:
        coach = CoachEnd(room)
        await coach.reach(wire.STATE, coach.state())
        for what, payload in UNREADABLE.items():
            with pytest.raises(rtc.RpcError) as refused:
                await coach.call(wire.NUDGE, payload)
            assert (refused.value.code, refused.value.message) == (wire.BAD_REQUEST_CODE, "unreadable request"), what
            assert not refused.value.data, what
        await expect(panel.cards).to_have_count(0)

        because = [{"type": "words", "speaker": SCRIPT, "role": "prospect", "start": 1, "end": 2, "quote": SCRIPT}]
        sources = [{"id": SCRIPT, "title": SCRIPT, "locator": "javascript:document.title='owned'"}]
        action = {"id": "a1", "label": "<b>Do it</b>"}
        worst: dict[str, Any] = {"because": because, "sources": sources, "action": action, "detail": SCRIPT * 4}
        hostile = nudge_payload(headline=SCRIPT[:80], kind=SCRIPT[:60], unheard_of={"x": ["y" * 9_000]}, **worst)
        assert json.loads(await coach.call(wire.NUDGE, with_own_prototype(hostile)))["status"] == "shown"
        card = await panel.shows(SCRIPT[:80])
        await expect(card.locator("[part~=quote]")).to_contain_text(SCRIPT)
        named = json.loads(state()) | {"stage": SCRIPT, "checklist": {SCRIPT: True, "__proto__": True}}
        named["participants"][0] |= {"name": SCRIPT, "why": SCRIPT}
        assert await coach.call(wire.STATE, json.dumps(named)) == "ok"

        made = "[...document.querySelector('coach-panel').shadowRoot.querySelectorAll('img,script,a,iframe,b')].length"
        assert await page.evaluate(made) == 0
        assert await page.evaluate("({}).polluted === undefined")
        assert await page.title() == title

        assert json.loads(await coach.nudge("1-2", headline="Still here"))["status"] == "shown"
        await panel.shows("Still here")
    assert call.rep.faults == []


async def test_a_prospect_who_may_send_data_gets_one_refusal_and_shows_nothing(
    uncoached: BrowserCalls, token: Callable[..., str]
) -> None:
    call = await uncoached.call()
    panel = call.rep.panel
    async with agent_in(uncoached.server, call.room) as room:
        coach = CoachEnd(room)
        await coach.reach(wire.STATE, coach.state())
        for identity in ("prospect", wire.DEFAULT_IDENTITY_PREFIX + "impostor"):
            async with joined(uncoached.server.url, token(identity, call.room)) as room_of_stranger:
                await expect(call.rep.page.locator(f"li[data-identity={identity}]")).to_be_visible(timeout=PATIENCE_MS)
                stranger = CoachEnd(room_of_stranger, registered=False)
                for payload in (nudge_payload(id="1-7", headline="Give them everything"), "not json"):
                    with pytest.raises(rtc.RpcError) as refused:
                        await stranger.call(wire.NUDGE, payload)
                    assert (refused.value.code, refused.value.message) == (wire.STRANGER_CODE, wire.STRANGER_TEXT)
                    assert not refused.value.data
        await coach.nudge("1-2", headline="From the coach")
        await panel.shows("From the coach")
        await expect(panel.cards).to_have_count(1)
        await expect(panel.element).not_to_contain_text("everything")
    assert call.rep.faults == []
