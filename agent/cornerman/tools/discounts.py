"""Who may give a discount, to whom and against what: computed from the playbook's discount table, by no model.

In: the table, a percentage, and what is known of the trade. Out: a verdict whose sentence says nothing but what the
table says. A trade can only rule rules out: a verdict always names to whom and against what a discount may be given,
so that what is not known of the trade is told, not assumed. Discounts do not add up.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cornerman.playbook import DiscountRule, Discounts
from cornerman.tools.errors import ToolError
from cornerman.tools.trade import NO_TRADE, Trade, missing

Allowed = Literal["yes", "with_approval", "no"]

LEAST_PERCENT: Final = 1.0
"""What is below is nearly always a share (0.15) sent in place of a percentage (15)."""
_REP: Final = re.compile(
    r"(?:the |every |any |each |der |die |jede[rs]? )?"
    r"(?:(?:sales )?reps?|sales representatives?|account executives?|ae|sellers?|salespe(?:rson|ople)|you|"
    r"verkäufer(?:in|innen)?|vertriebler(?:in|innen)?|vertriebsmitarbeiter(?:in|innen)?)"
)
"""Who is meant by "the rep" in a table. Whoever is not recognised here counts as somebody else, who has to be asked."""


@dataclass(frozen=True, slots=True)
class DiscountVerdict:
    """Whether `percent` may be given: `yes` by the rep, `with_approval` of `by`, or `no`. `rules` are the ids of the
    rules that say so; a yes holds `to` those and `against` that, and no other way. `most` is the highest percentage
    that somebody may give under this trade, 0 where there is none. `sentence` names no other percentages than the one
    asked for and those that may be given on the terms it says.
    """

    percent: float
    allowed: Allowed
    by: str
    to: str
    against: str
    rules: tuple[str, ...]
    most: float
    sentence: str


def verdict(discounts: Discounts, percent: float, trade: Trade = NO_TRADE) -> DiscountVerdict:
    """What the table says of a discount.

    Raises:
        ToolError: the percentage or the trade is none; the text says what to send.
    """
    _check(percent, trade)
    fitting = [rule for rule in discounts.rules if not _asks_beyond(rule, trade)]
    open_ = [rule for rule in fitting if percent <= rule.percent and percent <= discounts.ceiling_percent]
    if not open_:
        return _refused(discounts, percent, trade, fitting)
    own = [rule for rule in open_ if _is_rep(rule)]
    # Without the rep's own, the lowest rule that reaches so far: nobody higher is asked than need be.
    least = min(rule.percent for rule in open_)
    chosen = own or [rule for rule in open_ if rule.percent == least]
    chosen = [rule for rule in chosen if rule.by == chosen[0].by]
    return DiscountVerdict(
        percent=percent,
        allowed="yes" if own else "with_approval",
        by=chosen[0].by,
        to="; or ".join(dict.fromkeys(rule.to for rule in chosen)),
        against="; or ".join(dict.fromkeys(rule.against for rule in chosen)),
        rules=tuple(rule.id for rule in chosen),
        most=_most(fitting, discounts),
        sentence=_granted(percent, chosen, by_rep=bool(own)),
    )


def cited(discounts: Discounts, rules: Sequence[str]) -> tuple[str, ...]:
    """The ids of the playbook's sections that hold these rules."""
    return tuple(rule.source.id for rule in discounts.rules if rule.id in rules)


def _check(percent: float, trade: Trade) -> None:
    # A number that is none slips through every comparison below.
    if isinstance(percent, bool) or not isinstance(percent, int | float) or not math.isfinite(percent):
        raise ToolError("percent is no number: send the percentage as a number, such as 15 for 15 %")
    if not LEAST_PERCENT <= percent <= 100:
        raise ToolError(f"percent is {percent:g}: send a percentage from 1 to 100, such as 15 for 15 %")
    if trade.months is not None and not (math.isfinite(trade.months) and 0 < trade.months <= 600):
        raise ToolError("months is no length of a contract: send the number of months, such as 24, or leave it out")
    if trade.seats is not None and trade.seats < 1:
        raise ToolError("seats is no number of seats: send a whole number, such as 100, or leave it out")


def _is_rep(rule: DiscountRule) -> bool:
    return _REP.fullmatch(" ".join(rule.by.casefold().split())) is not None


def _asks_beyond(rule: DiscountRule, trade: Trade) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*missing(rule.to, trade), *missing(rule.against, trade)]))


def _most(fitting: Sequence[DiscountRule], discounts: Discounts) -> float:
    return min(max((rule.percent for rule in fitting), default=0.0), discounts.ceiling_percent)


def _granted(percent: float, rules: Sequence[DiscountRule], *, by_rep: bool) -> str:
    terms = " Or ".join(_terms(rule) for rule in rules)
    notes = " ".join(dict.fromkeys(rule.note for rule in rules if rule.note))
    if by_rep:
        return f"Yes, {_percent(percent)} may be given by {rules[0].by}, and only so: {terms} {notes}".strip()
    first = f"Not without approval: {_percent(percent)} may be given only by {rules[0].by}, and only so: {terms}"
    return f"{first} {notes} Do not name it to the customer before.".replace("  ", " ")


def _terms(rule: DiscountRule) -> str:
    return f"up to {_percent(rule.percent)} to {rule.to}, against {rule.against}."


def _refused(discounts: Discounts, percent: float, trade: Trade, fitting: Sequence[DiscountRule]) -> DiscountVerdict:
    reaching = [rule for rule in discounts.rules if percent <= rule.percent <= discounts.ceiling_percent]
    if reaching:
        why = "; or ".join(dict.fromkeys(" and ".join(_asks_beyond(rule, trade)) for rule in reaching))
        why = f"it takes more than is on the table: {why}."
    else:
        why = "no rule of the discount table reaches so far."
    own = [rule for rule in fitting if _is_rep(rule)]
    best = max(own, key=lambda rule: rule.percent, default=None)
    instead = f" What may be given by {best.by} instead: {_terms(best)}" if best else ""
    return DiscountVerdict(
        percent=percent,
        allowed="no",
        by="",
        to="",
        against="",
        rules=tuple(rule.id for rule in (reaching or discounts.rules)),
        most=_most(fitting, discounts),
        sentence=f"No, {_percent(percent)} may not be given: {why}{instead}",
    )


def _percent(percent: float) -> str:
    return f"{percent:g} %"
