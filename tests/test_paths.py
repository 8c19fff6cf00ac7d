"""Files of the project are found from a checkout and from an installed package; the cache folder obeys the user."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cornerman import errors, paths


def test_a_checkout_gives_the_root_s_own_file() -> None:
    root = paths.checkout_root()
    assert root is not None
    assert paths.find_project_file("livekit.yaml") == root / "livekit.yaml"


def test_a_missing_file_is_named_with_what_to_do() -> None:
    with pytest.raises(errors.CornermanError, match=r"no-such-file\.yaml is missing.*Restore it"):
        paths.find_project_file("no-such-file.yaml")


def test_an_installed_package_gives_its_own_copy(tmp_path: Path) -> None:
    source = Path(paths.__file__).parent
    installed = tmp_path / "site-packages" / "cornerman"
    (installed / "_project").mkdir(parents=True)
    (installed / "_project" / "livekit.yaml").write_text("port: 1\n")
    for name in ("__init__.py", "errors.py", "paths.py"):
        shutil.copy(source / name, installed / name)
    said = subprocess.run(
        [sys.executable, "-c", "from cornerman.paths import *; print(find_project_file('livekit.yaml'))"],
        env={"PYTHONPATH": str(installed.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(said.stdout.strip()) == installed / "_project" / "livekit.yaml"


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"CORNERMAN_CACHE": "/own", "XDG_CACHE_HOME": "/xdg"}, "/own"),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/cornerman"),
        ({"XDG_CACHE_HOME": "not/absolute"}, "~/.cache/cornerman"),
        ({}, "~/.cache/cornerman"),
    ],
)
def test_the_cache_folder_is_where_the_user_wants_it(environment: dict[str, str], folder: str) -> None:
    assert paths.cache_folder(environment) == Path(folder).expanduser()
