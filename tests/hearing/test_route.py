"""A participant's way through the providers: tried again with growing waits, then the next one, then back."""

from __future__ import annotations

from random import Random

import pytest
from hearing.standing import Clock, standing_provider
from hypothesis import given
from hypothesis import strategies as st

from cornerman.hearing.route import JITTER, LONGEST_LOOK, Route
from cornerman.providers.breaker import Breakers
from cornerman.providers.provider import Provider

DELAYS = (2.0, 4.0, 8.0)
REST = 30.0


class World:
    """One worker's breakers and the routes of its participants, under one clock."""

    def __init__(self, *names: str, threshold: int = 100) -> None:
        self.now = Clock()
        self.chain = tuple(standing_provider(name) for name in names)
        self.breakers = Breakers(None, threshold=threshold, rest=REST, now=self.now)

    def route(self, seed: int = 1) -> Route:
        return Route(self.chain, self.breakers, DELAYS, rest=REST, now=self.now, random=Random(seed))

    def chosen(self, route: Route) -> str:
        choice = route.choose()
        return choice.name if isinstance(choice, Provider) else "wait"

    def waited(self, route: Route) -> tuple[float, str]:
        """How long until the route names a provider, and which."""
        waited = 0.0
        while not isinstance(choice := route.choose(), Provider):
            assert choice > 0
            self.now.now += choice
            waited += choice
        return waited, choice.name


@given(st.integers(0, 10_000))
def test_a_provider_that_fails_is_tried_again_after_2_4_and_8_seconds_more_or_less(seed: int) -> None:
    world = World("first", "second")
    route = world.route(seed)
    for delay in DELAYS:
        route.failed(world.chain[0])
        waited, name = world.waited(route)
        assert name == "first"
        assert abs(waited - delay) <= JITTER * delay + 1e-9


def test_the_waits_of_many_participants_are_spread() -> None:
    world = World("first")
    waits = []
    for seed in range(50):
        route = world.route(seed)
        route.failed(world.chain[0])
        waits.append(world.waited(route)[0])
    assert max(waits) - min(waits) > JITTER * DELAYS[0]


def test_after_the_third_try_the_next_provider_takes_over_at_once_and_the_first_rests() -> None:
    world = World("first", "second")
    route = world.route()
    for _ in DELAYS:
        route.failed(world.chain[0])
        assert world.waited(route)[1] == "first"
    route.failed(world.chain[0])
    assert world.chosen(route) == "second"
    assert not route.better_than(world.chain[1])
    world.now.now += REST
    assert route.better_than(world.chain[1])
    assert world.chosen(route) == "first"


def test_a_first_provider_that_fails_again_after_its_rest_is_not_tried_thrice_again() -> None:
    world = World("first", "second")
    route = world.route()
    for _ in range(4):
        route.failed(world.chain[0])
    world.now.now += REST
    route.failed(world.chain[0])
    assert world.chosen(route) == "second"
    world.now.now += REST / 2
    assert not route.better_than(world.chain[1])


def test_once_it_finished_an_utterance_earlier_failures_are_over() -> None:
    world = World("first", "second")
    route = world.route()
    for _ in range(3):
        route.failed(world.chain[0])
    route.succeeded(world.chain[0])
    route.failed(world.chain[0])
    waited, name = world.waited(route)
    assert name == "first"
    assert waited <= DELAYS[0] * (1 + JITTER)


def test_words_of_one_stream_do_not_end_the_waits_of_another_failure_to_come() -> None:
    """A provider that recognises a word and fails each time would else be tried every two seconds for ever."""
    world = World("first", "second")
    route = world.route()
    for _ in DELAYS:
        route.answered(world.chain[0])
        route.failed(world.chain[0])
        assert world.waited(route)[1] == "first"
    route.answered(world.chain[0])
    route.failed(world.chain[0])
    assert world.chosen(route) == "second"


def test_with_its_breaker_open_a_provider_is_passed_over_without_a_wait() -> None:
    world = World("first", "second", threshold=3)
    loser, other = world.route(1), world.route(2)
    for _ in range(3):
        loser.failed(world.chain[0])
    assert world.chosen(loser) == "second"
    assert world.chosen(other) == "second"
    assert not other.better_than(world.chain[1])


