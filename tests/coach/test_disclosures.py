"""What the seller has to say is ticked when it is said, and missed once when it was due and was not."""

from __future__ import annotations

import pytest
from course import WORDS, course, disclosure, said, signs
from scenes import Scene

from cornerman.coach.disclosures import Disclosures
from cornerman.contract import Role
from cornerman.events import Evidence, Moment, Nudge, Purge, Stage, StageChange, Tick, Untick
from cornerman.paths import find_project_file
from cornerman.playbook import Card, Disclosure, Playbook, load_playbook
from cornerman_client.contract import Source

RECORDED = disclosure("recorded", "(call|conversation) is ... recorded", stage="opening")
RENEWS = disclosure("renews", "contract renews", stage="closing")
CANCEL = disclosure("cancel", "cancel at any time")


def disclosures(*required: Disclosure, goodbyes: tuple[str, ...] = (), language: str = "en") -> Disclosures:
    return Disclosures(course(disclosures=required or (RECORDED, RENEWS, CANCEL), goodbyes=goodbyes, language=language))


def to(stage: Stage) -> StageChange:
    return StageChange(stage, Evidence("t9", "prospect", "prospect", 0, 1, 0.0, 1.0, "next step"))


def ids(missed: tuple[Disclosure, ...]) -> list[str]:
    return [one.id for one in missed]


@pytest.mark.parametrize("who", ["rep", "colleague"])
def test_a_disclosure_is_ticked_with_the_words_that_make_it(who: Role) -> None:
    one = disclosures()
    (tick,) = one.hear(said("just so you know this call is being recorded okay", who=who))
    assert (tick.checklist, tick.item, tick.evidence.quote) == ("disclosures", "recorded", "call is being recorded")
    assert one.hear(said("the call is recorded", turn="t2", who=who)) == ()
    assert one.ticked() == {"recorded": True, "renews": False, "cancel": False}


@pytest.mark.parametrize("who", ["prospect", "observer"])
def test_nobody_else_can_make_it(who: Role) -> None:
    assert disclosures().hear(said("so the call is recorded", who=who)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "this call is not recorded",
        "this call is not being recorded",
        "this call isn't recorded",
        "never is a call recorded",
        "they said the call is recorded",
        "I am on a call. Is it recorded",
    ],
)
def test_denied_reported_or_unsaid_it_is_not_made(text: str) -> None:
    assert disclosures().hear(said(text, who="rep")) == ()


def test_a_question_after_it_does_not_take_it_back() -> None:
    text = "the call is recorded, is that all right with you?"
    assert len(disclosures().hear(said(text, who="rep"))) == 1


def test_leaving_the_stage_without_it_is_told_once() -> None:
    one = disclosures()
    assert ids(one.missed(to("discovery"))) == ["recorded"]
    assert ids(one.missed(to("presentation"))) == []


def test_a_stage_that_is_passed_over_is_left_too() -> None:
    early = disclosure("early", "hello there", stage="discovery")
    assert ids(disclosures(RECORDED, early).missed(to("closing"))) == ["recorded", "early"]


def test_what_was_said_is_not_missed() -> None:
    one = disclosures()
    one.hear(said("this call is recorded", who="rep"))
    assert one.missed(to("discovery")) == ()


def test_coming_to_the_stage_or_going_back_leaves_nothing() -> None:
    one = disclosures(disclosure("terms", "payment terms", stage="negotiation"))
    assert one.missed(to("negotiation")) == ()
    assert one.missed(to("discovery")) == ()
    assert ids(one.missed(to("closing"))) == ["terms"]


def test_at_a_goodbye_what_is_due_before_the_end_is_told_with_the_words_that_end_the_call() -> None:
    one = disclosures()
    one.missed(to("closing"))
    (first, evidence), (second, _) = one.missed_at_goodbye(said("all right then goodbye everybody", turn="t7"))
    assert (first.id, second.id) == ("renews", "cancel")
    assert (evidence.turn, evidence.quote) == ("t7", "goodbye")
    assert one.missed_at_goodbye(said("bye bye", turn="t8")) == ()


def test_a_stage_the_call_never_came_to_owes_nothing() -> None:
    one = disclosures()
    one.missed(to("discovery"))
    assert [missed.id for missed, _ in one.missed_at_goodbye(said("goodbye"))] == ["cancel"]


def test_in_a_call_that_never_left_its_opening_the_goodbye_tells() -> None:
    missed = disclosures().missed_at_goodbye(said("goodbye"))
    assert [one.id for one, _ in missed] == ["recorded", "cancel"]


