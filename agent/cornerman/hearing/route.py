"""Which provider hears a participant now, and when to try again.

A provider that fails is tried again after 2, 4 and 8 s, jittered. After the third try, or when its breaker opens (which
counts the failures of all calls of the worker), it rests, and the next provider takes over; new utterances return to it
when its rest is over and the breaker lets somebody try. The last provider left is tried for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from cornerman import metrics
from cornerman.providers.breaker import Breaker, Breakers
from cornerman.providers.provider import Provider

JITTER = 0.2
LONGEST_LOOK = 1.0
"""Seconds after which a route that nobody may try looks again."""


@dataclass(slots=True)
class _Standing:
    provider: Provider
    breaker: Breaker
    failures: int = 0
    not_before: float = 0.0
    probes: bool = False


class Route:
    """One participant's way through the chain of providers. In seconds: `now`, `delays` between tries, and `rest`
    for which a provider is left alone after its third."""

    def __init__(
        self,
        providers: Sequence[Provider],
        breakers: Breakers,
        delays: Sequence[float],
        *,
        rest: float,
        now: Callable[[], float],
        random: Random,
    ) -> None:
        self._standings = [_Standing(provider, breakers.of(provider.name)) for provider in providers]
        self._delays = tuple(delays)
        self._rest = rest
        self._now = now
        self._random = random

    def choose(self) -> Provider | float:
        """The provider to try now, or for how many seconds to wait before asking again."""
        for standing in self._standings:
            wait = standing.not_before - self._now()
            if wait > 0 and self._retries(standing) and standing.breaker.state == "closed":
                return wait
            if wait <= 0 and standing.breaker.may_try():
                standing.probes = standing.breaker.state != "closed"
                return standing.provider
        return self._soonest()

    def better_than(self, provider: Provider) -> bool:
        """True when one that comes before this one in the chain may be tried."""
        for standing in self._standings:
            if standing.provider is provider:
                return False
            if self._now() >= standing.not_before and standing.breaker.retry_in <= 0:
                return True
        return False

    def failed(self, provider: Provider) -> None:
        """The provider's stream ended that should not have, or hung."""
        standing = self._standing_of(provider)
        standing.failures += 1
        if standing.breaker.failed():
            metrics.breaker_opened(provider.name)
        if standing.breaker.state != "closed":
            standing.failures = len(self._delays) + 1
            standing.not_before = self._now()
        elif standing.failures <= len(self._delays):
            jitter = 1 + JITTER * (2 * self._random.random() - 1)
            standing.not_before = self._now() + self._delays[standing.failures - 1] * jitter
        else:
            alone = len(self._standings) == 1
            standing.not_before = self._now() + (self._delays[-1] if alone else self._rest)

    def answered(self, provider: Provider) -> None:
        """The provider recognised something: it is up."""
        self._standing_of(provider).breaker.succeeded()

    def succeeded(self, provider: Provider) -> None:
        """The provider finished an utterance: earlier failures are over."""
        standing = self._standing_of(provider)
        standing.failures = 0
        standing.not_before = 0.0
        standing.breaker.succeeded()

    def spare(self, provider: Provider) -> None:
        """Nobody speaks, so the provider cannot show whether it is up: gives a probe to whoever does speak."""
        standing = self._standing_of(provider)
        if standing.probes:
            standing.probes = False
            standing.breaker.close()

    def close(self) -> None:
        """Gives back a probe that is under way."""
        for standing in self._standings:
            standing.breaker.close()

    def _standing_of(self, provider: Provider) -> _Standing:
        return next(standing for standing in self._standings if standing.provider is provider)

    def _retries(self, standing: _Standing) -> bool:
        """Still one of the tries after which the next provider would take over."""
        return 0 < standing.failures <= len(self._delays)

    def _soonest(self) -> float:
        waits = [max(standing.not_before - self._now(), standing.breaker.retry_in) for standing in self._standings]
        return min(max(min(waits), 0.1), LONGEST_LOOK)
