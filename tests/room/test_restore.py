"""A coach that takes over reads in the journal what the rep may still see, what was spent, and where the call stood."""

from __future__ import annotations

from pathlib import Path

from course import disclosure, item, signs
from prepared import gauge, prepared
from scenes import Scene, definition

from cornerman.coach import CoachSettings
from cornerman.events import Ask, Decision, Event, Evidence, Nudge, Purge, Question, Reading, Speaking
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

    def __init__(self, journal: Journal, book: Playbook = BOOK) -> None:
        self._journal = journal
        super().__init__(book, CoachSettings(segment=journal.segment))

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
