"""What is looked for, and what is found.

Values only. A query holds words somebody said: it is not logged and not kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cornerman.events import Stage
from cornerman.playbook import Section


@dataclass(frozen=True, slots=True)
class Query:
    """What the sections are to be about. `account` are words of the account, such as its industry and what it uses;
    `shown` the ids of sections the rep has seen already, which count for less; at most `limit` hits come back.
    """

    text: str = field(repr=False)
    stage: Stage | None = None
    account: tuple[str, ...] = field(default=(), repr=False)
    shown: frozenset[str] = frozenset()
    limit: int = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """A section and how well it fits. By words and meaning, small talk scores 0.2 to 0.33 at best, half of all
    questions that a section answers above 0.35; by words alone scores only rank.

    Why: `terms` are the query's terms that the section holds, the rarest first, as stems; `likeness` is how near the
    two come in meaning, from -1 to 1, None where words alone decided.
    """

    section: Section
    score: float
    terms: tuple[str, ...] = ()
    likeness: float | None = None
