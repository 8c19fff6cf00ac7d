"""Holds the locked dependencies against published advisories, Python's and the browser package's.

    python tools/audit.py            everything; needs pip-audit and npm on PATH
    python tools/audit.py --python   one half; --web the other

Out: one line a finding, and a verdict. Status 0: all were audited and nothing is known against them; 1: something is;
2: it cannot be told, since advisory data could not be had for all of them. What cannot be told is never a pass. Asks
whatever index pip and npm are set up with, so it is no part of the tests, which need no network.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-models.lock", "requirements-node.lock")
WEB = ROOT / "rep_client" / "web"
DEADLINE = 600.0
"""Seconds for each tool."""
CLEAN, FOUND, UNKNOWN = 0, 1, 2


@dataclass(slots=True)
class Audit:
    """What was learnt: how many packages were audited, what is known against them, and what could not be told."""

    audited: int = 0
    found: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """What is found weighs more than what is not known."""
        return FOUND if self.found else UNKNOWN if self.unknown or not self.audited else CLEAN


def python_audit(locks: Sequence[Path]) -> Audit:
    """Every package of the lock files."""
    audit = Audit()
    for lock in locks:
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--no-deps", "--disable-pip"]
        _read_python(_answer([*command, "--progress-spinner", "off", "--format", "json"], ROOT), lock.name, audit)
    return audit


def web_audit(folder: Path) -> Audit:
    """Every package of the browser package's lock file."""
    audit = Audit()
    npm = shutil.which("npm", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
    if npm is None:
        audit.unknown.append("package-lock.json: npm is not installed")
        return audit
    _read_web(_answer([npm, "audit", "--json", "--package-lock-only"], folder), audit)
    return audit


def _read_python(answer: Any, lock: str, audit: Audit) -> None:
    if not isinstance(answer, dict) or "dependencies" not in answer:
        audit.unknown.append(f"{lock}: pip-audit gave no result: {answer}")
        return
    skipped = []
    for package in answer["dependencies"]:
        if "skip_reason" in package:
            skipped.append(package["name"])
            continue
        audit.audited += 1
        for one in package.get("vulns", ()):
            fixed = ", ".join(one.get("fix_versions", ())) or "nothing yet"
            audit.found.append(f"{lock}: {package['name']} {package['version']}: {one['id']}; fixed in {fixed}")
    if skipped:
        some = ", ".join(skipped[:3]) + (" ..." if len(skipped) > 3 else "")
        audit.unknown.append(f"{lock}: the index has no advisory data for {len(skipped)} packages: {some}")


def _read_web(answer: Any, audit: Audit) -> None:
    if not isinstance(answer, dict) or "vulnerabilities" not in answer or "metadata" not in answer:
        why = answer.get("message") or answer.get("error") if isinstance(answer, dict) else answer
        audit.unknown.append(f"package-lock.json: the registry gave no advisory data: {why}")
        return
    audit.audited += int(answer["metadata"]["dependencies"]["total"])
    for name, one in sorted(answer["vulnerabilities"].items()):
        audit.found.append(f"package-lock.json: {name} {one['range']}: {one['severity']}")


def _answer(command: list[str], folder: Path) -> Any:
    """A tool's JSON; where it gave none, its last line."""
    try:
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=DEADLINE, check=False)
    except subprocess.TimeoutExpired:
        return f"it took longer than {DEADLINE:.0f} s"
    try:
        return json.loads(ran.stdout)
    except json.JSONDecodeError:
        return ([*ran.stderr.strip().splitlines()] or [f"it ended with status {ran.returncode}"])[-1]


def told(audit: Audit) -> str:
    """The verdict, after every finding, as text."""
    lines = [f"FOUND    {one}" for one in audit.found] + [f"UNKNOWN  {one}" for one in audit.unknown]
    verdict = {
        CLEAN: f"clean: {audit.audited} packages audited, nothing is known against them",
        FOUND: f"found: {len(audit.found)} advisories; {audit.audited} packages audited",
        UNKNOWN: f"NOT AUDITED in full: {audit.audited} packages audited, the rest could not be; this is no pass",
    }
    return "\n".join([*lines, verdict[audit.status]]) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Runs what is asked for; returns the exit status."""
    parser = argparse.ArgumentParser(description="Holds locked dependencies against published advisories.")
    parser.add_argument("--python", action="store_true", help="the lock files of Python alone")
    parser.add_argument("--web", action="store_true", help="the browser package alone")
    asked = parser.parse_args(arguments)
    audit = Audit()
    parts = []
    if asked.python or not asked.web:
        parts.append(python_audit([ROOT / name for name in LOCKS]))
    if asked.web or not asked.python:
        parts.append(web_audit(WEB))
    for part in parts:
        audit.audited += part.audited
        audit.found += part.found
        audit.unknown += part.unknown
    sys.stdout.write(told(audit))
    return audit.status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
