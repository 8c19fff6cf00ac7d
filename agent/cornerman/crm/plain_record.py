"""A record made plain: no markup, no invisible characters, nothing longer than it needs to be.

What a CRM holds was typed, pasted and mailed in by anybody. In: a record as a source read it. Out: the same facts as
plain words. Promises that a number is never cut: a text that is too long ends before the word that does not fit.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace

from cornerman.crm.source import AccountRecord, Contact, Deal, PastCall
from cornerman.plain import plain

NAME = 120
VALUE = 300
LONG = 600
"""Characters of names, of fields and of longer texts."""
MOST_FIELDS = 40
MOST_LISTED = 20
MOST_NOTES = 10
MORE = " …"

_MOST_READ = 20_000
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|head|template)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<[/!?]?[A-Za-z\[-][^<>]*>")
_OPENING = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_SIGNS = re.compile(r"`+|\*{2,}|_{2,}|~{2,}|^\s*(?:#{1,6}|>)\s", re.MULTILINE)
_MARKER = re.compile(r"\[cornerman [0-9a-f]{16}\]")


def plain_record(record: AccountRecord) -> AccountRecord:
    """The record with every text made plain and every list cut to what is useful."""
    fields = {plain_text(name, NAME): plain_text(value, VALUE) for name, value in record.fields.items()}
    told = [(name, value) for name, value in fields.items() if name and value]
    return replace(
        record,
        id=plain(record.id, NAME),
        company=plain_text(record.company, NAME),
        fields=dict(told[:MOST_FIELDS]),
        contacts=tuple(_contact(one) for one in record.contacts[:MOST_LISTED]),
        deals=tuple(_deal(one) for one in record.deals[:MOST_LISTED]),
        last_call=_past_call(record.last_call),
        notes=tuple(note for note in (plain_text(note, LONG) for note in record.notes[:MOST_NOTES]) if note),
        origin=plain(record.origin, NAME),
        missing=tuple(plain(one, NAME) for one in record.missing[:MOST_LISTED]),
    )


def plain_text(text: str, limit: int) -> str:
    """Words without HTML, Markdown or invisible signs, at most `limit` characters of them."""
    text = _MARKER.sub(" ", _without_tags(text[:_MOST_READ]))
    text = _SIGNS.sub("", _LINK.sub(r"\1", text))
    # a sign that nobody sees may have parted an opening from the rest of its tag
    return shortened(" ".join(_OPENING.sub("", plain(text, _MOST_READ)).split()), limit)


def shortened(text: str, limit: int) -> str:
    """The words that fit; a sign tells that there were more."""
    if len(text) <= limit:
        return text
    kept = text[: limit - len(MORE) + 1].rpartition(" ")[0].rstrip()
    return kept + MORE if kept else ""


def _contact(contact: Contact) -> Contact:
    return Contact(plain_text(contact.name, NAME), plain_text(contact.title, NAME))


def _deal(deal: Deal) -> Deal:
    return Deal(*(plain_text(text, NAME) for text in (deal.name, deal.stage, deal.amount, deal.closes)))


def _past_call(call: PastCall | None) -> PastCall | None:
    outcome = plain_text(call.outcome, LONG) if call is not None else ""
    return PastCall(outcome, plain_text(call.at, NAME)) if call is not None and outcome else None


def _without_tags(text: str) -> str:
    """Also what was escaped twice; what still looks like a tag after that loses the sign that makes it one.

    No reader of HTML does this: pages can be made for which one takes seconds.
    """
    for _ in range(3):
        if "<" not in text and "&" not in text:
            return text
        text = html.unescape(_TAG.sub(" ", _UNSEEN.sub(" ", text)))
    return _OPENING.sub(" ", _TAG.sub(" ", _UNSEEN.sub(" ", text)))
