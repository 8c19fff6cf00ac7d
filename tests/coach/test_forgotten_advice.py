"""Advice goes with anybody it rests on: from cards, from what waits, and from memory."""

from __future__ import annotations

import pytest
from advised_scenes import LOG, TOO_EXPENSIVE, AdvisedScene, on_mail, on_price
from call_histories import reachable

from cornerman.events import MomentWithdrawn, Purge, Speaking

PLAIN = "Say something about price"


def test_advice_goes_with_anybody_it_rests_on_and_the_plain_card_stays() -> None:
    scene = on_price()
    scene.advise("final", "Zebra said it costs too much", "Zebra.", at=2.0, saw=("prospect", "colleague"), action=LOG)
    scene.hear(Purge("colleague"), 3.0)
    assert (scene.card.headline, scene.card.status, scene.card.final) == (PLAIN, "live", True)
    assert (scene.card.advised, scene.card.saw, scene.card.action) == ("", (), None)
    assert not _kept(scene, "zebra")
    assert scene.advise("final", "Zebra again", at=4.0) == []


def test_a_card_of_its_own_is_withdrawn() -> None:
    scene = on_mail()
    scene.advise("words", "Zebra answers mail", at=61.0, saw=("prospect",))
    scene.advise("final", "Zebra answers mail", "Zebra.", at=61.1, saw=("prospect", "colleague"))
    scene.hear(Purge("colleague"), 62.0)
    assert (scene.card.status, scene.card.advised, scene.card.saw) == ("withdrawn", "", ())
    scene.hear(Purge("prospect"), 63.0)
    assert not _kept(scene, "zebra")
    assert [one.moment for one in scene.decided if isinstance(one, MomentWithdrawn)] == ["m1", "v1"]


def test_so_is_one_whose_first_words_rested_on_more_than_its_last() -> None:
    scene = on_mail()
    scene.advise("words", "Zebra answers mail", at=61.0, saw=("prospect", "colleague"))
    scene.advise("final", "Ask how many they answer", at=61.1, saw=("prospect",))
    scene.hear(Purge("colleague"), 62.0)
    assert scene.card.status == "withdrawn"
    assert not _kept(scene, "zebra")


def test_a_card_that_quotes_the_purged_is_withdrawn_whatever_its_advice_rests_on() -> None:
    scene = on_mail()
    scene.advise("final", "Ask how many they answer", at=61.0, saw=())
    scene.hear(Purge("prospect"), 62.0)
    assert {one.id: one.status for one in scene.nudges} == {"1-1": "withdrawn", "1-2": "withdrawn"}
    assert not _kept(scene, "mail all")


@pytest.mark.parametrize("purged", ["prospect", "colleague"])
def test_advice_that_waits_goes_too(purged: str) -> None:
    scene = on_mail()
    scene.hear(Speaking("rep", True, 60.5), 60.5)
    scene.advise("final", "Zebra answers mail", at=61.0, saw=("prospect", "colleague"))
    scene.hear(Purge(purged), 62.0)
    scene.hear(Speaking("rep", False, 63.0), 63.0)
    assert [(one.kind, one.reason) for one in scene.held] == [("advice", "purged")]
    assert not _kept(scene, "zebra")


def test_better_words_that_wait_go_and_the_card_does_not() -> None:
    scene = AdvisedScene()
    scene.hear(Speaking("rep", True, 0.5), 0.5)
    scene.turn(TOO_EXPENSIVE, turn="p1", at=1.0)
    scene.advise("final", "Zebra finds it dear", at=2.0, saw=("prospect", "colleague"))
    scene.hear(Purge("colleague"), 3.0)
    assert not _kept(scene, "zebra")
    scene.hear(Speaking("rep", False, 4.0), 4.0)
    assert [one.headline for one in scene.nudges] == [PLAIN]


@pytest.mark.parametrize("early", [True, False])
def test_a_purge_drops_what_is_open_and_what_it_has_brought(early: bool) -> None:
    scene = on_price()
    scene.advise("silent", at=2.0)
    if early:
        scene.partial("my zebra is here now.", turn="p2", at=3.0)
        scene.advise("final", "Zebra is here", at=4.0)
    else:
        scene.turn("my zebra is here now.", turn="p2", at=3.0)
    scene.hear(Purge("prospect"), 5.0)
    assert scene.dropped == ["1-r2"]
    assert not _kept(scene, "zebra")
    assert scene.advise("final", "Zebra is gone", at=6.0) == []
    assert not _kept(scene, "zebra")


def _kept(scene: AdvisedScene, word: str) -> list[str]:
    """What the coach still holds of somebody's words."""
    return [thing for thing in reachable(scene.coach) if isinstance(thing, str) and word in thing.lower()]
