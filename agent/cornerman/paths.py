"""Where files live: those that come with the project, and the folder for what it builds once and keeps.

In: a name, or the environment. Out: absolute paths. Promises: a checkout and an installed package give the same
files under the same names, and nothing is written anywhere in the home but in the cache folder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cornerman.errors import CornermanError

_PACKAGE = Path(__file__).resolve().parent
_PACKAGED = _PACKAGE / "_project"


def checkout_root() -> Path | None:
    """The root of the source tree when running from one, else None (installed from a wheel)."""
    root = _PACKAGE.parent.parent
    in_checkout = _PACKAGE.parent.name == "agent" and (root / "livekit.yaml").is_file()
    return root if in_checkout else None


def find_project_file(name: str) -> Path:
    """Path of a file or folder of the project's root, such as `livekit.yaml` or `playbook`.

    A checkout's own file wins; an installed package carries a copy of it as package data.
    Raises CornermanError when neither is there.
    """
    root = checkout_root()
    path = (root or _PACKAGED) / name
    if not path.exists():
        raise CornermanError(
            f"{name} is missing: {path} does not exist. Restore it (git checkout, or install the package again)."
        )
    return path


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Folder for what is built once and kept: `$CORNERMAN_CACHE`, else `cornerman` in the user's cache folder.

    It is not created here.
    """
    own = environment.get("CORNERMAN_CACHE", "").strip()
    if own:
        return Path(own).expanduser().absolute()
    shared = environment.get("XDG_CACHE_HOME", "").strip()
    # The XDG rule: a relative path is to be ignored.
    base = Path(shared) if shared and Path(shared).is_absolute() else Path("~/.cache").expanduser()
    return base / "cornerman"
