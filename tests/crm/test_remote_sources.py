"""Whatever the account source behind the network: what it finds, what it says when it cannot, and that an outcome is
written once.
"""

from __future__ import annotations

import asyncio
import logging

import pytest
from crm.remotes import HARBOR, REMOTES, SECRET, SHORT, outcome
from fakes.faults import Behaviour, complain, garbage, hang, healthy, kill, refuse, throttle

from cornerman.contract import Account
from cornerman.crm import (
    AccountBusyError,
    AccountDownError,
    AccountError,
    AccountRefusedError,
    Contact,
    dossier_of,
)

pytestmark = pytest.mark.parametrize("name", REMOTES)

FAILURES: list[tuple[str, Behaviour, type[AccountError], str]] = [
    ("401", refuse(401), AccountRefusedError, "does not accept the key"),
    ("403", refuse(403), AccountRefusedError, "lacks a right"),
    ("500", complain(), AccountDownError, "failed (500)"),
    ("503", refuse(503), AccountDownError, "failed (503)"),
    ("reset", kill(), AccountDownError, "cannot be reached"),
    ("garbage", garbage(), AccountDownError, "cannot be read"),
]


async def test_account_is_found_by_name_apart_from_case_and_legal_form(name: str) -> None:
    async with REMOTES[name]() as remote:
        record = await remote.source.look_up(HARBOR)
        assert record is not None
        assert (record.id, record.company) == (remote.account_id, "Harbor Foods, Inc.")
        assert record.contacts == (Contact("Dana Reed", "COO"),)
        assert record.fields["employees"] == "450"
        assert not record.missing


async def test_account_is_found_by_id(name: str) -> None:
    async with REMOTES[name]() as remote:
        record = await remote.source.look_up(Account(company="some other name", crm_id=remote.account_id))
        assert record is not None
        assert record.id == remote.account_id


async def test_unknown_account_is_none(name: str) -> None:
    async with REMOTES[name]() as remote:
        for unknown in (
            Account(company="Harbor"),
            Account(company="Harbor Foodstuffs"),
            Account(crm_id="no-such-id"),
            Account(),
        ):
            assert await remote.source.look_up(unknown) is None


@pytest.mark.parametrize(("behaviour", "error", "words"), [each[1:] for each in FAILURES], ids=[f[0] for f in FAILURES])
async def test_failure_is_told_in_words_and_the_next_look_up_works(
    name: str, behaviour: Behaviour, error: type[AccountError], words: str
) -> None:
    async with REMOTES[name]() as remote:
        remote.provider.script.play(then=behaviour)
        with pytest.raises(error) as raised:
            await remote.source.look_up(HARBOR)
        assert words in str(raised.value)
        remote.provider.script.play()
        assert await remote.source.look_up(HARBOR) is not None


async def test_server_that_hangs_costs_no_more_than_the_deadline(name: str) -> None:
    async with REMOTES[name](timeout=SHORT) as remote:
        remote.provider.script.play(hang(), then=healthy())
        with pytest.raises(AccountDownError, match=r"did not answer within 0\.4 s"):
            await remote.source.look_up(HARBOR)


async def test_server_that_is_gone_is_told(name: str) -> None:
    async with REMOTES[name]() as remote:
        await asyncio.to_thread(remote.provider.stop_listening)
        with pytest.raises(AccountDownError, match="cannot be reached"):
            await remote.source.look_up(HARBOR)


