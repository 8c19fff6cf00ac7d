"""Parts of a bench in processes of their own, so that the cost of one does not count as another's.

Question and answer are a line of JSON each, on the process's standard input and output. A process ends with its input,
and so with whoever started it, however that ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cornerman.errors import CornermanError

ROOT = Path(__file__).parents[1]
LONGEST_ANSWER = 64 * 2**20
END_SECONDS = 5.0


class Child:
    """A process that answers; one question at a time."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self._process = process
        self._log = log

    async def ask(self, within: float, /, **question: Any) -> dict[str, Any]:
        """The answer to a question.

        Raises:
            CornermanError: there was none within so many seconds; the end of the process's log is in the message.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        line = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                line = await self._process.stdout.readline()
        if not line:
            tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])
            raise CornermanError(f"{self.name} did not answer within {within:g} s; the end of its log:\n{tail}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def child(module: str, log: Path, environment: Mapping[str, str]) -> AsyncIterator[Child]:
    """A module of the bench as a process, from here to the end of the block."""
    paths = [str(ROOT / "tests"), *filter(None, [os.environ.get("PYTHONPATH")])]
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=output,
            limit=LONGEST_ANSWER,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment},
        )
    try:
        yield Child(f"{module} ({log.stem})", process, log)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(END_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def answer_questions(answer: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]) -> None:
    """The other side: answers until there are no more questions."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        sys.stdout.write(json.dumps(await answer(json.loads(line))) + "\n")
        sys.stdout.flush()
