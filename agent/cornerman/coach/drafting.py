"""What a moment asks to be said: the draft of its card.

In: a moment with what defines it in the playbook. Out: a `Draft`, with the definition's priority, cool-down, cap and
time to live, or the playbook's own where it says nothing else.
"""

from __future__ import annotations

from dataclasses import replace

from cornerman.coach.noticing import Noticed
from cornerman.contract import wire
from cornerman.events import Advice, Draft, Moment
from cornerman.playbook import COMPETITOR_CARD, Card, Disclosure, GaugeDefinition, MomentDefinition, Playbook
from cornerman.playbook.kinds import COMPLIANCE_KIND

DISCLOSURE_PRIORITY = 1000
ANSWER_PRIORITY = 900
OFFER_PRIORITY = 100
ADVICE_PRIORITY = 300
ADVICE_CARD = "advice/"


class Drafting:
    """Drafts of one playbook."""

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook
        self._named = {competitor.name: competitor.card for competitor in playbook.competitors}

    def noticed(self, noticed: Noticed, now: float) -> Draft:
        """The card of something noticed in words; the battlecard of whom they named."""
        definition = self._playbook.moments[noticed.definition]
        card = self._playbook.cards[
            self._named[noticed.named] if definition.card == COMPETITOR_CARD else definition.card
        ]
        return _of_card(noticed.moment, definition, card, now, critical=definition.critical)

    def crossed(self, moment: Moment, definition: GaugeDefinition, now: float) -> Draft:
        """The card of a gauge that passed its limit. It waits for a turn end, where an interruption costs least."""
        card = self._playbook.cards[definition.card]
        return _of_card(moment, definition, card, now, at_turn_end=True)

    def missed(self, moment: Moment, disclosure: Disclosure, now: float) -> Draft:
        """The card of a disclosure that was due and not made: whatever the budget says."""
        card = self._playbook.cards[disclosure.card]
        return self._of_the_budget(
            moment, card.id, card.headline, card.detail, (card.source,), now, DISCLOSURE_PRIORITY, critical=True
        )

    def answer(self, moment: Moment, line: str, detail: str, sources: tuple[wire.Source, ...], now: float) -> Draft:
        """What the rep is told on request."""
        return self._of_the_budget(moment, sources[0].id, line, detail, sources, now, ANSWER_PRIORITY, asked=True)

    def offer(self, moment: Moment, line: str, detail: str, source: wire.Source, now: float) -> Draft:
        """What is offered unasked when nobody says anything."""
        return self._of_the_budget(moment, source.id, line, detail, (source,), now, OFFER_PRIORITY, at_turn_end=True)

    def advised(self, moment: Moment, advice: Advice, now: float, *, asked: bool) -> Draft:
        """Advice that no card is for. It costs and waits like any card, unless the rep asked for it. What supports it
        tells it from other advice; a card of the playbook on the same matter is another card, not kept away by it.
        """
        draft = self._of_the_budget(
            moment,
            ADVICE_CARD + advice.sources[0].id.partition("#")[0],
            advice.headline,
            advice.detail,
            advice.sources,
            now,
            ANSWER_PRIORITY if asked else ADVICE_PRIORITY,
            at_turn_end=not asked,
            asked=asked,
        )
        return replace(draft, advised=advice.name, saw=advice.saw)

    def _of_the_budget(
        self,
        moment: Moment,
        card: str,
        headline: str,
        detail: str,
        sources: tuple[wire.Source, ...],
        now: float,
        priority: int,
        *,
        critical: bool = False,
        at_turn_end: bool = False,
        asked: bool = False,
    ) -> Draft:
        budget = self._playbook.budget
        return Draft(
            moment=moment,
            card=card,
            headline=headline,
            detail=detail,
            sources=sources,
            priority=priority,
            critical=critical,
            cooldown=budget.cooldown_s,
            per_call=budget.per_call,
            ttl=budget.ttl_s,
            heard=now,
            expires=round(now + budget.ttl_s, 3),
            at_turn_end=at_turn_end,
            asked=asked,
        )


def _of_card(
    moment: Moment,
    definition: MomentDefinition | GaugeDefinition,
    card: Card,
    now: float,
    *,
    critical: bool = False,
    at_turn_end: bool = False,
) -> Draft:
    """The card a definition names, with what the definition says of it."""
    return Draft(
        moment=moment,
        card=card.id,
        headline=card.headline,
        detail=card.detail,
        sources=(card.source,),
        priority=definition.priority,
        critical=critical,
        cooldown=definition.cooldown_s,
        per_call=definition.per_call,
        ttl=definition.ttl_s,
        heard=now,
        expires=round(now + definition.ttl_s, 3),
        at_turn_end=at_turn_end,
    )


def is_compliance(draft: Draft) -> bool:
    """Whether it is about what must or must not be said: that goes before everything else."""
    return draft.moment.kind == COMPLIANCE_KIND
