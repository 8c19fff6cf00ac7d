"""What is deployed, as the tests of it read it: the Dockerfile, compose files, units and the LiveKit server's file."""

from __future__ import annotations

import configparser
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from dockerfile import Stage, read  # noqa: E402  (tools are no package)

DOCKERFILE, COMPOSE, RELAY = ROOT / "Dockerfile", ROOT / "compose.yaml", ROOT / "compose.relay.yaml"
SERVER_FILE = ROOT / "deploy" / "livekit.production.yaml"
UNITS = tuple(sorted((ROOT / "deploy" / "systemd").glob("*.service")))

_ASKED = re.compile(r"\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}")


def stages() -> dict[str, Stage]:
    return read(DOCKERFILE.read_text(encoding="utf-8"))


def image() -> Stage:
    """The last stage: what is run."""
    return list(stages().values())[-1]


def composed(*files: Path, variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Compose files one on the other, with `.env` filled in as compose does.

    Raises KeyError: a variable that must be given is not.
    """
    merged: dict[str, Any] = {}
    for file in files or (COMPOSE,):
        text = interpolated(file.read_text(encoding="utf-8"), variables or {"NODE_IP": "10.0.0.10"})
        merged = _merged(merged, yaml.safe_load(text))
    return merged


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """`${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$`; nothing else of the language is in use here."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        given = variables.get(found[1])
        if given or found[2] is None:
            return given or ""
        if found[2] == "?":
            raise KeyError(f"{found[1]}: {found[3]}")
        return found[3]

    return _ASKED.sub(value, text)


def _merged(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}
    return above


def unit(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Sections of a unit, with their lines in order: a name may come again."""
    sections: dict[str, list[tuple[str, str]]] = {}
    current: list[tuple[str, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith(("#", ";")):
            name, separator, value = line.partition("=")
            if not separator:
                raise configparser.ParsingError(f"{path}: {line}")
            current.append((name, value))
    return sections


def unit_environment(path: Path) -> dict[str, str]:
    """Variables a unit sets by itself."""
    pairs = [value for name, value in unit(path)["Service"] if name == "Environment"]
    return dict(pair.split("=", 1) for pair in pairs)


def server_configuration(*, everything: bool = False) -> dict[str, Any]:
    """The LiveKit server's file; with what is commented out as well where `everything` is asked for."""
    text = SERVER_FILE.read_text(encoding="utf-8")
    if everything:
        text = re.sub(r"^( *)# ( *(?:[a-z_]+:(?: \S+)?|- \S+))$", r"\1\2", text, flags=re.MULTILINE)
    return yaml.safe_load(text)
