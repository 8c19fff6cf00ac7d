"""What becomes of a card on the rep's screen, and what the coach is told of it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from coach_end import nudge_payload

from cornerman_client.cards import DROPPED, HIDDEN, SHOWN, Cards
from cornerman_client.contract import Nudge, parse_ack
from cornerman_client.inbox import NudgeInbox

COACH = "cornerman-1"


class SetClock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.at = 10.0

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits for a time")


def card(number: int = 1, rev: int = 0, **other: Any) -> Nudge:
    return Nudge.model_validate(json.loads(nudge_payload(id=f"1-{number}", rev=rev, **other)))


class Screen:
    """Paints what it is given, and says whether somebody sees it."""

    def __init__(self, clock: SetClock) -> None:
        self.painted: list[Nudge] = []
        self.seen: object = None
        self._clock = clock

    async def paint(self, nudge: Nudge) -> object:
        self.painted.append(nudge)
        self._clock.at += 0.02
        return self.seen


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def screen(clock: SetClock) -> Screen:
    return Screen(clock)


@pytest.fixture
def cards(clock: SetClock, screen: Screen) -> Cards:
    return Cards(NudgeInbox(), screen.paint, clock)


async def test_painting_is_measured_from_when_the_call_came_in(cards: Cards) -> None:
    ack = parse_ack(await cards.take_up(card(), COACH, 9.97))
    assert (ack.status, ack.painted_ms) == ("shown", 50.0)


@pytest.mark.parametrize(("seen", "answer"), [(None, SHOWN), (True, SHOWN), (0, SHOWN), (False, HIDDEN)])
async def test_a_painter_may_say_that_nobody_sees_it(cards: Cards, screen: Screen, seen: object, answer: str) -> None:
    screen.seen = seen
    assert parse_ack(await cards.take_up(card(), COACH, 10.0)).status == answer


async def test_a_card_nobody_saw_is_painted_when_it_is_sent_again(cards: Cards, screen: Screen) -> None:
    cards.visible = False
    assert await cards.take_up(card(), COACH, 10.0) == HIDDEN
    cards.visible = True
    assert parse_ack(await cards.take_up(card(), COACH, 10.0)).status == SHOWN
    assert len(screen.painted) == 1


@pytest.mark.parametrize("visible", [True, False])
async def test_what_an_impostor_had_painted_is_taken_off_the_screen(
    cards: Cards, screen: Screen, visible: bool
) -> None:
    await cards.take_up(card(1), "cornerman-fake", 10.0)
    await cards.take_up(card(2), COACH, 10.0)
    cards.visible = visible
    cards.withdraw_from("cornerman-fake")
    while len(screen.painted) < 3:
        await asyncio.sleep(0)
    last = screen.painted[-1]
    assert (last.id, last.rev, last.status, last.detail, last.action) == ("1-1", 1, "withdrawn", "", None)
    await cards.aclose()


async def test_without_a_painter_cards_count_as_shown_to_whoever_reads_them(cards: Cards) -> None:
    cards.paint = None
    assert await cards.take_up(card(), COACH, 10.0) == SHOWN


async def test_what_is_being_painted_when_the_client_closes_is_dropped(cards: Cards) -> None:
    painting = asyncio.Event()

    async def paint(_: Nudge) -> None:
        painting.set()
        await asyncio.Event().wait()

    cards.paint = paint
    answer = asyncio.create_task(cards.take_up(card(), COACH, 10.0))
    await painting.wait()
    await cards.aclose()
    assert await answer == DROPPED
