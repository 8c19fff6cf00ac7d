"""What is said between the coach and the rep, as pydantic models: the one definition both sides import.

Every message is JSON with `"v": 1` and stays under 14 KiB. Unknown fields are ignored on both sides, so that either
side may be newer. Times are seconds since the call began (the room's creation).
"""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

VERSION: Literal[1] = 1
MAX_PAYLOAD_BYTES = 14 * 1024
"""What surely fits one packet of LiveKit's data channel with its header. More would travel as a stream, whose later
packets the SDK addresses to everybody in the room.
"""
DEFAULT_IDENTITY_PREFIX = "cornerman-"
CONSENT_ATTRIBUTE = "cornerman.consent"

NUDGE = "coach_nudge"
STATE = "coach_state"
HELLO = "coach_hello"
CONSENT = "coach_consent"
FEEDBACK = "coach_feedback"
CONTROL = "coach_control"
SOURCE = "coach_source"
ASK = "coach_ask"
NOTES = "coach_notes"
REP_METHODS = (NUDGE, STATE)
COACH_METHODS = (HELLO, CONSENT, FEEDBACK, CONTROL, SOURCE, ASK, NOTES)

STRANGER_CODE = 4403
STRANGER_TEXT = "not available"
BAD_REQUEST_CODE = 4400
NOT_READY_CODE = 4425
NOT_READY_TEXT = "not acquainted yet; ask again in a moment"
NOT_FOUND_CODE = 4404
SWITCHED_OFF_CODE = 4409

Role = Literal["rep", "prospect", "colleague", "observer"]
NudgeStatus = Literal["live", "thinking", "withdrawn"]
Attention = Literal["live", "quiet", "off"]
Engine = Literal["full", "rules_only"]
ConsentState = Literal["waiting", "granted", "declined"]
ConsentMode = Literal["rep_discloses", "each_participant", "granted"]
FeedbackKind = Literal["dismissed", "pinned", "useful", "not_useful", "used", "later", "confirm"]


class Message(BaseModel):
    """Base of everything on the wire; `v` is the contract's version."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    v: Literal[1] = VERSION

    def to_json(self) -> str:
        """The message as compact JSON, fields that are absent left out."""
        return self.model_dump_json(exclude_none=True)


class Part(BaseModel):
    """Base of what stands inside a message."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class WordsBecause(Part):
    """Words somebody said; `start` and `end` in seconds since the call began."""

    type: Literal["words"] = "words"
    speaker: str
    role: Role
    start: float
    end: float
    quote: str


class GaugeBecause(Part):
    """A conversation gauge that crossed its line; `window` in seconds."""

    type: Literal["gauge"] = "gauge"
    name: str
    value: float
    window: float


class QuestionBecause(Part):
    """A question the rep asked the coach."""

    type: Literal["question"] = "question"
    ask_id: str


class FrameBecause(Part):
    """A frame of the rep's own screen share."""

    type: Literal["frame"] = "frame"
    at: float
    hash: str


Because = Annotated[WordsBecause | GaugeBecause | QuestionBecause | FrameBecause, Field(discriminator="type")]


class Source(Part):
    """What supports a nudge: an id to ask `coach_source` for, a title to show, a place in the playbook."""

    id: str
    title: str
    locator: str


class Timing(Part):
    """When the words ended, were heard, were decided upon and were sent; seconds since the call began."""

    spoken: float
    heard: float
    decided: float
    sent: float


class Action(Part):
    """One thing the rep may confirm on a card."""

    id: str
    label: str = Field(max_length=40)


class Nudge(Message):
    """One revision of one card, coach to rep (`coach_nudge`)."""

    id: str
    rev: int = Field(ge=0)
    final: bool = True
    status: NudgeStatus = "live"
    kind: str
    headline: str = Field(min_length=1, max_length=80)
    detail: str = Field(default="", max_length=400)
    priority: int = Field(ge=0, le=1000)
    ttl_ms: int = Field(ge=0)
    because: tuple[Because, ...] = Field(min_length=1)
    sources: tuple[Source, ...] = Field(min_length=1)
    timing: Timing
    action: Action | None = None

    @property
    def segment(self) -> int:
        """The journal segment this id was minted in: clients obey the highest only."""
        return int(self.id.split("-", 1)[0])


class Ack(Part):
    """The rep's answer to a nudge; `painted_ms` is handler entry to paint, in milliseconds."""

    status: Literal["shown", "hidden", "dropped"]
    painted_ms: float | None = Field(default=None, ge=0)


