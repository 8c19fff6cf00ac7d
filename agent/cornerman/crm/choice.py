"""From settings to the account source they name, with its memory.

In: the settings, and keys from the environment. Out: one `AccountSource`. Nothing is asked over the network yet; what
is wrong with the settings is told at once, every fault.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from cornerman.config import AccountSettings
from cornerman.crm import keys
from cornerman.crm.cache import Cache, MemoryCache, RedisCache
from cornerman.crm.cached import CachedAccounts
from cornerman.crm.file_source import FileAccounts
from cornerman.crm.source import AccountSource, NoAccounts
from cornerman.errors import ConfigError

Chosen = Literal["none", "file", "http", "hubspot", "salesforce"]


def account_source(settings: AccountSettings, environment: Mapping[str, str] = os.environ) -> AccountSource:
    """The source. Files are read afresh each time; what comes over a network is kept for `accounts.ttl`.

    It imports a vendor's client, which takes a moment: call it before the call, or in a thread.

    Raises: ConfigError: the settings cannot be used; every fault is listed.
    """
    chosen = _chosen(settings)
    faults = _faults(settings, chosen, environment)
    if faults:
        raise ConfigError("the account source cannot be used", faults)
    if chosen == "none":
        return NoAccounts()
    if chosen == "file":
        return FileAccounts(settings.file or Path())
    source, scope = _remote(settings, chosen, environment)
    redis_url = settings.redis_url.get_secret_value()
    if not settings.ttl:
        return source
    cache: Cache = RedisCache(redis_url) if redis_url else MemoryCache()
    return CachedAccounts(source, cache, scope=json.dumps([chosen, *scope]), ttl=settings.ttl)


def _chosen(settings: AccountSettings) -> Chosen:
    if settings.source == "auto":
        return "file" if settings.file else "none"
    return settings.source


def _faults(settings: AccountSettings, chosen: Chosen, environment: Mapping[str, str]) -> list[str]:
    faults: list[str] = []
    match chosen:
        case "file":
            if settings.file is None:
                faults.append("accounts.file: name the file, since accounts.source is file")
        case "http":
            faults += _http_faults(settings)
        case "hubspot":
            faults += _lacking("hubspot", "hubspot", "hubspot")
            if not environment.get(keys.HUBSPOT_TOKEN):
                faults.append(f"{keys.HUBSPOT_TOKEN}: put a private app's access token into the environment")
        case "salesforce":
            faults += _lacking("salesforce", "simple_salesforce", "salesforce")
            faults += _login_faults(settings, environment)
    if chosen in ("hubspot", "salesforce") and settings.base_url and not _is_address(settings.base_url):
        faults.append("accounts.base_url: give an address that begins with https:// or http://")
    if settings.redis_url.get_secret_value():
        faults += _lacking("redis_url", "redis", "redis")
    return faults


def _lacking(setting: str, module: str, extra: str) -> list[str]:
    return [] if find_spec(module) else [f"accounts, {setting}: install cornerman[{extra}]"]


def _http_faults(settings: AccountSettings) -> list[str]:
    faults: list[str] = []
    if not _is_address(settings.http.url):
        faults.append("accounts.http.url: give an address that begins with https:// or http://")
    elif "{company}" not in settings.http.url and "{crm_id}" not in settings.http.url:
        faults.append("accounts.http.url: put {company} or {crm_id} where the account is named")
    if settings.http.log_url and not _is_address(settings.http.log_url):
        faults.append("accounts.http.log_url: give an address that begins with https:// or http://")
    return faults


def _login_faults(settings: AccountSettings, environment: Mapping[str, str]) -> list[str]:
    address = environment.get(keys.SALESFORCE_ADDRESS, "")
    if environment.get(keys.SALESFORCE_TOKEN):
        if not _is_address(address or settings.base_url):
            return [f"{keys.SALESFORCE_ADDRESS}: give the org's own address, https://….my.salesforce.com"]
        return []
    if not (environment.get(keys.SALESFORCE_CLIENT) and environment.get(keys.SALESFORCE_SECRET)):
        lacking = f"{keys.SALESFORCE_TOKEN}, or {keys.SALESFORCE_CLIENT} and {keys.SALESFORCE_SECRET}"
        return [f"{lacking}: put an access token, or a connected app's client credentials, into the environment"]
    if not (urlsplit(address).hostname or "").endswith(".my.salesforce.com"):
        return [
            f"{keys.SALESFORCE_ADDRESS}: client credentials need the org's own address, https://….my.salesforce.com"
        ]
    return []


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("https", "http") and bool(parts.hostname)


def _remote(
    settings: AccountSettings, chosen: Chosen, environment: Mapping[str, str]
) -> tuple[AccountSource, list[str]]:
    """The source, and what makes its answers differ from another's of its kind."""
    if chosen == "hubspot":
        from cornerman.crm import hubspot

        token = environment[keys.HUBSPOT_TOKEN]
        found = hubspot.HubSpotAccounts(token, base_url=settings.base_url, timeout=settings.timeout)
        return found, [settings.base_url, token]
    if chosen == "salesforce":
        from cornerman.crm import salesforce

        login = salesforce.SalesforceLogin(
            environment.get(keys.SALESFORCE_ADDRESS, "") or settings.base_url,
            environment.get(keys.SALESFORCE_TOKEN, ""),
            environment.get(keys.SALESFORCE_CLIENT, ""),
            environment.get(keys.SALESFORCE_SECRET, ""),
        )
        return (
            salesforce.SalesforceAccounts(login, base_url=settings.base_url, timeout=settings.timeout),
            [settings.base_url, login.address, login.token or login.client_secret],
        )
    from cornerman.crm.http_source import HttpAccounts

    token = environment.get(keys.SERVICE_TOKEN, "")
    http = settings.http
    service = HttpAccounts(http.url, http.fields, log_url=http.log_url, token=token, timeout=settings.timeout)
    return service, [http.url, json.dumps(http.fields, sort_keys=True), token]
