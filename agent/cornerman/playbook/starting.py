"""A new playbook: a small, whole, commented one for its author to change line by line.

A folder that is not there yet (or empty) goes in; files that pass the check as they are come out.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from cornerman.errors import CornermanError
from cornerman.playbook.editor_schema import SCHEMA_FOLDER, write_schemas

STARTER: Final = Path(__file__).parent / "starter"


def start_playbook(folder: Path) -> list[str]:
    """Writes a new playbook; returns the paths of its files, the schemas for editors left out.

    Raises:
        CornermanError: something is there already, or the folder cannot be written.
    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise CornermanError(f"{folder} is not empty: name a folder that is not there yet, nothing is overwritten")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [copy_of(path, folder) for path in starter_files()]
        write_schemas(folder / SCHEMA_FOLDER)
    except OSError as error:
        raise CornermanError(f"{folder} cannot be written ({error.strerror}): name another folder") from None
    return written


def starter_files() -> list[str]:
    """The files of a new playbook, by path."""
    return sorted(file.relative_to(STARTER).as_posix() for file in STARTER.rglob("*") if file.is_file())


def copy_of(path: str, folder: Path) -> str:
    """Copies one file of the starter to where it belongs in a playbook."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    # The bytes alone: an installed package may be read-only, its copy is to be written in.
    shutil.copyfile(STARTER / path, target)
    return path
