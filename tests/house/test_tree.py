"""The tree as a newcomer finds it: short files, no registry's name, no path of a machine, no skipped promise."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_LINES = 400
GENERATED = frozenset({"rep_client/web/src/contract.ts"})
NOT_OURS = frozenset({".git", ".venv", "node_modules", "dist", "build", "__pycache__"})
BUILT = "agent/cornerman/demo/pages/"
CACHES = frozenset({".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".cornerman"})

# Written in pieces, so that this file does not name one either. Whatever index a machine is set up with is used.
REGISTRIES = tuple(
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("proxy", "golang", "org"),
        ("sum", "golang", "org"),
    )
)
MACHINE_PATH = re.compile(r"(?<![\w.~$})/-])/(?:root|home|Users|work)/[A-Za-z0-9_.-]+")


def text_files() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.rglob("*")):
        relative = path.relative_to(ROOT)
        built = relative.as_posix().startswith(BUILT)
        if built or (NOT_OURS | CACHES) & set(relative.parts) or not path.is_file():
            continue
        try:
            yield relative.as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # audio and pictures


def names_of_places(text: str) -> list[str]:
    """Registry hosts and machine paths named in `text`."""
    return [host for host in REGISTRIES if host in text] + MACHINE_PATH.findall(text)


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    found = [f"{file}: {name}" for file, text in text_files() for name in names_of_places(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "pip install --index-url https://" + "pypi" + ".org/simple x",
        "GOPROXY=https://" + "proxy.golang" + ".org",
        "cd " + "/home" + "/somebody/cornerman",
        "path: '" + "/work" + "/main'",
    ],
)
def test_a_named_registry_or_path_is_seen(text: str) -> None:
    assert names_of_places(text)


@pytest.mark.parametrize(
    "text", ["docs/work/main.md", "~/.cache/cornerman", "/etc/livekit/keys.yaml", "$(HOME)/work/x"]
)
def test_an_ordinary_path_is_let_be(text: str) -> None:
    assert not names_of_places(text)


def test_no_source_file_is_longer_than_anybody_reads() -> None:
    long = [
        f"{file}: {lines} lines"
        for file, text in text_files()
        if file.startswith(("agent/", "rep_client/")) and file.endswith((".py", ".ts", ".tsx", ".mjs", ".css"))
        if (lines := text.count("\n")) > MOST_LINES and file not in GENERATED
    ]
    assert not long, "\n".join(long)


RULE_BREAKERS = """
import asyncio
import pytest

@pytest.mark.skip(reason="no server here")
def test_skipped(): ...

def test_skips_itself():
    pytest.skip("no browser here")

async def test_leaves_a_task_behind():
    asyncio.create_task(asyncio.sleep(60), name="forgotten")

async def test_ends_its_task():
    await asyncio.create_task(asyncio.sleep(0))
"""


def test_skipped_tests_and_forgotten_tasks_fail(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    # Everything the tests stand on, but the tests.
    tests_and_data = shutil.ignore_patterns("test_*.py", "__pycache__", "*.wav", "*.flac")
    shutil.copytree(ROOT / "tests", tmp_path / "tests", ignore=tests_and_data)
    (tmp_path / "tests" / "live" / "test_rule_breakers.py").write_text(RULE_BREAKERS)
    (tmp_path / "tests" / "test_whole_file.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--continue-on-collection-errors"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert said.returncode == 1
    assert "1 failed, 2 passed, 3 errors" in said.stdout
    assert "test_skipped was skipped; a test may not be" in said.stdout
    assert "the test left 1 tasks running" in said.stdout
    assert "forgotten" in said.stdout
