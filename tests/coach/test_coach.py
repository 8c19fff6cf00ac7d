"""One call's mind: deaf without consent, grounded by type, withdrawn when words change, forgetful when asked."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from scenes import Scene, definition, playbook, spoken

from cornerman.coach import CoachSettings
from cornerman.events import CallEnd, Consent, Nudge, Partial, Purge, Restored, Speaking
from cornerman.playbook import Competitor

PRICE = definition("price", "too expensive", negative=("too expensive to miss",))
BOOK = playbook(PRICE)


def test_nobody_is_heard_without_consent() -> None:
    scene = Scene(BOOK)
    scene.hear(Consent("prospect", "waiting", "test"))
    scene.turn("that is too expensive")
    scene.hear(Consent("prospect", "declined", "attribute"))
    scene.turn("that is too expensive", turn="t2")
    assert scene.decided == []


def test_observers_are_ignored() -> None:
    scene = Scene(BOOK)
    scene.hear(Consent("watcher", "granted", "test"))
    scene.hear(Partial("t9", "watcher", "observer", spoken("that is too expensive")))
    assert scene.moments == []


def test_the_wrong_role_says_it() -> None:
    scene = Scene(BOOK)
    scene.turn("you may think that is too expensive", who="rep")
    assert scene.moments == []


def test_a_nudge_names_the_words_and_when_they_were_said() -> None:
    scene = Scene(BOOK)
    scene.partial("honestly that is too expensive", at=10.0)
    (nudge,) = scene.nudges
    (evidence,) = nudge.because
    assert (evidence.quote, evidence.identity, evidence.start) == ("too expensive", "prospect", 10.9)
    assert (nudge.id, nudge.rev, nudge.heard, nudge.decided) == ("1-1", 0, 10.0, 10.0)
    assert nudge.spoken == evidence.end


@pytest.mark.parametrize("missing", ["because", "sources"])
def test_a_nudge_cannot_be_built_without_cause_and_support(missing: str) -> None:
    scene = Scene(BOOK)
    scene.partial("too expensive")
    with pytest.raises(ValueError, match="a nudge needs"):
        dataclasses.replace(scene.nudges[0], **{missing: ()})


def test_the_same_moment_fires_once_however_often_it_is_revised() -> None:
    scene = Scene(BOOK)
    for at, text in enumerate(("too expensive", "too expensive for", "it is too expensive for us")):
        scene.partial(text, at=float(at))
    assert len(scene.moments) == 1
    assert len(scene.nudges) == 1


def test_the_quote_is_corrected_when_the_turn_ends() -> None:
    scene = Scene(playbook(definition("price", "(to|too) expensive")))
    scene.partial("it is to expensive", at=1.0)
    scene.turn("it is too expensive", at=2.0)
    assert [(nudge.rev, nudge.because[0].quote) for nudge in scene.nudges] == [
        (0, "to expensive"),
        (1, "too expensive"),
    ]


def test_words_taken_back_withdraw_the_card_and_words_said_again_bring_it_back() -> None:
    scene = Scene(BOOK)
    scene.partial("too expensive", at=1.0)
    scene.partial("to experience", at=1.5)
    scene.partial("too expensive", at=2.0)
    assert [(nudge.id, nudge.rev, nudge.status) for nudge in scene.nudges] == [
        ("1-1", 0, "live"),
        ("1-1", 1, "withdrawn"),
        ("1-1", 2, "live"),
    ]
    assert "expensive" not in repr(scene.nudges[1])


def test_a_negative_phrase_takes_back() -> None:
    scene = Scene(BOOK)
    scene.partial("this offer is too expensive", at=1.0)
    scene.partial("this offer is too expensive to miss", at=1.3)
    assert [nudge.status for nudge in scene.nudges] == ["live", "withdrawn"]


def test_a_draft_whose_words_are_gone_never_leaves() -> None:
    scene = Scene(BOOK)
    scene.hear(Speaking("rep", True, 0.5), 0.5)
    scene.partial("too expensive", at=1.0)
    scene.partial("to experience", at=1.5)
    scene.hear(Speaking("rep", False, 2.0), 2.0)
    assert scene.nudges == []
    assert [held.reason for held in scene.held] == ["revised"]


def test_late_words_of_a_finished_turn_are_dropped() -> None:
    scene = Scene(BOOK)
    scene.turn("we like it", at=1.0)
    assert scene.partial("too expensive", at=2.0) == []


def test_the_battlecard_of_the_competitor_named_is_shown() -> None:
    who = definition("rival", "looking at {competitor}", kind="competitor_mention", card="{competitor}")
    book = playbook(
        who,
        competitors=(
            Competitor("Northstar", ("north star",), "battlecards/northstar"),
            Competitor("Bluefin", (), "battlecards/bluefin"),
        ),
    )
    scene = Scene(book)
    scene.turn("we are looking at north star and looking at bluefin")
    assert [nudge.card for nudge in scene.nudges] == ["battlecards/northstar"]
    assert [held.reason for held in scene.held] == ["duplicate"]


def test_withdrawn_consent_forgets_every_word() -> None:
    scene = Scene(BOOK)
    scene.partial("that is too expensive", at=1.0)
    scene.hear(Speaking("rep", True, 1.5), 1.5)
    scene.partial("still too expensive", turn="t2", at=2.0)
    made = scene.hear(Purge("prospect"), 3.0)
    assert [one.reason for one in scene.withdrawn] == ["purged", "purged"]
    assert [nudge.status for nudge in scene.nudges] == ["live", "withdrawn"]
    assert "expensive" not in repr(made).replace("too_expensive", "")
    assert "expensive" not in repr(vars(scene.coach._transcript))
    assert scene.partial("that is too expensive", at=4.0) == []


def test_what_an_earlier_coach_spent_counts() -> None:
    scene = Scene(BOOK, CoachSettings(interval=20.0, burst=1, segment=2))
    scene.hear(Restored((("price", 1.0),)), 2.0)
    scene.turn("too expensive", at=3.0)
    assert scene.nudges == []
    assert [held.reason for held in scene.held] == ["cool_down"]


def test_the_end_of_the_call_holds_what_waits() -> None:
    scene = Scene(BOOK)
    scene.hear(Speaking("rep", True, 0.5), 0.5)
    scene.partial("too expensive", at=1.0)
    scene.hear(CallEnd("room closed"), 2.0)
    assert [held.reason for held in scene.held] == ["call_ended"]
    assert scene.wake_at is None


def test_time_never_goes_back() -> None:
    scene = Scene(BOOK)
    scene.turn("hello", at=5.0)
    with pytest.raises(ValueError, match="time went back"):
        scene.turn("hello", turn="t2", at=4.0)


def test_ids_and_titles_of_cards_play_no_part_in_detection() -> None:
    renamed = playbook(dataclasses.replace(PRICE, id="zz", card="other", locator="x.yaml:9"))
    lines = ("that is too expensive", "it is not too expensive", "hello")
    heard = []
    for book in (BOOK, renamed):
        scene = Scene(book)
        for index, line in enumerate(lines):
            scene.turn(line, turn=f"t{index}", at=float(index))
        heard.append([(moment.kind, moment.evidence) for moment in scene.moments])
    assert heard[0] == heard[1]


LINES = st.sampled_from(
    ["too expensive", "not too expensive", "it is too expensive", "they said it is too expensive", "to experience", ""]
)


class RevisedCall(RuleBasedStateMachine):
    """Random histories of revisions, ends, purges and pauses: a card is live only as long as its words stand."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene(BOOK, CoachSettings(interval=5.0, burst=2))
        self.at = 1.0
        self.turns = 0
        self.standing: dict[str, str] = {}

    def _later(self) -> float:
        self.at = round(self.at + 0.7, 3)
        return self.at

    @rule(line=LINES)
    def revise(self, line: str) -> None:
        self.scene.partial(line, turn=f"t{self.turns}", at=self._later())
        self.standing[f"t{self.turns}"] = line

    @rule(line=LINES)
    def end(self, line: str) -> None:
        self.scene.turn(line, turn=f"t{self.turns}", at=self._later())
        self.standing[f"t{self.turns}"] = line
        self.turns += 1

    @rule(active=st.booleans())
    def rep_speaks(self, active: bool) -> None:
        self.scene.hear(Speaking("rep", active, self.at), self._later())

    @rule()
    def purge(self) -> None:
        self.scene.hear(Purge("prospect"), self._later())
        self.standing.clear()
        self.turns += 1

    @rule()
    def wait(self) -> None:
        self.at += 9.0

    @invariant()
    def live_cards_stand_on_words_that_are_meant(self) -> None:
        newest: dict[str, Nudge] = {nudge.id: nudge for nudge in self.scene.nudges}
        for nudge in newest.values():
            turn = nudge.because[0].turn
            meant = self.standing.get(turn) in ("too expensive", "it is too expensive")
            assert meant or nudge.status == "withdrawn"

    @invariant()
    def revisions_of_a_nudge_only_go_up(self) -> None:
        seen: dict[str, int] = {}
        for nudge in self.scene.nudges:
            assert nudge.rev == seen.get(nudge.id, -1) + 1
            seen[nudge.id] = nudge.rev


RevisedCall.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestRevisedCall = RevisedCall.TestCase
