"""What the comparison must show: the promises that the figures are held against, each a bound made of the peer's value.

In: figures. Out: the same figures, with their bounds where something is promised. Where a machine is too busy to tell
anything of the coach, nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from bench.coaching.contenders import FLOOR, LATE, LESSON, LOCAL_TURNS, NAMES, OURS, SHARED, STT_TURNS
from bench.coaching.figures import CARRIED, FIRST, IN_LIFE, LOST, NUDGE, TAKEN, of_whom
from bench.measured import Figure

SATURATED: Final = 70
"""Percent of all cores: a machine that is busier makes everybody wait."""
LATER_MS: Final = 50.0
NONE: Final = 0.5
"""Fewer than one."""
PUBLISHED_CALLS: Final = 25.0
"""On 4 cores and 8 GB: the most that others tell of."""

BY_PEER: Final[dict[tuple[str, str], Callable[[float], float]]] = {
    (f"{NUDGE}, median", FLOOR): lambda peer: peer + 0.025,
    (f"{NUDGE}, median", LESSON): lambda peer: peer / 8,
    (f"{NUDGE}, p95", LESSON): lambda peer: peer / 6,
    (LOST, FLOOR): lambda _: NONE,
    (LOST + of_whom(SHARED), FLOOR): lambda _: NONE,
    (FIRST, STT_TURNS): lambda peer: peer / 2,
    (FIRST, LOCAL_TURNS): lambda peer: peer,
    (FIRST + of_whom(LATE), STT_TURNS): lambda peer: peer / 2,
    (FIRST + of_whom(LATE), LOCAL_TURNS): lambda peer: peer,
    ("an hour: seconds of recognition", LESSON): lambda peer: 0.7 * peer,
    ("an hour: all tokens", LESSON): lambda peer: 0.5 * peer,
} | {
    (f"{named}: {what}{of_whom(who)}", peer): bound
    for named in (TAKEN, IN_LIFE)
    for what in ("cores", "memory")
    for who in (OURS, SHARED)
    for peer, bound in ((FLOOR, lambda peer: 1.5 * peer), (LESSON, lambda peer: peer))
}
_LATER: Final = re.compile(r"later than at 1, (\d+)% of all cores busy$")


def with_goals(figures: Sequence[Figure]) -> list[Figure]:
    """The figures, held against what is promised."""
    peers = {name: who for who, name in NAMES.items()}
    return [_with_goal(figure, peers.get(figure.peer, "")) for figure in figures]


def _with_goal(figure: Figure, peer: str) -> Figure:
    bound = BY_PEER.get((figure.name, peer))
    if bound is not None and figure.peer_value is not None:
        return replace(figure, limit=bound(figure.peer_value))
    later = _LATER.search(figure.name)
    if later is not None and int(later[1]) < SATURATED:
        return replace(figure, limit=LATER_MS)
    if figure.name.startswith(f"{IN_LIFE}: {CARRIED}") and peer == FLOOR:
        return replace(figure, least=PUBLISHED_CALLS)
    return figure
