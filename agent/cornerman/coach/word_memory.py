"""What was worked out for single words is kept, since partials repeat them, until somebody's words are to be forgotten.

In: functions of words. Out: the same functions, remembering. Promises that each memory is bounded, and that one call
empties all of them: whose word it was is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import _lru_cache_wrapper, lru_cache
from typing import Final, TypeVar

Value = TypeVar("Value")

_MEMORIES: Final[list[_lru_cache_wrapper[object]]] = []


def remembers_words(most: int) -> Callable[[Callable[..., Value]], _lru_cache_wrapper[Value]]:
    """For a function of words that always gives the same: keeps the `most` answers that were asked for last."""

    def remembering(function: Callable[..., Value]) -> _lru_cache_wrapper[Value]:
        memory = lru_cache(maxsize=most)(function)
        _MEMORIES.append(memory)
        return memory

    return remembering


def forget_words() -> None:
    """Empties all memories; what is asked for next is worked out anew."""
    for memory in _MEMORIES:
        memory.cache_clear()
