"""What the guide to playbooks says is so: its examples pass the check, its phrases fire as its tables say."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from pages import ROOT, blocks, prose, table

from cornerman.coach import answers, stage
from cornerman.playbook import files, links, phrases, values
from cornerman.playbook.editor_schema import schemas
from cornerman.playbook.kinds import KIND_STAGES, WORD_KINDS
from cornerman.playbook.lint import READING_PACE
from cornerman.playbook.starting import STARTER, start_playbook
from cornerman.playbook_check import check

GUIDE = (ROOT / "docs" / "playbook.md").read_text(encoding="utf-8")
COLUMNS = ("fires on", "not on")


def phrase_rows(text: str, first: str) -> list[tuple[str, str, str]]:
    """Rows of every table of phrases whose first column has this name."""
    found = []
    head = f"| {first} | {' | '.join(COLUMNS)} |"
    lines = prose(text).splitlines()
    for start in (number for number, line in enumerate(lines) if line == head):
        for line in lines[start + 2 :]:
            if not line.startswith("|"):
                break
            phrase, fires, silent = (cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")))
            found.append((phrase.strip("`").replace("\\|", "|"), fires, silent))
    return found


ROWS = [("en", *row) for row in phrase_rows(GUIDE, "phrase")]
ROWS += [("de", *row) for row in phrase_rows(GUIDE, "German phrase")]


def test_the_tables_are_found() -> None:
    assert len([row for row in ROWS if row[0] == "en"]) >= 10
    assert len([row for row in ROWS if row[0] == "de"]) >= 5


@pytest.mark.parametrize(("language", "phrase", "fires", "silent"), ROWS)
def test_a_phrase_fires_as_its_row_says(language: str, phrase: str, fires: str, silent: str, tmp_path: Path) -> None:
    start_playbook(tmp_path)
    shutil.rmtree(tmp_path / "moments")
    (tmp_path / "moments").mkdir()
    head = tmp_path / "playbook.yaml"
    head.write_text(head.read_text(encoding="utf-8").replace("language: en", f"language: {language}"))
    (tmp_path / "moments/one.yaml").write_text(
        f"- id: one\n  kind: requirement\n  card: plays/discount\n  phrases: ['{phrase}']\n", encoding="utf-8"
    )
    lines = [f'- {{role: prospect, text: "{line}", fires: one}}\n' for line in fires.split(" / ")]
    lines.append(f'- {{role: prospect, text: "{silent}", silent: true}}\n')
    (tmp_path / "tests.yaml").write_text("".join(lines), encoding="utf-8")

    report = check(tmp_path)

    assert (report.faults, report.failures) == ((), ())


def test_the_examples_make_a_playbook_that_passes_its_check(tmp_path: Path) -> None:
    start_playbook(tmp_path)
    (tmp_path / "moments/competition.yaml").unlink()
    for block in blocks(GUIDE, "yaml"):
        first, _, rest = block.partition("\n")
        name, _, below = first.removeprefix("# ").partition(",")
        file = tmp_path / name
        assert file.exists() or file.parent.name == "moments", f"{first} names no file of a new playbook"
        if below:
            key = rest.partition(":")[0]
            rest = file.read_text(encoding="utf-8").partition(f"\n{key}:")[0] + "\n" + rest
        file.write_text(rest, encoding="utf-8")
        if name == "tests.yaml":
            report = check(tmp_path)
            assert (report.faults, report.failures) == ((), ())
            assert report.said
    (card,) = blocks(GUIDE, "md")
    (tmp_path / "objections/too-expensive.md").write_text(card, encoding="utf-8")
    assert check(tmp_path).ok


def test_every_kind_of_file_and_of_moment_is_named() -> None:
    named = {row[0].strip("`").split("/")[0].removesuffix(".yaml") for row in table(GUIDE, "file", "holds")}
    assert named == {name.removesuffix(".schema.json") for name in schemas()}
    assert all(f"`{kind}`" in GUIDE for kind in WORD_KINDS)


def test_the_limits_are_those_of_the_program() -> None:
    rows = {what: int(most.replace(",", "")) for what, most in table(GUIDE, "what", "at most")}
    assert rows == {
        "variants of a phrase": phrases.MAX_EXPANSIONS,
        "characters of a phrase": phrases.MAX_CHARACTERS,
        "variants of all phrases": links.MAX_PHRASES,
        "characters of a headline": values.HEADLINE_CHARACTERS,
        "characters of a detail": values.DETAIL_CHARACTERS,
        "MiB of a file": files.MAX_FILE_BYTES // 2**20,
        "MiB of a playbook": files.MAX_FOLDER_BYTES // 2**20,
        "files of a playbook": files.MAX_FILES,
    }
    assert f"({READING_PACE * 60:.0f} words a minute)" in GUIDE


def test_the_course_of_a_call_is_told_with_the_figures_of_the_program() -> None:
    told = " ".join(GUIDE.split())
    assert (stage.HALF_LIFE, stage.FULL, stage.LEAD, stage.LEAD_BACK) == (60.0, 4.0, 1.0, 2.0)
    assert "fades by half in each minute and is at most four" in told
    assert "leads the present one by more than one, or by more than two" in told
    assert (answers.ANSWER_WITHIN, answers.ANSWER_WORDS) == (15.0, 4)
    assert "answers within 15 s by four words or a number" in told
    for kind, name in KIND_STAGES.items():
        (row,) = re.findall(r"\(`requirement`.*?\)", told)
        assert re.search(rf"`{kind}`[^:;]*: {name}", row), kind


def test_a_new_playbook_is_made_of_what_the_guide_names() -> None:
    folders = {path.split("/")[0] for path in (file.relative_to(STARTER).as_posix() for file in STARTER.rglob("*.*"))}
    assert folders - {"README.md"} == {row[0].strip("`").split("/")[0] for row in table(GUIDE, "file", "holds")}
