"""Deaf until told: the rules of consent in its three modes."""

from __future__ import annotations

import pytest

from cornerman.contract import ConsentMode, ConsentTerms
from cornerman.room.consent import ConsentLedger


def ledger(mode: ConsentMode, *granted: str) -> ConsentLedger:
    return ConsentLedger(ConsentTerms(mode=mode, granted=granted), "rep")


@pytest.mark.parametrize("mode", ["rep_discloses", "each_participant", "granted"])
def test_nobody_is_heard_before_anything_was_said(mode: ConsentMode) -> None:
    book = ledger(mode)
    assert [book.state_of(identity) for identity in ("rep", "prospect")] == ["waiting", "waiting"]


def test_the_reps_word_opens_whom_it_names_and_the_reps_own_microphone() -> None:
    book = ledger("rep_discloses")
    changes = book.confirmed_by_rep(["prospect"], granted=True)
    assert [(change.identity, change.state, change.purge) for change in changes] == [
        ("prospect", "granted", False),
        ("rep", "granted", False),
    ]
    assert book.state_of("late joiner") == "waiting"


def test_each_participant_speaks_for_themselves() -> None:
    book = ledger("each_participant")
    assert book.confirmed_by_rep(["prospect"], granted=True) == []
    book.attribute("prospect", "granted")
    assert (book.state_of("prospect"), book.state_of("rep")) == ("granted", "waiting")


def test_granted_means_named_in_the_metadata() -> None:
    book = ledger("granted", "prospect")
    assert book.confirmed_by_rep(["somebody"], granted=True) == []
    assert [book.state_of(identity) for identity in ("prospect", "somebody")] == ["granted", "waiting"]


@pytest.mark.parametrize("mode", ["rep_discloses", "each_participant", "granted"])
def test_declined_wins_in_every_mode(mode: ConsentMode) -> None:
    book = ledger(mode, "prospect")
    book.attribute("prospect", "declined")
    book.confirmed_by_rep(["prospect"], granted=True)
    assert book.state_of("prospect") == "declined"


@pytest.mark.parametrize("mode", ["rep_discloses", "each_participant", "granted"])
def test_taking_back_purges_whoever_was_heard(mode: ConsentMode) -> None:
    book = ledger(mode, "prospect")
    book.attribute("prospect", "granted")
    book.confirmed_by_rep(["prospect"], granted=True)
    (change,) = book.confirmed_by_rep(["prospect"], granted=False)
    assert (change.identity, change.state, change.purge) == ("prospect", "declined", True)


def test_an_attribute_taken_away_is_a_withdrawal_where_it_was_the_consent() -> None:
    book = ledger("each_participant")
    book.attribute("prospect", "granted")
    (change,) = book.attribute("prospect", "")
    assert (change.state, change.purge) == ("waiting", True)


def test_a_takeover_restores_what_was_on_record() -> None:
    book = ledger("rep_discloses")
    book.restore("prospect", "granted")
    book.restore("other", "declined")
    assert (book.state_of("prospect"), book.state_of("other")) == ("granted", "declined")
    assert book.how_of("prospect") == "restored"
