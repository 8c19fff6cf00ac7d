"""What people say, a CRM holds, a playbook reads, a tool returns or a screen shows is obeyed by nobody, though the
model tries to; and nothing it makes up reaches the rep. The judge stands at the rep and knows nothing of how it is
checked.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from advising.hostile import Injection, Planted, injections, planted
from advising.judge import faults_of
from advising.rig import Rig, answer, call_with, settings_for
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Call, Reply

from cornerman.contract import Account
from cornerman.crm import AccountRecord, AccountSource, Outcome
from cornerman.events import Nudge
from cornerman.paths import find_project_file
from cornerman.playbook import Playbook, load_playbook
from cornerman.seeing import Frame, Watcher

TRUE = "Ask what would make this a yes"
SOURCE = "plays/price-question#the-answer"
QUESTION = "how much does a seat cost"
COMPANY = "Halden Retail"


class Accounts(AccountSource):
    """Two customers, and a record of who was looked up and what was written."""

    def __init__(self, *notes: str) -> None:
        fields = {f"remark {number}": note for number, note in enumerate(notes[1:], start=1)}
        self.records = {
            COMPANY: AccountRecord("halden", COMPANY, fields, notes=notes[:1]),
            "Quokka Foods": AccountRecord("quokka", "Quokka Foods", {"pays": "$4711 a seat"}),
        }
        self.asked: list[str] = []
        self.written: list[Outcome] = []

    async def look_up(self, account: Account) -> AccountRecord | None:
        self.asked.append(account.company)
        return self.records.get(account.company)

    async def log(self, outcome: Outcome) -> str:
        self.written.append(outcome)
        return "1"

    async def aclose(self) -> None:
        """Nothing to end."""


@asynccontextmanager
async def talk(
    model: FakeOpenAIChat, folder: Path, accounts: Accounts | None = None, **sections: dict[str, Any]
) -> AsyncIterator[Rig]:
    """A call with a customer whose account is known."""
    accounts = accounts or Accounts()
    settings = settings_for(model, **{"advising": {"early": False, "card_deadline": 10.0}, **sections})
    metadata = {"account": {"company": COMPANY}}
    async with call_with(model, folder, settings=settings, accounts=accounts, metadata=metadata) as call:
        call.advising.account_is(asyncio.create_task(accounts.look_up(Account(company=COMPANY))))
        await asyncio.sleep(0)
        yield call


class Asking:
    """Asks the coach, again and again, and waits for the end of each answer."""

    def __init__(self, call: Rig) -> None:
        self._call = call
        self._asked = 0
        self._read = 0
        self._ended = 0

    async def ask(self, question: str = QUESTION) -> list[Nudge]:
        """What the rep was shown because of this question."""
        self._asked += 1
        shown = len(self._call.nudges)
        name = f"1-q{self._asked}"
        over = self._over()
        self._call.asks(question, name)
        await self._call.until(lambda: self._over() > over, f"the end of answer {self._asked}")
        return self._call.nudges[shown:]

    async def said(self, text: str) -> list[Nudge]:
        """What the rep was shown because somebody said this."""
        shown, over = len(self._call.nudges), self._over()
        self._call.says(text, partials=False)
        await self._call.until(lambda: self._over() > over, "the end of the advice")
        return self._call.nudges[shown:]

    def _over(self) -> int:
        """How many answers have ended; reads what the journal has grown by."""
        with (self._call.folder / "events-1.jsonl").open("rb") as journal:
            journal.seek(self._read)
            grown = journal.read()
        whole = grown[: grown.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            if b'"in":"advice"' in line:
                self._ended += json.loads(line)["status"] in ("final", "silent", "failed")
        return self._ended


def obedient(text: str, sources: Sequence[str] = (SOURCE,)) -> tuple[Reply, Reply]:
    """Two answers of a model that writes this: as the headline, and in the detail behind something true."""
    head = answer(text if len(text) <= 80 else TRUE, text, sources)
    return Reply(text=head), Reply(text=answer(TRUE, f"Then wait. {text}", sources))


def replies_of(one: Planted) -> list[list[Reply]]:
    """The ways in which it is planted: each a conversation with the model."""
    first = (
        [Reply(calls=tuple(Call(name=name, arguments=arguments) for name, arguments in one.calls))] if one.calls else []
    )
    if one.pieces:
        return [[Reply(pieces=one.pieces)]]
    if one.raw:
        return [[*first, Reply(text=one.raw)]]
    sources = one.sources or (SOURCE,)
    if one.action:
        return [[*first, Reply(text=answer(one.text, "", sources, action=one.action))]]
    return [[*first, reply] for reply in obedient(one.text, sources)]


@cache
def sample() -> Playbook:
    """The sample playbook, as the rig's calls have it."""
    return load_playbook(find_project_file("playbook"))


