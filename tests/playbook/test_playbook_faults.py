"""Every fault of a playbook is told with file, line and mend, and all of them at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cornerman.errors import PlaybookError
from cornerman.playbook import load_playbook
from cornerman.playbook.files import MAX_FILE_BYTES

from .conftest import BATTLECARD, CARD, MOMENTS, PLAYBOOK, WriteFolder

Changes = dict[str, str | bytes | None]

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
DISCOUNTS = "currency: USD\nceiling_percent: 10\nrules:\n  - {id: one, by: rep, percent: 5, to: all, against: prepay}\n"
RUBRIC = "criteria:\n  - {id: one, title: One, weight: 100, look_for: [something]}\n"
COMPLIANCE = """\
forbidden:
  - id: no-downtime
    phrases: [never any downtime]
    headline: Take it back and name the contract instead
    detail: Say what the contract says.
    reason: Nobody can promise that.
"""


def faults_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(PlaybookError) as refusal:
        load_playbook(folder)
    assert str(refusal.value).startswith(f"the playbook {folder} cannot be used:")
    return refusal.value.faults


def second_moment(**fields: str) -> str:
    lines = {"id": "other", "kind": "authority", "phrases": "[my boss]", "card": "objections/price"} | fields
    return MOMENTS + "- " + "\n  ".join(f"{name}: {value}" for name, value in lines.items()) + "\n"


CASES: dict[str, tuple[Changes, str]] = {
    "no playbook.yaml": ({"playbook.yaml": None}, "playbook.yaml:1: the file is missing; write it"),
    "empty playbook.yaml": ({"playbook.yaml": "# soon\n"}, "playbook.yaml:1: the file is empty"),
    "no moments": ({"moments/price.yaml": None}, "moments:1: the playbook has no moments"),
    "a tab": ({"playbook.yaml": PLAYBOOK + "budget:\n\tburst: 2\n"}, "playbook.yaml:11: a tab is used to indent"),
    "broken yaml": ({"moments/price.yaml": MOMENTS + "  negative: [a\n- b: }\n"}, "moments/price.yaml:7: this is not YAML"),
    "unquoted brace": ({"moments/price.yaml": second_moment(card="{competitor}")}, "moments/price.yaml:9: 'card' must be text"),
    "yaml bomb": ({"rubric.yaml": BOMB}, "rubric.yaml:1: anchors and aliases (&a) are not read; write the value out"),
    "alias": ({"tests.yaml": "- *x\n"}, "tests.yaml:1: anchors and aliases (*x) are not read"),
    "tag": ({"tests.yaml": "- !!python/object:os.system x\n"}, "tests.yaml:1: tags (tag:yaml.org,2002:python/object"),
    "deep nesting": ({"tests.yaml": "[" * 40 + "]" * 40}, "tests.yaml:1: values are nested more than 12 deep"),
    "complex key": ({"tests.yaml": "- {[a]: b}\n"}, "tests.yaml:1: a field's name must be plain text"),
    "two documents": ({"playbook.yaml": PLAYBOOK + "---\nname: again\n"}, "playbook.yaml:10: a second document starts here"),
    "duplicate key": ({"playbook.yaml": PLAYBOOK + "name: again\n"}, "playbook.yaml:10: 'name' stands here twice (first on line 1)"),
    "unknown field": ({"moments/price.yaml": MOMENTS + "  negativ: [x]\n"}, "moments/price.yaml:6: 'negativ' is no field here; did you mean 'negative'?"),
    "very unknown field": ({"playbook.yaml": PLAYBOOK + "qqq: 1\n"}, "playbook.yaml:10: 'qqq' is no field here; remove it; the fields are budget, checklist"),
    "unknown inner field": ({"playbook.yaml": PLAYBOOK + "budget: {brust: 2}\n"}, "playbook.yaml:10: 'budget', 'brust' is no field here; did you mean 'burst'?"),
    "missing field": ({"moments/price.yaml": MOMENTS + "- id: other\n  kind: authority\n"}, "moments/price.yaml:6: 'card' is missing; add it"),
    "not a list": ({"moments/price.yaml": "id: x\n"}, "moments/price.yaml:1: the file must be a list; start each entry with '- '"),
    "not an entry": ({"moments/price.yaml": MOMENTS + "- just text\n"}, "moments/price.yaml:6: the whole must hold fields"),
    "phrases not a list": ({"moments/price.yaml": second_moment(phrases="my boss")}, "moments/price.yaml:8: 'phrases' must be a list"),
    "number for text": ({"playbook.yaml": PLAYBOOK.replace("small", "2024")}, "playbook.yaml:1: 'name' must be text; put it in quotes"),
    "language": ({"playbook.yaml": PLAYBOOK.replace("language: en", "language: English!")}, "playbook.yaml:3: 'language': 'English!' is no BCP 47 language tag"),
    "stage missing": ({"playbook.yaml": PLAYBOOK.replace("  closing: [Agree on one next step and a date]\n", "")}, "'stages' says nothing for closing; write at least one line"),
    "stage unknown": ({"playbook.yaml": PLAYBOOK + "  warmup: [Talk about the weather]\n"}, "playbook.yaml:10: 'stages', 'warmup'"),
    "long stage line": ({"playbook.yaml": PLAYBOOK.replace("Agree on one next step and a date", "x" * 81)}, "playbook.yaml:9: 'stages', 'closing', entry 1 has 81 characters, at most 80 fit; shorten it"),
    "long headline": ({"objections/price.md": CARD.replace("Ask what", "Ask " + "what " * 20)}, "objections/price.md:3: 'headline' has"),
    "long detail": ({"objections/price.md": CARD.replace("Then", "Then " * 100)}, "objections/price.md:4: 'detail' has"),
    "unknown kind": ({"moments/price.yaml": second_moment(kind="price_objektion")}, "moments/price.yaml:7: the kind 'price_objektion' is unknown; use one of"),
    "gauge kind": ({"moments/price.yaml": second_moment(kind="monologue")}, "moments/price.yaml:7: the kind 'monologue' is measured, not said"),
    "compliance kind": ({"moments/price.yaml": second_moment(kind="compliance")}, "moments/price.yaml:7: compliance rules have a file of their own"),
    "own kind taken": ({"playbook.yaml": PLAYBOOK + "kinds: [authority]\n"}, "playbook.yaml:10: the kind 'authority' exists already"),
    "unknown role": ({"moments/price.yaml": second_moment(role="buyer")}, "moments/price.yaml:10: 'role', entry 1 is 'buyer'; use one of 'prospect', 'rep' or 'colleague'"),
    "duplicate moment": ({"moments/price.yaml": second_moment(id="too-expensive")}, "moments/price.yaml:6: the moment or compliance rule 'too-expensive' exists already at moments/price.yaml:1"),
    "duplicate over files": ({"moments/more.yaml": MOMENTS}, "moments/price.yaml:1: the moment or compliance rule 'too-expensive' exists already at moments/more.yaml:1"),
    "rule named as a moment": ({"compliance.yaml": COMPLIANCE.replace("no-downtime", "too-expensive")}, "compliance.yaml:2: the moment or compliance rule 'too-expensive' exists already"),
    "duplicate checklist item": ({"playbook.yaml": PLAYBOOK + "checklist:\n  - {id: a, title: A, ask: Why?}\n  - {id: a, title: B, ask: How?}\n"}, "playbook.yaml:12: the checklist item 'a' exists already"),
    "bad id": ({"moments/price.yaml": second_moment(id="Über uns")}, "moments/price.yaml:6: 'id': 'Über uns' is no id"),
    "dead card": ({"moments/price.yaml": second_moment(card="objections/prize")}, "moments/price.yaml:9: there is no card 'objections/prize'; write objections/prize.md"),
    "card without folder": ({"moments/price.yaml": second_moment(card="price")}, "moments/price.yaml:9: there is no card 'price'; a card is named by folder and file, like"),
    "card with ending": ({"moments/price.yaml": second_moment(card="objections/price.md")}, "moments/price.yaml:9: a card's id has no ending; write 'objections/price'"),
    "competitor card, no slot": ({"moments/price.yaml": second_moment(card='"{competitor}"')}, "moments/price.yaml:8: the card {competitor} needs a competitor"),
    "competitor card, no battlecards": ({"battlecards/northstar.md": None, "moments/price.yaml": second_moment(card='"{competitor}"', phrases='["at {competitor}"]')}, "moments/price.yaml:9: there is no battlecard to show"),
    "bad phrase": ({"moments/price.yaml": second_moment(phrases='["my (boss"]')}, "moments/price.yaml:8: 'phrases', entry 1: the bracket '(' is never closed; add ')'"),
    "phrase no text": ({"moments/price.yaml": second_moment(phrases="[1]")}, "moments/price.yaml:8: 'phrases', entry 1: a phrase must be text"),
    "can never fire": ({"moments/price.yaml": second_moment(phrases="[]")}, "moments/price.yaml:6: the moment 'other' can never fire; give it phrases or examples"),
    "priority": ({"moments/price.yaml": second_moment(priority="1001")}, "moments/price.yaml:10: 'priority': input should be less than or equal to 1000"),
    "infinite seconds": ({"moments/price.yaml": second_moment(cooldown_s=".inf")}, "moments/price.yaml:10: 'cooldown_s': input should be a valid number"),
    "contradictory moment": ({"moments/price.yaml": second_moment(cooldown_s="5")}, "moments/price.yaml:10: ttl_s 15 is longer than cooldown_s 5, so the card would return while it still stands"),
    "contradictory budget": ({"playbook.yaml": PLAYBOOK + "budget: {ttl_s: 90}\n"}, "playbook.yaml:10: 'budget': ttl_s 90 is longer than cooldown_s 60"),
    "no interval": ({"playbook.yaml": PLAYBOOK + "budget: {interval_s: 0}\n"}, "playbook.yaml:10: 'budget', 'interval_s': input should be greater than 0"),
    "no burst": ({"playbook.yaml": PLAYBOOK + "budget: {burst: 0}\n"}, "playbook.yaml:10: 'budget', 'burst': input should be greater than or equal to 1"),
    "no front matter": ({"objections/price.md": "# Price\n"}, "objections/price.md:1: the front matter is missing"),
    "open front matter": ({"objections/price.md": "---\ntitle: x\n"}, "objections/price.md:1: the front matter is missing"),
    "fault in front matter": ({"objections/price.md": CARD.replace("title:", "titel:")}, "objections/price.md:2: 'titel' is no field here; did you mean 'title'?"),
    "no body": ({"objections/price.md": CARD.split("# Answer")[0]}, "objections/price.md:5: no text follows the front matter"),
    "dead section": ({"objections/price.md": CARD.replace("title:", "section: answers\ntitle:")}, "objections/price.md:2: there is no section 'answers'; the sections are answer"),
    "alias taken": ({"battlecards/polaris.md": BATTLECARD.replace("competitor: Northstar", "competitor: Polaris").replace("northstar:", "star:").replace("N AO1", "AO1")}, "battlecards/polaris.md:4: the name 'north star' belongs to battlecards/northstar.md already"),
    "name without words": ({"battlecards/northstar.md": BATTLECARD.replace("north star", '"!!"')}, "battlecards/northstar.md:4: the name '!!' holds no word"),
    "pronunciation of a stranger": ({"battlecards/northstar.md": BATTLECARD.replace("northstar:", "polaris:")}, "battlecards/northstar.md:6: 'polaris' is no single word of the name or an alias; the words are north, northstar, star"),
    "no arpabet": ({"battlecards/northstar.md": BATTLECARD.replace("N AO1 R", "N QX R")}, "battlecards/northstar.md:6: 'pronunciations', 'northstar', entry 1: QX is no ARPAbet"),
    "product alias without name": ({"products/desk.md": "---\ntitle: Desk\naliases: [the desk]\n---\ntext\n"}, "products/desk.md:3: aliases and pronunciations need a 'name'"),
    "discount above ceiling": ({"discounts.yaml": DISCOUNTS.replace("percent: 5", "percent: 15")}, "discounts.yaml:4: 15 % is above ceiling_percent 10; lower it or raise the ceiling"),
    "duplicate discount": ({"discounts.yaml": DISCOUNTS + DISCOUNTS.splitlines()[3] + "\n"}, "discounts.yaml:5: the discount rule 'one' exists already at discounts.yaml:4"),
    "rubric weights": ({"rubric.yaml": RUBRIC.replace("100", "90")}, "the weights add up to 90, not to 100"),
    "rubric scale": ({"rubric.yaml": "lowest: 5\n" + RUBRIC}, "lowest 5 is not below highest 5"),
    "duplicate criterion": ({"rubric.yaml": RUBRIC.replace("100", "50") + RUBRIC.splitlines()[1].replace("100", "50") + "\n"}, "rubric.yaml:3: the criterion 'one' exists already"),
    "forbidden without phrases": ({"compliance.yaml": COMPLIANCE.replace("never any downtime", "")}, "compliance.yaml:3: 'forbidden', entry 1, 'phrases' is empty"),
    "test of nothing": ({"tests.yaml": "- {role: rep, text: hello}\n"}, "tests.yaml:1: the whole: write either what must fire"),
    "test of both": ({"tests.yaml": "- {role: rep, text: hello, silent: true, fires: [authority]}\n"}, "tests.yaml:1: the whole: write either what must fire"),
    "test of a stranger": ({"tests.yaml": "- {role: rep, text: hello, fires: [nobody]}\n"}, "tests.yaml:1: 'nobody' is neither a moment's id nor a kind"),
    "too large": ({"moments/price.yaml": b"#" * (MAX_FILE_BYTES + 1)}, "moments/price.yaml:1: the file is too large (8.0 MiB, at most 8 are read)"),
    "not utf-8": ({"objections/price.md": CARD.encode().replace(b"Then go", b"Th\xe9n go")}, "objections/price.md:4: byte 0xe9 is not UTF-8; save the file as UTF-8"),
    "control character": ({"moments/price.yaml": MOMENTS.replace("too exp", "too\x00exp")}, "moments/price.yaml:4: the control character 0x00 stands here"),
    "wrong ending": ({"moments/more.yml": MOMENTS}, "moments/more.yml:1: files in moments/ end in .yaml; rename it"),
    "wrong ending at the top": ({"rubric.yml": RUBRIC}, "rubric.yml:1: the file must be called rubric.yaml"),
    "name that is no id": ({"objections/Big Price.md": CARD}, "objections/Big Price.md:1: the file's name becomes an id; rename it"),
    "file for a folder": ({"plays": "x"}, "plays:1: this is a file where a folder belongs"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_told_with_file_line_and_mend(case: str, write_folder: WriteFolder) -> None:
    changes, expected = CASES[case]

    faults = faults_of(write_folder(changes))

    assert any(fault.startswith(expected) or (": " in fault and expected in fault) for fault in faults), faults
    assert all(fault.split(":")[1].isdigit() and ";" in fault for fault in faults), faults


def test_one_fault_causes_no_others(write_folder: WriteFolder) -> None:
    for case in ("dead card", "bad phrase", "tag", "long headline", "not utf-8", "duplicate key", "alias taken"):
        changes, _ = CASES[case]
        assert len(faults_of(write_folder(changes))) == 1, case
        write_folder(dict.fromkeys(changes))
        for path in changes:
            (write_folder({}) / path).unlink(missing_ok=True)
        write_folder({})


def test_all_faults_are_listed_at_once_in_the_order_of_files_and_lines(write_folder: WriteFolder) -> None:
    folder = write_folder(
        {
            "playbook.yaml": PLAYBOOK + "colour: blue\nbudget: {burst: 0}\n",
            "moments/price.yaml": second_moment(phrases='["a (b", "{c}"]', card="objections/none"),
            "objections/price.md": CARD.replace("title: Price", "title: 7"),
            "rubric.yaml": BOMB,
            "tests.yaml": "- {role: boss, text: hello, silent: true}\n",
        }
    )

    faults = faults_of(folder)

    places = [fault.split(": ")[0] for fault in faults]
    assert places == [
        "moments/price.yaml:8",
        "moments/price.yaml:8",
        "objections/price.md:2",
        "playbook.yaml:10",
        "playbook.yaml:11",
        "rubric.yaml:1",
        "tests.yaml:1",
    ]


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "none") == (
        "playbook.yaml:1: its folder does not exist or is no folder; correct the path",
    )


@pytest.mark.parametrize("link", ["objections/leak.md", "plays"])
def test_a_link_out_of_the_folder_is_not_followed(link: str, tmp_path: Path, write_folder: WriteFolder) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "leak.md").write_text(CARD)
    folder = write_folder({})
    (folder / link).symlink_to(outside / "leak.md" if link.endswith(".md") else outside)

    (fault,) = faults_of(folder)

    assert fault.startswith(f"{link}:1: this link leads out of the playbook's folder")


def test_a_link_to_nowhere_and_a_pipe_are_faults_and_do_not_block(write_folder: WriteFolder) -> None:
    folder = write_folder({})
    (folder / "objections/gone.md").symlink_to(folder / "objections/none.md")
    os.mkfifo(folder / "objections/pipe.md")

    faults = faults_of(folder)

    assert faults[0].startswith("objections/gone.md:1: the file cannot be read")
    assert faults[1].startswith("objections/pipe.md:1: this is no regular file")


def test_what_one_can_live_with_is_a_warning(write_folder: WriteFolder) -> None:
    folder = write_folder(
        {
            "objections/price.md": CARD.replace("Ask what they compare the price with today", "Ask why"),
            "moment/price.yaml": MOMENTS,
            "README.md": "# About",
            "moments/.price.yaml.swp": "x",
        }
    )

    warnings = load_playbook(folder).warnings

    assert [warning.split(" ", 1)[0] for warning in warnings] == ["moment:1:", "objections/price.md:3:"]
    assert "has 2 words; 6 to 12" in warnings[1]


def test_a_hundred_thousand_phrases_are_fine(write_folder: WriteFolder) -> None:
    many = MOMENTS.replace("    - too expensive\n", "".join(f"    - phrase number{n}\n" for n in range(100_000)))

    playbook = load_playbook(write_folder({"moments/price.yaml": many}))

    assert len(playbook.moments[0].phrases) == 100_000


def test_phrases_beyond_all_bounds_are_refused(write_folder: WriteFolder) -> None:
    wide = "    - (a|b) (a|b) (a|b) (a|b) (a|b) (a|b) c\n" * 8_000

    faults = faults_of(write_folder({"moments/price.yaml": MOMENTS.replace("    - too expensive\n", wide)}))

    assert "more than 500000 variants" in faults[0]
