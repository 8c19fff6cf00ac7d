"""The published schemas are those of the loader, the sample passes them, and an editor sees typical faults."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from typer.testing import CliRunner

from cornerman.cli import app
from cornerman.paths import find_project_file
from cornerman.playbook.editor_schema import SCHEMA_FOLDER, schema_texts, schemas
from cornerman.playbook.kinds import STAGES, WORD_KINDS
from cornerman.playbook.markdown import split_front_matter
from cornerman.playbook.starting import STARTER
from cornerman.playbook.yaml_tree import read_yaml

from .conftest import BATTLECARD, CARD, MOMENTS, PLAYBOOK
from .faulty_playbooks import COMPLIANCE, DISCOUNTS, RUBRIC, second_moment

SAMPLE = Path(find_project_file("playbook"))
MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")


def value_of(text: str) -> Any:
    faults: list[str] = []
    tree = read_yaml(text, 1, lambda line, fault: faults.append(f"{line}: {fault}"))
    assert tree is not None
    assert not faults
    return tree.value


def complaints(kind: str, value: Any) -> list[str]:
    validator = Draft7Validator(schemas()[f"{kind}.schema.json"])
    return [f"{'/'.join(map(str, one.path))}: {one.message}" for one in validator.iter_errors(value)]


def front_matter(text: str) -> Any:
    front = split_front_matter(text)
    assert front is not None
    return value_of(front.text)


def written(folder: Path) -> list[Any]:
    return [
        pytest.param(file, id=file.relative_to(folder.parent).as_posix())
        for file in sorted(folder.rglob("*"))
        if file.suffix in (".yaml", ".md") and file.name != "README.md"
    ]


def test_the_committed_schemas_are_those_of_the_loader() -> None:
    committed = {file.name: file.read_text(encoding="utf-8") for file in (SAMPLE / SCHEMA_FOLDER).iterdir()}

    assert committed == schema_texts(), "run: cornerman playbook schema --out playbook/.schema"


def test_the_command_writes_what_is_committed(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["playbook", "schema", "--out", str(tmp_path / "schemas")])

    assert result.exit_code == 0
    assert {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "schemas").iterdir()} == schema_texts()
    assert result.stdout.split() == [str(tmp_path / "schemas" / name) for name in schema_texts()]


@pytest.mark.parametrize("name", schema_texts())
def test_every_schema_is_one(name: str) -> None:
    Draft7Validator.check_schema(schemas()[name])


@pytest.mark.parametrize("file", written(SAMPLE) + written(STARTER))
def test_what_ships_is_valid_and_names_its_schema(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    folder = file.parent.name
    if file.suffix == ".md":
        assert complaints(folder, front_matter(text)) == []
        return
    kind = "moments" if folder == "moments" else file.stem
    modeline = MODELINE.match(text)
    assert modeline is not None, "the first line names the schema"
    assert (file.parent / modeline.group(1)).resolve().name == f"{kind}.schema.json"
    home = file.parents[1] if folder == "moments" else file.parent
    assert (file.parent / modeline.group(1)).resolve() == (home / SCHEMA_FOLDER / f"{kind}.schema.json").resolve()
    assert complaints(kind, value_of(text)) == []


VALID = {
    "a role alone": ("moments", second_moment(role="rep")),
    "roles and stages": ("moments", second_moment(role="[rep, colleague]", stages="closing")),
    "own kind": ("moments", second_moment(kind="legal_question")),
    "competitor card": ("moments", second_moment(card='"{competitor}"')),
    "numbers": ("moments", second_moment(cooldown_s="90.5", per_call="2", priority="0", critical="true")),
    "one pronunciation or several": (
        "battlecards",
        BATTLECARD.split("---")[1].replace("  north", "  star: [S T AA R, S T AA]\n  north"),
    ),
    "a card": ("plays", CARD.split("---")[1]),
    "rules": ("compliance", COMPLIANCE),
    "discounts": ("discounts", DISCOUNTS),
    "a rubric": ("rubric", RUBRIC),
    "one name": ("tests", "- {role: rep, text: hello, fires: authority}\n"),
    "silent said to be false": ("tests", "- {role: rep, text: hello, fires: [authority], silent: false}\n"),
}


@pytest.mark.parametrize("case", VALID)
def test_what_the_loader_takes_the_schema_takes(case: str) -> None:
    kind, text = VALID[case]
    assert complaints(kind, value_of(text)) == []


FAULTS = {
    "unknown field": ("moments", MOMENTS + "  negativ: [x]\n", "negativ"),
    "unknown inner field": ("playbook", PLAYBOOK + "budget: {brust: 2}\n", "brust"),
    "missing field": ("moments", "- id: a\n  kind: authority\n", "'card' is a required property"),
    "not a list": ("moments", "id: x\n", "is not of type 'array'"),
    "phrases not a list": ("moments", second_moment(phrases="my boss"), "is not of type 'array'"),
    "phrase no text": ("moments", second_moment(phrases="[1]"), "is not of type 'string'"),
    "misspelt role": ("moments", second_moment(role="prospekt"), "prospekt"),
    "no role": ("moments", second_moment(role="[]"), "is not valid under any"),
    "misspelt stage": ("moments", second_moment(stages="[warmup]"), "warmup"),
    "kind no id": ("moments", second_moment(kind="Price objection"), "is not valid under any"),
    "card with an ending": ("moments", second_moment(card="objections/price.md"), "does not match"),
    "card without a folder": ("moments", second_moment(card="price"), "does not match"),
    "priority": ("moments", second_moment(priority="1001"), "greater than the maximum"),
    "quoted number": ("moments", second_moment(per_call='"2"'), "is not valid under any"),
    "no stages": ("playbook", PLAYBOOK.split("stages:")[0], "'stages' is a required property"),
    "stage missing": (
        "playbook",
        PLAYBOOK.replace("  closing: [Agree on one next step and a date]\n", ""),
        "'closing'",
    ),
    "stage unknown": ("playbook", PLAYBOOK + "  warmup: [Talk about the weather]\n", "warmup"),
    "language": ("playbook", PLAYBOOK.replace("language: en", "language: English!"), "does not match"),
    "long headline": ("objections", CARD.split("---")[1].replace("Ask what", "Ask what " * 20), "is too long"),
    "long detail": ("objections", CARD.split("---")[1].replace("Then", "Then " * 100), "is too long"),
    "no competitor": ("battlecards", CARD.split("---")[1], "'competitor' is a required property"),
    "forbidden without phrases": ("compliance", COMPLIANCE.replace("never any downtime", ""), "[] should be non-empty"),
    "discount over all": ("discounts", DISCOUNTS.replace("percent: 5", "percent: 101"), "greater than the maximum"),
    "test of nothing": ("tests", "- {role: rep, text: hello}\n", "is not valid under any"),
    "test of both": ("tests", "- {role: rep, text: hello, silent: true, fires: [a]}\n", "is valid under each of"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_the_loader_refuses_in_one_file_the_schema_refuses(case: str) -> None:
    kind, text, expected = FAULTS[case]
    found = complaints(kind, value_of(text))
    assert any(expected in one for one in found), found


def test_an_editor_is_offered_names_and_told_what_they_mean() -> None:
    moment = schemas()["moments.schema.json"]["definitions"]["MomentPart"]
    playbook = schemas()["playbook.schema.json"]

    assert set(moment["properties"]["kind"]["anyOf"][0]["enum"]) == WORD_KINDS
    assert set(playbook["properties"]["stages"]["properties"]) == set(STAGES)
    assert "{percent}" in moment["properties"]["phrases"]["description"]
    assert "description" in playbook["definitions"]["BudgetPart"]["properties"]["ttl_s"]
