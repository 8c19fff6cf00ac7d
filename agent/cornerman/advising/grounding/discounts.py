"""Whether what a text says of discounts is what the discount tool decided.

A share that is given, offered or taken off needs a verdict on just that percentage, and has to be put as the verdict
puts it: what may not be given only as refused, what needs approval only with whoever has to approve, what may be given
not as forbidden. A discount without a number may be advised once some verdict allows one. What the prospect asked for
may be repeated as a request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cornerman.advising.grounding.evidence import Evidence
from cornerman.advising.grounding.measures import Found
from cornerman.advising.grounding.offered import Verdict
from cornerman.advising.grounding.reading import Reading, bare, line_of
from cornerman.advising.grounding.tokens import Token, tokens_of
from cornerman.advising.grounding.vocabulary import is_function_word
from cornerman.coach.language import word_set

_DISCOUNT: Final = word_set(
    "discount discounts discounted discounting rebate rebates reduction reductions concession concessions "
    "markdown off cheaper knock knocked shave shaved rabatt rabatte rabattes nachlass preisnachlass skonto "
    "günstiger billiger"
)
_PRICE: Final = word_set("price prices pricing preis preise fee fees bill")
_DOWN: Final = word_set("lower reduce reduced drop cut slash come down senken runter")
_GIVING: Final = word_set(
    "give giving gives given grant granting offer offering offers propose approve extend concede allow go agree "
    "accept do have take get settle counter geben gib anbieten biete gewähren nachlassen"
)
_ASKING: Final = word_set(
    "asked ask asks asking want wants wanted request requested requests expect expects push pushes pushing demand "
    "demands demanded mentioned hopes seek seeks proposed forderte will möchte verlangt wollen"
)
_REFUSING: Final = re.compile(
    r" (?:(?:not|never|cannot|can't|don't|won't|mustn't|shouldn't|nobody|no one|n't)"
    r"(?: (?:ever|yet|simply|just|yourself|now|be|can|may|could|to|will|would|them|anyone|anybody))*"
    r" (?:give|given|giving|offer|offered|offering|go|grant|granted|approve|approved|promise|agree|accept|do"
    r"|name|allowed"
    r"|possible|available|permitted|on the table|covered|extend|mention|reach|propose)"
    r"|(?:beyond|above|over|exceeds?|more than) (?:\w+ ){0,4}(?:limit|ceiling|cap|authority|maximum|table|rules"
    r"|may|allowed)"
    r"|no rule|no to|nein zu|out of reach|off the table|too (?:high|much|far)|(?:decline|refuse|reject"
    r"|turn down|rule out)"
    r"|(?:darf|dürfen|kann|können) (?:\w+ ){0,4}(?:nicht|nie|niemand|keiner)|nicht (?:möglich|erlaubt|gegeben)) "
)
_RHETORIC: Final = re.compile(r" why not(?= )| (?:not|never|can't|cannot) go wrong(?= )| not only(?= )")
_APPROVED: Final = re.compile(
    r" (?:has|have|had|is|was|already|got|been|hat) (?:already |been |bereits )?"
    r"(?:approved|signed|agreed|okayed|cleared|authorised|authorized|confirmed|genehmigt) "
    r"| (?:no|without|skip|not need|don't need|needs no|need no|ohne) (?:\w+ ){0,2}"
    r"(?:approval|sign|asking|permission|manager|genehmigung) "
    r"| (?:manager|vp|boss|director|chief|lead|finance|legal|he|she|they) (?:\w+ )?(?:approved|agreed|signed|okayed) "
    r"| (?:nobody|no one|niemand) (?:\w+ ){0,3}(?:approve|approves|ask|asked|sign|agree|know|zustimmen) "
)
_APPROVING: Final = re.compile(
    r" (?:needs?|requires?|with|get|only|ask|check|after|once|if|subject to|pending|until|unless|before|wait)"
    r" (?:\w+ ){0,5}(?:approval|approves|approve|sign off|signs off|permission|agrees|okays|says yes"
    r"|genehmigung|zustimmung) "
)
_TO_ASK: Final = word_set(
    "only needs need requires require ask check with approval approve approves if unless nur braucht"
)
_PARTING: Final = frozenset([",", ";", ":", "and", "but", "und", "aber"])
_NO_TRADE: Final = re.compile(
    r" (?:without|no) (?:any |a )?(?:trade|conditions?|strings|commitment|return|asking anything"
    r"|questions asked) | for nothing "
    r"| unconditional(?:ly)? | nothing (?:\w+ ){0,2}in return "
)
_VAGUE: Final = re.compile(
    r" (?:give|giving|offer|offering|grant|propose|approve|promise|extend|provide|apply|hand|biete|gib|gewähre)"
    r"(?: \w+){0,3}? (?:discount|discounts|rebate|reduction|concession|markdown|price cut|price break|better price"
    r"|lower price|special price|better deal|rabatt|nachlass) "
    r"| (?:lower|drop|cut|reduce|slash)(?: \w+){0,3}? (?:price|prices|fee|fees|rate) "
)
"""A discount without a number."""
_ANY_DISCOUNT: Final = (
    r"(?:discounts?|discounting|rebates?|reductions?|concessions?|price cuts?|rabatte?|nachlass|nachlässe)"
)
_NO_DENIAL: Final = r"(?:(?!not |never |no |nobody |don't |aren't |isn't |cannot |can't |nicht |nie |kein)[\w']+ )"
_ENDLESS: Final = (
    r"(?:unlimited|limitless|unrestricted|uncapped|infinite|boundless|suspended|lifted"
    r"|no (?:limits?|cap|ceiling|maximum)"
    r"(?: \w+)?|without (?:any )?(?:limits?|cap|ceiling)|up to you|at your discretion|unbegrenzt\w*|unbeschränkt\w*"
    r"|grenzenlos\w*)"
)
_BOUNDLESS: Final = re.compile(
    r" (?:match|beat|undercut|split)(?: \w+){0,3}? (?:price|prices|fee|fees|rate|quote|offer|difference|gap) "
    r"| (?:for|at) the (?:same )?price of "
    r"| (?:meet|join|go|come|walk)(?: \w+){0,3}? (?:halfway|half way|midway|in the middle) "
    r"| (?:come|go|get) (?:down|closer|as low)(?: \w+){0,2}? (?:to|as) (?:their|his|her|what|whatever|they)(?= )"
    r"| (?:let|have)(?: \w+){1,3}? (?:name|set|pick|choose|decide|write)(?: \w+){0,2}? (?:price|discount|rate|terms) "
    r"| (?:give|cave) in (?:to |on |now |at once |completely |$)|(?:give|cave) in $"
    r"| (?:accept|say yes to|agree to|go along with) (?:their|his|her)(?: \w+)? (?:price|number|demands?|terms|rate) "
    r"| (?:give|grant|let)(?: \w+){1,2}? (?:what|everything|anything|the (?:price|rate|discount|terms)) (?:that )?"
    r"(?:they|he|she) (?:asks?|asked|wants?|wanted|demands?|demanded)(?: for)? "
    r"| whatever (?:discount|price|rebate|it takes|they (?:ask|want|need|demand)) "
    rf"| {_ANY_DISCOUNT} {_NO_DENIAL}{{0,4}}?{_ENDLESS} "
    rf"| {_ENDLESS} (?:\w+ ){{0,2}}?{_ANY_DISCOUNT} "
    rf"| (?:give|giving|grant|offer|approve|allow|accept|gib|gewähre|biete) (?:\w+ )?(?:any|every|all|whatever|jeden)"
    rf"(?: \w+){{0,2}}? {_ANY_DISCOUNT} "
    rf"| {_ANY_DISCOUNT} {_NO_DENIAL}{{0,6}}?(?:give|grant|offer|approve|gib|gewähre) (?:any|every|all|whatever|jeden) "
    r"|(?: preis\w*| beim preis)(?: \w+){0,3}? (?:entgegen|entgegenkommen|nachgeben) "
    r"| (?:entgegenkommen|nachgeben|gib nach|geben sie nach) (?:\w+ ){0,2}?(?:preis|beim preis) "
)
"""A discount as large as it happens to be, or as the other side likes: no verdict says that."""
_DENYING: Final = word_set(
    "not never no without instead avoid don't cannot can't before rather resist nobody they prospect customer he "
    "she what whether nicht nie kein keinen statt ohne bevor"
)
"""What, shortly before a discount without a number, shows that none is advised, or that it is the other side's."""


