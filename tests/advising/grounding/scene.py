"""One request of a call, as texts are checked for it: the sample playbook's sections, an account, what was said."""

from __future__ import annotations

from functools import cache
from typing import Final

from cornerman.advising.grounding import Forbidden, Grounds, Offered, Said
from cornerman.paths import find_project_file
from cornerman.playbook import Playbook, load_playbook
from cornerman.tools.discounts import DiscountVerdict, verdict

SAID: Final = (
    ("rep-1", "Dana Reyes", "Thanks for joining. How many support agents do you have today?"),
    (
        "prospect-1",
        "Anna Becker",
        "We have eighty agents, maybe ninety by next March. We pay Northstar $39 a seat now.",
    ),
    ("rep-1", "Dana Reyes", "And what would you change about it?"),
    ("prospect-2", "Tom Okafor", "Honestly the single sign-on. And it goes down twice a month, two hours each time."),
    ("prospect-1", "Anna Becker", "If I am honest, $49 is too expensive. Could you do twenty five percent off?"),
    ("prospect-2", "Tom Okafor", "we'd have to be live in six weeks and our cfo wants the soc 2 report first"),
)
ACCOUNT: Final = Offered(
    "account:Halden Retail",
    "Account: Halden Retail",
    "Halden Retail, retail, Oslo. 80 agents, 12,000 tickets a month. Contract with Northstar ends on 31 March 2027. "
    "Last call on 12 November: Anna Becker asked for the SOC 2 report; outcome: demo agreed. "
    "Deal value $47,040 a year.",
    "accounts.yaml",
)
CITED: Final = (
    "objections/too-expensive#answer",
    "objections/too-expensive#if-the-gap-is-real",
    "objections/discount#what-you-may-give",
    "battlecards/northstar#where-we-win",
    "products/clearwater-desk#plans",
    "products/onboarding#pilot",
    "products/onboarding#migration",
    "products/security#certificates",
    "products/security#uptime",
    "products/clearwater-desk#integrations",
    ACCOUNT.id,
)
NAMED: Final = "tool:get_battlecard:1"


@cache
def sample() -> Playbook:
    """The sample playbook."""
    return load_playbook(find_project_file("playbook"))


def verdicts() -> tuple[DiscountVerdict, ...]:
    """What the tool decided on the percentages that came up: 25 no, 20 by the VP, 12 by the manager, 8 and 5 yes."""
    discounts = sample().discounts
    assert discounts is not None
    return tuple(verdict(discounts, percent) for percent in (25.0, 20.0, 12.0, 8.0, 5.0))


@cache
def grounds(*, discounts_decided: bool = True) -> Grounds:
    """All that the request offered."""
    playbook = sample()
    decided = verdicts() if discounts_decided else ()
    offered = {one.id: Offered(one.id, one.title, one.text, one.locator) for one in playbook.sections.values()} | {
        ACCOUNT.id: ACCOUNT
    }
    for at, one in enumerate(decided, 1):
        name = f"tool:check_discount_authority:{at}"
        offered[name] = Offered(name, "Discount authority", one.sentence, "discounts.yaml")
    return Grounds(
        offered=offered,
        said=tuple(Said(*one) for one in SAID),
        names=frozenset([playbook.company, *(form for one in playbook.products for form in (one.name, *one.aliases))]),
        verdicts=decided,
        forbidden=Forbidden(playbook),
        known=frozenset(form for one in playbook.competitors for form in (one.name, *one.aliases)),
        language="en",
    )
