"""Find a Chromium for the tests of the rep's page, or install one: what `make test` runs.

    tools/chromium.py            prints the program's path, installing Chromium first where there is none
    tools/chromium.py --find     prints it, or fails where there is none

Looked for in this order: what CHROMIUM names, a Chromium or Chrome on PATH, one that Playwright has fetched before.
Installed with apt-get, by root or by whoever may use sudo without a password; otherwise by Playwright into its own
folder. Exit status 1, with what to do, where nothing of that works.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
FETCHED = Path.home() / ".cache" / "ms-playwright"
"""Where Playwright keeps the browsers it fetched."""
APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq")
FONTS = "fonts-dejavu-core"
MISSING = (
    "no Chromium was found, and none could be installed. Install one (Debian, Ubuntu: apt-get install chromium "
    f"{FONTS}), or name one: CHROMIUM=/path/to/chromium make test"
)


def find() -> str | None:
    """A Chromium on this machine, None where there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    for name in NAMES:
        if program := shutil.which(name):
            return program
    fetched = sorted(FETCHED.glob("chromium-*/chrome-linux*/chrome"))
    return str(fetched[-1]) if fetched else None


def install() -> None:
    """Installs one, by the first way that works here; says on standard error what it does."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    ways = [[[sys.executable, "-m", "playwright", "install", "chromium"]]]
    if shutil.which(APT[0]):
        ways.insert(0, [[*as_root, *APT, "update"], [*as_root, *APT, "install", "-y", "chromium", FONTS]])
    for commands in ways:
        if not shutil.which(commands[0][0]):
            continue
        sys.stderr.write(f"Installing Chromium with: {' '.join(commands[-1])} (once) ...\n")
        if all(subprocess.run(command, stdout=sys.stderr, check=False).returncode == 0 for command in commands):
            return


def main() -> int:
    parser = argparse.ArgumentParser(description="Find a Chromium, or install one.")
    parser.add_argument("--find", action="store_true", help="do not install one")
    only_find = parser.parse_args().find
    program = find()
    if program is None and not only_find and not os.environ.get("CHROMIUM"):
        install()
        program = find()
    if program is None:
        sys.stderr.write(MISSING + "\n")
        return 1
    sys.stdout.write(program + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
