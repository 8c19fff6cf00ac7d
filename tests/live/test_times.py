"""From the spoken words to the rep's eye in a real call: every step is in the journal, the client's painting too."""

from __future__ import annotations

import asyncio

from calls import LiveCall, inputs_of, line, until

from cornerman.record.reading import segments_of
from cornerman.record.times import CARDS, STEPS, times_of
from cornerman_client import Nudge

PAINTING = 0.1
LISTENING = {"mode": "granted", "granted": ["prospect"]}


async def test_a_call_tells_how_long_a_card_took_to_the_rep_s_eye(call: LiveCall) -> None:
    async def paint(_: Nudge) -> None:
        await asyncio.sleep(PAINTING)

    await call.dispatch(consent=LISTENING)
    client = await call.rep()
    client.paint = paint
    prospect = await call.person("prospect")
    await call.coach_is_there(client)
    await call.heard(client, prospect)
    await prospect.play(line("We need single sign on"))
    await call.nudge("requirement")
    await until(lambda: inputs_of(call, "delivery"), "the rep's answer in the journal")
    cards = times_of([segments_of(await call.end())])[CARDS]
    assert set(cards) == set(STEPS)
    assert PAINTING <= cards["painted"].median <= cards["sent to acked"].longest
    seen, acked, heard = (cards[f"spoken to {step}"].median for step in ("seen", "acked", "heard"))
    assert heard < seen <= acked
