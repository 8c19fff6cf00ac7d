"""The rep side of a Cornerman call: attach to a LiveKit room, read nudges, answer."""

from __future__ import annotations

from cornerman_client.client import CoachClient
from cornerman_client.clock import Clock, MonotonicClock
from cornerman_client.contract import Attention, FeedbackKind, Hearing, Nudge, SourceText, State
from cornerman_client.errors import (
    AnswerUnreadable,
    ClientClosed,
    CoachRefused,
    CoachUnavailable,
    CornermanClientError,
)
from cornerman_client.standing import Standing

__all__ = [
    "AnswerUnreadable",
    "Attention",
    "ClientClosed",
    "Clock",
    "CoachClient",
    "CoachRefused",
    "CoachUnavailable",
    "CornermanClientError",
    "FeedbackKind",
    "Hearing",
    "MonotonicClock",
    "Nudge",
    "SourceText",
    "Standing",
    "State",
]