def wrong_discount(claim: Reading, verdicts: Sequence[Verdict], evidence: Evidence) -> bool:
    """Whether the text says of a discount what no verdict says."""
    permitted = any(one.allowed != "no" for one in verdicts)
    amounts = discounts_in(claim, verdicts)
    for one in amounts:
        if not _as_decided(one, claim, verdicts, evidence):
            return True
    return _advised(_BOUNDLESS, claim.line) or (not permitted and not amounts and _advised(_VAGUE, claim.line))


def discounts_in(claim: Reading, verdicts: Sequence[Verdict]) -> list[Found]:
    """The amounts that the text says as something taken off a price."""
    decided = frozenset(one.percent for one in verdicts)
    return [one for one in claim.found if _is_discount(claim.tokens, one, decided)]


def _is_discount(tokens: Sequence[Token], one: Found, decided: frozenset[float]) -> bool:
    """Whether an amount is said as something taken off a price."""
    kind = one.quantity.kind
    if kind not in ("percent", "fraction", "money", "number"):
        return False
    behind = [bare(token.low) for token in tokens[one.end : one.end + 3]]
    if "off" in behind[:2] or behind[:1] in (["below"], ["under"]) or any(word in _DISCOUNT for word in behind):
        return True
    first, last = sentence_round(tokens, one)
    before = [bare(token.low) for token in tokens[first : one.first]]
    words = set(before) | {bare(token.low) for token in tokens[one.end : last]}
    if kind == "money":
        beside = set(_words_beside(tokens, one, first, last).split())
        return bool(set(before[-3:]) & _DISCOUNT) or ("discount" in beside and not beside & _PRICE)
    if kind == "number":
        bare_number = not one.quantity.of
        given = one.quantity.value in decided and bool(set(before[-3:]) & (_GIVING | {"make"}))
        return bare_number and (given or bool(words & (_DISCOUNT - {"off"})))
    given = bool(set(before[-6:]) & _GIVING)
    if one.quantity.value in decided and behind[:1] != ["of"]:
        return True
    if one.quantity.of:
        return False
    return bool(words & _DISCOUNT or (words & _PRICE and words & _DOWN) or given)


