"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report; `advice` says what to do when it is not ok."""

    name: str
    ok: bool
    detail: str
    advice: str = ""
