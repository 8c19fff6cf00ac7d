"""A blocking context manager entered and left in a thread, for use on an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TypeVar

Value = TypeVar("Value")


@asynccontextmanager
async def threaded(manager: AbstractContextManager[Value]) -> AsyncIterator[Value]:
    """`async with threaded(manager) as value`: as `with manager as value`, the loop free meanwhile."""
    value = await asyncio.to_thread(manager.__enter__)
    try:
        yield value
    finally:
        await asyncio.to_thread(manager.__exit__, None, None, None)
