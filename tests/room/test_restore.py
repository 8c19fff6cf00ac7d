"""A coach that takes over reads in the journal what the rep may still see, what was spent, and where the call stood."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from advised_scenes import LOG, SECTION
from course import disclosure, item, signs
from prepared import gauge, prepared
from scenes import Scene, definition

from cornerman.coach import CoachSettings
from cornerman.events import (
    Advice,
    AdviceStatus,
    Ask,
    Decision,
    Event,
    Evidence,
    Nudge,
    Purge,
    Question,
    Reading,
    ScreenChange,
    Seen,
    Speaking,
)
from cornerman.playbook import Playbook
from cornerman.record.journal import Journal
from cornerman.record.reading import segments_of
from cornerman.room.restore import Earlier, earlier_of

BOOK = prepared(
    definition("price", "too expensive"),
    checklist=(item("pain", heard=("it hurts",)), item("owner")),
    disclosures=(disclosure("assistant", "an assistant listens", stage="opening"),),
    gauges=(gauge("monologue", 30.0),),
    signs=signs(),
)


class Recorded(Scene):
    """A scene that is written to a journal as it happens."""

    def __init__(self, journal: Journal, book: Playbook = BOOK, *, advised: bool = False) -> None:
        self._journal = journal
        super().__init__(book, CoachSettings(segment=journal.segment, advised=advised))

    def _step(self, event: Event, at: float) -> list[Decision]:
        self._journal.hear(event, at)
        made = super()._step(event, at)
        for decision in made:
            self._journal.decide(decision)
        return made


def a_call(folder: Path) -> Recorded:
    """Words, a gauge and a question each brought a card; the call went on to discovery."""
    scene = Recorded(Journal(folder, {}))
    scene.turn("that is too expensive and it hurts", turn="p1", at=1.0)
    scene.hear(Ask("1-q1"), 5.0)
    scene.hear(Speaking("rep", True, 10.0), 10.0)
    for at in range(15, 46, 5):
        scene.partial(f"and so on until {at}", turn="r1", who="rep", at=float(at))
    scene.hear(Speaking("rep", False, 46.0), 46.0)
    scene.turn("what is your biggest problem", turn="r2", who="rep", at=50.0)
    scene.turn("my biggest problem is mail", turn="p2", at=55.0)
    return scene


def restored(folder: Path) -> Earlier:
    return earlier_of(segments_of(folder))


def test_cards_are_restored_with_what_caused_them(tmp_path: Path) -> None:
    scene = a_call(tmp_path / "call")
    earlier = restored(tmp_path / "call")
    latest: dict[str, Nudge] = {nudge.id: nudge for nudge in scene.nudges}
    assert earlier.cards == latest
    causes = [nudge.because[0] for nudge in earlier.cards.values()]
    assert [type(cause) for cause in causes] == [Evidence, Question, Reading, Evidence]
    quotes = [cause.quote for cause in causes if isinstance(cause, Evidence)]
    assert quotes == ["too expensive", "biggest problem"]


def test_a_card_whose_words_were_purged_is_not(tmp_path: Path) -> None:
    scene = a_call(tmp_path / "call")
    scene.hear(Purge("prospect"), 60.0)
    scene._journal.purge("prospect")
    kinds = [nudge.kind for nudge in restored(tmp_path / "call").cards.values()]
    assert kinds == ["answer", "monologue"]


def test_what_was_spent_ticked_and_told_is_known_and_answers_cost_nothing(tmp_path: Path) -> None:
    a_call(tmp_path / "call")
    told = restored(tmp_path / "call").restored
    assert [card for card, _ in told.spent] == ["price", "monologue", "compliance/assistant"]
    assert (told.ticked, told.reminded) == ((("checklist", "pain"),), ("assistant",))
    assert (told.stage, told.furthest) == ("discovery", "discovery")


def test_what_was_unticked_is_open_again(tmp_path: Path) -> None:
    scene = a_call(tmp_path / "call")
    scene.hear(Purge("prospect"), 60.0)
    assert restored(tmp_path / "call").restored.ticked == ()


def test_a_second_coach_goes_on_where_the_first_left_off(tmp_path: Path) -> None:
    a_call(tmp_path / "call")
    second = Recorded(Journal(tmp_path / "call", {}))
    second.hear(restored(tmp_path / "call").restored, 60.0)
    assert (second.coach.stage, second.coach.checklist) == ("discovery", {"pain": True, "owner": False})
    second.turn("payment terms", turn="p3", at=61.0)
    second.turn("again payment terms", turn="p4", at=62.0)
    second.turn("once more payment terms", turn="p5", at=63.0)
    assert second.coach.stage == "negotiation"
    assert second.nudges == []


# -- cards with a model's words --

PLAIN = "Say something about price"


def an_advised_call(folder: Path, status: AdviceStatus = "final", detail: str = "Zebra.") -> Recorded:
    """A card that a model refined, one of its own for a screen, and an answer; it saw the colleague, too."""
    scene = Recorded(Journal(folder, {}), advised=True)
    saw = ("colleague", "prospect")
    scene.turn("that is too expensive", turn="p1", at=1.0)
    scene.hear(Advice("1-r1", 1, "thinking", saw=saw), 2.0)
    scene.hear(Advice("1-r1", 2, "words", "Zebra finds it dear", "", (SECTION,), None, saw), 2.1)
    headline = "Zebra finds it dear" if status in ("words", "final") else ""
    scene.hear(Advice("1-r1", 3, status, headline, detail if headline else "", (SECTION,), None, saw), 2.2)
    return scene


def latest(scene: Recorded) -> dict[str, Nudge]:
    return {nudge.id: replace(nudge, action=None, final=True, status="live") for nudge in scene.nudges}


@pytest.mark.parametrize("status", ["final", "words", "failed"])
@pytest.mark.parametrize("detail", ["Zebra.", ""])
def test_cards_are_restored_with_the_models_words_and_no_more_come(
    tmp_path: Path, status: AdviceStatus, detail: str
) -> None:
    scene = an_advised_call(tmp_path / "call", status, detail)
    cards = restored(tmp_path / "call").cards
    assert cards == latest(scene)
    (card,) = cards.values()
    assert card.headline == (PLAIN if status == "failed" else "Zebra finds it dear")
    assert (card.final, card.status, card.rev) == (True, "live", 3)


def test_a_headline_that_was_alone_so_far_keeps_the_detail_that_stood_there(tmp_path: Path) -> None:
    price = BOOK.cards["price"]
    book = replace(BOOK, cards={**BOOK.cards, "price": replace(price, detail="Wait.")})
    scene = Recorded(Journal(tmp_path / "call", {}), book, advised=True)
    scene.turn("that is too expensive", turn="p1", at=1.0)
    scene.hear(Advice("1-r1", 1, "words", "Zebra finds it dear", "", (SECTION,), None, ("prospect",)), 2.1)
    scene.hear(Advice("1-r1", 2, "words", "Zebra finds it very dear", "", (SECTION,), None, ("prospect",)), 2.2)
    (card,) = restored(tmp_path / "call").cards.values()
    assert (card.headline, card.detail) == ("Zebra finds it very dear", "Wait.")
    assert latest(scene) == {card.id: card}


def test_a_card_that_was_waiting_for_words_waits_no_more(tmp_path: Path) -> None:
    scene = Recorded(Journal(tmp_path / "call", {}), advised=True)
    scene.turn("that is too expensive", turn="p1", at=1.0)
    scene.hear(Advice("1-r1", 1, "thinking"), 2.0)
    assert scene.nudges[-1].status == "thinking"
    (card,) = restored(tmp_path / "call").cards.values()
    assert (card.status, card.final, card.headline) == ("live", True, PLAIN)


def test_what_a_model_made_of_purged_words_is_gone_and_the_plain_card_is_not(tmp_path: Path) -> None:
    """The coach that purged has sent the plain card; nothing else is known of the words."""
    scene = an_advised_call(tmp_path / "call")
    scene.hear(Purge("colleague"), 3.0)
    scene._journal.purge("colleague")
    (card,) = restored(tmp_path / "call").cards.values()
    assert (card.headline, card.advised, card.saw) == (PLAIN, "", ())


def test_a_card_whose_words_a_later_coach_purged_is_not_restored(tmp_path: Path) -> None:
    """A coach that took over knows nothing of the card: it withdrew it, and the journal holds its words no more."""
    an_advised_call(tmp_path / "call")
    second = Recorded(Journal(tmp_path / "call", {}), advised=True)
    (card,) = restored(tmp_path / "call").cards.values()
    assert card.saw == ("colleague", "prospect"), "whoever takes over can tell whose words a card rests on"
    second.hear(Purge("colleague"), 60.0)
    second._journal.purge("colleague")
    assert restored(tmp_path / "call").cards == {}


def test_cards_of_the_models_own_are_restored_with_what_caused_them(tmp_path: Path) -> None:
    scene = an_advised_call(tmp_path / "call")
    scene.hear(ScreenChange("error", 30.0, "0f0f"), 30.0)
    scene.hear(Advice("1-r2", 1, "final", "Close the dialog", "", (SECTION,), LOG, ()), 31.0)
    scene.hear(Ask("1-q1"), 60.0)
    scene.hear(Advice("1-r3", 1, "final", "Zebra renews in May", "", (SECTION,), None, ("rep",)), 61.0)
    scene.turn("we have mail all day long", turn="p2", at=90.0)
    other = SECTION.model_copy(update={"id": "objections/letters#answer"})
    scene.hear(Advice("1-r4", 1, "words", "Count the mail", "", (other,), None, ("prospect",)), 91.0)
    earlier = restored(tmp_path / "call")
    assert earlier.cards == latest(scene)
    assert [type(card.because[0]) for card in earlier.cards.values()] == [Evidence, Seen, Question, Evidence]
    assert {card.action for card in earlier.cards.values()} == {None}, "who carried it out is gone"
    spent = [card for card, _ in earlier.restored.spent]
    assert spent == ["price", "advice/objections/mail", "advice/objections/letters"], (
        "each is spent once, and the answer never"
    )