def sentence_round(tokens: Sequence[Token], one: Found) -> tuple[int, int]:
    """The tokens of the sentence that an amount stands in: the first, and the one behind the last."""
    first, last = one.first, one.end
    while first and tokens[first - 1].low not in (".", "!", "?", ";"):
        first -= 1
    while last < len(tokens) and tokens[last].low not in (".", "!", "?", ";"):
        last += 1
    return first, last


def _as_decided(one: Found, claim: Reading, verdicts: Sequence[Verdict], evidence: Evidence) -> bool:
    first, last = sentence_round(claim.tokens, one)
    before = [bare(token.low) for token in claim.tokens[first : one.first]]
    if (_requested(before) or _quoted(before, claim.tokens, one)) and evidence.heard.support(one.quantity):
        return True
    if one.quantity.kind == "money":
        return any(_names(v, one, evidence) for v in verdicts)
    percent = one.quantity.value * (100 if one.quantity.kind == "fraction" else 1)
    beside = _words_beside(claim.tokens, one, first, last)
    stances = [v.allowed for v in verdicts if abs(v.percent - percent) < 1e-6]
    matching = [v for v in verdicts if abs(v.percent - percent) < 1e-6]
    if not stances:
        matching = [v for v in verdicts if _names(v, one, evidence)]
        stances = ["with_approval" if v.allowed == "with_approval" else "yes" for v in matching]
    refused = bool(_REFUSING.search(_RHETORIC.sub(" ", beside)))
    for stance, verdict in zip(stances, matching, strict=True):
        if stance == "no" and refused:
            return True
        if stance == "with_approval" and _leaves_it_to(line_of(claim.tokens[first:last]), verdict):
            return True
        if stance == "yes" and not _denied_outright(beside) and not _given_away(claim.line):
            return True
    return False


def _words_beside(tokens: Sequence[Token], one: Found, first: int, last: int) -> str:
    """The words round an amount, up to where something else begins to be said."""
    begin, end = one.first, one.end
    while begin > first and tokens[begin - 1].low not in _PARTING:
        begin -= 1
    while end < last and tokens[end].low not in _PARTING:
        end += 1
    return line_of(tokens[begin:end])


def _requested(before: Sequence[str]) -> bool:
    """Whether the last verb before the amount asks for it, in the mouth of the other side."""
    for at in range(len(before) - 1, -1, -1):
        if before[at] in _GIVING:
            return False
        if before[at] in _ASKING:
            return at > 0
    return False


def _quoted(before: Sequence[str], tokens: Sequence[Token], one: Found) -> bool:
    """Whether the amount stands in words that somebody is reported to have said."""
    inside = sum(token.low == '"' for token in tokens[: one.first]) % 2 == 1
    return inside and bool(set(before) & {"said", "asked", "told", "asks", "says"}) and before[0] not in ("say", "tell")


def _names(verdict: Verdict, one: Found, evidence: Evidence) -> bool:
    """Whether a verdict's sentence names the amount besides the one that was asked for."""
    return evidence.verdict_quantities(verdict.sentence).support(one.quantity)


def _leaves_it_to(line: str, verdict: Verdict) -> bool:
    """Whether the text says that somebody has to approve."""
    if _APPROVED.search(line) or _given_away(line):
        return False
    who = {word for word in line_of(tokens_of(verdict.by)).split() if not is_function_word(word)}
    words = set(line.split())
    return bool(_APPROVING.search(line)) or bool(who & words and words & _TO_ASK) or bool(who and who <= words)


def _denied_outright(sentence: str) -> bool:
    found = _REFUSING.search(sentence)
    return bool(found) and " without " not in sentence


def _given_away(line: str) -> bool:
    found = _NO_TRADE.search(line)
    return bool(found) and not re.search(r" (?:never|not|don't) ", line[: found.start() + 1] if found else "")


def _advised(pattern: re.Pattern[str], line: str) -> bool:
    """Whether the text says this without denying it, and not of the other side."""
    return any(
        not set(line[: match.start() + 1].split()[-4:]) & _DENYING or " price of " in match.group()
        for match in pattern.finditer(line)
    )
