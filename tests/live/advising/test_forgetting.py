"""A coach that takes over shows the rep the model's words that stand; words of somebody who withdraws lead to nothing
any more, wherever they have got to.
"""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest
from advising_calls import (
    OBJECTION,
    RIVAL,
    AdvisedWorker,
    Told,
    advised_worker,
    answer,
    begun,
    playbook,
    quiet,
    replays_the_same,
    said,
)
from calls import LiveCall, everything_in, until
from fakes.replies import Reply

from cornerman.livekit_server import ServerAddress
from cornerman_client import Nudge

SOURCE = "objections/too-expensive#answer"
HEADLINE = "Ask what they compare the price with"
DETAIL = "Northstar was named by the other one. Then stay silent."
LONG_LIVED = {"CORNERMAN__ADVISING__EARLY": "false", "CORNERMAN__ADVISING__CARD_DEADLINE": "8"}


@pytest.fixture(scope="module")
def advised(livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdvisedWorker]:
    """A worker that waits for slow words."""
    with advised_worker(livekit_server, tmp_path_factory.mktemp("forgetting"), LONG_LIVED) as running:
        yield running


async def test_words_of_a_model_outlive_the_coach_but_not_the_consent_they_rest_on(
    call: LiveCall, told: Told, advised: AdvisedWorker
) -> None:
    """Two prospects: the card is for the first one's words, and the model had seen the second one's too."""
    script = advised.script
    script.to(OBJECTION, Reply(text=answer(HEADLINE, DETAIL, [SOURCE])))
    client, (first, second) = await begun(call, "first", "second")
    await said(call, second, RIVAL)
    async with quiet(first, second):
        await call.nudge("competitor_mention")
    await said(call, first, OBJECTION)
    async with quiet(first, second):
        card = await until(lambda: told.final(HEADLINE), "the model's words")
    assert card.detail == DETAIL
    before = client.coach
    _kill_job_process(advised.hearing.pid, call)
    await client.aclose()
    call.nudges.clear()
    await call.dispatch(consent={"mode": "granted", "granted": []}, takeover={"of": before})
    client = await call.rep()
    async with quiet(first, second):
        again = await until(lambda: next((one for one in call.nudges if one.id == card.id), None), "the card again")
        assert (again.headline, again.detail, again.final) == (HEADLINE, DETAIL, True)
        await client.consent(["second"], granted=False)

        def changed() -> Nudge | None:
            now = told.card(card.id)[-1]
            return now if now.rev > again.rev else None

        gone = await until(changed, "the card without the words of a model that saw what the second one said")
    assert (gone.status, gone.headline != HEADLINE, gone.detail != DETAIL) == ("withdrawn", True, True)
    folder = await call.end()
    assert "was named by the other one" not in everything_in(folder)


async def test_nothing_comes_of_an_answer_whose_words_are_taken_back(
    call: LiveCall, told: Told, advised: AdvisedWorker
) -> None:
    script = advised.script
    script.to(OBJECTION, Reply(text=answer(HEADLINE, "Then stay silent. " * 12, [SOURCE]), tokens_per_second=12))
    client, (first, second) = await begun(call, "first", "second")
    await said(call, first, OBJECTION)
    async with quiet(first, second):
        card = await until(
            lambda: next((one for one in told.of("price_objection") if one.headline == HEADLINE), None), "first words"
        )
        assert not card.final
        await client.consent(["first"], granted=False)
        await until(lambda: script.asked(OBJECTION)[-1].asked.closed_early, "the request is hung up")
        await until(lambda: told.card(card.id)[-1].status == "withdrawn", "the card is withdrawn")
    await said(call, second, RIVAL)
    async with quiet(first, second):
        await until(lambda: script.asked(RIVAL), "a request for the other one's words")
        other = await call.nudge("competitor_mention")
    assert "expensive" not in script.asked(RIVAL)[-1].asked.prompt
    assert other.headline in {one.headline for one in playbook().cards.values()}
    assert told.card(card.id)[-1].status == "withdrawn"
    folder = await call.end()
    written = everything_in(folder)
    assert "expensive for us" not in written
    assert HEADLINE.lower() not in written
    assert replays_the_same(folder) > 0


def _kill_job_process(worker: int, call: LiveCall) -> None:
    """Kills the process that writes this call's journal, as a crash would."""
    for process in psutil.Process(worker).children(recursive=True):
        if any(call.room in opened.path for opened in process.open_files()):
            process.kill()
            return
    raise AssertionError("no process writes the journal of this call")
