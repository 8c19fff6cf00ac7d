"""What a fake language model answers to the next requests, and what it was asked: the same for all its protocols.

In: a test's script, one `Reply` for each request in order of arrival, or a function that looks at the request. Out:
the reply of the one that just arrived; `Asked`, a request as it came. Promise: may be set and read from any thread,
also while the server runs.
"""

from __future__ import annotations

import base64
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fakes.record import Record

CHARACTERS_PER_TOKEN = 4

Ending = Literal["done", "stall", "cut", "reset", "garbage", "error", "unfinished"]
"""How a reply ends: properly; never (the connection stays); with the connection closed in the middle of the body; with
it reset; with a line that is no JSON; with the protocol's own error in the stream; with the body closed as if all had
been said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A tool call: its arguments come in pieces of `piece` characters."""

    name: str
    arguments: str
    call_id: str = "call_1"
    piece: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer. `first` seconds to its first token, then `tokens_per_second` (0: all at once); `pieces` instead of
    `text` where it matters how it is cut. With `status` other than 200 the request is turned away. After `pieces` and
    `calls` it ends as `ending` says.
    """

    text: str = ""
    pieces: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    first: float = 0.0
    tokens_per_second: float = 0.0
    ending: Ending = "done"
    status: int = 200
    retry_after: str | None = None
    message: str = ""
    code: str | None = None
    cached_tokens: int = 0
    usage: bool = True
    headers: float = 0.0
    """Seconds until the answer's headers go out."""

    @property
    def cut(self) -> tuple[str, ...]:
        """The text as it is sent, a token at a time where the script does not say otherwise."""
        step = CHARACTERS_PER_TOKEN
        return self.pieces or tuple(self.text[at : at + step] for at in range(0, len(self.text), step))

    @property
    def tokens(self) -> int:
        said = "".join(self.cut) + "".join(call.arguments for call in self.calls)
        return -(-len(said) // CHARACTERS_PER_TOKEN)

    def due(self, number: int) -> float:
        """Seconds after the request at which piece `number` is sent."""
        return self.first + (number / self.tokens_per_second if self.tokens_per_second else 0.0)


Choice = Callable[["Asked"], Reply | None]


class Replies:
    """The replies to requests to come, in order of arrival."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: deque[Reply] = deque()
        self._afterwards = Reply(text="ok")
        self._decide: Choice | None = None

    def play(self, *replies: Reply, then: Reply | None = None) -> None:
        """Forget what was planned: the next requests get these, all later ones `then` (default: a plain "ok")."""
        with self._lock:
            self._next = deque(replies)
            self._afterwards = then or Reply(text="ok")

    def decide(self, choice: Choice | None) -> None:
        """Ask `choice` first, with the request; None leaves it to order. It is called in the server's thread and must
        be quick.
        """
        with self._lock:
            self._decide = choice

    def reply_to(self, asked: Asked) -> Reply:
        with self._lock:
            chosen = self._decide(asked) if self._decide is not None else None
            if chosen is not None:
                return chosen
            return self._next.popleft() if self._next else self._afterwards


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its parsed body, and the record of its connection."""

    body: dict[str, Any]
    record: Record

    @property
    def arrived(self) -> float:
        """When its headers were there, by `time.monotonic()`."""
        return self.record.arrived

    @property
    def closed_early(self) -> bool:
        """Whether the client hung up before the answer was complete."""
        return self.record.ended == "client lost"

    @property
    def messages(self) -> Sequence[dict[str, Any]]:
        """The conversation, under either protocol's name for it."""
        found = self.body.get("messages") or self.body.get("input") or []
        return found if isinstance(found, list) else []

    @property
    def texts(self) -> tuple[str, ...]:
        """Every piece of text in the messages, in order."""
        return tuple(_texts(self.messages))

    @property
    def prompt(self) -> str:
        """All text of the messages."""
        return "\n".join(self.texts)

    @property
    def images(self) -> tuple[bytes, ...]:
        """Every image that came in the messages themselves, in order."""
        return tuple(_images(self.messages))

    @property
    def tools(self) -> tuple[str, ...]:
        """Names of the functions offered, types of the provider's own tools."""
        offered = self.body.get("tools") or []
        return tuple(tool.get("function", tool).get("name") or tool["type"] for tool in offered)

    @property
    def prompt_tokens(self) -> int:
        return -(-len(self.prompt) // CHARACTERS_PER_TOKEN) + 85 * len(self.images)


def _parts(messages: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for message in messages:
        content = message.get("content", message.get("output"))
        if isinstance(content, str):
            yield {"type": "text", "text": content}
        elif isinstance(content, list):
            yield from content


def _texts(messages: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield from (part["text"] for part in _parts(messages) if isinstance(part.get("text"), str))


def _images(messages: Sequence[dict[str, Any]]) -> Iterator[bytes]:
    for part in _parts(messages):
        image = part.get("image_url")
        url = image.get("url") if isinstance(image, dict) else image
        if isinstance(url, str) and url.startswith("data:"):
            yield base64.b64decode(url.partition(",")[2])
