"""Language models: `Models` asks them, `Piece`s come back while they answer, a `ModelError` says why they do not."""

from cornerman.providers.llm.answering import Answering
from cornerman.providers.llm.errors import (
    ModelBrokenError,
    ModelError,
    ModelLateError,
    ModelRefusedError,
    ModelUnavailableError,
)
from cornerman.providers.llm.models import Health, Models
from cornerman.providers.llm.pieces import Began, Piece, Purpose, Queued, Text, ToolCalls, Used

__all__ = [
    "Answering",
    "Began",
    "Health",
    "ModelBrokenError",
    "ModelError",
    "ModelLateError",
    "ModelRefusedError",
    "ModelUnavailableError",
    "Models",
    "Piece",
    "Purpose",
    "Queued",
    "Text",
    "ToolCalls",
    "Used",
]
