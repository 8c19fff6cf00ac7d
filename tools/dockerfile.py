"""A Dockerfile read into its stages and steps, as far as this project's own uses the language.

For the tests, which hold it against the tree and the settings, and for `dockerfile_steps.py`, which runs its steps
where there is no Docker. In: the file's text, and build arguments. Out: stages with their steps, variables filled in
as the builder would. Promises: an instruction, flag or form that is not understood is refused, never passed over.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

PLAIN = frozenset({"CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "RUN", "STOPSIGNAL"})
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What a base image sets it to."""
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True)
class Mount:
    """`RUN --mount=type=secret`: a file of the builder's, at `target` while the step runs."""

    id: str
    target: str


@dataclass(frozen=True)
class Step:
    """One instruction, with what was in force when it was reached."""

    line: int
    name: str
    text: str
    environment: Mapping[str, str]
    folder: str
    user: str
    mounts: tuple[Mount, ...] = ()
    source_stage: str = ""

    @property
    def words(self) -> list[str]:
        """The arguments: of the JSON form or the shell's."""
        return json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text)


@dataclass
class Stage:
    """`FROM base AS name`, and its steps in order."""

    name: str
    base: str
    steps: list[Step] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "root"

    def last(self, name: str) -> Step | None:
        """The step of this name that counts."""
        found = [step for step in self.steps if step.name == name]
        return found[-1] if found else None


def instructions(text: str) -> list[tuple[int, str, str]]:
    """Line number, name and rest of each instruction; continued lines joined, comments left out."""
    found: list[tuple[int, str, str]] = []
    gathered, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not line.strip() and not gathered):
            continue
        start = start if gathered else number
        gathered += line.rstrip().removesuffix("\\")
        if not line.rstrip().endswith("\\"):
            name, _, rest = gathered.strip().partition(" ")
            found.append((start, name.upper(), rest.strip()))
            gathered = ""
    return found


def read(text: str, arguments: Mapping[str, str] | None = None) -> dict[str, Stage]:
    """Stages by name, in order. `arguments` are build arguments; each needs an ARG before the first FROM.

    Raises ValueError: what is not understood, with its line.
    """
    known: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for line, name, rest in instructions(text):
        if name == "ARG" and stage is None:
            key, _, default = rest.partition("=")
            known[key] = (arguments or {}).get(key, default)
        elif name == "FROM":
            stage = _stage(line, filled(rest, known), stages)
        elif stage is None:
            raise ValueError(f"line {line}: {name} before the first FROM")
        elif name == "WORKDIR":
            stage.folder = str(PurePosixPath(stage.folder) / filled(rest, stage.environment))
        elif name == "USER":
            stage.user = rest
        elif name in PLAIN:
            stage.steps.append(_step(line, name, rest, stage))
        else:
            raise ValueError(f"line {line}: {name} is not understood")
    return stages


def _stage(line: int, rest: str, stages: dict[str, Stage]) -> Stage:
    words = rest.split()
    if len(words) != 3 or words[1].upper() != "AS":
        raise ValueError(f"line {line}: a stage is FROM image AS name")
    base, name = words[0], words[2]
    earlier = stages.get(base)
    stage = Stage(name, base, environment={"PATH": PATH})
    if earlier is not None:
        stage.environment, stage.folder, stage.user = dict(earlier.environment), earlier.folder, earlier.user
    stages[name] = stage
    return stage


def _step(line: int, name: str, rest: str, stage: Stage) -> Step:
    mounts: list[Mount] = []
    source = ""
    while name in ("RUN", "COPY") and rest.startswith("--"):
        flag, _, rest = rest.partition(" ")
        rest = rest.lstrip()
        if name == "COPY" and flag.startswith("--from="):
            source = flag.removeprefix("--from=")
        elif name == "RUN" and flag.startswith("--mount=type=secret,"):
            options = dict(each.split("=", 1) for each in flag.removeprefix("--mount=type=secret,").split(","))
            mounts.append(Mount(options["id"], options["target"]))
        else:
            raise ValueError(f"line {line}: {name} {flag} is not understood")
    step = Step(line, name, rest, dict(stage.environment), stage.folder, stage.user, tuple(mounts), source)
    if name == "ENV":
        pairs = dict(each.split("=", 1) for each in shlex.split(filled(rest, stage.environment)))
        stage.environment |= pairs
        step = replace(step, environment=dict(stage.environment))
    return step


def filled(text: str, variables: Mapping[str, str]) -> str:
    """The text with `$NAME` and `${NAME}` as the builder would put them in; an unknown one is empty."""
    return _VARIABLE.sub(lambda found: variables.get(found[1] or found[2], ""), text)


class Ignored:
    """`.dockerignore`: whether a path of the context stays out of a build. The last pattern that fits decides."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        self._rules = [(line.removeprefix("!"), line.startswith("!")) for line in lines if line and line[0] != "#"]

    def __call__(self, path: PurePosixPath) -> bool:
        """Path relative to the context."""
        ignored = False
        for pattern, kept in self._rules:
            if any(_fits(each, pattern) for each in (path, *path.parents) if each.parts):
                ignored = not kept
        return ignored

    def files(self, context: Path, source: str) -> list[Path]:
        """Files under `source`, a file or folder of the context, that go into a build."""
        start = context / source
        if start.is_file():
            return [] if self(PurePosixPath(source)) else [start]
        found = []
        for folder, inner, names in os.walk(start):
            within = PurePosixPath(Path(folder).relative_to(context).as_posix())
            inner[:] = [name for name in sorted(inner) if not self._whole(within / name)]
            found += [Path(folder) / name for name in sorted(names) if not self(within / name)]
        return found

    def _whole(self, folder: PurePosixPath) -> bool:
        """Whether nothing below this folder can be in a build either."""
        kept = [PurePosixPath(pattern) for pattern, is_kept in self._rules if is_kept]
        return self(folder) and not any(each.is_relative_to(folder) for each in kept)


def _fits(path: PurePosixPath, pattern: str) -> bool:
    """`**/` stands for any folders or none; elsewhere a `*` does not cross a slash."""
    if pattern.startswith("**/"):
        inner = pattern.removeprefix("**/")
        return any(_fits(PurePosixPath(*path.parts[start:]), inner) for start in range(len(path.parts)))
    parts = PurePosixPath(pattern).parts
    return len(parts) == len(path.parts) and all(map(fnmatch.fnmatchcase, path.parts, parts))