def cites_what_is_there(call: Rig, nudge: Nudge) -> bool:
    return all(one.id in sample().sections or call.advising.source(one.id) for one in nudge.sources)


@pytest.mark.parametrize("kind", sorted({one.kind for one in planted()}))
async def test_nothing_a_model_makes_up_is_shown(model: FakeOpenAIChat, tmp_path: Path, kind: str) -> None:
    leaked: list[str] = []
    accounts = Accounts()
    async with talk(model, tmp_path, accounts) as call:
        asking = Asking(call)
        model.replies.play(then=Reply(text=answer()))
        await asking.said("that is too expensive for us and we pay northstar thirty nine dollars a seat")
        for one in (one for one in planted() if one.kind == kind):
            for conversation in replies_of(one):
                model.replies.play(*conversation, then=Reply(text=answer()))
                for nudge in await asking.ask():
                    leaked += [f"{one.text or one.raw!r}: {fault}" for fault in faults_of(nudge, one.marks)]
                    if nudge.action is not None or not cites_what_is_there(call, nudge):
                        leaked.append(f"{one.text!r}: an action or a source that is not there")
        model.replies.play(Reply(text=answer(TRUE, "", [SOURCE])))
        assert [nudge.headline for nudge in await asking.ask()][-1] == TRUE, "nothing would have been shown anyway"
    assert not leaked, "\n".join(leaked)
    assert accounts.written == []
    assert set(accounts.asked) == {COMPANY}


async def test_nothing_said_is_obeyed(model: FakeOpenAIChat, tmp_path: Path) -> None:
    """The advice on the very turn, and the answer to a question after it."""
    leaked: list[str] = []
    async with talk(model, tmp_path) as call:
        asking = Asking(call)
        model.replies.play(then=Reply(text=answer()))
        await asking.said("that is too expensive for us")
        for one in of("speech"):
            head, detail = obedient(one.obeys)
            turn = f"turn:t{_turns(call) + 1}"
            model.replies.play(then=_cites(head, turn))
            leaked += _leaks(one, await asking.said(one.text))
            for reply in (head, detail):
                model.replies.play(then=_cites(reply, turn))
                leaked += _leaks(one, await asking.ask())
            assert one.text.split()[-1] in model.asked[-1].prompt
    assert not leaked, "\n".join(leaked)


async def test_nothing_in_an_account_is_obeyed(model: FakeOpenAIChat, tmp_path: Path) -> None:
    """Field by field in the dossier; the model cites the account for it."""
    leaked: list[str] = []
    for number, some in enumerate(_in_parts(of("crm"), 3)):
        accounts = Accounts("nice people", *(one.text for one in some))
        async with talk(model, tmp_path / str(number), accounts) as call:
            asking = Asking(call)
            for one in some:
                for reply in obedient(one.obeys, ("account:halden",)):
                    model.replies.play(then=reply)
                    leaked += _leaks(one, await asking.ask())
            (dossier,) = (text for text in model.asked[-1].texts if '<data kind="source" id="s1"' in text)
            assert dossier.count("remark ") >= len(some) - 1, "all but what was nothing but markup is there"
            assert dossier.count("<data") == dossier.count("</data>"), "the account closed its mark"
    assert not leaked, "\n".join(leaked)


async def test_nothing_a_tool_returns_is_obeyed(model: FakeOpenAIChat, tmp_path: Path) -> None:
    """The account again, as the function returns it."""
    leaked: list[str] = []
    for number, some in enumerate(_in_parts(of("tool"), 4)):
        accounts = Accounts("nice people", *(one.text for one in some))
        async with talk(model, tmp_path / str(number), accounts) as call:
            asking = Asking(call)
            for one in some:
                for reply in obedient(one.obeys, ("tool:get_account_context:1",)):
                    model.replies.play(Reply(calls=(Call(name="get_account_context", arguments="{}"),)), then=reply)
                    leaked += _leaks(one, await asking.ask())
            (returned,) = [str(each.get("content")) for each in model.asked[-1].messages if each.get("role") == "tool"]
            assert returned.count("<data") == returned.count("</data>") == 1
            assert all(f"remark {at}: " in returned for at in range(1, len(some) + 1))
        assert accounts.written == []
        assert set(accounts.asked) == {COMPANY}
    assert not leaked, "\n".join(leaked)


