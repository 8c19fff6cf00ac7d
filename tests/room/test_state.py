"""The state message has room for every list, and keeps its limit."""

from __future__ import annotations

from cornerman.room.state import LIST_BYTES, fitting


def test_a_list_that_fits_is_told_whole_and_in_order() -> None:
    items = {"metrics": True, "pain": False, "owner": True}
    assert list(fitting(items).items()) == list(items.items())


def test_of_a_list_that_does_not_fit_what_is_open_is_told_first() -> None:
    items = {f"{'x' * 100}-{number}": number < 30 for number in range(60)}
    told = fitting(items)
    assert sum(len(name) for name in told) < LIST_BYTES
    assert 20 < len(told) < 30
    assert not any(told.values())
    assert list(told) == [name for name in items if name in told]
