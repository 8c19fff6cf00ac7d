"""Where a word of somebody's still stands: in what a call holds on to, in its process's memories, in its folder.

In: a call and words that nobody else would use. Out: for each place that holds one, the way to it. Walked is whatever
the garbage collector can walk: attributes, closures, frames of coroutines and of threads, timers, caches. Left out are
the test itself and the servers it plays.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import sys
import threading
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from advising.rig import Rig
from fakes.server import FakeProvider

from cornerman.coach.matching import PhraseTrie
from cornerman.playbook import Playbook

OURS = "cornerman"
MOST_STEPS = 14
"""Steps of a way that are told."""
_CACHE: type = type(functools.lru_cache(lambda: None))
_APART = (Rig, FakeProvider, types.ModuleType, asyncio.AbstractEventLoop, threading.Thread)
"""The test's own memory, and what leads to everything."""
_BARE = (int, float, complex, types.CodeType, types.BuiltinFunctionType, Playbook, PhraseTrie)
"""What holds nothing, or nothing that was not there before the call."""
_TESTS = ("_pytest", "pytest_asyncio", "pytest", "advising")


def held(call: Rig, *words: str) -> list[str]:
    """The ways to everything that this process holds of the words, apart from the test."""
    return list(_ways([*_of_call(call), *_of_process()], words))


def held_by_call(call: Rig, *words: str) -> list[str]:
    """The ways to everything that this very call holds of the words."""
    return list(_ways(_of_call(call), words))


def on_disk(folder: Path, *words: str) -> list[str]:
    """The files of a folder that hold one of the words."""
    wanted = [word.casefold() for word in words]
    files = (file for file in folder.rglob("*") if file.is_file())
    return [file.name for file in files if any(word in file.read_text().casefold() for word in wanted)]


def _of_call(call: Rig) -> Iterator[tuple[str, Any]]:
    """What is a call's own: its objects, the tasks and timers of its loop."""
    yield "advising", call.advising
    yield "driver", call.driver
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        yield f"task {task.get_name()}", task
    loop: Any = asyncio.get_running_loop()
    for handle in (*loop._scheduled, *loop._ready):
        if not handle.cancelled():
            yield "timer", handle


def _of_process() -> Iterator[tuple[str, Any]]:
    """What calls of a process share: our modules, their classes and caches, and what threads are at."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == OURS:
            for attribute, value in list(vars(module).items()):
                yield f"{name}.{attribute}", value
                if isinstance(value, type) and value.__module__ == name:  # a class is looked into here only
                    yield from ((f"{name}.{attribute}.{key}", one) for key, one in list(vars(value).items()))
    here = threading.get_ident()
    for ident, frame in sys._current_frames().items():
        at: types.FrameType | None = frame
        while at is not None and ident != here:
            if at.f_globals.get("__name__", "").partition(".")[0] == OURS:
                yield f"thread in {at.f_code.co_qualname}", list(at.f_locals.values())
            at = at.f_back


def _ways(roots: Iterable[tuple[str, Any]], words: Iterable[str]) -> Iterator[str]:
    wanted = [word.casefold() for word in words]
    test = asyncio.current_task()
    came: dict[int, tuple[Any, Any, str]] = {id(test): (test, None, "the test")}
    waiting: deque[Any] = deque()

    def meet(thing: Any, parent: Any, name: str) -> None:
        kind: Any = type(thing)
        if id(thing) not in came and not (isinstance(thing, type) or _is_apart(kind)):
            came[id(thing)] = (thing, parent, name)
            waiting.append(thing)

    for name, root in roots:
        meet(root, None, name)
    while waiting:
        thing = waiting.popleft()
        text = _text_of(thing)
        if text is None:
            for one in _next_to(thing):
                meet(one, thing, "")
        elif any(word in text for word in wanted):
            yield _way_to(thing, came)


@functools.cache
def _is_apart(kind: Any) -> bool:
    of_tests = str(kind.__module__).partition(".")[0] in _TESTS
    return kind is type(None) or issubclass(kind, _APART + _BARE) or of_tests


def _next_to(thing: Any) -> Iterable[Any]:
    if isinstance(thing, types.FunctionType):
        return [*(thing.__closure__ or ()), *(thing.__defaults__ or ()), thing.__kwdefaults__]
    if isinstance(thing, _CACHE):
        return [one for one in gc.get_referents(thing) if not isinstance(one, types.FunctionType)]
    if isinstance(thing, types.FrameType):
        return list(thing.f_locals.values())
    return gc.get_referents(thing)


def _text_of(thing: Any) -> str | None:
    if isinstance(thing, str):
        return thing.casefold()
    if isinstance(thing, bytes | bytearray | memoryview):
        return bytes(thing).decode("utf-8", "replace").casefold()
    return None


def _way_to(thing: Any, came: dict[int, tuple[Any, Any, str]]) -> str:
    steps = [f"{thing[:80]!r}"]
    while True:
        _, parent, name = came[id(thing)]
        if parent is None:
            steps.append(name)
            break
        steps.append(getattr(parent, "__qualname__", "") or type(parent).__qualname__)
        thing = parent
    told = list(reversed(steps))
    return " > ".join(told if len(told) <= MOST_STEPS else [*told[: MOST_STEPS // 2], "...", *told[-MOST_STEPS // 2 :]])


async def gone(look: Callable[[], list[str]], what: str, patience: float = 10.0) -> None:
    """Waits until nothing is found any more: what is given up ends on the loop's next rounds."""
    found: list[str] = []
    try:
        async with asyncio.timeout(patience):
            while found := look():
                await asyncio.sleep(0.02)
    except TimeoutError:
        told = "\n".join(found[:20])
        raise AssertionError(f"{what} is still held:\n{told}") from None
