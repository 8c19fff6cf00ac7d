"""Whatever callers do in whatever order, a breaker behaves as a plain model of it, in a file or in memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hearing.standing import Clock
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cornerman.providers.breaker import PROBE_LIMIT, REST, THRESHOLD, Breakers

CALLER_NUMBERS = st.integers(0, 3)


class BreakerMachine(RuleBasedStateMachine):
    """Several callers on one file against a model of plain variables."""

    @initialize(in_file=st.booleans())
    def start(self, in_file: bool) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.breakers = Breakers(Path(self.folder.name) if in_file else None, now=self.clock)
        self.callers = [self.breakers.of("x") for _ in range(4)]
        self.failures = 0
        self.open_until: float | None = None
        self.prober: int | None = None
        self.probe_until = 0.0

    def teardown(self) -> None:
        self.folder.cleanup()

    @property
    def is_probed(self) -> bool:
        return self.prober is not None and self.clock.now < self.probe_until

    @rule(seconds=st.sampled_from([0.5, 5.0, 15.0, REST, 2 * REST]))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(caller=CALLER_NUMBERS)
    def asks(self, caller: int) -> None:
        expected = True
        if self.open_until is not None:
            free = self.clock.now >= self.open_until and not self.is_probed
            expected = free or self.prober == caller
            if expected:
                self.prober, self.probe_until = caller, self.clock.now + PROBE_LIMIT
        assert self.callers[caller].may_try() == expected

    @rule(caller=CALLER_NUMBERS)
    def fails(self, caller: int) -> None:
        opens = False
        if self.open_until is None:
            self.failures += 1
            opens = self.failures >= THRESHOLD
        elif self.prober == caller:
            self.failures += 1
            opens = True
        if opens:
            self.open_until, self.prober = self.clock.now + REST, None
        assert self.callers[caller].failed() == opens

    @rule(caller=CALLER_NUMBERS)
    def succeeds(self, caller: int) -> None:
        closes = self.open_until is not None and self.prober == caller
        if self.open_until is None or closes:
            self.failures, self.open_until, self.prober = 0, None, None
        assert self.callers[caller].succeeded() == closes

    @rule(caller=CALLER_NUMBERS)
    def leaves_and_another_comes(self, caller: int) -> None:
        self.callers[caller].close()
        self.callers[caller] = self.breakers.of("x")
        if self.prober == caller:
            self.prober = None

    @invariant()
    def all_callers_see_the_same(self) -> None:
        state = "closed" if self.open_until is None else "probing" if self.is_probed else "open"
        for number, caller in enumerate(self.callers):
            wait = 0.0
            if self.open_until is not None and self.prober != number:
                until = max(self.open_until, self.probe_until if self.is_probed else 0.0)
                wait = max(until - self.clock.now, 0.0)
            assert (caller.state, caller.failures) == (state, self.failures)
            assert caller.retry_in == pytest.approx(wait)


TestsOfBreakerMachine = BreakerMachine.TestCase
TestsOfBreakerMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
