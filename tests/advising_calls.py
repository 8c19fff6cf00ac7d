"""Calls that are advised: a worker that hears with a fake of Deepgram and thinks with a fake of OpenAI's chat, both
behind the real plugins, and what the model is to say to which words.

In: words of `fakes.tones.VOCABULARY`, said aloud, and answers by the words they are to. Out: what the rep's client was
sent, revision by revision, and what the model was asked.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from calls import LiveCall, subscribed_to
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Asked, Reply
from hearing_calls import HURRIED, HearingWorker, granted, hearing_worker, say

from cornerman.livekit_server import ServerAddress
from cornerman.paths import find_project_file
from cornerman.playbook import Playbook, load_playbook
from cornerman.replay import replay_call
from cornerman.stand_ins.voice import Voice
from cornerman_client import CoachClient, Nudge

Purpose = Literal["answer", "question", "summary", "insights", "notes"]

OBJECTION = "that is too expensive for us"
RIVAL = "we are also looking at northstar"
SIGN_ON = "we need single sign on"
PRICE = "how much does it cost"
SECURITY = "we are worried about security"
BOSS = "my boss has to approve this"
BUDGET = "our budget is tight"
LATER = "let us come back to this next quarter"
COMPANY = "Halden Retail"
LAST_CALL = "demo agreed"
ACCOUNTS = [
    {
        "id": "halden",
        "company": COMPANY,
        "industry": "retail",
        "last_call": {"outcome": LAST_CALL, "at": "2026-11-12"},
    }
]
_SOURCE = re.compile(r'<data kind="source" id="([^"]*)"')
_SPEECH = re.compile(r'<data id="(?:turn:)?([^"]*)" title="([^"]*)">(.*?)</data>')
_ABOUT = re.compile(r"Advise on \[turn:([^\]]+)\]")
_QUESTION = re.compile(r'The rep asks you: <data kind="question"[^>]*>(.*?)</data>')
_STARTS: Mapping[str, Purpose] = {
    "You are the corner of": "answer",
    "You take notes": "notes",
    "You look at a sales call": "insights",
    "Summarise": "summary",
}


@dataclass(frozen=True, slots=True)
class Turned:
    """A turn as the model was shown it."""

    turn: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request, read as a model reads it: what for, and the words it is about, a turn's or the rep's."""

    asked: Asked
    purpose: Purpose
    about: str

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids that may be cited, but for turns."""
        return tuple(_SOURCE.findall(self.asked.prompt))

    @property
    def turns(self) -> tuple[Turned, ...]:
        """What was said, as far as it is shown."""
        return tuple(Turned(*found) for found in _SPEECH.findall(self.asked.prompt))

    @property
    def tool_results(self) -> tuple[str, ...]:
        """Ids of what tools returned in this very conversation."""
        told = (str(one.get("content", "")) for one in self.asked.messages if one.get("role") == "tool")
        return tuple(name for text in told for name in re.findall(r'<data kind="tool" id="([^"]*)"', text))


def wanted(asked: Asked) -> Wanted:
    """What a request is for."""
    rules = next(iter(asked.texts), "")
    purpose: Purpose = next((one for start, one in _STARTS.items() if rules.startswith(start)), "answer")
    prompt = asked.prompt
    question = _QUESTION.search(prompt)
    if question:
        return Wanted(asked, "question", question[1])
    about = _ABOUT.search(prompt)
    turns = {found[0]: found[2] for found in _SPEECH.findall(prompt)}
    return Wanted(asked, purpose, turns.get(about[1], "") if about else "")


def answer(headline: str = "", detail: str = "", sources: Sequence[str] = (), *, action: str | None = None) -> str:
    """An answer as a model writes it; silent without sources."""
    return json.dumps({"sources": list(sources), "headline": headline, "detail": detail, "action": action})


SILENT = Reply(text=answer())
Speaks = Callable[[Wanted], Reply]


@dataclass
class Script:
    """What the model says: to requests for advice by words in what they are about, or that begin like it, for a card is
    asked about before its turn is over; to others by what they are for.

    What was not planned gets silence. It is read in the server's thread, and may be changed meanwhile.
    """

    model: FakeOpenAIChat
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _to: dict[str, Speaks] = field(default_factory=dict)
    _for: dict[Purpose, Speaks] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.model.replies.decide(self._choose)

    def to(self, words: str, reply: Reply | Speaks) -> None:
        """Advice on a turn, or a question, with these words."""
        with self._lock:
            self._to[words] = reply if callable(reply) else lambda _: reply

    def answers(self, purpose: Purpose, reply: Reply | Speaks) -> None:
        """Every request for this."""
        with self._lock:
            self._for[purpose] = reply if callable(reply) else lambda _: reply

    def forget(self) -> None:
        """Nothing is planned any more."""
        with self._lock:
            self._to.clear()
            self._for.clear()

    def asked(self, words: str) -> list[Wanted]:
        """Requests for advice on these words, or for an answer to them."""
        return [one for one in map(wanted, self.model.asked) if _means(one.about, words)]

    def asked_for(self, purpose: Purpose) -> list[Wanted]:
        """Requests for this."""
        return [one for one in map(wanted, self.model.asked) if one.purpose == purpose]

    def _choose(self, asked: Asked) -> Reply:
        request = wanted(asked)
        with self._lock:
            planned = next((reply for words, reply in self._to.items() if _means(request.about, words)), None)
            planned = planned or self._for.get(request.purpose)
        if planned is not None:
            return planned(request)
        empty = {"notes": '{"claims": []}', "insights": json.dumps({"sentiment": "neutral", "intent": 50})}
        return Reply(text=empty.get(request.purpose, answer()))


def _means(about: str, words: str) -> bool:
    return words in about or (bool(about) and words.startswith(about))


@dataclass(frozen=True)
class AdvisedWorker:
    """A worker with a model. `configured` is its settings file, `accounts` the file of its accounts."""

    hearing: HearingWorker
    model: FakeOpenAIChat
    script: Script
    configured: Path
    accounts: Path

    @property
    def outcomes(self) -> list[dict[str, Any]]:
        """What was written to the accounts."""
        log = self.accounts.with_name("accounts.outcomes.jsonl")
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def thinks_with(self, model: FakeOpenAIChat, **settings: Any) -> None:
        """Configures this model, as an operator would: by writing the settings file."""
        llm = {"provider": "openai", "model": "fake", "base_url": model.base_url, "retry": 0.1, **settings}
        unfinished = self.configured.with_suffix(".new")
        unfinished.write_text(yaml.safe_dump({"llm": llm}))
        unfinished.replace(self.configured)


UNHURRIED = {"CORNERMAN__INSIGHTS__ENABLED": "false", "CORNERMAN__NOTES__ENABLED": "false"}
"""For calls that are about cards alone: the model is asked for nothing else."""


@contextmanager
def advised_worker(
    server: ServerAddress, folder: Path, environment: Mapping[str, str] | None = None, **llm: Any
) -> Iterator[AdvisedWorker]:
    """A worker that hears with Nova and thinks with a model of its own; `llm` are further settings of the model."""
    accounts = folder / "accounts.yaml"
    accounts.write_text(yaml.safe_dump(ACCOUNTS))
    configured = folder / "cornerman.yaml"
    settings = {
        **HURRIED,
        "CORNERMAN_CONFIG": str(configured),
        "CORNERMAN__ACCOUNTS__FILE": str(accounts),
        "CORNERMAN__BUDGET__INTERVAL": "0.5",
        "CORNERMAN__BUDGET__BURST": "8",
        "CORNERMAN__RETRIEVAL__MEANING": "off",
        **(environment or {}),
    }
    with FakeOpenAIChat() as model:
        known = AdvisedWorker(_NOT_YET, model, Script(model), configured, accounts)
        known.thinks_with(model, **llm)
        with hearing_worker(server, folder, "nova", settings) as hearing:
            yield AdvisedWorker(hearing, model, known.script, configured, accounts)


_NOT_YET = HearingWorker("nova", None, "", Path(), Path())  # type: ignore[arg-type]


@dataclass
class Told:
    """The cards of one call as the rep's client was handed them."""

    call: LiveCall

    def of(self, kind: str) -> list[Nudge]:
        """Revisions of the cards of a kind, in order."""
        return [one for one in self.call.nudges if one.kind == kind]

    def card(self, nudge_id: str) -> list[Nudge]:
        """Revisions of one card, in order."""
        return [one for one in self.call.nudges if one.id == nudge_id]

    def final(self, headline: str) -> Nudge | None:
        """The last revision with this headline, once it is there."""
        return next((one for one in self.call.nudges if one.final and one.headline == headline), None)


