"""A blocking client's threads: deadlines, a bound on what waits, and nothing left behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from cornerman.crm import AccountBusyError, AccountDownError
from cornerman.crm.blocking import MOST_WAITING, BlockingWork, Deadline


async def test_work_that_ignores_its_deadline_is_not_waited_for() -> None:
    work, release = BlockingWork("CRM", threads=1), threading.Event()
    with pytest.raises(AccountDownError, match=r"CRM did not answer within 0\.1 s"):
        await work.run(lambda deadline: release.wait(30), 0.1)
    release.set()
    await work.aclose()


async def test_no_request_begins_once_the_deadline_is_over() -> None:
    def late(deadline: Deadline) -> None:
        while True:
            deadline.left()

    work = BlockingWork("CRM", threads=1)
    with pytest.raises(AccountDownError, match="did not answer"):
        await work.run(late, 0.2)
    assert await work.run(lambda deadline: 7, 10.0) == 7
    await work.aclose()


async def test_more_than_a_few_may_not_wait() -> None:
    work, release = BlockingWork("CRM", threads=1), threading.Event()
    waiting = [asyncio.create_task(work.run(lambda deadline: release.wait(30), 30.0)) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(AccountBusyError, match="too much already"):
        await work.run(lambda deadline: True, 30.0)
    release.set()
    assert all(await asyncio.gather(*waiting))
    assert await work.run(lambda deadline: True, 30.0)
    await work.aclose()


async def test_closing_begins_nothing_that_waits() -> None:
    work, release, begun = BlockingWork("CRM", threads=1), threading.Event(), threading.Event()
    first = asyncio.create_task(work.run(lambda deadline: release.wait(30), 30.0))
    second = asyncio.create_task(work.run(lambda deadline: begun.set(), 30.0))
    await asyncio.sleep(0)
    closing = asyncio.create_task(work.aclose())
    await asyncio.sleep(0)
    release.set()
    await closing
    assert await first
    with pytest.raises(asyncio.CancelledError):
        await second
    assert not begun.is_set()


def test_accounts_cost_no_vendors_client_until_one_is_chosen() -> None:
    code = "import sys, cornerman.crm; print(*sorted({'hubspot', 'simple_salesforce', 'redis'} & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
