"""Which functions a request may need: what a model is told of each costs tokens with every request, and time.

In: what was gathered for the request. Out: names of functions to offer. Most turns need none: what they name has been
looked up by then, and the playbook was searched for their words. A question of the rep's may need any.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from cornerman.advising.notes.reading import arranges
from cornerman.advising.picture import SaidTurn
from cornerman.coach.languages import language_of
from cornerman.events import Stage
from cornerman.playbook import Playbook, Section
from cornerman.tools import ToolResult, percent_heard

ALL: Final = frozenset(
    {"get_battlecard", "get_account_context", "check_discount_authority", "log_outcome", "search_playbook"}
)
LATEST_TURNS: Final = 3
"""Turns in which something may have been settled that is to be logged now."""


class Needs:
    """Judges the requests of one call."""

    def __init__(self, playbook: Playbook) -> None:
        self._tag = playbook.language
        self._language = language_of(playbook.language)
        self._forms: Mapping[str, tuple[str, ...]] = {
            one.name: tuple(f" {form.casefold()}" for form in (one.name, *one.aliases)) for one in playbook.competitors
        }

    def competitors(self, text: str) -> tuple[str, ...]:
        """Names in the playbook of the competitors that a text names."""
        said = f" {text.casefold()} "
        return tuple(name for name, forms in self._forms.items() if any(form in said for form in forms))

    def of(
        self,
        recent: Sequence[SaidTurn],
        *,
        stage: Stage,
        moments: Collection[str],
        sections: Sequence[Section],
        results: Sequence[ToolResult],
        account_told: bool,
        sees: bool,
    ) -> frozenset[str]:
        """For a turn or a screen. `recent`: what the model is shown of the conversation; `moments`: kinds of those
        that stand in the turn; `results` are there already; `account_told`: all that is known of the account goes
        along; `sees`: so does a picture, whose words nobody has looked up.
        """
        needed = set()
        carded = sum(result.tool == "get_battlecard" for result in results)
        if sees or len(self.competitors(" ".join(turn.text for turn in recent))) > carded:
            needed.add("get_battlecard")
        if sees or not sections:
            needed.add("search_playbook")
        if not account_told:
            needed.add("get_account_context")
        if "discount_request" in moments or any(percent_heard(turn.text, self._tag) for turn in recent):
            needed.add("check_discount_authority")
        settled = (arranges(self._language, turn.text) for turn in recent[-LATEST_TURNS:])
        if stage == "closing" or "commitment" in moments or any(settled):
            needed.add("log_outcome")
        return frozenset(needed)
