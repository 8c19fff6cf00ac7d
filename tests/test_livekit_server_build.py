"""The build of the server: with the right Go, once at a time, whole or not at all, and honest when it cannot be done.

The `go` of these tests is a script that behaves like one in the few ways that matter; the build around it is real.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cornerman.errors import ServerError
from cornerman.livekit_server import SERVER_VERSION, build_binary, built_binary, find_binary
from cornerman.livekit_server.toolchain import build_environment, new_enough, own_toolchain

SYSTEM = "/usr/bin:/bin"

GO = """
if [ "$1" = env ]; then echo VERSION; exit 0; fi
echo "$@" >> COUNT
MEANWHILE
printf '#!/bin/sh\\necho livekit-server version SAYS\\n' > "$GOBIN/server"
chmod +x "$GOBIN/server"
"""

BUILD = "from cornerman.livekit_server import build_binary; print(build_binary())"


def go_script(folder: Path, *, version: str = "go1.26.6", meanwhile: str = ":", says: str = SERVER_VERSION) -> Path:
    """A `go` in `folder` that notes each install in `folder/count`."""
    folder.mkdir(parents=True, exist_ok=True)
    script = GO.replace("VERSION", version).replace("COUNT", str(folder / "count"))
    path = folder / "go"
    path.write_text("#!/bin/sh\n" + script.replace("MEANWHILE", meanwhile).replace("SAYS", says))
    path.chmod(0o755)
    return path


def surroundings(tmp_path: Path, *, path: str = SYSTEM) -> dict[str, str]:
    """A machine without Go, whose package index is an empty folder."""
    empty = tmp_path / "no-packages"
    empty.mkdir(exist_ok=True)
    return {
        "PATH": path,
        "HOME": str(tmp_path / "home"),
        "CORNERMAN_CACHE": str(tmp_path / "cache"),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(empty),
        "PIP_CONFIG_FILE": os.devnull,
    }


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        *((version, True) for version in ("go1.26", "go1.26.8", "go1.30.1", "go2.0")),
        *((version, False) for version in ("go1.25.9", "go1.9", "devel", "", None)),
    ],
)
def test_a_go_is_new_enough_or_not(version: str | None, enough: bool) -> None:
    assert new_enough(version) is enough


def test_a_go_that_is_too_old_or_broken_is_passed_over(tmp_path: Path) -> None:
    old = go_script(tmp_path / "old", version="go1.21.13")
    broken = go_script(tmp_path / "broken")
    broken.write_text("#!/bin/sh\nexit 1\n")
    assert own_toolchain({"PATH": f"{old.parent}:{SYSTEM}"}) is None
    assert own_toolchain({"PATH": f"{broken.parent}:{SYSTEM}"}) is None
    assert own_toolchain({"PATH": str(tmp_path)}) is None


def test_a_build_says_what_it_takes_and_is_found_afterwards(tmp_path: Path) -> None:
    go = go_script(tmp_path / "go")
    environment = surroundings(tmp_path, path=f"{go.parent}:{SYSTEM}")
    said: list[str] = []
    built = build_binary(progress=said.append, environment=environment)
    assert built == built_binary(environment) == find_binary(environment)
    assert "go1.26.6" in said[0]
    assert "minutes" in said[0]
    assert "GB" in said[0]
    assert f"livekit-server/cmd/server@v{SERVER_VERSION}" in (go.parent / "count").read_text()
    assert sorted(entry.name for entry in built.parent.iterdir()) == ["build.lock", "livekit-server"]


def test_two_builds_at_once_make_one(tmp_path: Path) -> None:
    go = go_script(tmp_path / "go", meanwhile="sleep 1")
    environment = surroundings(tmp_path, path=f"{go.parent}:{SYSTEM}")
    builds = [
        subprocess.Popen([sys.executable, "-c", BUILD], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = {build.communicate(timeout=60)[0].strip() for build in builds}
    assert [build.returncode for build in builds] == [0, 0]
    assert answers == {str(built_binary(environment))}
    assert len((go.parent / "count").read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("meanwhile", "says", "complaint"),
    [
        ("echo no space left on device; exit 2", SERVER_VERSION, "no space left on device"),
        (":", "0.0.1", f"0.0.1 instead of {SERVER_VERSION}"),
    ],
)
def test_a_failed_build_leaves_nothing_and_says_why(tmp_path: Path, meanwhile: str, says: str, complaint: str) -> None:
    go = go_script(tmp_path / "go", meanwhile=meanwhile, says=says)
    environment = surroundings(tmp_path, path=f"{go.parent}:{SYSTEM}")
    with pytest.raises(ServerError) as failed:
        build_binary(environment=environment)
    assert complaint in str(failed.value)
    assert find_binary(environment) is None
    assert [entry.name for entry in built_binary(environment).parent.iterdir()] == ["build.lock"]


def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path: Path) -> None:
    go = go_script(tmp_path / "go")
    environment = surroundings(tmp_path, path=f"{go.parent}:{SYSTEM}")
    left_over = built_binary(environment).parent / "building-killed" / "modules"
    left_over.mkdir(parents=True)
    build_binary(environment=environment)
    assert not left_over.parent.exists()


def test_without_go_and_without_an_index_three_ways_are_named(tmp_path: Path) -> None:
    with pytest.raises(ServerError) as failed:
        build_binary(environment=surroundings(tmp_path))
    message = str(failed.value)
    assert "Three ways to get one" in message
    for way in ("`livekit-server` (version", "Install Go 1.26 or newer", "Set LIVEKIT_URL"):
        assert way in message


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "cache"
    in_the_way.write_text("a file, not a folder")
    with pytest.raises(ServerError, match=r"(?s)cache.*Three ways"):
        build_binary(environment=surroundings(tmp_path))


def test_a_build_writes_in_its_scratch_folder_only(tmp_path: Path) -> None:
    foreign = {
        "GOOS": "plan9",
        "GOFLAGS": "-mod=vendor",
        "GOROOT": "/nowhere",
        "GOPROXY": "corporate",
        "HOME": "/nobody",
    }
    ran_in = build_environment(tmp_path, foreign, borrowed=False)
    assert not {"GOOS", "GOFLAGS", "GOROOT"} & ran_in.keys()
    assert ran_in["GOPROXY"] == "corporate"
    for name in ("GOPATH", "GOMODCACHE", "GOCACHE", "GOTMPDIR", "GOBIN"):
        assert Path(ran_in[name]).is_relative_to(tmp_path)
