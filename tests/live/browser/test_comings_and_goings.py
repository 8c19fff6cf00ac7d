"""A rep's page that goes out of sight, is loaded anew, loses the network or is opened twice; and a coach that dies."""

from __future__ import annotations

import psutil
from browser_calls import BrowserCalls
from browser_speech import trigger
from browser_tabs import RepTab
from calls import LiveCall, RunningWorker, until
from playwright.async_api import expect

from cornerman.record.reading import segments_of

PLAYS_MANY_CALLS = True

SINGLE_SIGN_ON = trigger("requirement")
HEADLINE = "identity provider"


async def test_a_card_that_came_out_of_sight_is_seen_when_the_rep_is_back_and_again_after_a_reload(
    coached: BrowserCalls,
) -> None:
    call = await coached.call(consent="granted")
    panel = call.rep.panel
    async with call.prospect() as prospect:
        await call.both_heard()
        await call.rep.be_hidden(True)
        await prospect.say(SINGLE_SIGN_ON)
        await until(lambda: call.nudges("requirement"), "the card is let out")
        (nudge,) = call.nudges("requirement")
        await call.settled(nudge, "hidden")
        await call.rep.be_hidden(False)
        await panel.shows(HEADLINE)
        assert (await call.settled(nudge))["painted"] > 0

        answer = await panel.answers("what do I say to that?")
        headline = await answer.locator("[part~=headline]").inner_text()
        await call.rep.page.reload()
        await expect(panel.cards).to_have_count(0)
        await call.rep.join()
        await panel.shows(headline)
        await call.both_heard()


async def test_the_line_survives_networks_that_fail(coached: BrowserCalls) -> None:
    call = await coached.call(consent="granted")
    panel = call.rep.panel
    async with call.prospect():
        await call.both_heard()
        for cut in (call.rep.drop_signalling, call.rep.lose_the_server):
            question = f"what now, after {await call.rep.connections()} connections?"
            await cut()
            await call.rep.reconnects()
            await call.both_heard()
            await panel.answers(question)
            await expect(panel.cards.filter(has_text=question)).to_have_count(1)
        (answered, again) = call.nudges("answer")
        await call.settled(answered)
        await call.settled(again)


async def test_the_call_opened_twice_goes_on_in_the_second_tab_alone(coached: BrowserCalls) -> None:
    call = await coached.call(consent="granted")
    async with call.prospect():
        await call.both_heard()
        second = RepTab(await call.context.new_page())
        await second.page.goto(call.rep.page.url)
        await second.join()
        await call.rep.panel.says("Open elsewhere")
        calls_made = await call.rep.connections()
        await second.panel.says("Listening")
        await second.panel.answers("does the second tab get the answer?")
        await expect(call.rep.panel.cards).to_have_count(0)
        await call.rep.panel.says("Open elsewhere")
        assert await call.rep.connections() == calls_made


async def test_a_coach_that_is_killed_is_replaced_and_its_successor_is_obeyed(
    coached: BrowserCalls, coach_worker: RunningWorker
) -> None:
    call = await coached.call(consent="granted")
    panel = call.rep.panel
    async with call.prospect() as prospect:
        await call.both_heard()
        await prospect.say(SINGLE_SIGN_ON)
        await panel.shows(HEADLINE)
        (first,) = await call.live.coaches()
        _kill_job_process(coach_worker.pid, call.live)
        await call.live.dispatch(takeover={"of": first})
        await until(lambda: len(segments_of(call.live.folder())) == 2, "a second segment")
        await call.both_heard()
        await panel.answers("are you back?")
        assert call.nudges("answer")[0].startswith("2-")
        await expect(panel.cards.filter(has_text="identity provider")).not_to_have_count(0)
        assert len(await call.live.coaches()) == 1


def _kill_job_process(worker: int, call: LiveCall) -> None:
    """Kills the process that writes this call's journal, as a crash would."""
    for process in psutil.Process(worker).children(recursive=True):
        if any(call.room in opened.path for opened in process.open_files()):
            process.kill()
            return
    raise AssertionError("no process writes the journal of this call")
