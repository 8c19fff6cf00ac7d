"""What a model is told of an account: the last call's outcome first, all of it in about 250 tokens.

In: a record, or only what the dispatcher said. Out: a `Dossier` with the source a card may cite. Text is plain; what
does not fit is left out whole, so that no number, name or deal is cut.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cornerman.contract import Account, wire
from cornerman.crm.plain_record import plain_record, shortened
from cornerman.crm.source import AccountRecord, Contact, Deal, PastCall

_LAST_CALL = 280
_NOTE = 150
_LONG_NOTE = 290


@dataclass(frozen=True, slots=True)
class Dossier:
    """An account in a few lines, and what to cite for it."""

    text: str
    source: wire.Source
    record: AccountRecord

    @property
    def is_all(self) -> bool:
        """Whether `more` would tell nothing more."""
        return len(more(self.record)) <= len(self.text)


@dataclass(frozen=True, slots=True)
class _Row:
    """One line, and its share of the characters."""

    label: str
    parts: Iterable[str]
    between: str
    share: int

    def written(self, limit: int) -> str:
        kept: list[str] = []
        left = limit - len(self.label)
        for part in self.parts:
            if part and len(part) <= left:
                kept.append(part)
                left -= len(part) + len(self.between)
        return self.label + self.between.join(kept) if kept else ""


def dossier_of(record: AccountRecord) -> Dossier:
    """The record in at most 1,000 characters."""
    record = plain_record(record)
    last = record.last_call
    rows = [
        _Row(_last_call(last), [shortened(last.outcome, _LAST_CALL)] if last else [], "", 320),
        _Row("Company: ", [record.company, *_fields(record)], "; ", 260),
        _Row("Deals: ", map(_deal, record.deals), "; ", 150),
        _Row("People: ", map(_contact, record.contacts), ", ", 110),
        _Row("Notes: ", (shortened(note, _NOTE) for note in record.notes), " | ", 160),
    ]
    return Dossier(_written(rows), source_of(record), record)


def more(record: AccountRecord) -> str:
    """All that is known, in at most 2,000 characters."""
    record = plain_record(record)
    last = record.last_call
    rows = [
        _Row(_last_call(last), [last.outcome] if last else [], "", 640),
        _Row("Could not be had now: ", record.missing, "; ", 160),
        _Row("Company: ", [record.company, *_fields(record)], "; ", 400),
        _Row("Deals: ", map(_deal, record.deals), "; ", 300),
        _Row("People: ", map(_contact, record.contacts), ", ", 200),
        _Row("Notes: ", (shortened(note, _LONG_NOTE) for note in record.notes), " | ", 300),
    ]
    return _written(rows)


def source_of(record: AccountRecord) -> wire.Source:
    """What a card that leans on this record cites."""
    return wire.Source(
        id=f"account:{record.id or record.company}",
        title=record.company,
        locator=" ".join(part for part in (record.origin or "account", record.id) if part),
    )


def known_of(account: Account, record: AccountRecord | None) -> AccountRecord | None:
    """The record together with what the dispatcher said of the last call, which is newer; None: nothing is known."""
    last = PastCall(account.last_call) if account.last_call.strip() else None
    if record is not None:
        return replace(record, last_call=last) if last else record
    if last is None or not (account.company or account.crm_id):
        return None
    told = AccountRecord(account.crm_id, account.company or account.crm_id, last_call=last, origin="the dispatcher")
    return plain_record(told)


def _last_call(call: PastCall | None) -> str:
    return f"Last call ({call.at}): " if call is not None and call.at else "Last call: "


def _fields(record: AccountRecord) -> Iterable[str]:
    return (f"{name}: {value}" for name, value in record.fields.items())


def _contact(contact: Contact) -> str:
    return f"{contact.name} ({contact.title})" if contact.title else contact.name


def _deal(deal: Deal) -> str:
    return ", ".join(
        part for part in (deal.name, deal.stage, deal.amount, f"closes {deal.closes}" if deal.closes else "") if part
    )


def _written(rows: Iterable[_Row]) -> str:
    """The rows in order, each with the parts that fit, whole; what one leaves the next may take."""
    lines: list[str] = []
    spare = 0
    for row in rows:
        spare += row.share
        line = row.written(spare - 1)
        if line:
            lines.append(line)
            spare -= len(line) + 1
    return "\n".join(lines)
