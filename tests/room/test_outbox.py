"""What a nudge looks like on the wire, whatever caused it."""

from __future__ import annotations

import pytest

from cornerman.contract import wire
from cornerman.events import Cause, Evidence, Nudge, Question, Reading
from cornerman.room.outbox import wire_nudge

WORDS = Evidence("t1", "tom", "prospect", 2, 3, 1.6, 2.1, "too expensive")


def nudge(cause: Cause) -> Nudge:
    source = wire.Source(id="price", title="Price", locator="price.md")
    return Nudge("1-1", 0, "live", "kind", "price", "Ask", "", 500, False, 30.0, (cause,), (source,), 2.1, 2.2, 2.2)


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (WORDS, wire.WordsBecause(speaker="tom", role="prospect", start=1.6, end=2.1, quote="too expensive")),
        (Reading("monologue", 61.2, 61.2, 20.0), wire.GaugeBecause(name="monologue", value=61.2, window=61.2)),
        (Question("1-q1", 20.0), wire.QuestionBecause(ask_id="1-q1")),
    ],
)
def test_every_cause_is_told(cause: Cause, told: wire.Because) -> None:
    sent = wire.Nudge.model_validate_json(wire_nudge(nudge(cause), 10.0))
    assert sent.because == (told,)
    assert sent.ttl_ms == 20_000
