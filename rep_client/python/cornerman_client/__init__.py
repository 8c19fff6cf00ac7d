"""The rep side of a Cornerman call: attach to a LiveKit room, read nudges, answer."""

from __future__ import annotations

from cornerman_client.cards import Paint
from cornerman_client.client import CoachClient
from cornerman_client.clock import Clock, MonotonicClock
from cornerman_client.contract import (
    Action,
    Attention,
    FeedbackKind,
    Hearing,
    Insights,
    NotesPage,
    Nudge,
    Seeing,
    SourceText,
    State,
)
from cornerman_client.errors import (
    AnswerUnreadable,
    ClientClosed,
    CoachRefused,
    CoachUnavailable,
    CornermanClientError,
)
from cornerman_client.standing import Standing

__all__ = [
    "Action",
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
    "Insights",
    "MonotonicClock",
    "NotesPage",
    "Nudge",
    "Paint",
    "Seeing",
    "SourceText",
    "Standing",
    "State",
]