def test_a_breaker_that_opens_ends_the_waits_of_those_who_were_about_to_try_again() -> None:
    world = World("first", "second", threshold=3)
    patient, loser = world.route(1), world.route(2)
    patient.failed(world.chain[0])
    assert world.chosen(patient) == "wait"
    for _ in range(2):
        loser.failed(world.chain[0])
    assert world.chosen(patient) == "second"


def test_the_probe_is_given_to_one_route_and_its_success_lets_all_back() -> None:
    world = World("first", "second", threshold=1)
    one, two = world.route(1), world.route(2)
    one.failed(world.chain[0])
    world.now.now += REST
    assert [world.chosen(one), world.chosen(two)] == ["first", "second"]
    assert not two.better_than(world.chain[1])
    one.answered(world.chain[0])
    assert two.better_than(world.chain[1])
    assert world.chosen(two) == "first"


def test_a_probe_that_fails_leaves_the_provider_alone_for_another_rest() -> None:
    world = World("first", "second", threshold=1)
    one, two = world.route(1), world.route(2)
    one.failed(world.chain[0])
    world.now.now += REST
    assert world.chosen(one) == "first"
    one.failed(world.chain[0])
    assert [world.chosen(one), world.chosen(two)] == ["second", "second"]
    world.now.now += REST - 1
    assert not two.better_than(world.chain[1])
    world.now.now += 1
    assert two.better_than(world.chain[1])


def test_a_route_that_ends_gives_its_probe_to_another() -> None:
    world = World("first", "second", threshold=1)
    one, two = world.route(1), world.route(2)
    one.failed(world.chain[0])
    world.now.now += REST
    assert world.chosen(one) == "first"
    one.close()
    assert world.chosen(two) == "first"


def test_a_single_provider_is_tried_for_ever() -> None:
    world = World("only")
    route = world.route()
    waits = []
    for _ in range(20):
        route.failed(world.chain[0])
        waited, name = world.waited(route)
        assert name == "only"
        waits.append(waited)
    assert waits[3:] == pytest.approx([DELAYS[-1]] * 17)


def test_a_single_provider_with_an_open_breaker_is_probed_after_each_rest() -> None:
    world = World("only", threshold=1)
    route = world.route()
    for _ in range(5):
        route.failed(world.chain[0])
        waited, name = world.waited(route)
        assert (round(waited, 3), name) == (REST, "only")


def test_the_last_provider_left_is_tried_again_like_the_first() -> None:
    world = World("first", "second")
    route = world.route()
    for _ in range(4):
        route.failed(world.chain[0])
    route.failed(world.chain[1])
    waited, name = world.waited(route)
    assert name == "second"
    assert waited <= DELAYS[0] * (1 + JITTER)


def test_where_all_rest_it_looks_again_before_long() -> None:
    world = World("first", "second")
    route = world.route()
    for each in world.chain:
        for _ in range(4):
            route.failed(each)
    choice = route.choose()
    assert isinstance(choice, float)
    assert choice == LONGEST_LOOK
    assert world.waited(route)[1] == "first"


@given(st.lists(st.sampled_from(["failed", "answered", "succeeded", "wait", "close"]), max_size=60), st.integers(1, 3))
def test_whatever_happens_it_names_a_provider_within_a_rest_or_two(story: list[str], count: int) -> None:
    world = World(*(f"p{number}" for number in range(count)), threshold=4)
    route, rival = world.route(1), world.route(2)
    for step in story:
        choice = route.choose()
        match step:
            case "failed" if isinstance(choice, Provider):
                route.failed(choice)
            case "answered" if isinstance(choice, Provider):
                route.answered(choice)
            case "succeeded" if isinstance(choice, Provider):
                route.succeeded(choice)
            case "close":
                rival.choose()
                rival.close()
            case _:
                world.now.now += 1.0
        assert not isinstance(choice, float) or 0 < choice <= max(LONGEST_LOOK, DELAYS[-1] * (1 + JITTER))
    assert world.waited(route)[0] <= 2 * REST
