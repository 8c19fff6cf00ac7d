"""No secret shows where somebody may look: not in a repr, a dump, an error, a log record, nor in a process's arguments.

Every secret here is a marker. What holds one is made as the worker makes it, told in every way Python tells of things,
and searched.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cornerman import log_privacy
from cornerman.config import Settings, load_settings
from cornerman.contract import RoomEncryption
from cornerman.crm import account_source
from cornerman.dispatch import Person, create_call, rep_token, room_encryption
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress
from cornerman.providers.llm import Models
from cornerman.providers.speech import Heard, SpeechProviders
from cornerman.record.keeping import keeping_of
from cornerman.record.sealing import FileSeal
from cornerman.room.room_key import join_key, key_asked_for
from cornerman_client.encryption import room_options

MARK = "s3cr3t-mark-"
JOURNAL_KEY = base64.b64encode(MARK.encode().ljust(32, b"#")).decode()
SECRETS = {
    "LIVEKIT_API_SECRET": MARK + "livekit-0123456789abcdef",
    "DEEPGRAM_API_KEY": MARK + "deepgram",
    "OPENAI_API_KEY": MARK + "openai",
    "HUBSPOT_ACCESS_TOKEN": MARK + "hubspot",
    "CORNERMAN_ACCOUNTS_TOKEN": MARK + "accounts",
    "CORNERMAN__ACCOUNTS__REDIS_URL": f"redis://:{MARK}redis@127.0.0.1:1/0",
    "ACME_ROOM_KEY": MARK + "room",
    "JOURNAL_KEY": JOURNAL_KEY,
}
PLAIN = {
    "LIVEKIT_URL": "ws://127.0.0.1:1",
    "LIVEKIT_API_KEY": "key",
    "CORNERMAN__STT__PROVIDER": "deepgram",
    "CORNERMAN__STT__FALLBACK": '[{"provider": "openai"}, {"provider": "openai_http"}]',
    "CORNERMAN__LLM__PROVIDER": "openai",
    "CORNERMAN__LLM__MODEL": "model",
    "CORNERMAN__LLM__FALLBACK": '[{"provider": "openai_responses", "model": "model"}]',
    "CORNERMAN__ACCOUNTS__SOURCE": "http",
    "CORNERMAN__ACCOUNTS__HTTP__URL": "http://127.0.0.1:1/{company}",
    "CORNERMAN__JOURNAL__KEYS": '["env:JOURNAL_KEY"]',
    "CORNERMAN__ROOMS__KEYS": '{"acme": "env:ACME_ROOM_KEY"}',
}
HIDDEN = (MARK, JOURNAL_KEY, JOURNAL_KEY[:24], base64.b64encode(MARK.encode()).decode()[:14])


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CORNERMAN_CONFIG", raising=False)
    for name, value in {**PLAIN, **SECRETS}.items():
        monkeypatch.setenv(name, value)


def told(thing: Any) -> Iterator[str]:
    """A thing in every way in which it could get into a log."""
    yield repr(thing)
    yield str(thing)
    yield f"{thing!r} {thing}"
    if hasattr(thing, "model_dump"):
        yield repr(thing.model_dump())
        yield json.dumps(thing.model_dump(mode="json"))
        yield thing.model_dump_json()
    if isinstance(thing, BaseException):
        yield "".join(traceback.format_exception(thing))


def assert_hidden(thing: Any) -> None:
    for text in told(thing):
        for hidden in HIDDEN:
            assert hidden not in text, f"{type(thing).__name__} tells a secret"


def parts(thing: Any, seen: set[int], depth: int = 6) -> Iterator[Any]:
    """A thing and what it holds, as far as it is ours: whoever logs a part must not tell more than who logs it all."""
    if id(thing) in seen or depth == 0:
        return
    seen.add(id(thing))
    if type(thing).__module__.split(".")[0] in {"cornerman", "cornerman_client"}:
        yield thing
        slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        held = [getattr(thing, name, None) for name in slots if isinstance(name, str)]
        for part in [*held, *getattr(thing, "__dict__", {}).values()]:
            yield from parts(part, seen, depth - 1)
    elif isinstance(thing, dict):
        for part in thing.values():
            yield from parts(part, seen, depth - 1)
    elif isinstance(thing, list | tuple | set | frozenset):
        for part in thing:
            yield from parts(part, seen, depth - 1)


def test_settings_tell_no_secret_whole_or_in_parts() -> None:
    settings = load_settings()
    assert settings.livekit.api_secret.get_secret_value().startswith(MARK)  # it is there
    looked = list(parts(settings, set()))
    assert len(looked) > 15
    for part in looked:
        assert_hidden(part)


async def test_providers_and_sources_tell_no_secret() -> None:
    settings = load_settings()
    speech = SpeechProviders(settings.stt, Heard())
    models = Models(settings.llm)
    accounts = account_source(settings.accounts)
    try:
        await speech.check()
        await models.check()
        looked = [*parts([speech, speech.chain(), models, accounts], set())]
        assert len(looked) > 8
        for part in looked:
            assert_hidden(part)
    finally:
        await speech.aclose()
        await models.aclose()
        await accounts.aclose()


async def test_keys_of_rooms_and_journals_show_in_nothing_that_holds_them() -> None:
    from cornerman.contract import JobMetadata

    settings = load_settings()
    metadata = JobMetadata(rep="rep", encryption=RoomEncryption(key="acme"))
    keeping = keeping_of(settings.journal)
    joining = await join_key(settings, metadata)
    assert joining.options is not None
    assert joining.options.key_provider_options.shared_key == SECRETS["ACME_ROOM_KEY"].encode()  # it is there
    seal = FileSeal.new(keeping.keys.keys[0], "events-1.jsonl")
    for thing in (keeping, keeping.keys, keeping.keys.keys[0], seal, joining, joining.options, metadata):
        assert_hidden(thing)
    assert_hidden(joining.options.key_provider_options)
    assert_hidden(room_options(SECRETS["ACME_ROOM_KEY"]))
    assert_hidden(key_asked_for(settings, metadata))
    assert_hidden(room_encryption("acme", SECRETS["ACME_ROOM_KEY"]))


async def test_a_call_for_a_product_tells_neither_tokens_nor_keys() -> None:
    secret = ServerAddress("ws://127.0.0.1:1", "key", load_settings().livekit.api_secret)
    terms = room_encryption("acme", SECRETS["ACME_ROOM_KEY"])
    call = await create_call([Person("maya", role="rep"), Person("tom")], server=secret, encryption=terms)
    for thing in (secret, call, call.metadata):
        assert_hidden(thing)
    assert call.tokens["maya"] not in repr(call)
    token = rep_token("room", Person("maya", role="rep"), server=secret)
    assert MARK not in token


@pytest.mark.parametrize(
    "wrong",
    [
        {"CORNERMAN__LIVEKIT__API_SECRET": "[1,2", "CORNERMAN__LLM__PLACES": MARK},
        {"CORNERMAN__JOURNAL__KEYS": f'["{MARK}key"]'},
        {"CORNERMAN__ROOMS__KEYS": f'{{"acme": "{MARK}key"}}'},
        {"CORNERMAN__STT__OPTIONS": f'{{"api_key": "{MARK}x"}}'},
        {"CORNERMAN__LLM__OPTIONS": f'{{"api_key": "{MARK}x"}}'},
        {"CORNERMAN__ACCOUNTS__REDIS_URL": f'{{"{MARK}": 1}}'},
    ],
)
def test_settings_that_are_refused_are_told_of_without_their_values(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
) -> None:
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    try:
        load_settings()
    except CornermanError as error:
        assert_hidden(error)


def test_keys_that_cannot_be_used_are_told_of_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_KEY", MARK + "no key")
    with pytest.raises(CornermanError) as error:
        keeping_of(load_settings().journal)
    assert_hidden(error.value)


def test_log_records_of_a_worker_tell_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    log_privacy.install()
    with caplog.at_level(logging.DEBUG):
        settings = load_settings()
        logging.getLogger("cornerman.test").debug("with %s", settings, extra={"settings": settings})
        keeping_of(settings.journal)
    for record in caplog.records:
        assert_hidden(record.getMessage())
        assert_hidden(vars(record))


def test_a_worker_that_cannot_start_prints_no_secret(tmp_path: Path) -> None:
    """A whole process, whose output is what an operator's log collector keeps."""
    environment = {**os.environ, "CORNERMAN__JOURNAL__PATH": str(tmp_path), "CORNERMAN__LLM__PLACES": "0"}
    command = [sys.executable, "-m", "cornerman.room.worker", "start", "--log-level", "debug"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert ran.returncode != 0
    assert "llm.places" in ran.stdout + ran.stderr
    assert_hidden(ran.stdout + ran.stderr)


def test_no_default_of_any_setting_is_a_secret() -> None:
    for name in [*SECRETS, *PLAIN]:
        os.environ.pop(name, None)
    dumped = Settings().model_dump()
    for section, name in (("livekit", "api_secret"), ("accounts", "redis_url")):
        assert dumped[section][name].get_secret_value() == ""
