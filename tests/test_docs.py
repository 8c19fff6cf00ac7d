"""What README and docs say is so: links, settings, metadata, examples, commands, files, storeys."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.main
import yaml
from pages import PAGES, ROOT, anchors, blocks, pages, prose, spans, table
from pydantic import BaseModel

from cornerman.cli import app
from cornerman.config import ProviderSettings, Settings, load_settings
from cornerman.contract import JobMetadata, parse_job_metadata, wire
from cornerman.errors import CornermanError
from cornerman_client import CoachClient

DOCS = ROOT / "docs"
OPERATIONS, SETTINGS, ARCHITECTURE = DOCS / "operations.md", DOCS / "settings.md", DOCS / "architecture.md"

# A path in the text is meant from one of these places.
PLACES = ("", "agent", "agent/cornerman", "rep_client/python", "playbook")
# Written by those who use Cornerman, or while it runs: not in the tree.
NOT_IN_THE_TREE = re.compile(
    r"cornerman\.yaml|demo\.json|notes\.(md|json)|.*\.jsonl|.*\.log|deploy/secrets/.*|/.*|~/.*|\.cornerman/.*|.*\.venv/.*"
)

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def test_every_page_of_the_docs_is_held_to_this() -> None:
    assert [page for page in sorted(DOCS.glob("*.md")) if page not in PAGES] == []


# -- links --


def dead_links(text: str, page: Path) -> list[str]:
    dead = []
    for link in _LINK.findall(prose(text)):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.is_relative_to(ROOT) or not target.exists():
            dead.append(f"{link}: no such file")
        elif anchor and anchor not in anchors(text if target == page else target.read_text(encoding="utf-8")):
            dead.append(f"{link}: no such heading")
    return dead


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_somewhere(page: Path) -> None:
    assert not dead_links(page.read_text(encoding="utf-8"), page)


@pytest.mark.parametrize("link", ["docs/nowhere.md", "docs/privacy.md#no-such-heading", "../outside.md", "#nothing"])
def test_a_dead_link_is_seen(link: str) -> None:
    assert dead_links(f"# Title\n\nSee [this]({link}).\n", ROOT / "README.md")


# -- settings and metadata --


def leaves(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Keys of the settings tree with their defaults, as they would stand in a file."""
    for name, value in model.model_validate({}).model_dump(mode="json").items():
        kind = model.model_fields[name].annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from leaves(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("CORNERMAN_", "LIVEKIT_")):
            monkeypatch.delenv(name)


def documented_settings() -> dict[str, Any]:
    rows = table(SETTINGS.read_text(encoding="utf-8"), "key", "default", "meaning")
    return {key.strip("`"): yaml.safe_load(default.strip("`")) for key, default, _ in rows}


@pytest.mark.usefixtures("bare_environment")
def test_every_setting_is_documented_with_its_default_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert documented_settings() == dict(leaves(Settings))


def metadata_fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Fields of the job's metadata with their defaults as written in the table."""
    for name, field in model.model_fields.items():
        if field.is_required():
            yield f"{prefix}{name}", "required"
        else:
            default = field.get_default(call_default_factory=True, validated_data={})
            plain = {} if isinstance(default, BaseModel) else default
            yield f"{prefix}{name}", plain if isinstance(plain, str) and plain else json.dumps(plain)
        for part, many in ((each, "dict[" in str(field.annotation)) for each in parts_of(field.annotation)):
            yield from metadata_fields(part, f"{prefix}{name}.{'*.' if many else ''}")


def parts_of(annotation: Any) -> list[type[BaseModel]]:
    inner = getattr(annotation, "__args__", ())
    return [one for one in (annotation, *inner) if isinstance(one, type) and issubclass(one, BaseModel)]


def test_every_field_of_the_metadata_is_documented_with_its_default_and_no_other() -> None:
    rows = table(OPERATIONS.read_text(encoding="utf-8"), "field", "default", "meaning")
    assert {field.strip("`"): default.strip("`") for field, default, _ in rows} == dict(metadata_fields(JobMetadata))


def test_every_method_of_the_line_is_documented_and_no_other() -> None:
    rows = table(ARCHITECTURE.read_text(encoding="utf-8"), "method", "from, to", "what")
    documented = {row[0].strip("`"): row[1] for row in rows}
    assert documented == dict.fromkeys(wire.REP_METHODS, "coach, rep") | dict.fromkeys(wire.COACH_METHODS, "rep, coach")


VARIABLE = re.compile(r"\bCORNERMAN__([A-Z_]+?)__([A-Z_]+)\b")


