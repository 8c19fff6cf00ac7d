"""What a look-up brings: text a card may lean on, with what it was computed or taken from.

Text from outside is made plain and cut where a word ends, so that no number is cut into another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cornerman.plain import plain
from cornerman.tools.discounts import DiscountVerdict

LONGEST_TEXT: Final = 2000
LONGEST_TITLE: Final = 120
CUT: Final = " …"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something to be written to the account source once the rep confirms it, and not before. `label` is what the rep
    reads on the card's button, at most 40 characters.
    """

    id: str
    kind: str
    summary: str
    label: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a tool found, before it is given an id. `sections` are the ids of the playbook's own sections in it."""

    title: str
    text: str
    locator: str
    sections: tuple[str, ...] = ()
    verdict: DiscountVerdict | None = None
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What was found, as it is offered to the model and cited: `id` is like "tool:get_battlecard:3". `key` tells which
    question it answers, `at` when it was found, in seconds of the call.
    """

    id: str
    tool: str
    key: str
    title: str
    text: str
    locator: str
    at: float = 0.0
    sections: tuple[str, ...] = ()
    verdict: DiscountVerdict | None = None
    proposal: Proposal | None = None


def result_of(found: Found, tool: str, key: str, number: int, at: float) -> ToolResult:
    """The finding under its id, plain and short enough."""
    return ToolResult(
        id=f"tool:{tool}:{number}",
        tool=tool,
        key=key,
        title=plain(found.title, LONGEST_TITLE),
        text=tidy(found.text, LONGEST_TEXT),
        locator=plain(found.locator, LONGEST_TITLE),
        at=at,
        sections=found.sections,
        verdict=found.verdict,
        proposal=found.proposal,
    )


def tidy(text: str, limit: int) -> str:
    """Plain text that keeps its lines, at most `limit` characters."""
    # A text may be much longer than anybody reads; what cannot be kept is not worth looking at sign by sign.
    lines = (plain(line, limit + 1) for line in text[: 4 * limit].splitlines())
    whole = "\n".join(line for line in lines if line)
    if len(whole) <= limit:
        return whole
    kept = whole[: limit - len(CUT) + 1]
    end = max(kept.rfind(" "), kept.rfind("\n"))
    return (kept[:end] if end > 0 else "").rstrip() + CUT
