"""What can go wrong when something is looked up; the text is for the model that asked.

ToolError                what was asked cannot be answered; asked again it still cannot: the text says what to send
└── UnansweredError      it could not be looked up this time; asked again it may
"""

from __future__ import annotations

from cornerman.errors import CornermanError


class ToolError(CornermanError):
    """What was asked for cannot be answered as it was asked."""


class UnansweredError(ToolError):
    """A source did not answer, or not in time."""
