"""Account sources: who is being sold to, looked up before and during a call, and what came of it, written down."""

from cornerman.crm.cache import Cache, MemoryCache, RedisCache
from cornerman.crm.cached import CachedAccounts
from cornerman.crm.choice import account_source
from cornerman.crm.dossier import Dossier, dossier_of, known_of, more, source_of
from cornerman.crm.errors import (
    AccountBusyError,
    AccountDownError,
    AccountError,
    AccountReadOnlyError,
    AccountRefusedError,
    AccountUnclearError,
)
from cornerman.crm.file_source import FileAccounts
from cornerman.crm.plain_record import plain_record
from cornerman.crm.source import AccountRecord, AccountSource, Contact, Deal, NoAccounts, Outcome, PastCall

__all__ = [
    "AccountBusyError",
    "AccountDownError",
    "AccountError",
    "AccountReadOnlyError",
    "AccountRecord",
    "AccountRefusedError",
    "AccountSource",
    "AccountUnclearError",
    "Cache",
    "CachedAccounts",
    "Contact",
    "Deal",
    "Dossier",
    "FileAccounts",
    "MemoryCache",
    "NoAccounts",
    "Outcome",
    "PastCall",
    "RedisCache",
    "account_source",
    "dossier_of",
    "known_of",
    "more",
    "plain_record",
    "source_of",
]
