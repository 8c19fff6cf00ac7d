"""Somebody who says nothing does not keep a provider that is up again from somebody who speaks."""

from __future__ import annotations

from random import Random

import pytest
from hearing.standing import Clock, standing_provider

from cornerman.hearing.route import Route
from cornerman.providers.breaker import Breakers
from cornerman.providers.provider import Provider

REST = 30.0


@pytest.fixture
def provider() -> Provider:
    return standing_provider("paid")


@pytest.fixture
def routes(provider: Provider) -> tuple[Route, Route]:
    """Of one who is silent and one who speaks, when the provider's breaker has just been open for its rest."""
    now = Clock()
    breakers = Breakers(None, threshold=1, rest=REST, now=now)
    silent, speaking = (Route([provider], breakers, (2.0,), rest=REST, now=now, random=Random(1)) for _ in range(2))
    assert silent.choose() is provider
    silent.failed(provider)
    now.now += REST
    return silent, speaking


def test_a_probe_that_nobody_speaks_into_goes_to_whoever_asks_next(
    routes: tuple[Route, Route], provider: Provider
) -> None:
    silent, speaking = routes
    assert silent.choose() is provider
    assert speaking.choose() is not provider
    silent.spare(provider)
    assert speaking.choose() is provider


def test_sparing_twice_takes_no_probe_from_somebody_else(routes: tuple[Route, Route], provider: Provider) -> None:
    silent, speaking = routes
    assert silent.choose() is provider
    silent.spare(provider)
    assert speaking.choose() is provider
    silent.spare(provider)
    assert silent.choose() is not provider


def test_without_a_probe_sparing_changes_nothing(routes: tuple[Route, Route], provider: Provider) -> None:
    silent, speaking = routes
    assert speaking.choose() is provider
    speaking.succeeded(provider)
    assert silent.choose() is provider
    silent.spare(provider)
    assert speaking.choose() is provider
    assert silent.choose() is provider
