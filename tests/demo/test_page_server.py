"""The demo page's server: whom it answers, what its tokens allow, and that every call ends. A real server on loopback;
the LiveKit server it names is not there, for no token needs one.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from livekit import api
from pydantic import SecretStr
from yarl import URL

from cornerman.config import Settings
from cornerman.contract import parse_job_metadata
from cornerman.demo.page_calls import MOST_CALLS
from cornerman.demo.page_files import NEEDED, built_pages
from cornerman.demo.page_server import page_server
from cornerman.demo_call import resource
from cornerman.errors import CornermanError
from cornerman.livekit_server import ServerAddress

KEY, SECRET = "key-of-the-test", "secret-of-the-test-that-is-long-enough"
LIVEKIT = ServerAddress("ws://127.0.0.1:9", KEY, SecretStr(SECRET))
WATCH = {"prospect": "recorded", "rep_voice": "recorded", "consent": "rep_discloses"}


@dataclass(frozen=True)
class Page:
    """A browser tab on the page, as far as the server can tell."""

    address: URL
    session: aiohttp.ClientSession

    async def asked(
        self, path: str, body: Any = None, *, post: bool = False, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        method = "POST" if post or body is not None else "GET"
        said = {"Origin": str(self.address.origin())} if method == "POST" else {}
        said.update(headers or {})
        async with self.session.request(method, self.address.join(URL(path)), json=body, headers=said) as it:
            text = await it.text(errors="replace")
            answer = json.loads(text) if it.content_type == "application/json" and text else text
            return it.status, answer, dict(it.headers)

    async def begun(self, **wish: str) -> dict[str, Any]:
        status, ticket, _ = await self.asked("/api/calls", WATCH | wish)
        assert status == 201, ticket
        return dict(ticket)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name in NEEDED:
        (folder / name).write_text(f"<!doctype html><title>{name}</title>")
    (tmp_path / "secret.txt").write_text("nobody's business")
    return folder


@asynccontextmanager
async def served(pages: Path) -> AsyncIterator[Page]:
    async with (
        page_server(LIVEKIT, Settings(), pages) as address,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        yield Page(URL(address), session)


@pytest.fixture
async def page(pages: Path) -> AsyncIterator[Page]:
    async with served(pages) as one:
        yield one


def claims(token: str) -> api.access_token.Claims:
    return api.TokenVerifier(KEY, SECRET).verify(token)


# -- whom it answers --


async def test_it_listens_on_this_machine_only_and_serves_the_pages(page: Page) -> None:
    assert page.address.host == "127.0.0.1"
    assert (await page.asked("/"))[1] == "<!doctype html><title>index.html</title>"
    assert (await page.asked("/rep.html"))[1] == "<!doctype html><title>rep.html</title>"


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt"])
async def test_it_serves_nothing_beside_the_pages(page: Page, path: str) -> None:
    async with page.session.get(URL(f"{page.address.origin()}{path}", encoded=True)) as answer:
        assert answer.status in {403, 404}
        assert "business" not in await answer.text()


async def test_a_name_that_was_made_to_lead_here_is_refused(page: Page) -> None:
    for path in ("/", "/rep.html", "/api/calls/any"):
        status, _, _ = await page.asked(path, headers={"Host": f"evil.example:{page.address.port}"})
        assert status == 403
    status, _, _ = await page.asked("/", headers={"Host": f"localhost:{page.address.port}"})
    assert status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
async def test_a_page_of_another_origin_begins_no_call(page: Page, origin: str) -> None:
    status, answer, headers = await page.asked("/api/calls", WATCH, headers={"Origin": origin})
    assert status == 403
    assert "token" not in json.dumps(answer)
    assert not [name for name in headers if name.lower().startswith("access-control-")]


async def test_a_post_that_does_not_say_its_origin_is_refused(page: Page) -> None:
    async with page.session.post(page.address.join(URL("/api/calls")), json=WATCH) as answer:
        assert answer.status == 403


async def test_what_another_site_fetches_is_refused(page: Page) -> None:
    call = (await page.begun())["call"]
    for fetched in ("cross-site", "same-site", "none"):
        status, _, _ = await page.asked(f"/api/calls/{call}/prospect", headers={"Sec-Fetch-Site": fetched})
        assert status == 403


async def test_every_answer_carries_the_policy_and_no_leave_for_others(page: Page) -> None:
    for path in ("/", "/rep.html", "/nothing-here", "/api/calls/unknown"):
        _, _, headers = await page.asked(path)
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["connect-src"] == f"'self' {LIVEKIT.url} {LIVEKIT.http_url}"
        assert "*" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert not [name for name in headers if name.lower().startswith("access-control-")]


# -- tokens --


async def test_the_reps_token_brings_the_coach_with_roles_and_consent(page: Page) -> None:
    ticket = await page.begun(consent="granted")
    rep = claims(ticket["rep"]["token"])
    assert rep.video is not None
    assert (rep.identity, rep.name, rep.video.room) == ("rep", "Maya", ticket["room"])
    assert rep.room_config is not None
    (job,) = rep.room_config.agents
    metadata = parse_job_metadata(job.metadata)
    assert job.agent_name == Settings().worker.agent_name
    assert {name: one.role for name, one in metadata.participants.items()} == {
        "rep": "rep",
        "prospect": "prospect",
        "guest": "observer",
    }
    assert (metadata.consent.mode, metadata.consent.granted) == ("granted", ("rep", "prospect"))


async def test_nobody_has_consented_unless_it_was_asked_for(page: Page) -> None:
    rep = claims((await page.begun())["rep"]["token"])
    assert rep.room_config is not None
    consent = parse_job_metadata(rep.room_config.agents[0].metadata).consent
    assert (consent.mode, consent.granted) == ("rep_discloses", ())


@pytest.mark.parametrize(("prospect", "identity"), [("browser", "prospect"), ("recorded", "guest")])
async def test_the_other_side_may_send_no_data_and_learns_nothing_of_the_job(
    page: Page, prospect: str, identity: str
) -> None:
    ticket = await page.begun(prospect=prospect)
    status, other, _ = await page.asked(f"/api/calls/{ticket['call']}/prospect")
    assert (status, other["identity"]) == (200, identity)
    seen = claims(other["token"])
    assert seen.video is not None
    assert (seen.video.room, seen.video.room_join) == (ticket["room"], True)
    assert seen.video.can_publish_data is False
    assert not seen.video.can_update_own_metadata
    assert seen.room_config is None
    assert ticket["rep"]["token"] not in json.dumps(other)


async def test_a_page_that_is_loaded_anew_finds_back(page: Page) -> None:
    ticket = await page.begun()
    assert (await page.asked(f"/api/calls/{ticket['call']}/rep"))[1] == ticket


async def test_no_answer_has_the_servers_secret(page: Page) -> None:
    ticket = await page.begun()
    for path in ("/rep", "/prospect", ""):
        assert SECRET not in json.dumps((await page.asked(f"/api/calls/{ticket['call']}{path}"))[1])


# -- calls --


async def test_a_call_begins_its_recording_once(page: Page) -> None:
    call = (await page.begun(prospect="browser"))["call"]
    assert (await page.asked(f"/api/calls/{call}"))[1] == {"position": None, "trouble": ""}
    first = (await page.asked(f"/api/calls/{call}/play", post=True))[1]["position"]
    again = (await page.asked(f"/api/calls/{call}/play", post=True))[1]["position"]
    later = (await page.asked(f"/api/calls/{call}"))[1]["position"]
    assert 0 <= first <= again <= later


@pytest.mark.parametrize("speaker", ["rep", "prospect"])
async def test_the_recorded_voices_are_there_for_a_calls_pages(page: Page, speaker: str) -> None:
    call = (await page.begun())["call"]
    async with page.session.get(page.address.join(URL(f"/api/calls/{call}/{speaker}.flac"))) as answer:
        assert answer.content_type == "audio/flac"
        assert await answer.read() == resource(f"{speaker}.flac").read_bytes()


@pytest.mark.parametrize("path", ["", "/rep", "/prospect", "/rep.flac"])
async def test_a_call_nobody_knows_of_is_over(page: Page, path: str) -> None:
    status, answer, _ = await page.asked(f"/api/calls/AAAAAAAAAAAAAAAA{path}")
    assert (status, answer) == (404, {"error": "this call is over"})


async def test_there_is_a_bound_and_a_call_that_ended_makes_place(page: Page) -> None:
    calls = [(await page.begun())["call"] for _ in range(MOST_CALLS)]
    assert len(set(calls)) == MOST_CALLS
    status, answer, _ = await page.asked("/api/calls", WATCH)
    assert (status, str(MOST_CALLS) in answer["error"]) == (429, True)
    assert (await page.asked(f"/api/calls/{calls[0]}/end", post=True))[0] == 204
    assert (await page.asked(f"/api/calls/{calls[0]}/rep"))[0] == 404
    await page.begun()


@pytest.mark.parametrize(
    "body", [{"prospect": "nobody"}, {"consent": "each_participant"}, {"room": "somebody-elses"}, [], "call", 1]
)
async def test_a_wish_that_cannot_be_read_is_told_why(page: Page, body: Any) -> None:
    status, answer, _ = await page.asked("/api/calls", body)
    assert status == 400
    assert answer["error"]


async def test_a_form_of_another_kind_begins_no_call(page: Page) -> None:
    headers = {"Origin": str(page.address.origin())}
    async with page.session.post(page.address.join(URL("/api/calls")), data="{}", headers=headers) as answer:
        assert answer.status == 415


async def test_every_task_of_every_call_ends_with_the_server(pages: Path) -> None:
    before = asyncio.all_tasks()
    async with served(pages) as page:
        for prospect in ("recorded", "browser"):
            await page.begun(prospect=prospect)
        assert [one for one in asyncio.all_tasks() - before if one.get_name().startswith("page.call.")]
    left = [one.get_name() for one in asyncio.all_tasks() - before if one.get_name().startswith("page.")]
    assert not left


# -- what can be wrong at start --


async def test_a_port_that_is_taken_is_named(pages: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CornermanError, match=str(port)):
            async with page_server(LIVEKIT, Settings(), pages, port):
                pass


def test_pages_that_are_not_built_say_how_to_build_them(pages: Path) -> None:
    assert built_pages(pages) == pages
    (pages / "rep.html").unlink()
    with pytest.raises(CornermanError, match=r"rep\.html missing .*npm run pages"):
        built_pages(pages)