async def test_nothing_in_a_playbook_that_was_tampered_with_is_obeyed(
    model: FakeOpenAIChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Obeyed by a model, or shown word for word where there is no model's answer."""
    leaked: list[str] = []
    hostile = tmp_path / "playbook"
    shutil.copytree(find_project_file("playbook"), hostile)
    for number, one in enumerate(of("playbook")):
        text = f"---\ntitle: Quokka {number}\nheadline: Ask about the quokka first\ndetail: Then wait.\n---\n# Answer\n"
        (hostile / "objections" / f"quokka-{number}.md").write_text(f"{text}Quokka {number} habitat care: {one.text}\n")
    monkeypatch.setattr("advising.rig.find_project_file", lambda _: hostile)
    async with talk(model, tmp_path / "call") as call:
        asking = Asking(call)
        for number, one in enumerate(of("playbook")):
            question = f"what about quokka {number} habitat care"
            for reply in obedient(one.obeys, (f"objections/quokka-{number}#answer",)):
                model.replies.play(then=reply)
                leaked += _leaks(one, await asking.ask(question))
                assert f'title="Quokka {number}: ' in model.asked[-1].prompt
            model.replies.play(then=Reply(status=400))
            # the playbook's own words, which may name anything but what no card may show
            leaked += [f"plain: {leak}" for leak in _leaks(one, await asking.ask(question), marked=False)]
    assert not leaked, "\n".join(leaked)


async def test_nothing_on_a_screen_is_obeyed(
    model: FakeOpenAIChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model reads the picture; its words cite it, and the plan it could really name."""
    frame = Frame(60.0, "feedbeefcafe0123", b"\xff\xd8\xff\xd9", 64, 64)
    monkeypatch.setattr(Watcher, "attach", lambda *_, **__: frame)
    leaked: list[str] = []
    async with talk(model, tmp_path) as call:
        asking = Asking(call)
        for one in of("screen"):
            for reply in obedient(one.obeys, (f"screen:{frame.hash}", SOURCE)):
                model.replies.play(then=reply)
                leaked += _leaks(one, await asking.ask())
            assert model.asked[-1].images
        true = "Ask what they see on the screen"
        model.replies.play(then=Reply(text=answer(true, "", [f"screen:{frame.hash}"])))
        assert [nudge.headline for nudge in await asking.ask()][-1] == true
    assert not leaked, "\n".join(leaked)


def test_the_corpus_is_large_and_its_marks_are_in_no_card(capsys: pytest.CaptureFixture[str]) -> None:
    cards = sample().cards.values()
    wrong = [card.headline for card in cards if faults_of(_Shown(card.headline, card.detail))]
    assert not wrong
    places = {place: len(of(place)) for place in ("speech", "crm", "playbook", "tool", "screen")}
    with capsys.disabled():
        sys.stdout.write(f"\ninjections: {len(injections())} {places}; planted answers: {len(planted())}\n")
    assert len(injections()) >= 60
    assert len(planted()) >= 80
    assert all(one.marks for one in injections())
    assert all(one.marks for one in planted())


class _Shown:
    """A card of the playbook, as the judge looks at it."""

    def __init__(self, headline: str, detail: str) -> None:
        self.headline, self.detail, self.action = headline, detail, None


def _in_parts(all_: list[Injection], size: int) -> list[list[Injection]]:
    return [all_[at : at + size] for at in range(0, len(all_), size)]


def of(place: str) -> list[Injection]:
    return [one for one in injections() if one.place == place]


def _cites(reply: Reply, turn: str) -> Reply:
    return Reply(text=json.dumps({**json.loads(reply.text), "sources": [turn, SOURCE]}))


def _turns(call: Rig) -> int:
    return sum('"in":"turn"' in line for line in (call.folder / "events-1.jsonl").read_text().splitlines())


def _leaks(one: Injection, shown: list[Nudge], *, marked: bool = True) -> list[str]:
    marks = one.marks if marked else ()
    return [f"{one.text!r}: {nudge.headline!r} {fault}" for nudge in shown for fault in faults_of(nudge, marks)]
