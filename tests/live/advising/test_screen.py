"""The rep's own screen share, from the track to the model: when it is asked about, after consent, nobody else's."""

from __future__ import annotations

import io
import re

from advising_calls import AdvisedWorker, Told, Wanted, answer
from calls import LiveCall, until
from fakes.replies import Reply
from hearing_calls import granted
from PIL import Image
from seeing.screens import frame, slide
from shared_screen import SharedScreen

ASKED = "what should I say about this slide on my screen"
HEADLINE = "Say what the slide leaves out"


async def test_a_question_about_the_screen_takes_a_fine_frame_of_it_along(
    call: LiveCall, told: Told, advised: AdvisedWorker
) -> None:
    def reply(request: Wanted) -> Reply:
        return Reply(text=answer(HEADLINE, "", re.findall(r"screen:\w+", request.asked.prompt)[:1]))

    advised.script.to(ASKED, reply)
    before = len(advised.script.asked(ASKED))
    client = await call.rep()
    prospect = await call.person("prospect")
    await call.dispatch(consent=granted("prospect", "rep"))
    await call.coach_is_there(client)
    assert call.rep_room is not None
    async with SharedScreen(call.rep_room) as screen:
        screen.shows = [frame(slide(3))]
        async with SharedScreen(prospect.room) as theirs:
            await call.heard(client, prospect)
            await client.ask("what is the next step")
            await until(lambda: advised.script.asked("what is the next step"), "a question about something else")
            assert not screen.was_subscribed
            await client.ask(ASKED)
            card = await until(lambda: told.final(HEADLINE), "the answer")
            assert not theirs.was_subscribed
        (request,) = advised.script.asked(ASKED)[before:]
        (picture,) = request.asked.images
        with Image.open(io.BytesIO(picture)) as opened:
            assert max(opened.size) <= 1024
        assert card.sources[0].id.startswith("screen:")
        assert client.state is not None
        assert client.state.screen is not None
        assert client.state.screen.watching
    assert not advised.script.asked("what is the next step")[0].asked.images


async def test_nothing_is_seen_of_a_rep_who_takes_consent_back(
    call: LiveCall, told: Told, advised: AdvisedWorker
) -> None:
    advised.script.to(ASKED, Reply(text=answer(HEADLINE, "", [])))
    client = await call.rep()
    await call.dispatch(consent=granted("prospect", "rep"))
    await call.coach_is_there(client)
    await client.consent(["rep"], granted=False)
    assert call.rep_room is not None
    async with SharedScreen(call.rep_room) as screen:
        before = len(advised.script.asked(ASKED))
        await client.ask(ASKED)
        request = await until(lambda: advised.script.asked(ASKED)[before:], "the question at the model")
        assert not request[0].asked.images
        assert not screen.was_subscribed
        assert client.state is not None
        assert client.state.screen is None or client.state.screen.why == "no consent yet"
