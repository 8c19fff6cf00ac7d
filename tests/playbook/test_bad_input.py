"""What nobody should write, and what happens: an error that says where, or the behaviour that is meant."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from cornerman.errors import PlaybookError
from cornerman.playbook import load_playbook
from cornerman.playbook_check import check

from .conftest import CARD, MOMENTS, PLAYBOOK, Changes, WriteFolder

PRICEY = "יקר מדי"
MARKED = f"\u200f{PRICEY[:3]}\u200e{PRICEY[3:]}"
"""With the invisible marks that editors of right-to-left text put in."""
CYRILLIC_E = "\u0435"


def faults_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(PlaybookError) as refusal:
        load_playbook(folder)
    return refusal.value.faults


@pytest.mark.parametrize("place", ["objections", "plays", "."])
def test_folders_that_lead_in_a_circle_are_not_followed(place: str, write_folder: WriteFolder) -> None:
    folder = write_folder({"plays/README.md": "About"})
    (folder / place / "circle").symlink_to(folder)

    assert load_playbook(folder).name == "small"


def test_links_that_lead_to_each_other_are_faults(write_folder: WriteFolder) -> None:
    folder = write_folder({})
    (folder / "objections/a.md").symlink_to(folder / "objections/b.md")
    (folder / "objections/b.md").symlink_to(folder / "objections/a.md")
    (folder / "plays").symlink_to(folder / "products")
    (folder / "products").symlink_to(folder / "plays")

    assert faults_of(folder) == tuple(
        f"{path}:1: this link leads in a circle; put the file or folder itself here"
        for path in ("objections/a.md", "objections/b.md", "plays", "products")
    )
    assert not check(folder).ok


def test_a_folder_that_is_a_link_to_itself_is_said_to_be_missing(tmp_path: Path) -> None:
    (tmp_path / "playbook").symlink_to(tmp_path / "playbook")

    (fault,) = faults_of(tmp_path / "playbook")

    assert fault.startswith("playbook.yaml:1: its folder does not exist")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("tests.yaml", "- &a [*a]\n", "tests.yaml:1: anchors and aliases (&a) are not read"),
        ("tests.yaml", "&a\n- role: *a\n", "tests.yaml:1: anchors and aliases (&a) are not read"),
        (
            "objections/price.md",
            CARD.replace("title: Price", "title: &t [*t]"),
            "objections/price.md:2: anchors and al",
        ),
        ("rubric.yaml", "<<: *base\n", "rubric.yaml:1: anchors and aliases (*base) are not read"),
    ],
)
def test_yaml_that_refers_to_itself_is_refused(name: str, text: str, expected: str, write_folder: WriteFolder) -> None:
    (fault,) = faults_of(write_folder({name: text}))
    assert fault.startswith(expected)


BOMBS = {
    "doubling": "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * 10)}]\n" for n in range(30)),
    "deep lists": "[" * 100_000,
    "deep maps": "{a: " * 100_000,
    "deep indentation": "".join(f"{' ' * n}a:\n" for n in range(2_000)),
    "many entries": "- 1\n" * 100_000,
    "long key": f"{'k' * 1_000_000}: 1\n",
    "long text": f"name: {'x' * 1_000_000}\n",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_yaml_bombs_are_told_in_a_short_error(bomb: str, write_folder: WriteFolder) -> None:
    faults = faults_of(write_folder({"rubric.yaml": BOMBS[bomb]}))

    assert all(fault.startswith("rubric.yaml:") for fault in faults)
    assert len("".join(faults)) < 3_000


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"playbook.yaml": PLAYBOOK.replace("  opening", "\topening")}, "playbook.yaml:5: a tab is used to indent"),
        (
            {"moments/price.yaml": MOMENTS.replace("    - too", "\t- too")},
            "moments/price.yaml:4: a tab is used to inde",
        ),
        ({"objections/price.md": CARD.replace("title:", "\ttitle:")}, "objections/price.md:2: a tab is used to indent"),
    ],
)
def test_tabs_are_named_with_their_line(changes: Changes, expected: str, write_folder: WriteFolder) -> None:
    (fault,) = faults_of(write_folder(changes))
    assert fault.startswith(expected)


def test_a_tab_between_words_is_a_space(write_folder: WriteFolder) -> None:
    line = '- {role: prospect, text: "that is too\\texpensive", fires: [too-expensive]}\n'
    folder = write_folder({"moments/price.yaml": MOMENTS.replace("too exp", "too\texp"), "tests.yaml": line})

    assert check(folder).ok


def phrase(text: str, said: str, language: str = "he") -> Changes:
    return {
        "playbook.yaml": PLAYBOOK.replace("language: en", f"language: {language}"),
        "moments/price.yaml": MOMENTS.replace("too expensive", f'"{text}"'),
        "tests.yaml": f'- {{role: prospect, text: "{said}", fires: [too-expensive]}}\n',
    }


DEVANAGARI = "बहुत महंगा"
ARABIC, VOCALISED = "غالي جدا", "غالِي جِدًّا"


@pytest.mark.parametrize(
    ("text", "said", "language"),
    [
        (PRICEY, f"זה {PRICEY} לנו", "he"),
        (MARKED, f"זה {PRICEY} לנו", "he"),
        (PRICEY, f"\u2067זה {MARKED} לנו\u2069", "he"),
        ("trop cher à côté", unicodedata.normalize("NFD", "C'est trop cher à côté"), "fr"),
        (unicodedata.normalize("NFD", "trop cher à côté"), "c'est trop CHER À CÔTÉ", "fr"),
        ("zu groß", unicodedata.normalize("NFD", "das ist zu GROSS für uns"), "de"),
        (DEVANAGARI, f"यह {DEVANAGARI} है", "hi"),
        (ARABIC, f"هذا {ARABIC}", "ar"),
        (VOCALISED, f"هذا {VOCALISED}", "ar"),
    ],
)
def test_right_to_left_and_combining_phrases_are_found(
    text: str, said: str, language: str, write_folder: WriteFolder
) -> None:
    report = check(write_folder(phrase(text, said, language)))

    assert (report.faults, report.failures) == ((), ())


@pytest.mark.parametrize("mark", ["\u202d", "\u202e"])
def test_marks_that_turn_text_round_are_refused(mark: str, write_folder: WriteFolder) -> None:
    (fault,) = faults_of(write_folder({"objections/price.md": CARD.replace("Ask what", f"Ask {mark}what")}))

    assert fault == f"objections/price.md:3: the control character 0x{ord(mark):02x} stands here; remove it"


def test_a_word_of_marks_alone_is_no_word(write_folder: WriteFolder) -> None:
    (fault,) = faults_of(write_folder(phrase("too \u0301", "x", "en")))

    assert fault.startswith("moments/price.yaml:4: 'phrases', entry 1:")


def test_ids_that_only_look_alike_are_refused(write_folder: WriteFolder) -> None:
    cyrillic = MOMENTS.replace("too-expensive", f"too-expensiv{CYRILLIC_E}")

    (fault,) = faults_of(write_folder({"moments/price.yaml": MOMENTS + cyrillic}))

    assert fault.startswith(f"moments/price.yaml:6: 'id': 'too-expensiv{CYRILLIC_E}' is no id; use small letters a-z")


def test_contradictory_budgets_are_told_wherever_they_stand(write_folder: WriteFolder) -> None:
    folder = write_folder(
        {
            "playbook.yaml": PLAYBOOK + "budget: {ttl_s: 90, interval_s: -1, burst: 0, per_call: 0}\n",
            "moments/price.yaml": MOMENTS + "  ttl_s: 300\n  cooldown_s: 30\n  per_call: -1\n",
        }
    )

    places = [fault.split("; ")[0] for fault in faults_of(folder)]

    assert [place.split(": ")[0] for place in places] == ["moments/price.yaml:8"] + ["playbook.yaml:10"] * 3


def test_a_compliance_rule_of_endless_variants_is_refused(write_folder: WriteFolder) -> None:
    phrases = "".join(f"      - (a|b) (a|b) (a|b) (a|b) (a|b) (a|b) c{n}\n" for n in range(8_000))
    rule = f"forbidden:\n  - id: a\n    phrases:\n{phrases}    headline: a\n    detail: a\n    reason: a\n"

    (fault,) = faults_of(write_folder({"compliance.yaml": rule}))

    assert fault.startswith("compliance.yaml:2: up to here the phrases stand for more than 500000 variants")


def test_of_endless_faults_the_first_are_told(write_folder: WriteFolder) -> None:
    faults = faults_of(write_folder({"tests.yaml": "- 1\n" * 10_000}))

    assert len(faults) == 201
    assert faults[0].startswith("tests.yaml:1: ")
    assert faults[-1] == "and 9800 more; mend these first"
