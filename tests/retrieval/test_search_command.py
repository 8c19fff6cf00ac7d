"""What an author sees of a search: score, section and reason, by the same index as a call's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from cornerman.errors import CornermanError
from cornerman.paths import find_project_file
from cornerman.playbook_search import search

app = typer.Typer()
app.command()(search)


@pytest.fixture(autouse=True)
def own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORNERMAN_CACHE", str(cache))


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_sections_are_listed_best_first_with_score_id_title_and_reason() -> None:
    result = run("They listed a must-have, how do I handle that?", "--limit", "3")
    rows = result.stdout.splitlines()
    assert result.exit_code == 0
    assert re.fullmatch(
        r"0\.\d{3}  plays/requirement#how-to-take-it-up  A requirement is named: How to take it up  "
        r"\(likeness 0\.\d\d(; words .+)?\)",
        rows[0],
    )
    assert [float(row.split()[0]) for row in rows[:-1]] == sorted(
        (float(row.split()[0]) for row in rows[:-1]), reverse=True
    )
    assert rows[-1] == "3 of 97 sections, found by words and meaning"


def test_words_alone_say_so() -> None:
    result = run("Northstar", "--no-meaning", "--playbook", str(find_project_file("playbook")))
    assert "battlecards/northstar#" in result.stdout
    assert "(words northstar)" in result.stdout
    assert result.stdout.endswith("found by words alone: switched off\n")


def test_stage_and_account_count_as_in_a_call() -> None:
    plain = run("the next step", "--no-meaning").stdout
    assert run("the next step", "--no-meaning", "--stage", "closing").stdout != plain
    assert run("the next step", "--no-meaning", "--account", "trial").exit_code == 0


def test_nothing_found_is_status_1() -> None:
    result = run("zzzz", "--no-meaning")
    assert (result.exit_code, result.stdout) == (1, "0 of 97 sections, found by words alone: switched off\n")


def test_settings_are_the_calls_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORNERMAN__RETRIEVAL__MEANING", "off")
    assert "words alone: switched off by retrieval.meaning" in run("Northstar").stdout
    assert "words and meaning" in run("Northstar", "--meaning").stdout


def test_meaning_that_cannot_be_had_is_a_fault_when_insisted_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORNERMAN__MEANING__MODEL", str(tmp_path))
    assert "words alone" in run("Northstar").stdout
    with pytest.raises(CornermanError, match="cannot be searched by meaning"):
        CliRunner().invoke(app, ["Northstar", "--meaning"], catch_exceptions=False)
