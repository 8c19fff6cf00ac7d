"""Reads one object of JSON that arrives in pieces: some of its texts as they grow, every other value once it is whole.

What stands before the object (white space, a code fence, a model's thoughts in `<think>`) is passed over, what stands
behind it is ignored. Every character is read once. Raises `JsonError`, whose words repeat nothing of what was read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json

_SPACE: Final = " \t\r\n"
_ESCAPES: Final = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip
_THOUGHTS: Final = "<think>"
_THOUGHTS_END: Final = "</think>"
MOST_BEFORE: Final = 400
"""Characters that may stand before the object, thoughts not counted."""


class JsonError(ValueError):
    """What arrived is no object of JSON, or not one that can be used."""


@dataclass(frozen=True, slots=True)
class TextPiece:
    """More of a text that is read as it grows, escapes resolved."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A text that was read as it grew is whole."""

    key: str


@dataclass(frozen=True, slots=True)
class Value:
    """A whole value of any other field, or one of a growing field that is no text."""

    key: str
    value: Any


class ObjectReader:
    """One object. `growing` names the fields whose texts are wanted as they grow."""

    def __init__(self, growing: Collection[str]) -> None:
        self._growing = frozenset(growing)
        self._state: Callable[[str], TextPiece | Ended | Value | str | None] = self._before
        self._seen: set[str] = set()
        self._key = ""
        self._raw: list[str] = []
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._unicode = ""
        self._high = ""
        self._passed = ""
        self._passed_count = 0
        self._thinking = False
        self.over = False

    def feed(self, piece: str) -> Iterator[TextPiece | Ended | Value]:
        """Takes in more; yields what became certain. Texts that grow come in one part for each piece."""
        text: list[str] = []
        for sign in piece:
            if self.over:
                break
            made = self._state(sign)
            if isinstance(made, str):
                text.append(made)
            elif made is not None:
                if text:
                    yield TextPiece(self._key, "".join(text))
                    text.clear()
                yield made
        if text:
            yield TextPiece(self._key, "".join(text))

    def _before(self, sign: str) -> None:
        if self._thinking:
            self._passed = (self._passed + sign)[-len(_THOUGHTS_END) :]
            if self._passed == _THOUGHTS_END:
                self._thinking, self._passed = False, ""
            return
        if sign == "{":
            self._state = self._key_or_end
            return
        self._passed = (self._passed + sign)[-len(_THOUGHTS) :]
        self._passed_count += 1
        if self._passed == _THOUGHTS:
            self._thinking, self._passed = True, ""
        elif self._passed_count > MOST_BEFORE or sign in "[}":
            raise JsonError("the answer is no object of JSON")

    def _key_or_end(self, sign: str) -> None:
        if sign == "}" and not self._seen:
            self.over = True
        elif sign == '"':
            self._raw = ['"']
            self._state = self._in_key
        elif sign not in _SPACE:
            raise JsonError("the answer is no valid JSON: a field's name was expected")

    def _in_key(self, sign: str) -> None:
        self._raw.append(sign)
        if self._escaped:
            self._escaped = False
        elif sign == "\\":
            self._escaped = True
        elif sign == '"':
            self._key = str(self._parsed())
            if self._key in self._seen:
                raise JsonError("the answer has a field twice")
            self._seen.add(self._key)
            self._state = self._colon

    def _colon(self, sign: str) -> None:
        if sign == ":":
            self._state = self._value_start
        elif sign not in _SPACE:
            raise JsonError("the answer is no valid JSON: a colon was expected")

    def _value_start(self, sign: str) -> Value | None:
        if sign in _SPACE:
            return None
        if sign == '"' and self._key in self._growing:
            self._state = self._in_text
            return None
        self._raw, self._depth, self._in_string = [], 0, False
        self._state = self._in_value
        return self._in_value(sign)

    def _in_text(self, sign: str) -> str | Ended | None:
        if self._unicode:
            return self._unicode_digit(sign)
        if self._escaped:
            self._escaped = False
            if sign == "u":
                self._unicode = "u"
                return None
            if sign not in _ESCAPES:
                raise JsonError("the answer is no valid JSON: an escape is unknown")
            return self._after_high(_ESCAPES[sign])
        if sign == "\\":
            self._escaped = True
            return None
        if sign == '"':
            self._state = self._comma_or_end
            self._high = ""
            return Ended(self._key)
        return self._after_high(sign)

    def _after_high(self, sign: str) -> str:
        """A sign that follows half a surrogate pair: the half is lost, and shows as what cannot be read."""
        lost, self._high = ("\ufffd" if self._high else ""), ""
        return lost + sign

    def _unicode_digit(self, sign: str) -> str | None:
        if sign not in "0123456789abcdefABCDEF":
            raise JsonError("the answer is no valid JSON: an escape is unknown")
        self._unicode += sign
        if len(self._unicode) < 5:
            return None
        code, self._unicode = int(self._unicode[1:], 16), ""
        if 0xD800 <= code < 0xDC00:
            lost, self._high = ("\ufffd" if self._high else ""), chr(code)
            return lost
        if 0xDC00 <= code < 0xE000:
            high, self._high = self._high, ""
            return chr(0x10000 + ((ord(high) - 0xD800) << 10) + code - 0xDC00) if high else "\ufffd"
        return self._after_high(chr(code))

    def _in_value(self, sign: str) -> Value | None:
        """Any other value, kept as written until it is whole."""
        if self._in_string:
            self._raw.append(sign)
            if self._escaped:
                self._escaped = False
            elif sign == "\\":
                self._escaped = True
            elif sign == '"':
                self._in_string = False
            return None
        if self._depth == 0 and sign in ",}":
            value = Value(self._key, self._parsed())
            self._comma_or_end(sign)
            return value
        self._raw.append(sign)
        self._in_string = sign == '"'
        self._depth += (sign in "[{") - (sign in "]}")
        if self._depth == 0 and sign in "]}":
            self._state = self._comma_or_end
            return Value(self._key, self._parsed())
        return None

    def _comma_or_end(self, sign: str) -> None:
        if sign == ",":
            self._state = self._key_or_end
        elif sign == "}":
            self.over = True
        elif sign not in _SPACE:
            raise JsonError("the answer is no valid JSON: a comma was expected")

    def _parsed(self) -> Any:
        try:
            return from_json("".join(self._raw))
        except ValueError:
            raise JsonError("the answer is no valid JSON: a value cannot be read") from None