@asynccontextmanager
async def quiet(*voices: Voice) -> AsyncIterator[None]:
    """Microphones that stay open while nobody says anything; no frame is under way when they have the floor again."""
    over = asyncio.Event()

    async def hum(voice: Voice) -> None:
        while not over.is_set():
            await voice.silence(0.1)

    humming = asyncio.gather(*(hum(voice) for voice in voices))
    try:
        yield
    finally:
        over.set()
        await humming


async def said(call: LiveCall, voice: Voice, words: str) -> None:
    """Somebody says a sentence."""
    await say(call, voice, words.split())


def playbook() -> Playbook:
    """The sample playbook, which the worker coaches with."""
    return load_playbook(find_project_file("playbook"))


def replays_the_same(folder: Path) -> int:
    """Fails unless every segment replays byte for byte; returns how many decisions there were."""
    replayed = replay_call(folder, playbook())
    assert [one.difference for one in replayed] == [None] * len(replayed)
    assert all(one.same_playbook for one in replayed)
    return sum(len(one.decisions) for one in replayed)


async def begun(call: LiveCall, *prospects: str, **metadata: Any) -> tuple[CoachClient, list[Voice]]:
    """A coach is asked for, with everybody's consent; returns once everybody is heard."""
    names = prospects or ("prospect",)
    await call.dispatch(**{"consent": granted("rep", *names), **metadata})
    client = await call.rep()
    voices = [await call.person(name) for name in names]
    await call.coach_is_there(client)
    for voice in voices:
        await subscribed_to(voice)
    return client, voices


def engine_of(client: CoachClient) -> str:
    """Whether a model advises, as the rep's client knows it."""
    return client.state.engine if client.state else ""
