"""Account sources: who is being sold to, looked up before and during a call."""

from cornerman.crm.file_source import FileAccounts
from cornerman.crm.source import AccountRecord, AccountSource, NoAccounts

__all__ = ["AccountRecord", "AccountSource", "FileAccounts", "NoAccounts"]