class Hearing(Part):
    """One participant as the coach sees them: who, consented or not, heard or not and why not, by whom.

    `behind_s`: seconds of speech that were kept and are yet to be recognised; `lost_s`: that never will be.
    """

    identity: str
    name: str
    role: Role
    present: bool
    consent: ConsentState
    heard: bool
    why: str = ""
    provider: str = ""
    behind_s: float = 0.0
    lost_s: float = 0.0


class Objection(Part):
    """Something that speaks against buying, and the turn it was said in."""

    text: str = Field(max_length=120)
    turn: str


class Insights(Part):
    """A slow look at the whole call by a model, as of `at`. `intent` to buy is 0 to 100. Whatever names a turn names
    one that was heard.
    """

    at: float
    sentiment: Literal["negative", "neutral", "positive"]
    intent: int = Field(ge=0, le=100)
    objections: tuple[Objection, ...] = Field(default=(), max_length=5)
    products: tuple[str, ...] = Field(default=(), max_length=5)
    hints: tuple[str, ...] = Field(default=(), max_length=3)
    compliance: tuple[Objection, ...] = Field(default=(), max_length=5)
    next_action: str = Field(default="", max_length=160)


class Seeing(Part):
    """What the coach sees of the rep's screen share, and why it does not; `last` is when the newest good frame was
    taken.
    """

    watching: bool
    why: str = ""
    last: float | None = None


class State(Message):
    """The call as the coach sees it (`coach_state`; also the answer to hello, consent and control).

    `checklist` and `disclosures`: each item's id, and whether it was dealt with. `gauges` by name, in the unit the name
    ends with: `_s` seconds, `_wpm` words a minute, else a count or a share.
    """

    segment: int
    at: float
    status: Literal["waiting_for_consent", "listening", "ending"]
    consent_mode: ConsentMode
    participants: tuple[Hearing, ...] = ()
    engine: Engine = "rules_only"
    attention: Attention = "live"
    stage: str = ""
    gauges: dict[str, float] = Field(default_factory=dict)
    checklist: dict[str, bool] = Field(default_factory=dict)
    disclosures: dict[str, bool] = Field(default_factory=dict)
    nudges_shown: int = 0
    nudges_withdrawn: int = 0
    nudges_held: int = 0
    trouble: tuple[str, ...] = ()
    insights: Insights | None = None
    screen: Seeing | None = None


class Hello(Message):
    """The rep's client introduces itself (`coach_hello`)."""

    client: str = Field(default="", max_length=80)
    version: str = Field(default="", max_length=40)
    shows: tuple[str, ...] = ()


class ConsentRequest(Message):
    """The rep says whom the disclosure reached, or takes it back (`coach_consent`)."""

    identities: tuple[str, ...] = Field(min_length=1, max_length=200)
    granted: bool
    how: str = Field(default="", max_length=200)
    text: str = Field(default="", max_length=2000)


class FeedbackRequest(Message):
    """What the rep did with a nudge (`coach_feedback`)."""

    id: str = Field(max_length=80)
    feedback: FeedbackKind


class ControlRequest(Message):
    """How much the rep wants to hear (`coach_control`)."""

    attention: Attention


class SourceRequest(Message):
    """Asks for the text behind a source id (`coach_source`)."""

    id: str = Field(max_length=200)


class SourceText(Message):
    """Title and text of a source, cut to fit the payload limit."""

    id: str
    title: str
    text: str
    cut: bool = False


class Ask(Message):
    """The rep asks the coach something (`coach_ask`)."""

    question: str = Field(min_length=1, max_length=2000)


class Asked(Message):
    """The question's id; the answer comes as a nudge of kind `answer` that names it."""

    id: str


class NotesRequest(Message):
    """Asks for a page of the notes taken so far (`coach_notes`)."""

    page: int = Field(default=1, ge=1, le=1000)


class NotesPage(Message):
    """One page of the notes as Markdown; `pages` in all, at least one. A page beyond the last is the last."""

    page: int
    pages: int
    markdown: str


def parse_ack(payload: str) -> Ack:
    """The rep's answer to a nudge: a bare word (`shown`), a JSON string, or a JSON object.

    Raises:
        ValueError: the answer is none of these.
    """
    text = payload.strip()
    try:
        answer = json.loads(text)
    except json.JSONDecodeError:
        answer = text
    if isinstance(answer, str):
        answer = {"status": answer}
    try:
        return Ack.model_validate(answer)
    except ValidationError as fault:
        raise ValueError('answer a nudge with "shown", "hidden" or "dropped"') from fault
