"""Promise 5: the coach works on with what it depends on dead."""

from __future__ import annotations

import psutil
from calls import LiveCall, RunningWorker, line, until

RECOGNISER = "cornerman.providers.offline.process"


def recognisers(worker: int) -> list[psutil.Process]:
    """Recogniser processes of the calls of this worker: each host's forked children."""
    found = []
    for process in psutil.Process(worker).children(recursive=True):
        parent = process.parent()
        if parent is not None and RECOGNISER in process.cmdline() and RECOGNISER in parent.cmdline():
            found.append(process)
    return found


async def test_a_killed_recogniser_is_replaced_and_the_call_goes_on(
    call: LiveCall, coach_worker: RunningWorker
) -> None:
    await call.dispatch(consent={"mode": "granted", "granted": ["prospect"]})
    client = await call.rep()
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await call.heard(client, prospect)
    victims = await until(lambda: recognisers(coach_worker.pid), "a recogniser process")
    for victim in victims:
        victim.kill()
    await until(lambda: not any(victim.is_running() for victim in victims), "the recogniser is dead")
    await prospect.play(line("We need single sign on"))
    nudge = await call.nudge("requirement")
    assert nudge.because[0].type == "words"


async def test_an_account_source_that_is_broken_delays_nothing(call: LiveCall) -> None:
    await call.dispatch(
        consent={"mode": "granted", "granted": ["prospect"]}, account={"company": "Nowhere", "crm_id": "?"}
    )
    client = await call.rep()
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await call.heard(client, prospect)
    await prospect.play(line("We need single sign on"))
    await call.nudge("requirement")
