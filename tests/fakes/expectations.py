"""What tests say to every fake provider, and what they expect of the real plugins that listen."""

from __future__ import annotations

import pytest
from livekit.agents import APIConnectionError, APIStatusError

from fakes.faults import close, kill
from fakes.hearing import Outcome
from fakes.tones import speak

SENTENCE = "that is too expensive for us we need the report"
WORDS = SENTENCE.split()
SIGNAL, SPOKEN = speak(SENTENCE, lead=0.3, tail=1.5)
EXACT = 0.04
"""Seconds by which a word's time may be off."""

by_lost_connection = pytest.mark.parametrize(
    ("behaviour", "code"),
    [(kill(), 1006), (kill(1.5), 1006), (close(1011, 1.5), 1011), (close(1000, 1.5), 1000)],
    ids=["kill at once", "kill", "close 1011", "close 1000"],
)
"""Each way to lose a websocket, with the code that the client sees."""


def assert_lost(outcome: Outcome, code: int) -> None:
    """The plugin says that the connection was lost, and that another try may help."""
    # Whether reading or writing notices first decides the class.
    assert isinstance(outcome.error, APIStatusError | APIConnectionError)
    assert outcome.error.retryable
    if isinstance(outcome.error, APIStatusError):
        assert outcome.error.status_code == code
