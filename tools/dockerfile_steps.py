"""Runs the Dockerfile's steps on a bare Debian root, for machines without a container engine. Needs root.

    debootstrap --variant=minbase bookworm /tmp/bare
    python tools/dockerfile_steps.py --base /tmp/bare --into /tmp/image --secret pip=pip.conf --secret ca=ca.pem
    python tools/dockerfile_steps.py --into /tmp/image --env LIVEKIT_URL=ws://10.0.0.10:7880 --run doctor

Each stage gets a folder of its own under `--into`, copied from the base or the stage it continues; RUN steps are run in
it under chroot with the stage's user, folder and variables and nothing else of this machine's environment, with the
secrets mounted for as long as the step takes; COPY takes from the context what `.dockerignore` lets through. What an
engine would do besides (layers, the network's own name space, limits) is not imitated.

`--run` starts what came out: entry point and arguments as the image's user, on a read-only root with a /tmp of its own
and journals and cache under `--into`, as compose.yaml has it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from dockerfile import Ignored, Stage, Step, read

ROOT = Path(__file__).resolve().parents[1]
# What an engine gives every container: the machine's resolver, and these devices.
DEVICES = ("null", "zero", "random", "urandom", "full", "tty")
# What compose.yaml keeps.
VOLUMES = {"calls": "/var/lib/cornerman/calls", "cache": "/var/cache/cornerman"}


def main() -> None:
    asked = _arguments()
    secrets = dict(each.split("=", 1) for each in asked.secret)
    stages = read((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    if asked.run:
        _run(list(stages.values())[-1], asked.into, dict(each.split("=", 1) for each in asked.env), asked.run)
        return
    if asked.base is None:
        sys.exit("--base says where the bare root is")
    asked.into.mkdir(parents=True, exist_ok=True)
    roots: dict[str, Path] = {}
    for stage in stages.values():
        roots[stage.name] = asked.into / stage.name
        _say(f"stage {stage.name} from {stage.base}")
        _copied_root(roots.get(stage.base, asked.base), roots[stage.name])
        for step in stage.steps:
            _take(step, stage, roots, secrets)
    _say(f"done: {roots[next(reversed(roots))]}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Runs the Dockerfile's steps on a bare Debian root.")
    parser.add_argument("--base", type=Path, help="a bare root, as debootstrap makes it")
    parser.add_argument("--into", type=Path, required=True, help="an empty folder for the stages' roots")
    parser.add_argument("--secret", action="append", default=[], metavar="ID=FILE", help="as docker build --secret")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="as docker run --env")
    parser.add_argument(
        "--run", nargs=argparse.REMAINDER, help="arguments for the image's entry point, instead of steps"
    )
    return parser.parse_args()


def _run(stage: Stage, into: Path, given: dict[str, str], arguments: list[str]) -> None:
    entry = stage.last("ENTRYPOINT")
    root = into / stage.name
    if entry is None or not root.is_dir():
        sys.exit(f"{root} is not there, or the image has no entry point")
    kept = {name: into / "volumes" / name for name in VOLUMES}
    user, group = map(int, stage.user.split(":"))
    for folder in kept.values():
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, user, group)
    mounts = [f'mount --bind "{root}" "{root}"', f'mount -t tmpfs -o mode=1777 tmp "{root}/tmp"']
    mounts += [f'mount --bind "{folder}" "{root}{VOLUMES[name]}"' for name, folder in kept.items()]
    step = replace(entry, environment={**stage.environment, **given}, folder=stage.folder, user=stage.user)
    run_in(root, step, [*entry.words, *arguments], {}, mounts, last=[f'mount -o remount,bind,ro "{root}"'])


def _say(line: str) -> None:
    sys.stderr.write(f"== {line}\n")


def _copied_root(source: Path, target: Path) -> None:
    if target.exists():
        sys.exit(f"{target} is there already; give an empty folder")
    subprocess.run(["cp", "--archive", "--reflink=auto", str(source), str(target)], check=True)
    shutil.copyfile("/etc/resolv.conf", target / "etc/resolv.conf")
    for name in DEVICES:
        (target / "dev" / name).touch()


def _take(step: Step, stage: Stage, roots: dict[str, Path], secrets: dict[str, str]) -> None:
    root = roots[stage.name]
    # WORKDIR makes its folder.
    (root / step.folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
    if step.name == "RUN":
        started = time.monotonic()
        _say(f"line {step.line}: RUN {step.text[:100]}")
        run_in(root, step, ["/bin/sh", "-c", step.text], secrets)
        _say(f"line {step.line}: {time.monotonic() - started:.0f} s")
    elif step.name == "COPY":
        _say(f"line {step.line}: COPY {step.text}")
        _copy(step, root, roots)


def _copy(step: Step, root: Path, roots: dict[str, Path]) -> None:
    *sources, last = step.words
    target = root / str(PurePosixPath(step.folder) / last).lstrip("/")
    ignored = Ignored((ROOT / ".dockerignore").read_text(encoding="utf-8"))
    for source in sources:
        if step.source_stage:
            place = roots[step.source_stage] / source.lstrip("/")
            subprocess.run(["cp", "--archive", "--no-target-directory", str(place), str(target)], check=True)
            continue
        files = ignored.files(ROOT, source)
        if not files:
            sys.exit(f"line {step.line}: COPY {source}: nothing there that .dockerignore lets through")
        for file in files:
            inside = file.relative_to(ROOT / source) if (ROOT / source).is_dir() else Path(file.name)
            to = target / inside if (ROOT / source).is_dir() or last.endswith("/") else target
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, to)
            os.chown(to, 0, 0)


def run_in(
    root: Path,
    step: Step,
    command: list[str],
    secrets: dict[str, str],
    first: Sequence[str] = (),
    last: Sequence[str] = (),
) -> None:
    """Runs a command in a root as the step's user, folder and variables say; ends this program where it fails.

    Mounts live in a name space of the command's own, and go with it.
    """
    mounts = [*first, f'mount -t proc proc "{root}/proc"']
    mounts += [f'mount --bind /dev/{name} "{root}/dev/{name}"' for name in DEVICES]
    mounts += [f'mkdir -p "{root}/dev/shm" && mount -t tmpfs shm "{root}/dev/shm"']
    for mount in step.mounts:
        if mount.id in secrets:
            at = f"{root}{mount.target}"
            mounts.append(f'mkdir -p "$(dirname "{at}")" && touch "{at}"')
            mounts.append(f'mount --bind "{Path(secrets[mount.id]).resolve()}" "{at}"')
    mounts += last
    variables = {"HOME": "/root" if step.user == "root" else step.folder, **step.environment}
    inside = ["env", "--ignore-environment", *(f"{key}={value}" for key, value in variables.items())]
    user = [] if step.user == "root" else [f"--userspec={step.user}"]
    script = "set -e\n" + "\n".join(mounts) + '\nexec "$@"\n'
    outside = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", "chroot", *user]
    within = [*inside, "/bin/sh", "-c", 'cd "$0" && exec "$@"', step.folder, *command]
    status = subprocess.run([*outside, str(root), *within], check=False).returncode
    if status:
        sys.exit(f"line {step.line}: the step ended with status {status}")
    for mount in step.mounts:
        # An engine leaves nothing of a secret behind, its empty place neither.
        place = root / mount.target.lstrip("/")
        if mount.id in secrets and place.is_file() and not place.stat().st_size:
            place.unlink()


if __name__ == "__main__":
    main()
