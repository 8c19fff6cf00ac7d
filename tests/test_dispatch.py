"""What a product's back end makes of a call: who gets which grants, where the coach's job stands, what is refused."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from livekit import api
from pydantic import SecretStr

from cornerman.contract import Account, parse_job_metadata, wire
from cornerman.dispatch import (
    Call,
    Person,
    ServerAddress,
    call_metadata,
    coach_dispatch,
    create_call,
    prospect_token,
    rep_token,
)
from cornerman.errors import ConfigError, ServerError

SECRET = "a-secret-of-more-than-thirty-two-characters"
SERVER = ServerAddress("ws://127.0.0.1:7880", "key", SecretStr(SECRET))
MAYA = Person("maya", "Maya", role="rep")
TOM = Person("tom", "Tom", language="en-GB")
LEE = Person("lee", "Lee", role="colleague")


def read(token: str) -> api.access_token.Claims:
    return api.TokenVerifier(SERVER.api_key, SECRET).verify(token)


def unsigned(token: str) -> str:
    """What anybody who holds a token can read in it."""
    return json.dumps(api.TokenVerifier("-", "-").verify(token, verify_signature=False).asdict())


async def create(*people: Person, **terms: Any) -> Call:
    return await create_call(people or (MAYA, TOM, LEE), server=SERVER, **terms)


async def test_the_rep_may_answer_the_coach_and_nobody_else_sends_data() -> None:
    call = await create()
    granted = {identity: read(token).video for identity, token in call.tokens.items()}
    assert set(granted) == {"maya", "tom", "lee"}
    for identity, grants in granted.items():
        assert grants is not None
        assert (grants.room_join, grants.room) == (True, call.room)
        assert (grants.can_publish, grants.can_subscribe) == (True, True)
        assert grants.can_publish_data is (identity == "maya")
        assert grants.can_update_own_metadata is False
        assert [right for right in ("room_admin", "room_create", "agent", "hidden") if getattr(grants, right)] == []


async def test_the_coach_s_job_is_in_the_rep_s_token_and_in_no_other() -> None:
    call = await create(account=Account(company="Harbor Foods", crm_id="hf-1"), playbook="acme")
    configuration = read(call.tokens["maya"]).room_config
    assert configuration is not None
    (job,) = configuration.agents
    assert job.agent_name == "cornerman"
    assert parse_job_metadata(job.metadata) == call.metadata
    for identity in ("tom", "lee"):
        readable = unsigned(call.tokens[identity])
        assert read(call.tokens[identity]).room_config is None
        assert [word for word in ("Harbor", "hf-1", "acme", "cornerman", "maya") if word in readable] == []


async def test_the_job_tells_who_is_who() -> None:
    job = (await create()).metadata
    assert [job.role_of(one) for one in ("maya", "tom", "lee", "late")] == ["rep", "prospect", "colleague", "prospect"]
    assert (job.name_of("tom"), job.language_of("tom"), job.language_of("maya")) == ("Tom", "en-GB", "")
    assert job.consent.mode == "rep_discloses"
    assert job.consent.granted == ()


async def test_consent_on_record_is_in_tokens_and_in_the_job() -> None:
    people = (MAYA, Person("tom", consent="granted"), Person("ana", consent="declined"))
    call = await create(*people, consent="granted")
    assert call.metadata.consent.granted == ("tom",)
    assert read(call.tokens["tom"]).attributes == {wire.CONSENT_ATTRIBUTE: "granted"}
    assert read(call.tokens["ana"]).attributes == {wire.CONSENT_ATTRIBUTE: "declined"}
    assert call_metadata(people, consent="each_participant").consent.granted == ()


async def test_a_call_s_repr_shows_no_token_and_nothing_of_the_job() -> None:
    call = await create(account=Account(company="Harbor Foods"), room="call-1")
    assert repr(call) == "Call(room='call-1', url='ws://127.0.0.1:7880')"
    assert SECRET not in repr(SERVER)


async def test_rooms_have_names_that_nobody_can_guess_unless_one_is_given() -> None:
    assert len({(await create()).room for _ in range(5)}) == 5
    assert (await create(room="weekly")).room == "weekly"


@pytest.mark.parametrize("identity", ["cornerman-1", "Cornerman-AJ_x", "cornerman-"])
@pytest.mark.parametrize("mint", [rep_token, prospect_token])
def test_nobody_gets_an_identity_the_rep_s_client_would_trust(mint: Any, identity: str) -> None:
    with pytest.raises(ConfigError, match="reserved for the coach"):
        mint("call-1", Person(identity), server=SERVER)
    assert mint("call-1", Person(identity), server=SERVER, identity_prefix="coach_")


@pytest.mark.parametrize(
    ("people", "terms", "said"),
    [
        ((TOM,), {}, ("exactly one rep, and 0",)),
        ((MAYA, Person("ben", role="rep")), {}, ("exactly one rep, and 2",)),
        ((MAYA, TOM, TOM), {}, ("'tom' is given to more than one",)),
        ((MAYA, Person(" ")), {}, ("white space",)),
        ((MAYA, Person("tom", attributes={"lk.simulator": "1"})), {}, ("lk.simulator",)),
        ((MAYA, Person("tom", attributes={wire.CONSENT_ATTRIBUTE: "granted"})), {}, ("field of its own",)),
        ((Person("cornerman-a"), Person("")), {}, ("'cornerman-a'", "is empty")),
        ((TOM,), {"consent": "everybody"}, ("exactly one rep", "mode")),
    ],
)
async def test_a_call_that_cannot_be_is_refused_with_every_fault(
    people: tuple[Person, ...], terms: dict[str, Any], said: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as refused:
        await create(*people, **terms)
    assert [words for words in said if words not in str(refused.value)] == []


async def test_a_job_too_long_for_a_browser_s_address_is_refused() -> None:
    with pytest.raises(ConfigError, match="send_coach"):
        await create(settings={"budget.interval": "9" * 6000})


def test_a_token_lets_in_for_as_long_as_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import jwt

    for name, value in SERVER.environment().items():
        monkeypatch.setenv(name, value)
    token = rep_token("call-1", MAYA, coach=coach_dispatch(call_metadata((MAYA,))), valid_for=timedelta(minutes=5))
    claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    assert claims["exp"] - claims["nbf"] == 300


def test_without_a_server_s_keys_the_message_says_which_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVEKIT_URL", raising=False)
    with pytest.raises(ServerError, match="LIVEKIT_API_SECRET"):
        prospect_token("call-1", TOM)
