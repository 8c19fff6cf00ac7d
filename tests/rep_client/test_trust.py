"""Whom the rep's client believes to be the coach, and which of several coaches it obeys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman_client.trust import REMEMBERED, Coaches


class Listed:
    """What the room lists: identity to whether it is an agent."""

    def __init__(self) -> None:
        self.agents: dict[str, bool] = {}

    def __call__(self, identity: str) -> bool | None:
        return self.agents.get(identity)


@pytest.fixture
def listed() -> Listed:
    return Listed()


@pytest.fixture
def coaches(listed: Listed) -> Coaches:
    return Coaches("cornerman-", listed)


def test_an_empty_prefix_is_not_accepted(listed: Listed) -> None:
    with pytest.raises(ValueError, match="every caller"):
        Coaches("", listed)


@pytest.mark.parametrize("identity", ["", "prospect", "Cornerman-1", " cornerman-1", "cornerman", "cornerman-"])
def test_nobody_without_the_prefix_is_trusted_even_as_an_agent(coaches: Coaches, listed: Listed, identity: str) -> None:
    listed.agents[identity] = True
    assert not coaches.trusts(identity)


def test_a_caller_is_trusted_before_it_is_listed_and_never_once_it_is_listed_as_no_agent(
    coaches: Coaches, listed: Listed
) -> None:
    assert coaches.trusts("cornerman-x")
    assert coaches.obeys("cornerman-x", 1)
    listed.agents["cornerman-x"] = False
    assert not coaches.trusts("cornerman-x")
    assert coaches.leader is None
    del listed.agents["cornerman-x"]
    assert not coaches.trusts("cornerman-x")
    listed.agents["cornerman-x"] = True
    assert coaches.trusts("cornerman-x")


def test_a_newcomer_leads_once_it_speaks_for_as_high_a_segment(coaches: Coaches) -> None:
    assert coaches.obeys("cornerman-a", 2)
    coaches.meet("cornerman-b")
    assert coaches.leader == "cornerman-a"
    assert not coaches.obeys("cornerman-b", 1)
    assert coaches.obeys("cornerman-b", 2)
    assert not coaches.obeys("cornerman-a", 2)
    assert coaches.obeys("cornerman-a", 3)


def test_a_coach_that_left_does_not_keep_its_successor_out(coaches: Coaches) -> None:
    coaches.obeys("cornerman-a", 5)
    coaches.part("cornerman-a")
    assert coaches.obeys("cornerman-b", 1)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1))
def test_no_lower_segment_is_ever_obeyed(claims: list[tuple[int, int]]) -> None:
    coaches = Coaches("cornerman-", lambda _: None)
    highest: dict[int, int] = {}
    for coach, segment in claims:
        highest[coach] = max(segment, highest.get(coach, 0))
        obeyed = coaches.obeys(f"cornerman-{coach}", segment)
        assert not obeyed or highest[coach] == max(highest.values())
    assert coaches.leader is not None
    assert highest[int(coaches.leader.removeprefix("cornerman-"))] == max(highest.values())


def test_a_flood_of_identities_is_bounded_and_keeps_the_leader(coaches: Coaches) -> None:
    coaches.obeys("cornerman-real", 7)
    for number in range(10 * REMEMBERED):
        coaches.meet(f"cornerman-{number}")
    assert len(coaches.known) <= REMEMBERED
    assert coaches.leader == "cornerman-real"
