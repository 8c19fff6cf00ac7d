"""How long calls are kept: which there are, and deleting those that are old, by hand or by the worker itself."""

from __future__ import annotations

from cornerman.retention.calls import KeptCall, kept_calls
from cornerman.retention.purging import Purged, purge
from cornerman.retention.sweeping import sweeping

__all__ = ["KeptCall", "Purged", "kept_calls", "purge", "sweeping"]
