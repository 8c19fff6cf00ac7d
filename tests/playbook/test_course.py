"""Signs, checklist, disclosures and goodbyes as an author writes them: what is read, refused and warned of."""

from __future__ import annotations

import pytest

from cornerman.errors import PlaybookError
from cornerman.playbook import ChecklistItem, StageSign, load_playbook
from cornerman.playbook_check import check

from .conftest import PLAYBOOK, WriteFolder

COURSE = """\
kinds: [legal_question]
signs:
  - stage: discovery
    role: rep
    phrases: [walk me through]
  - stage: presentation
    phrases: ["{product} shows"]
    kinds: [legal_question, requirement]
checklist:
  - id: metrics
    title: Metrics
    ask: Which number would show it?
    heard: [cut it by half]
    asked: ["which (number|figure)"]
    role: [prospect, colleague]
    stage: discovery
  - {id: bare, title: Bare, ask: Who knows?}
goodbyes: [over and out]
"""
UNNAMED = "the phrase can never be heard: the playbook names no product; name one, or remove the phrase"
PRODUCT = "---\ntitle: Desk\nname: Clearwater\n---\nText.\n"
TERMS = """\
disclosures:
  - id: terms
    title: Terms
    phrases: [%s]
    headline: Say the terms before they sign it
    detail: Say them.
    reason: It is the law.
"""


def faults(write_folder: WriteFolder, course: str) -> list[str]:
    with pytest.raises(PlaybookError) as caught:
        load_playbook(write_folder({"playbook.yaml": PLAYBOOK + course}))
    return list(caught.value.faults)


def warnings(write_folder: WriteFolder, course: str, **files: str) -> list[str]:
    changes = {name.replace("_", "."): text for name, text in files.items()}
    report = check(write_folder({"playbook.yaml": PLAYBOOK + course, **changes}))
    assert report.faults == ()
    return [str(one) for one in report.warnings if one.file in ("playbook.yaml", "compliance.yaml")]


def test_the_course_of_a_call_is_read(write_folder: WriteFolder) -> None:
    playbook = load_playbook(write_folder({"playbook.yaml": PLAYBOOK + COURSE, "products/desk.md": PRODUCT}))

    assert playbook.signs == (
        StageSign("discovery", ("rep",), ("walk me through",), ()),
        StageSign(
            "presentation", ("rep", "prospect", "colleague"), ("{product} shows",), ("legal_question", "requirement")
        ),
    )
    metrics, bare = playbook.checklist
    assert (metrics.heard, metrics.asked) == (("cut it by half",), ("which (number|figure)",))
    assert (metrics.roles, metrics.stage) == (("prospect", "colleague"), "discovery")
    assert bare == ChecklistItem("bare", "Bare", "Who knows?", bare.source, (), (), ("prospect",), None)
    assert playbook.goodbyes == ("over and out",)


FAULTS = {
    "a sign of nothing": (
        "signs:\n  - stage: closing\n",
        "playbook.yaml:11: the sign tells nothing; give it phrases or kinds",
    ),
    "an unknown stage": (
        "signs:\n  - {stage: warmup, phrases: [a b]}\n",
        "playbook.yaml:11: 'signs', entry 1, 'stage'",
    ),
    "an unknown kind": (
        "signs:\n  - stage: closing\n    kinds: [applause]\n",
        "playbook.yaml:12: the kind 'applause' tells no stage; use one of authority",
    ),
    "a measured kind": (
        "signs:\n  - stage: closing\n    kinds: [pace]\n",
        "playbook.yaml:12: the kind 'pace' tells no stage",
    ),
    "a kind of two stages": (
        "signs:\n  - {stage: closing, kinds: [authority]}\n  - {stage: discovery, kinds: [authority]}\n",
        "playbook.yaml:12: the kind 'authority' tells closing already; remove it here or there",
    ),
    "a phrase that cannot be read": (
        "checklist:\n  - id: a\n    title: A\n    ask: Who?\n    heard: ['(who']\n",
        "playbook.yaml:14: 'checklist', entry 1, 'heard', entry 1",
    ),
    "a misspelt field": (
        "checklist:\n  - id: a\n    title: A\n    ask: Who?\n    herd: [who]\n",
        "playbook.yaml:14: 'checklist', entry 1, 'herd' is no field here; did you mean 'heard'?",
    ),
    "an unknown role": (
        "checklist:\n  - {id: a, title: A, ask: Who, role: buyer}\n",
        "playbook.yaml:11: 'checklist', entry 1, 'role', entry 1 is 'buyer'; use one of",
    ),
    "a goodbye that is no phrase": ("goodbyes: ['...']\n", "playbook.yaml:10: 'goodbyes', entry 1"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_told_where_it_is(case: str, write_folder: WriteFolder) -> None:
    course, expected = FAULTS[case]
    told = faults(write_folder, course)
    assert any(expected in one for one in told), told


def test_all_phrases_count_towards_the_limit(write_folder: WriteFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cornerman.playbook.links.MAX_PHRASES", 3)
    (told,) = faults(write_folder, "goodbyes:\n  - see you\n  - (so|this) long\n")
    assert told.startswith("playbook.yaml:12: up to here the phrases stand for more than 3 variants")


WARNINGS = {
    "an item that is never ticked": (
        "checklist:\n  - {id: a, title: A, ask: Who}\n",
        "playbook.yaml:11: 'a' is never ticked, so it is offered in every call; give it 'heard' or 'asked'",
    ),
    "a product nobody sells": (
        "goodbyes:\n  - bye to {product}\n",
        f"playbook.yaml:11: {UNNAMED}",
    ),
    "a price against the other side's": (
        "goodbyes:\n  - bye for {lower}\n",
        "playbook.yaml:11: the phrase can never be heard: {lower} is for moments; write {money} or {number}",
    ),
    "a phrase said twice": (
        "checklist:\n  - id: a\n    title: A\n    ask: Who\n    heard:\n      - (a|b) c\n      - b c\n",
        "playbook.yaml:16: this is 'heard' of 'a' already, on line 15; remove it",
    ),
    "a phrase of two stages": (
        "signs:\n  - {stage: closing, phrases: [next step]}\n  - {stage: discovery, phrases: [(next|last) step]}\n"
        "  - {stage: presentation, phrases: [my screen]}\n",
        "playbook.yaml:12: this tells discovery, and closing on line 11, so it tells neither; keep it in one of them",
    ),
    "a stage nothing tells": (
        "signs:\n  - {stage: closing, phrases: [next step]}\n",
        "playbook.yaml:10: nothing tells presentation, so no call comes there; write a sign",
    ),
}


@pytest.mark.parametrize("case", WARNINGS)
def test_what_can_never_be_heard_or_says_nothing_new_is_warned_of(case: str, write_folder: WriteFolder) -> None:
    course, expected = WARNINGS[case]
    assert warnings(write_folder, course) == [expected]


def test_the_same_words_of_different_speakers_may_tell_different_stages(write_folder: WriteFolder) -> None:
    course = (
        "signs:\n  - {stage: closing, role: rep, phrases: [next step]}\n"
        "  - {stage: presentation, role: prospect, phrases: [next step]}\n"
    )
    assert warnings(write_folder, course) == []


def test_a_disclosure_is_looked_at_as_well(write_folder: WriteFolder) -> None:
    told = warnings(write_folder, "", compliance_yaml=TERMS % '"{product} renews", renews, renews')
    assert told == [
        f"compliance.yaml:4: {UNNAMED}",
        "compliance.yaml:4: this is the disclosure 'terms' already, on line 4; remove it",
    ]