@pytest.mark.parametrize("page", pages())
def test_every_variable_named_sets_something(page: Path) -> None:
    keys = {key for key, _ in leaves(Settings)} | {"section.key"}
    named = {f"{section}.{key}".lower() for section, key in VARIABLE.findall(page.read_text(encoding="utf-8"))}
    assert named <= keys


# -- examples --


# Its YAML is a playbook's; tests/playbook/test_guide.py checks it.
GUIDE = ROOT / "docs" / "playbook.md"


def examples(language: str, *but: Path) -> list[Any]:
    return [
        pytest.param(body, id=f"{page.relative_to(ROOT).as_posix()}-{number}")
        for page in PAGES
        if page not in but
        for number, body in enumerate(blocks(page.read_text(encoding="utf-8"), language), 1)
    ]


def importable(module: str, name: str) -> bool:
    """Whether `from module import name` works; the name may be a module itself."""
    return hasattr(importlib.import_module(module), name) or importlib.util.find_spec(f"{module}.{name}") is not None


def check_python(source: str) -> None:
    """Compiles an example, and looks whether what it imports and asks of the client is there."""
    compile(source, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            missing = [alias.name for alias in node.names if not importable(node.module or "", alias.name)]
            assert not missing, f"{node.module} has no {missing}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "client":
            assert hasattr(CoachClient, node.attr), f"the client has no {node.attr}"
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "json.dumps":
            parse_job_metadata(json.dumps(ast.literal_eval(node.args[0])))


@pytest.mark.parametrize("source", examples("python"))
def test_every_python_example_compiles_and_names_what_exists(source: str) -> None:
    check_python(source)


@pytest.mark.parametrize(
    "source",
    [
        "async def main(:\n    pass",
        "from cornerman_client import NoSuchClient",
        "import json\njson.dumps({'v': 1, 'participants': {}})",
        "client.no_such_method()",
    ],
)
def test_a_python_example_that_cannot_work_is_seen(source: str) -> None:
    with pytest.raises((AssertionError, SyntaxError, CornermanError)):
        check_python(source)


def as_written(settings: Any, written: Any) -> Any:
    """As much of the settings as the example writes."""
    if isinstance(written, dict):
        return {key: as_written(settings[key], value) for key, value in written.items()}
    if isinstance(written, list) and isinstance(settings, list) and len(settings) == len(written):
        return [as_written(one, value) for one, value in zip(settings, written, strict=True)]
    return settings


@pytest.mark.usefixtures("bare_environment")
@pytest.mark.parametrize("example", examples("yaml", GUIDE))
def test_every_yaml_example_is_a_valid_settings_file(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cornerman.yaml"
    file.write_text(example, encoding="utf-8")
    monkeypatch.setenv("CORNERMAN_CONFIG", str(file))
    written = yaml.safe_load(example)
    settings = load_settings().model_dump(mode="json")
    assert as_written(settings, written) == written


def test_every_speech_provider_has_an_example() -> None:
    shown = {
        yaml.safe_load(body).get("stt", {}).get("provider")
        for body in blocks(SETTINGS.read_text(encoding="utf-8"), "yaml")
    }
    assert shown - {None} == set(get_args(ProviderSettings.model_fields["provider"].annotation))


@pytest.mark.parametrize("example", examples("json"))
def test_every_json_example_is_metadata_that_a_job_takes(example: str) -> None:
    metadata = parse_job_metadata(example)
    assert metadata.model_dump(mode="json", exclude_unset=True) == json.loads(example)


# -- commands --


def shell_lines(text: str) -> list[str]:
    """What a reader would type: lines of shell blocks without comments, and inline code."""
    typed = [line.partition(" #")[0].strip() for body in blocks(text, "sh") for line in body.splitlines()]
    return [line for line in typed + spans(text) if line]


# Ours in a container; `run` takes the image's entry point, `exec` a program.
IN_A_CONTAINER = re.compile(r"docker compose (?:run (?:--\S+ (?:CORNERMAN\S+ )?)*worker|exec worker cornerman) (.+)")


def bad_commands(text: str) -> list[str]:
    targets = set(re.findall(r"^([a-z]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    bad = []
    for line in shell_lines(text):
        inside = IN_A_CONTAINER.search(line)
        words = ["cornerman", *inside[1].split()] if inside else line.split()
        if words[0] == "make" and len(words) > 1:
            bad += [line for word in words[1:] if word.isalpha() and word.islower() and word not in targets]
        elif Path(words[0]).name == "cornerman" and len(words) > 1:
            bad += [line] if _unknown(words[1:]) else []
    return bad


def _unknown(words: list[str]) -> bool:
    """True unless the words name a command of ours, with options it has."""
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        command = command.commands.get(words.pop(0))
    if command is None or hasattr(command, "commands"):
        return True
    known = {option for parameter in command.params for option in parameter.opts}
    passes_on = command.ignore_unknown_options
    return not passes_on and any(word.startswith("--") and word not in known for word in words)


@pytest.mark.parametrize("page", pages())
def test_every_command_named_exists(page: Path) -> None:
    assert not bad_commands(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "line",
    [
        "`make coffee`",
        "`cornerman fly`",
        "`cornerman server fly`",
        "`cornerman server`",
        "`.venv/bin/cornerman demo --loudly`",
        "```sh\nmake setup\nmake coffee\n```",
        "`docker compose exec worker cornerman fly`",
        "`docker compose run --rm --env CORNERMAN__WORKER__AGENT_NAME=x worker fly`",
        "`/opt/cornerman/bin/cornerman fly`",
    ],
)
def test_a_command_that_does_not_exist_is_seen(line: str) -> None:
    assert bad_commands(line + "\n")


def test_the_two_commands_are_in_the_readme() -> None:
    typed = [line.split()[:2] for line in shell_lines((ROOT / "README.md").read_text(encoding="utf-8"))]
    assert ["make", "demo"] in typed
    assert ["make", "test"] in typed


# -- the house, as the docs describe it --


def missing_files(text: str) -> list[str]:
    """Files and folders named in inline code that are nowhere."""
    named = {span for span in spans(text) if re.fullmatch(r"[\w./-]+(\.(py|yaml|toml|lock|md)|/)", span)}
    return sorted(
        name
        for name in named
        if not NOT_IN_THE_TREE.fullmatch(name) and not any((ROOT / place / name).exists() for place in PLACES)
    )


@pytest.mark.parametrize("page", pages())
def test_every_file_named_exists(page: Path) -> None:
    assert not [name for name in missing_files(page.read_text(encoding="utf-8")) if not (page.parent / name).exists()]


def test_a_file_that_is_not_there_is_seen() -> None:
    assert missing_files("See `room/nowhere.py`, `nothing/` and `room/call.py`.\n") == ["nothing/", "room/nowhere.py"]


def test_every_promise_names_its_tests() -> None:
    rows = table(ARCHITECTURE.read_text(encoding="utf-8"), "promise", "how it is kept", "the tests")
    assert len(rows) == 6
    for _, _, tests in rows:
        assert spans(tests)
        for name in spans(tests):
            assert "def test_" in (ROOT / name).read_text(encoding="utf-8")


def upward_imports(storeys: list[list[str]]) -> list[str]:
    """Imports between parts of `cornerman` that do not point down the table, and parts that are not in it."""
    level = {part: number for number, parts in enumerate(storeys) for part in parts}
    package = ROOT / "agent" / "cornerman"
    found = []
    for path in sorted(package.rglob("*.py")):
        own = path.relative_to(package).parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [f"{node.module}.{alias.name}" for alias in node.names] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                root, _, rest = name.partition(".")
                part = rest.partition(".")[0]
                if root == "cornerman" and part and (part not in level or level.get(own, -1) > level[part]):
                    found.append(f"{own} imports {part}")
        if own not in level:
            found.append(f"{own} is in no storey")
    return found


def test_imports_point_down_the_table() -> None:
    rows = table(ARCHITECTURE.read_text(encoding="utf-8"), "storey", "parts")
    storeys = [spans(parts) for _, parts in rows]
    assert not upward_imports(storeys)
    assert upward_imports(storeys[::-1])
    assert upward_imports(storeys[1:])
    existing = {path.name.removesuffix(".py") for path in (ROOT / "agent" / "cornerman").iterdir()}
    assert existing.issuperset(part for parts in storeys for part in parts)


def required() -> set[str]:
    """Names of all packages that are asked for, ours left out."""
    files = [ROOT / "pyproject.toml", ROOT / "agent/pyproject.toml", ROOT / "rep_client/python/pyproject.toml"]
    found: list[str] = []
    for file in files:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        found += content["project"]["dependencies"]
        found += [one for extra in content["project"].get("optional-dependencies", {}).values() for one in extra]
        found += [one for group in content.get("dependency-groups", {}).values() for one in group]
    names = {re.split(r"[\[<>=~! ]", one)[0] for one in found}
    web = json.loads((ROOT / "rep_client/web/package.json").read_text(encoding="utf-8"))
    names |= {*web.get("dependencies", {}), *web["peerDependencies"], *web["devDependencies"]}
    return names - {"cornerman", "cornerman-client"}


def test_every_dependency_has_its_reason_and_no_other() -> None:
    rows = table(ARCHITECTURE.read_text(encoding="utf-8"), "package", "why")
    assert {name for packages, _ in rows for name in spans(packages)} == required()
