"""What the rep does unaided needs no card: held with the rep's words, and after a while not offered any more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scenes import Scene, definition, playbook, spoken

from cornerman.coach import CoachSettings
from cornerman.coach.fading import parts_of, said
from cornerman.coach.languages import language_of
from cornerman.coach.transcript import Utterance
from cornerman.events import Purge, Speaking
from cornerman.playbook import Card, Playbook

HEADLINE = "Ask what the problem costs while it stays unsolved"
QUICK = CoachSettings(interval=1.0, burst=5)
UNAIDED = "so what does that problem cost you every month"


def book(*, critical: bool = False, headline: str = HEADLINE, detail: str = "") -> Playbook:
    plain = playbook(definition("price", "too expensive", cooldown_s=1.0, per_call=20, critical=critical))
    card = plain.cards["price"]
    return replace(plain, cards={"price": Card("price", headline, detail, card.source)})


def exchange(scene: Scene, number: int, at: float, answer: str) -> None:
    """The rep begins to answer while the prospect's words are being recognised."""
    scene.hear(Speaking("rep", True, at), at)
    scene.turn("that is too expensive", turn=f"p{number}", at=at)
    scene.turn(answer, turn=f"r{number}", who="rep", at=at + 2.0)
    scene.hear(Speaking("rep", False, at + 5.0), at + 5.0)


def test_what_the_rep_said_before_the_card_came_makes_it_needless() -> None:
    scene = Scene(book(), QUICK)
    exchange(scene, 1, 10.0, UNAIDED)
    assert scene.nudges == []
    (held,) = scene.held
    assert (held.reason, held.card) == ("handled_unaided", "price")
    assert held.because is not None
    assert (held.because.identity, held.because.turn, held.because.quote) == ("rep", "r1", "problem cost")


def test_what_is_about_something_else_does_not() -> None:
    scene = Scene(book(), QUICK)
    exchange(scene, 1, 10.0, "let me tell you about our new office in the city")
    assert [nudge.card for nudge in scene.nudges] == ["price"]


def test_what_the_rep_asked_right_before_counts_as_well_and_long_before_does_not() -> None:
    for pause, reasons in ((2.0, ["handled_unaided"]), (60.0, [])):
        scene = Scene(book(), QUICK)
        scene.turn(UNAIDED, turn="r1", who="rep", at=10.0)
        scene.turn("that is too expensive", turn="p1", at=14.0 + pause)
        assert [held.reason for held in scene.held] == reasons


def test_after_two_times_the_card_stays_away_for_this_call() -> None:
    scene = Scene(book(), QUICK)
    exchange(scene, 1, 10.0, UNAIDED)
    exchange(scene, 2, 100.0, UNAIDED)
    scene.turn("that is too expensive", turn="p3", at=200.0)
    assert scene.nudges == []
    assert [held.reason for held in scene.held] == ["handled_unaided", "handled_unaided", "faded_out"]


def test_once_is_not_a_habit() -> None:
    scene = Scene(book(), QUICK)
    exchange(scene, 1, 10.0, UNAIDED)
    scene.turn("that is too expensive", turn="p2", at=200.0)
    assert [nudge.card for nudge in scene.nudges] == ["price"]


def test_what_is_critical_never_fades() -> None:
    scene = Scene(book(critical=True), QUICK)
    for number in range(3):
        exchange(scene, number, 10.0 + 100 * number, UNAIDED)
    assert [nudge.card for nudge in scene.nudges] == ["price"] * 3


def test_purged_words_of_the_rep_are_neither_kept_nor_counted() -> None:
    scene = Scene(book(), QUICK)
    exchange(scene, 1, 10.0, UNAIDED)
    exchange(scene, 2, 100.0, UNAIDED)
    scene.hear(Purge("rep"), 150.0)
    assert "problem" not in repr(list(scene.coach._fading._turns))
    assert not scene.coach._fading.faded("price")
    scene.turn("that is too expensive", turn="p3", at=200.0)
    assert [nudge.card for nudge in scene.nudges] == ["price"]


@pytest.mark.parametrize(
    ("language", "headline", "detail", "line", "near"),
    [
        ("en", HEADLINE, "", "what will it cost you if the problem stays", True),
        ("en", HEADLINE, "", "the problem is my microphone", False),
        (
            "en",
            "Step back",
            'Say "nobody can promise zero downtime" and wait',
            "no one promises you zero downtime",
            True,
        ),
        ("en", "Step back", "Nobody can promise zero downtime", "no one promises you zero downtime", False),
        ("de", "Fragen, was das Problem im Monat kostet", "", "was kosten solche Probleme Sie denn jeden Monat", True),
        ("de", "Fragen, was das Problem im Monat kostet", "", "was fragen Sie denn da jeden Monat", False),
        ("fr", "Demander ce que coûte le problème chaque mois", "", "ce problème vous coûte combien par mois", True),
    ],
)
def test_the_measure_compares_what_a_card_is_about(
    language: str, headline: str, detail: str, line: str, near: bool
) -> None:
    rules = language_of(language)
    utterance = Utterance("t1", "rep", "rep", spoken(line), True)
    found = said(rules, parts_of(rules, headline, detail), utterance, 0, len(utterance.words) - 1)
    assert (found is not None) == near


def test_words_far_apart_do_not_add_up() -> None:
    rules = language_of("en")
    filler = " ".join(["hm"] * 30)
    utterance = Utterance("t1", "rep", "rep", spoken(f"the problem {filler} costs"), True)
    assert said(rules, parts_of(rules, HEADLINE, ""), utterance, 0, len(utterance.words) - 1) is None
