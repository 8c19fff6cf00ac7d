"""Who withdraws is gone from the reasoning lane at once, whatever it is at: from memory, from disk, and upstream."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from advising.forgetting_moments import (
    GOOD,
    HANGING,
    HEADLINE,
    MADE,
    MOMENTS,
    NOTING,
    OBJECTION,
    OTHERS,
    QUICK,
    REPS,
    SAID,
    SOUGHT,
    THEIRS,
    Scene,
    SlowAccounts,
    a_proposed_outcome,
    citing_what_is_offered,
    playing,
    proposing,
)
from advising.rig import Rig, call_with, settings_for
from advising.traces import gone, held, held_by_call, on_disk
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Reply

from cornerman.crm import FileAccounts
from cornerman.events import Attendance, Consent, Purge


def purge(call: Rig, identity: str = "pat") -> None:
    """As the room does it when somebody withdraws."""
    call.driver.feed(Consent(identity, "declined", "rep"))
    call.driver.feed(Purge(identity))
    call.driver.purge(identity)


@pytest.mark.parametrize("name", MOMENTS)
async def test_nothing_of_who_withdrew_is_left(name: str, model: FakeOpenAIChat, tmp_path: Path) -> None:
    moment = MOMENTS[name]
    accounts = SlowAccounts()
    model.replies.decide(moment.replies)
    metadata = {"account": {"company": "Harbor Foods"}}
    async with call_with(
        model, tmp_path, settings=moment.settings(model), accounts=accounts, metadata=metadata
    ) as call:
        call.driver.feed(Attendance("sam", "Sam", "prospect", True))
        call.driver.feed(Consent("sam", "granted", "metadata"))
        call.says(f"our {REPS} product does this", who="rep", role="rep")
        call.says(f"a {OTHERS}", who="sam")
        scene = Scene(call, model, accounts)
        await moment.bring(scene)
        assert held_by_call(call, *THEIRS), "nothing was held: this test would not notice anything"
        asked = scene.of(moment.hangs)
        purge(call)
        assert not on_disk(call.folder, *THEIRS)
        await gone(lambda: held(call, *THEIRS), "a word of who withdrew")
        if moment.hangs:
            await call.until(lambda: asked[-1].closed_early, "the request is hung up")
        assert held_by_call(call, REPS), "what the rep said is gone too"
        assert held_by_call(call, OTHERS), "what somebody else said is gone too"
        assert on_disk(call.folder, OTHERS)
        model.replies.decide(playing())
        call.says(f"and another {OTHERS} is what we are looking for", who="sam")
        await scene.asked(count=len(scene.of("AdviceAnswer")) + 1)
        assert not any(word in scene.of("AdviceAnswer")[-1].prompt for word in THEIRS)
        assert not held(call, *THEIRS)
        assert not accounts.written
        shown = call.latest().values()
        assert not any(word in f"{one}" for one in shown for word in THEIRS), "a card that is shown holds it"
    assert not on_disk(tmp_path, *THEIRS)
    assert on_disk(call.folder, OTHERS)


async def test_what_the_rep_asked_goes_with_the_rep(model: FakeOpenAIChat, tmp_path: Path) -> None:
    """Its words were typed: they are held apart from what anybody said, and so is what a model made of them."""
    model.replies.decide(citing_what_is_offered)
    async with call_with(model, tmp_path) as call:
        call.says(f"this {OTHERS} is too expensive")
        call.asks(f"what if the {SAID} is too expensive for them")
        await call.final(HEADLINE)
        assert on_disk(call.folder, MADE)
        model.replies.play(then=HANGING)
        model.replies.decide(None)
        call.asks(f"and what of their {SOUGHT}")
        await call.until(lambda: SOUGHT in model.asked[-1].prompt, "the second question")
        assert held_by_call(call, SOUGHT)
        purge(call, "rep")
        assert not on_disk(call.folder, *THEIRS)
        await gone(lambda: held(call, *THEIRS), "a word of the rep's")
        await call.until(lambda: model.asked[-1].closed_early, "the request is hung up")
        assert held_by_call(call, OTHERS)
    assert not on_disk(tmp_path, *THEIRS)


@pytest.mark.parametrize("notes_now", [True, False], ids=["notes on", "notes off by now"])
async def test_what_an_earlier_coach_left_on_disk_goes_too(
    model: FakeOpenAIChat, tmp_path: Path, notes_now: bool
) -> None:
    look = {"sentiment": "negative", "intent": 10, "next_action": f"Ask of the {MADE} {SAID}"}
    model.replies.decide(playing(AdviceAnswer=Reply(text=GOOD), Look=Reply(text=json.dumps(look))))
    async with call_with(model, tmp_path, settings=settings_for(model, **QUICK, **NOTING)) as call:
        call.driver.feed(Consent("sam", "granted", "metadata"))
        call.says(f"I will send you the {OTHERS} tomorrow", who="sam")
        call.says(OBJECTION)
        await call.final(HEADLINE)
        await call.until(lambda: call.advising.insights, "insights")
    left = on_disk(call.folder, *THEIRS)
    assert {name.partition("-")[0] for name in left} == {"words", "texts", "notes.md", "notes.json"}
    settings = settings_for(model, notes={"enabled": notes_now})
    async with call_with(model, tmp_path, settings=settings) as call:
        assert (call.folder / "events-2.jsonl").exists()
        purge(call)
        assert not [name for name in on_disk(call.folder, *THEIRS) if not name.startswith("notes")]
        await gone(lambda: on_disk(call.folder, *THEIRS), "a word of who withdrew")
        await gone(lambda: held(call, *THEIRS), "a word of who withdrew")
    assert not on_disk(tmp_path, *THEIRS)
    assert {"words", "notes.md"} <= {name.partition("-")[0] for name in on_disk(call.folder, OTHERS)}


async def test_an_outcome_of_others_is_written_though_somebody_withdraws(model: FakeOpenAIChat, tmp_path: Path) -> None:
    model.replies.decide(proposing)
    account = tmp_path / "accounts.yaml"
    account.write_text("- {company: Harbor Foods, id: h1}\n")
    metadata = {"account": {"company": "Harbor Foods"}}
    settings = settings_for(model, advising={"early": False})
    async with call_with(model, tmp_path, settings=settings, accounts=FileAccounts(account), metadata=metadata) as call:
        scene = Scene(call, model, SlowAccounts())
        await a_proposed_outcome(scene)
        card = next(one for one in call.nudges if one.action is not None)
        purge(call, "sam")
        call.confirms(card.id)
        await call.until(lambda: (tmp_path / "accounts.outcomes.jsonl").exists(), "the outcome")
    assert SAID in (tmp_path / "accounts.outcomes.jsonl").read_text()


async def test_these_checks_can_fail(model: FakeOpenAIChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing of the lane's own forgetting done, each kind of place is found to hold the words."""
    model.replies.decide(playing(AdviceAnswer=Reply(text=GOOD)))
    monkeypatch.setattr("cornerman.advising.advising.forget_words", lambda: None)
    monkeypatch.setattr("cornerman.advising.lane.Lane._forget", lambda *_: None)
    async with call_with(model, tmp_path, settings=settings_for(model)) as call:
        call.says(OBJECTION)
        await call.final(HEADLINE)
        purge(call)
        found = "\n".join(held(call, *THEIRS))
        assert "coach.words._read" in found
        assert "grounding.topics.stem_of" in found
        assert "Lane > _Answer" in found
        assert "LookingUp" in found
        with pytest.raises(AssertionError, match="still held"):
            await gone(lambda: held(call, *THEIRS), "a word", patience=0.1)
