"""The Chromium that benches run pages in: the one the tests use."""

from __future__ import annotations

import runpy

from bench.processes import ROOT
from cornerman.errors import CornermanError


def chromium_program() -> str:
    """Its path.

    Raises:
        CornermanError: there is none on this machine.
    """
    program: str | None = runpy.run_path(str(ROOT / "tools" / "chromium.py"))["find"]()
    if program is None:
        raise CornermanError("there is no Chromium on this machine: run tools/chromium.py, which gets one")
    return program