async def test_no_key_shows_in_errors_representations_or_logs(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with REMOTES[name]() as remote:
        told = [repr(remote.source), repr(vars(remote.source))]
        for _, behaviour, _, _ in FAILURES:
            remote.provider.script.play(then=behaviour)
            with pytest.raises(AccountError) as raised:
                await remote.source.look_up(HARBOR)
            told += [str(raised.value), repr(raised.value)]
            assert raised.value.__cause__ is None
            assert raised.value.__context__ is None or raised.value.__suppress_context__
        remote.provider.script.play()
        await remote.source.look_up(HARBOR)
        told.append(repr(remote.source))
    assert SECRET not in "\n".join([*told, caplog.text])


async def test_what_the_crm_holds_is_in_no_log(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with REMOTES[name]() as remote:
        assert await remote.source.look_up(HARBOR) is not None
        await remote.source.log(outcome())
    logged = caplog.text.lower()
    assert not [word for word in ("harbor%20foods", "harbor+foods", "dana", "friday", "coo") if word in logged]


async def test_outcome_is_written_to_the_account(name: str) -> None:
    async with REMOTES[name]() as remote:
        await remote.source.log(outcome())
        (written,) = remote.written()
        assert "sends the offer by Friday" in written
        assert "follow-up" in written


async def test_same_key_is_written_once_and_says_the_same_id(name: str) -> None:
    async with REMOTES[name]() as remote:
        first = await remote.source.log(outcome())
        assert await remote.source.log(outcome()) == first
        assert await remote.source.log(outcome(account=Account(crm_id=remote.account_id))) == first
        assert len(remote.written()) == 1
        assert await remote.source.log(outcome("call-7:2", summary="wants a pilot")) != first
        assert len(remote.written()) == 2


async def test_same_key_twice_at_once_is_written_once(name: str) -> None:
    async with REMOTES[name]() as remote:
        ids = await asyncio.gather(*(remote.source.log(outcome()) for _ in range(4)))
        assert len(set(ids)) == 1
        assert len(remote.written()) == 1


async def test_write_whose_answer_never_came_is_not_written_again(name: str) -> None:
    async with REMOTES[name](timeout=SHORT) as remote:
        remote.provider.script.decide(lambda record: hang() if _writes(record.path) else None)
        with pytest.raises(AccountDownError, match="did not answer"):
            await remote.source.log(outcome())
        assert len(remote.written()) == 1
        remote.provider.script.decide(None)
        later = remote.another()
        await later.log(outcome())
        await later.aclose()
        assert len(remote.written()) == 1


async def test_write_that_hangs_holds_up_no_look_up(name: str) -> None:
    async with REMOTES[name]() as remote:
        remote.provider.script.decide(lambda record: hang() if _writes(record.path) else None)
        writing = asyncio.create_task(remote.source.log(outcome()))
        while not remote.written():
            await asyncio.sleep(0.01)
        assert await remote.source.look_up(HARBOR) is not None
        assert not writing.done()
        await asyncio.to_thread(remote.provider.kill_open)
        with pytest.raises(AccountDownError, match="cannot be reached"):
            await writing


async def test_outcome_for_an_unknown_account_is_refused(name: str) -> None:
    async with REMOTES[name]() as remote:
        if name == "service":  # it judges that itself
            remote.provider.script.play(refuse(404))
        with pytest.raises(AccountError):
            await remote.source.log(outcome(account=Account(company="Nobody & Sons")))
        assert remote.written() == []


async def test_markup_in_the_crm_does_not_reach_the_dossier(name: str) -> None:
    async with REMOTES[name]() as remote:
        evil = "<b>Food</b><script>fetch('x')</script> [click](https://evil.example) \u202e`rm`"
        if name == "hubspot":
            remote.provider.all_of("companies")[0].properties["industry"] = evil
        elif name == "salesforce":
            remote.provider.all_of("Account")[0]["Industry"] = evil
        else:
            remote.provider.accounts["harbor foods"]["industry"] = evil
        record = await remote.source.look_up(HARBOR)
        assert record is not None
        assert record.fields["industry"] == "Food click rm"
        assert "<" not in dossier_of(record).text


async def test_closed_source_leaves_nothing_running(name: str) -> None:
    before = asyncio.all_tasks()
    async with REMOTES[name]() as remote:
        await remote.source.look_up(HARBOR)
    assert asyncio.all_tasks() == before


async def test_throttled_source_says_when_to_come_back(name: str) -> None:
    async with REMOTES[name]() as remote:
        if name == "salesforce":  # its limit is the org's, for a day, and comes as a 403
            remote.provider.limit_reached = True
        remote.provider.script.play(throttle(7))
        with pytest.raises(AccountBusyError) as raised:
            await remote.source.look_up(HARBOR)
        assert raised.value.retry_after == (None if name == "salesforce" else 7.0)


def _writes(path: str) -> bool:
    return path.endswith(("/notes", "/sobjects/Task", "/outcomes"))
