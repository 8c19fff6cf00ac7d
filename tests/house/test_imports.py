"""Imports point down, and the coach's mind touches no room, no network and no clock. Checked in the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "agent" / "cornerman"

# From the top of the house to the ground. A module may import its own storey and those below it; storeys are free of
# circles. A name here that does not exist yet is fine, one that exists and is not here is a fault.
STOREYS: tuple[frozenset[str], ...] = (
    frozenset({"__main__"}),
    frozenset({"cli", "calls_commands", "playbook_commands", "playbook_search", "replay_commands"}),
    frozenset(
        {
            "demo",
            "demo_call",
            "dispatch",
            "doctor",
            "playbook_check",
            "rep_panel",
            "rep_panel_view",
            "replay",
            "stand_ins",
        }
    ),
    frozenset({"room"}),
    frozenset({"retention"}),
    frozenset({"health", "hearing"}),
    frozenset({"advising"}),
    frozenset({"coach"}),
    frozenset({"tools"}),
    frozenset({"retrieval", "seeing"}),
    frozenset({"watch"}),
    frozenset({"crm", "livekit_server", "playbook", "providers", "record"}),
    frozenset(
        {
            "__init__",
            "config",
            "contract",
            "errors",
            "events",
            "language_tags",
            "log_privacy",
            "metrics",
            "paths",
            "plain",
            "tracing",
        }
    ),
)
LIVEKIT_ALLOWED = frozenset(
    {
        "advising",
        "cli",
        "demo",
        "dispatch",
        "doctor",
        "health",
        "hearing",
        "livekit_server",
        "providers",
        "replay",
        "room",
        "seeing",
        "stand_ins",
        "tools",
        "watch",
    }
)
PLUGINS_BY_NAME = frozenset({"providers.llm.engines", "providers.plugins"})
"""May import what settings name: a plugin of LiveKit's."""
COACH_FORBIDDEN = frozenset(
    {"asyncio", "datetime", "livekit", "os", "pathlib", "random", "socket", "time"}
    | {"cornerman.advising", "cornerman.room"}
)


def storey_of(module: str) -> int | None:
    return next((level for level, names in enumerate(STOREYS) if module in names), None)


def imported(source: str, package: tuple[str, ...]) -> Iterator[str]:
    """Full names of everything `source` imports; `package` is the dotted place it stands in, for relative imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            # `from cornerman import room` imports a module, `from cornerman.room import x` may or may not.
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and _imports_by_name(node.func):
            name = node.args[0]
            yield str(name.value) if isinstance(name, ast.Constant) else "<computed>"


def _imports_by_name(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"import_module", "__import__"}


def faults(source: str, module: str) -> list[str]:
    """What is wrong with the imports of `module`, such as `coach.budget`, told one sentence each."""
    parts = module.split(".")
    own, level = parts[0], storey_of(parts[0])
    if level is None:
        return [f"{own} has no storey in {Path(__file__).name}: put it where it belongs"]
    found = []
    for name in imported(source, ("cornerman", *parts[:-1])):
        root, _, rest = name.partition(".")
        if name == "<computed>" and module not in PLUGINS_BY_NAME:
            found.append(f"{module} imports something by a computed name")
        if root == "livekit" and own not in LIVEKIT_ALLOWED:
            found.append(f"{module} imports {name}; only {', '.join(sorted(LIVEKIT_ALLOWED))} may import livekit")
        if own == "coach" and any(name == bad or name.startswith(f"{bad}.") for bad in COACH_FORBIDDEN):
            found.append(f"{module} imports {name}; the coach knows no room, no network and no clock")
        if root == "cornerman" and rest:
            target = rest.split(".")[0]
            below = storey_of(target)
            if below is not None and below < level:
                found.append(f"{module} imports {name}, which stands above it")
    return found


def modules() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE).with_suffix("")
        yield ".".join(relative.parts), path.read_text(encoding="utf-8")


def test_imports_point_down() -> None:
    found = [fault for module, source in modules() for fault in faults(source, module)]
    assert not found, "\n".join(found)


def test_no_two_parts_import_each_other() -> None:
    graph: dict[str, set[str]] = {}
    for module, source in modules():
        own = module.split(".")[0]
        names = (name.split(".") for name in imported(source, ("cornerman", *module.split(".")[:-1])))
        targets = {name[1] for name in names if name[0] == "cornerman" and len(name) > 1}
        graph.setdefault(own, set()).update(each for each in targets if storey_of(each) is not None and each != own)
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"these import each other in a circle: {' > '.join(error.args[1])}", pytrace=False)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("coach.budget", "import time"),
        ("coach.budget", "from datetime import timedelta"),
        ("coach.budget", "import os.path"),
        ("coach.budget", "def late():\n    from asyncio import sleep"),
        ("coach.budget", "from livekit import rtc"),
        ("coach.budget", "from cornerman.room import call"),
        ("coach.budget", "from cornerman import advising"),
        ("coach.budget", "from ..room.call import Call"),
        ("coach.budget", "import importlib\nimportlib.import_module('cornerman.room')"),
        ("coach.budget", "__import__('ti' + 'me')"),
        ("coach.__init__", "from . import budget\nfrom .. import room"),
        ("playbook.loader", "from cornerman.coach import mind"),
        ("playbook.loader", "import livekit.rtc"),
        ("record.journal", "if TYPE_CHECKING:\n    from cornerman.room import call"),
        ("events", "from cornerman import playbook"),
        ("retrieval.index", "from livekit.agents import llm"),
        ("room.call", "import cornerman.cli"),
        ("room.call", "from cornerman.demo import play"),
        ("nobody_knows", "import json"),
    ],
)
def test_an_import_that_points_up_is_seen(module: str, source: str) -> None:
    assert faults(source, module)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("coach.budget", "from cornerman.events import Draft\nfrom . import grounding\nimport math"),
        ("coach.budget", "from cornerman.coach import clock_free\nimport timeit_like"),
        ("room.call", "from livekit import rtc\nfrom cornerman.coach import mind\nimport asyncio"),
        ("cli", "from cornerman import demo, errors"),
    ],
)
def test_an_import_that_points_down_is_let_be(module: str, source: str) -> None:
    assert not faults(source, module)
