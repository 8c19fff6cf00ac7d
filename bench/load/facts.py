"""What the callers tell: facts, in the order they happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to `identity` in `call` (both empty for what is of the whole load), at seconds since the
    epoch. `fact["line"]` reads what else was told.

    | kind | means | and tells |
    |---|---|---|
    | `asked` | a coach was asked for | `times` |
    | `joined`, `left`, `lost` | is in the room; is out as asked or as the room closed; is out otherwise | `why` |
    | `reconnecting`, `reconnected` | the connection broke; is there again | |
    | `coach`, `coach_left` | an agent is seen; is no more | `coach`, `there`: how many are |
    | `acquainted`, `consented` | the coach answered the greeting; the consent | `coach`, `message` |
    | `talking` | people begin to talk | `waited_for`, `came` |
    | `said` | a whole line was sent | `line`, `number`, `start`, `end`, `behind`: the latest packet's seconds |
    | `nudge`, `state` | the rep was called; answered at once | `from`, `message` as it came |
    | `received` | what reached this participant so far | `rep`, `messages`, `bytes`, `kinds`, `channels`, `behind` |
    | `used` | what the callers' process used so far | `people`, `processor` seconds, `most_memory` bytes |
    | `refused` | a command was not carried out | `why` |
    """

    kind: str
    at: float
    call: str
    identity: str
    more: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.more[name]

    def get(self, name: str, default: Any = None) -> Any:
        """What else was told by this name, or the default."""
        return self.more.get(name, default)

    @property
    def message(self) -> Mapping[str, Any]:
        """The JSON object a nudge or state carried; empty where it was none."""
        found = self.more.get("message")
        return found if isinstance(found, Mapping) else {}


def read_fact(told: dict[str, Any]) -> Fact:
    """A fact from its JSON."""
    kind, at = str(told.pop("fact")), float(told.pop("at"))
    return Fact(kind, at, str(told.pop("call", "")), str(told.pop("identity", "")), told)
