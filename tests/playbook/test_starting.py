"""A new playbook passes its check, a folder of Markdown becomes one, and the commands say what they did."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cornerman.cli import app
from cornerman.errors import CornermanError
from cornerman.playbook import load_playbook
from cornerman.playbook.editor_schema import schema_texts
from cornerman.playbook.importing import import_folder
from cornerman.playbook.starting import start_playbook
from cornerman.playbook_check import check

from .conftest import MOMENTS, WriteFolder


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["playbook", *map(str, words)])


def lay(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


# -- new --


def test_a_new_playbook_passes_its_check_and_brings_its_schemas(tmp_path: Path) -> None:
    result = run("new", tmp_path / "mine")

    assert result.exit_code == 0
    assert f"cornerman playbook check {tmp_path / 'mine'}" in result.stdout
    report = check(tmp_path / "mine")
    assert (report.faults, report.failures, report.warnings) == ((), (), ())
    assert {file.name for file in (tmp_path / "mine/.schema").iterdir()} == set(schema_texts())
    assert run("check", tmp_path / "mine").exit_code == 0


def test_a_new_playbook_has_every_kind_of_file_and_explains_itself(tmp_path: Path) -> None:
    start_playbook(tmp_path)

    playbook = load_playbook(tmp_path)
    assert playbook.discounts
    assert playbook.rubric
    assert playbook.compliance.forbidden
    assert playbook.compliance.disclosures
    assert playbook.competitors
    assert playbook.products
    for file in (*tmp_path.glob("*.yaml"), *tmp_path.glob("moments/*.yaml")):
        assert file.read_text(encoding="utf-8").count("#") >= 2, file


def test_nothing_is_overwritten_by_a_new_playbook(tmp_path: Path) -> None:
    (tmp_path / "playbook.yaml").write_text("mine")
    (tmp_path / "file").write_text("")

    for place in (tmp_path, tmp_path / "file"):
        with pytest.raises(CornermanError, match="is not empty: name a folder"):
            start_playbook(place)
    with pytest.raises(CornermanError, match="cannot be written"):
        start_playbook(tmp_path / "file" / "below")
    assert (tmp_path / "playbook.yaml").read_text() == "mine"


# -- check --


def test_check_prints_every_finding_and_fails_on_faults_and_failed_lines_only(write_folder: WriteFolder) -> None:
    warned = write_folder({})
    result = run("check", warned)
    assert result.exit_code == 0
    assert f"{warned}/moments/price.yaml:1: warning: 'too-expensive' has no negative" in result.stdout
    assert "errors: 0, warnings: 3; 0 of 0 test lines went as wanted" in result.stdout

    failing = write_folder({"tests.yaml": "- {role: rep, text: hello, fires: [authority]}\n"})
    result = run("check", failing)
    assert result.exit_code == 1
    assert f'{failing}/tests.yaml:1: failed: rep: "hello" should fire authority, but nothing did' in result.stdout

    faulty = write_folder({"moments/price.yaml": MOMENTS + "  colour: [red]\n"})
    result = run("check", faulty)
    assert result.exit_code == 1
    assert f"{faulty}/moments/price.yaml:6: error: 'colour' is no field here" in result.stdout
    assert "the test lines were not said" in result.stdout


def test_check_looks_at_the_folder_one_is_in(write_folder: WriteFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_folder({}))

    result = run("check")

    assert result.exit_code == 0
    assert result.stdout.startswith("battlecards/northstar.md:1: warning: ")


# -- import --

TOPICS = {
    "Battle Cards/Northstar.md": "# Northstar battlecard\n\n**Cheap**, see [here](x.md).\n\nPrices\n------\nLow.\n",
    "objections/Zu teuer!.md": "# Zu teuer\nFrag *womit verglichen* und warte, bis sie reden.\n\n# Nicht\nNachgeben.\n",
    "notes/desk.md": "---\ntype: Product\nname: Desk\naliases: the desk\nowner: me\n---\nWhat it does.\n",
    "notes/ask.md": "---\ncategory: play\ntitle: Ask\nheadline: Ask who else decides about this\n---\nWho decides?\n",
}


def test_a_folder_of_markdown_becomes_a_playbook_that_loads(tmp_path: Path) -> None:
    lay(tmp_path / "sales", TOPICS)

    imported = import_folder(tmp_path / "sales", tmp_path / "out")

    assert [(one.source, one.document) for one in imported.placed] == [
        ("Battle Cards/Northstar.md", "battlecards/northstar.md"),
        ("notes/ask.md", "plays/ask.md"),
        ("notes/desk.md", "products/desk.md"),
        ("objections/Zu teuer!.md", "objections/zu-teuer.md"),
    ]
    assert imported.left == ()
    assert imported.added == ("playbook.yaml", "moments/competition.yaml")
    playbook = load_playbook(tmp_path / "out")
    assert [(one.name, one.card) for one in playbook.competitors] == [("Northstar", "battlecards/northstar")]
    assert [(one.name, one.aliases) for one in playbook.products] == [("Desk", ("the desk",))]
    assert playbook.cards["plays/ask"].headline == "Ask who else decides about this"
    card = playbook.cards["objections/zu-teuer"]
    assert (card.headline, card.source.title) == ("Frag womit verglichen und warte, bis sie reden.", "Zu teuer")
    sections = {name for name in playbook.sections if name.startswith(("battlecards", "objections"))}
    assert sections == {
        "battlecards/northstar#northstar-battlecard",
        "battlecards/northstar#prices",
        "objections/zu-teuer#zu-teuer",
        "objections/zu-teuer#nicht",
    }


def test_what_was_made_up_and_what_was_not_read_is_said(tmp_path: Path) -> None:
    lay(tmp_path / "sales", TOPICS)

    remarks = {one.source: one.remarks for one in import_folder(tmp_path / "sales", tmp_path / "out").placed}

    made_up = ("headline taken from its first lines", "detail taken from its first section")
    assert remarks["objections/Zu teuer!.md"] == made_up
    assert remarks["notes/desk.md"] == ("front matter not read: owner",)
    assert remarks["notes/ask.md"] == made_up[1:]


def test_headline_and_detail_are_cut_to_fit(tmp_path: Path) -> None:
    long = "# Price\n" + "Ask what they compare it with before anything else is said about the price. " * 20
    lay(tmp_path / "sales", {"objections/a.md": long, "objections/b.md": "# B\n" + "x" * 3_000 + "\n"})

    import_folder(tmp_path / "sales", tmp_path / "out")

    lay(tmp_path / "out", {"moments/price.yaml": MOMENTS.replace("objections/price", "objections/a")})
    card = load_playbook(tmp_path / "out").cards["objections/a"]
    assert card.headline == "Ask what they compare it with before anything else is said about…"
    assert card.detail == "Ask what they compare it with before anything else is said about the price. " * 2 + (
        "Ask what they compare it with before anything else is said about the price."
    )
    warnings = [str(one) for one in check(tmp_path / "out").warnings]
    assert not [one for one in warnings if "to read" in one or ("headline has" in one and "/a.md" in one)]


UNPLACED: dict[str, tuple[str | bytes, str]] = {
    "misc/x.md": ("# A\ntext\n", "nothing says what it is; put it into a folder named battlecards, objections"),
    "objections/deck.pdf": (b"%PDF", "it is no Markdown; save it as .md"),
    "objections/empty.md": ("# Only a heading\n", "it holds no text below its headings; write some"),
    "objections/latin.md": (b"# A\n\xe9\n", "line 2: byte 0xe9 is not UTF-8; save the file as UTF-8"),
    "objections/control.md": ("# A\nb\x00\n", "line 2: the control character 0x00 stands here; remove it"),
    "objections/override.md": ("# A\n\u202egnp.exe\n", "line 2: the control character 0x202e stands here; remove it"),
    "objections/bomb.md": ("---\na: &a [x]\nb: [*a, *a]\n---\ntext\n", "its front matter cannot be read, line 2: anc"),
    "objections/list.md": ("---\n- a\n---\ntext\n", "its front matter holds no fields"),
    "battlecards/no-list.md": ("---\naliases: {a: b}\n---\ntext\n", "its field 'aliases.0' cannot be used"),
}


@pytest.mark.parametrize("path", UNPLACED)
def test_what_cannot_be_placed_is_left_out_with_the_reason(path: str, tmp_path: Path) -> None:
    content, reason = UNPLACED[path]
    lay(tmp_path / "sales", {path: content, "plays/good.md": "# Good\nText.\n"})

    imported = import_folder(tmp_path / "sales", tmp_path / "out")

    ((left, why),) = imported.left
    assert (left, [one.document for one in imported.placed]) == (path, ["plays/good.md"])
    assert why.startswith(reason)


def test_links_pipes_and_hidden_files_are_not_read(tmp_path: Path) -> None:
    lay(tmp_path / "secret", {"objections/secret.md": "# Secret\nText.\n"})
    sales = lay(tmp_path / "sales", {"plays/.draft.md": "# Draft\nText.\n", "plays/good.md": "# Good\nText.\n"})
    (sales / "plays/linked.md").symlink_to(tmp_path / "secret/objections/secret.md")
    (sales / "objections").symlink_to(tmp_path / "secret/objections")
    (sales / "circle").symlink_to(sales)
    os.mkfifo(sales / "plays/pipe.md")

    imported = import_folder(sales, tmp_path / "out")

    assert [one.source for one in imported.placed] == ["plays/good.md"]
    assert [path for path, _ in imported.left] == ["plays/linked.md", "plays/pipe.md"]


def test_nothing_that_is_there_is_overwritten_by_an_import(tmp_path: Path) -> None:
    start_playbook(tmp_path / "mine")
    before = {file: file.read_bytes() for file in (tmp_path / "mine").rglob("*") if file.is_file()}
    topic = "# Too expensive\nText.\n"
    lay(
        tmp_path / "sales", {"objections/too-expensive.md": topic, "objections/a/b.md": topic, "objections/b.md": topic}
    )

    imported = import_folder(tmp_path / "sales", tmp_path / "mine")

    assert [one.document for one in imported.placed] == ["objections/b.md", "objections/b-2.md"]
    reason = "objections/too-expensive.md is in the playbook already; rename one, or remove the old one"
    assert imported.left == (("objections/too-expensive.md", reason),)
    assert imported.added == ()
    assert all(file.read_bytes() == content for file, content in before.items())
    assert check(tmp_path / "mine").ok


def test_names_in_other_scripts_and_front_matter_that_needs_quotes_survive(tmp_path: Path) -> None:
    lay(
        tmp_path / "objections",
        {"יקר.md": '---\ntitle: "יקר: מדי"\nheadline: "{no} - [list] # at all: yes"\n---\nText\n', "😀.md": "Text\n"},
    )

    imported = import_folder(tmp_path / "objections", tmp_path / "out")

    assert [one.document for one in imported.placed] == ["objections/topic.md", "objections/topic-2.md"]
    lay(tmp_path / "out", {"moments/price.yaml": MOMENTS.replace("objections/price", "objections/topic")})
    card = load_playbook(tmp_path / "out").cards["objections/topic"]
    assert (card.headline, card.source.title) == ("{no} - [list] # at all: yes", "יקר: מדי")


def test_folders_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    lay(tmp_path / "sales", TOPICS)

    with pytest.raises(CornermanError, match="is no folder"):
        import_folder(tmp_path / "none", tmp_path / "out")
    for out in ("sales", "sales/out", "."):
        with pytest.raises(CornermanError, match="lie in each other"):
            import_folder(tmp_path / "sales", tmp_path / out)


def test_the_command_tells_what_it_placed_added_and_left_out(tmp_path: Path) -> None:
    lay(tmp_path / "sales", {**TOPICS, "todo.txt": "x"})

    result = run("import", tmp_path / "sales", "--out", tmp_path / "out")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith(
        f"placed    Battle Cards/Northstar.md -> {tmp_path}/out/battlecards/northstar.md (headline"
    )
    assert f"added     {tmp_path}/out/playbook.yaml" in lines
    assert "left out  todo.txt: it is no Markdown; save it as .md" in lines
    assert "4 placed, 1 left out" in lines

    (tmp_path / "nothing").mkdir()
    result = run("import", tmp_path / "nothing", "--out", tmp_path / "other")
    assert result.exit_code == 1
    assert not (tmp_path / "other").exists()
