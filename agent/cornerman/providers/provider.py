"""What hearing needs to know of a speech provider: how to make an engine, and how the provider wants to be treated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cornerman.providers.engine import Engine


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider of the chain. `new` makes an engine for a language tag; all else is in seconds.

    - `only_speech`: silence beyond the tail is not sent.
    - `hangs_after`: audio without an answer after which the provider counts as hanging; None: the engine tells itself.
    - `answers`: always, even when nobody speaks; or at the end of an utterance, whose beginning it tells.
    - `keepalive`: how long it bears to be sent nothing; None: any time.
    - `closing_silence`: silence it needs to hear to end an utterance when the audio stops at once.
    - `replay_speed`: how much faster than life it takes audio.
    - `renew_after`: age at which a stream is replaced in a quiet moment; None: never.
    - `hears`: whether it recognises a language.
    """

    name: str
    new: Callable[[str], Engine]
    hears: Callable[[str], bool]
    only_speech: bool = True
    hangs_after: float | None = 5.0
    answers: Literal["always", "utterances"] = "always"
    keepalive: float | None = None
    closing_silence: float = 0.0
    replay_speed: float = 4.0
    renew_after: float | None = None