@pytest.mark.parametrize(
    "text",
    [
        "have a great day",
        "okay talk to you soon",
        "see you next week then",
        "bye",
        "I have to run now",
        "I will let you go",
        "thanks again for your time",
    ],
)
def test_ways_to_say_goodbye(text: str) -> None:
    assert disclosures(CANCEL).missed_at_goodbye(said(text))


@pytest.mark.parametrize(
    "text",
    [
        "thanks for your time today let us start",
        "we have to run a test first",
        "we can talk about prices later",
        "the agent takes care of it",
        "she said goodbye to the old tool",
        "we see you as a partner",
        "this is not a goodbye",
    ],
)
def test_what_only_sounds_like_it(text: str) -> None:
    assert disclosures(CANCEL).missed_at_goodbye(said(text)) == ()


def test_a_playbook_adds_goodbyes_of_its_own() -> None:
    one = disclosures(CANCEL, goodbyes=("over and out",))
    assert one.missed_at_goodbye(said("roger over and out"))


def test_german_goodbyes_are_known_and_other_languages_have_those_of_the_playbook() -> None:
    assert disclosures(CANCEL, language="de-AT").missed_at_goodbye(said("dann auf Wiederhören"))
    assert disclosures(CANCEL, language="fr").missed_at_goodbye(said("au revoir")) == ()
    assert disclosures(CANCEL, goodbyes=("au revoir",), language="fr").missed_at_goodbye(said("au revoir"))


def test_a_purge_unticks() -> None:
    one = disclosures()
    one.hear(said("this call is recorded", turn="t1", who="rep"))
    assert one.forget(["t1"]) == (Untick("disclosures", "recorded", "purged"),)
    assert one.forget(["t1"]) == ()
    assert ids(one.missed(to("discovery"))) == ["recorded"]


# -- in a call --


def law(*required: Disclosure) -> Playbook:
    made = course(signs=signs(), disclosures=required)
    made.cards.update(  # type: ignore[attr-defined]
        {
            one.card: Card(one.card, "Say it now", "", Source(id=one.id, title=one.title, locator="c"))
            for one in required
        }
    )
    return made


def scene_of(*required: Disclosure) -> Scene:
    scene = Scene(law(*required))
    scene.turn("hello there", turn="a", who="rep", at=1.0)
    return scene


def test_a_missed_disclosure_reaches_the_rep_because_of_the_words_that_told_the_stage() -> None:
    scene = scene_of(RECORDED)
    for number in range(2):
        scene.turn(f"our {WORDS['discovery']} is time", turn=f"t{number}", at=10.0 + 10 * number)

    (nudge,) = scene.nudges
    assert (nudge.card, nudge.kind, nudge.critical) == ("compliance/recorded", "compliance", True)
    (cause,) = nudge.because
    assert isinstance(cause, Evidence)
    assert (cause.turn, cause.quote) == ("t1", WORDS["discovery"])


def test_a_disclosure_that_was_made_brings_a_tick_and_no_card() -> None:
    scene = scene_of(RECORDED)
    scene.turn("this call is recorded", turn="b", who="rep", at=5.0)
    for number in range(3):
        scene.turn(f"our {WORDS['discovery']} is time", turn=f"t{number}", at=10.0 + 10 * number)
    scene.turn("goodbye", turn="z", at=60.0)
    assert [one.item for one in scene.decided if isinstance(one, Tick)] == ["recorded"]
    assert scene.nudges == []


def test_purging_whose_words_told_it_takes_the_reminder_back() -> None:
    scene = scene_of(CANCEL)
    scene.turn("goodbye then", turn="z", at=60.0)
    assert [nudge.status for nudge in scene.nudges] == ["live"]
    scene.hear(Purge("prospect"), 61.0)
    assert scene.nudges[-1].status == "withdrawn"
    assert "goodbye" not in repr([one for one in scene.decided[-2:] if isinstance(one, Nudge | Moment)])


def test_the_samples_disclosure_is_ticked_by_plain_words_and_due_at_the_goodbye_only_after_a_closing() -> None:
    sample = load_playbook(find_project_file("playbook"))
    for text in (
        "one more thing the contract renews automatically",
        "it renews for twelve months unless you tell us sixty days before",
        "you can cancel it sixty days before the end",
    ):
        assert len(Disclosures(sample).hear(said(text, who="rep"))) == 1, text
    assert Disclosures(sample).hear(said("the contract does not renew", who="rep")) == ()
    one = Disclosures(sample)
    assert one.missed_at_goodbye(said("have a good day")) == ()
    one.missed(to("closing"))
    assert [missed.id for missed, _ in one.missed_at_goodbye(said("have a good day"))] == ["renewal-disclosed"]
