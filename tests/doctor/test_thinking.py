"""What doctor says of models and accounts."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Reply

from cornerman.config import Settings
from cornerman.doctor import thinking

FORMED = '{"sources": [], "headline": "", "detail": "", "action": null}'


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a key")


def settings_of(model: FakeOpenAIChat) -> Settings:
    return Settings.model_validate({"llm": {"provider": "openai", "model": "fake", "base_url": model.base_url}})


@pytest.mark.parametrize(
    ("reply", "ok", "told"),
    [
        (Reply(text=FORMED), True, "in the form asked for"),
        (Reply(text="I would be glad to help!"), False, "not in the form asked for"),
        (Reply(status=401), False, "401"),
        (Reply(status=500), False, "500"),
    ],
    ids=["formed", "chatty", "wrong key", "broken"],
)
async def test_a_model_is_asked_and_what_it_says_is_told(reply: Reply, ok: bool, told: str) -> None:
    with FakeOpenAIChat() as model:
        model.replies.play(then=reply)
        (finding,) = await thinking.models(settings_of(model))
    assert (finding.ok, told in finding.detail) == (ok, True), finding
    assert finding.ok or finding.advice


async def test_no_model_is_no_fault() -> None:
    (finding,) = await thinking.models(Settings())
    assert finding.ok
    assert "none" in finding.detail


async def test_an_account_source_that_cannot_be_asked_is_told(tmp_path: Path) -> None:
    fine = await thinking.accounts(Settings())
    gone = Settings.model_validate({"accounts": {"file": str(tmp_path / "none.csv")}})
    nobody = Settings.model_validate({"accounts": {"source": "http", "http": {"url": "http://127.0.0.1:9/{company}"}}})
    assert fine.ok
    assert [(await thinking.accounts(one)).ok for one in (gone, nobody)] == [False, False]
