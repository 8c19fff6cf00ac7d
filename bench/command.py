"""A bench as a command: what keeps it from measuring is told in a line, and its exit status tells how it went."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn

from rich.console import Console

from cornerman.errors import CornermanError


def as_command(name: str, work: Coroutine[Any, Any, bool | None], late: str = "not done in time") -> NoReturn:
    """Does the work and ends the process: status 0, 1 where the work says `False` (a goal is missed), 2 where it could
    not be done. `late` is told where a deadline passed.
    """
    try:
        kept = asyncio.run(work)
    except (CornermanError, TimeoutError) as error:
        Console(stderr=True).print(f"{name}: {str(error) or late}", style="bold")
        sys.exit(2)
    sys.exit(kept is False)
