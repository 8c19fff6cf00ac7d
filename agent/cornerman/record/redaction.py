"""Takes what identifies people out of words before they are kept: phone numbers, e-mail addresses, card numbers, IBANs,
and long numbers, written or spelled out ("five five five, oh one two three").

In: the words of a turn, or any text. Out: which words belong to what, and a placeholder for it, the same one for the
same value throughout one call. Phone numbers are found and told apart by `phonenumberslite`, Google's library; cards
and IBANs count where their check digits fit, by `python-stdnum`. Both are the extra `cornerman[redaction]` and bring no
model. Names of people and addresses are not found: that takes a language model.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cornerman.config import JournalSettings
from cornerman.errors import ConfigError

_EMAIL: Final = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_SPOKEN_EMAIL: Final = re.compile(
    r"\b[\w.+-]+(?:(?: (?:dot|punkt|underscore|unterstrich) |(?<=\w) (?=\w ))[\w.+-]+){0,3},? (?:at|ät)"
    r" [\w-]+(?:(?: (?:dot|punkt) )[\w-]+)+",
    re.IGNORECASE,
)
_AT: Final = re.compile(r" (?:at|ät) .*(?:dot|punkt) ", re.IGNORECASE)
_CARD: Final = re.compile(r"(?<![\w])\d(?:[ -]?\d){12,18}(?![\w])")
_IBAN: Final = re.compile(r"\b[A-Za-z]{2} ?\d{2}(?:[ -]?[A-Za-z0-9]){11,30}\b")
_NUMBER: Final = re.compile(r"(?<![\w.,$€£])\d(?:[ /-]?\d){5,}(?![\w%])")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d|\d\d?[/-]\d\d?[/-]\d{4}")
_ENGLISH: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_GERMAN: Final = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_SAID: Final = {word: str(digit) for words in (_ENGLISH, _GERMAN) for digit, word in enumerate(words)}
_DIGITS: Final[Mapping[str, str]] = {**_SAID, "oh": "0", "o": "0", "zwo": "2", "plus": "+"}
_REPEATS: Final = {"double": 2, "triple": 3}
_EDGE: Final = ".,;:!?()\"'"
SHORTEST_SPELLED = 6
"""Digits; fewer are a price or a year."""


@dataclass(frozen=True, slots=True)
class Found:
    """Words `first` to `last` are one thing, and what stands for it."""

    first: int
    last: int
    placeholder: str


class Redactor:
    """Finds what is to be taken out, in one call. Safe to use from several threads."""

    def __init__(self, kinds: Sequence[str], region: str) -> None:
        self.kinds = tuple(kinds)
        self._region = region
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], str] = {}
        finders: dict[str, Callable[[str], Iterator[tuple[int, int, str]]]] = {
            "email": _emails,
            "iban": _ibans,
            "card": _cards,
            "phone": self._phones,
            "number": _numbers,
        }
        self._finders = [(kind, finder) for kind, finder in finders.items() if kind in kinds]

    def find(self, words: Sequence[str]) -> tuple[Found, ...]:
        """What is to be taken out of these words, in order; nothing overlaps."""
        taken: list[Found] = []
        starts, text = _joined(words)
        if not _may_hold(words, text):
            return ()
        for first, last, digits in _spelled(words):
            spelled = self._kind_of(digits)
            if spelled is not None:
                self._take(taken, spelled, self._value(spelled, digits), first, last)
        for kind, finder in self._finders:
            for start, end, value in finder(text):
                first = _word_at(starts, start)
                self._take(taken, kind, value, first, _word_at(starts, end - 1))
        return tuple(sorted(taken, key=lambda one: one.first))

    def text(self, text: str) -> str:
        """A text with placeholders."""
        places = [match.span() for match in re.finditer(r"\S+", text)]
        found = self.find([text[start:end] for start, end in places])
        for one in reversed(found):
            start, end = places[one.first][0], places[one.last][1]
            tail = text[start:end][len(text[start:end].rstrip(_EDGE)) :]
            text = f"{text[:start]}{one.placeholder}{tail}{text[end:]}"
        return text

    def tree(self, value: Any) -> Any:
        """The same tree of plain values with placeholders in every text; keys stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.tree(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(part) for part in value]
        return value

    def _take(self, taken: list[Found], kind: str, value: str, first: int, last: int) -> None:
        if any(first <= one.last and one.first <= last for one in taken):
            return
        with self._lock:
            of_kind = sum(1 for known, _ in self._known if known == kind)
            placeholder = self._known.setdefault((kind, value), f"[{kind}-{of_kind + 1}]")
        taken.append(Found(first, last, placeholder))

    def _phones(self, text: str) -> Iterator[tuple[int, int, str]]:
        from phonenumbers import Leniency, PhoneNumberMatcher

        for match in PhoneNumberMatcher(text, self._region, leniency=Leniency.POSSIBLE):
            yield match.start, match.end, self._value("phone", match.raw_string)

    def _kind_of(self, digits: str) -> str | None:
        """What a number that was spelled out is, of the kinds that are to be taken out."""
        from stdnum import luhn

        plain = digits.lstrip("+")
        if "card" in self.kinds and 13 <= len(plain) <= 19 and luhn.is_valid(plain):
            return "card"
        if "phone" in self.kinds and 7 <= len(plain) <= 15:
            return "phone"
        return "number" if "number" in self.kinds else None

    def _value(self, kind: str, written: str) -> str:
        """One form for every way of saying it."""
        if kind == "phone":
            from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

            try:
                return str(format_number(parse(written, self._region), PhoneNumberFormat.E164))
            except NumberParseException:
                pass
        return _digits(written)


def redactor_of(settings: JournalSettings) -> Redactor | None:
    """What `journal.redact` asks for, for one call; None where nothing is to be taken out.

    Raises: ConfigError: the libraries for it are not installed.
    """
    if not settings.redact:
        return None
    try:
        import phonenumbers  # noqa: F401 - an extra: whether it is there
        import stdnum  # noqa: F401
    except ImportError:
        raise ConfigError(
            "journals cannot be redacted", ["journal.redact needs the extra cornerman[redaction]; install it"]
        ) from None
    return Redactor(settings.redact, settings.redact_region)


def _may_hold(words: Sequence[str], text: str) -> bool:
    """A quick look: most of what people say holds nothing, and looking closely takes milliseconds."""
    if "@" in text or _AT.search(text):
        return True
    digits = sum(character.isdigit() for character in text)
    return digits + sum(2 for word in words if word.lower().strip(_EDGE) in _DIGITS) >= SHORTEST_SPELLED


def _emails(text: str) -> Iterator[tuple[int, int, str]]:
    for pattern in (_EMAIL, _SPOKEN_EMAIL):
        for match in pattern.finditer(text):
            said = re.sub(r",? (?:at|ät) ", "@", match[0].lower())
            yield match.start(), match.end(), re.sub(r" (?:dot|punkt) ", ".", said).replace(" ", "").strip(_EDGE)


def _cards(text: str) -> Iterator[tuple[int, int, str]]:
    from stdnum import luhn

    for match in _CARD.finditer(text):
        if luhn.is_valid(_digits(match[0])):
            yield match.start(), match.end(), _digits(match[0])


def _ibans(text: str) -> Iterator[tuple[int, int, str]]:
    """Each as long as its check digits fit: what follows may look like more of it."""
    from stdnum import iban

    for match in _IBAN.finditer(text):
        ends = [end for end in range(len(match[0]), 14, -1) if end == len(match[0]) or match[0][end] in " -"]
        for end in ends:
            written = re.sub(r"[ -]", "", match[0][:end])
            if iban.is_valid(written):
                yield match.start(), match.start() + end, written.upper()
                break


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _NUMBER.finditer(text):
        if not _DATE.fullmatch(match[0]):
            yield match.start(), match.end(), _digits(match[0])


def _spelled(words: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Numbers of which at least one digit is said as a word: first and last word, and the digits."""
    index = 0
    while index < len(words):
        first, digits, by_word, times = index, "", False, 1
        while index < len(words):
            bare = words[index].lower().strip(_EDGE)
            if bare in _REPEATS and index + 1 < len(words):
                times = _REPEATS[bare]
            elif bare in _DIGITS:
                digits, by_word, times = digits + _DIGITS[bare] * times, True, 1
            elif re.fullmatch(r"\+?\d+(?:-\d+)*", bare):
                digits, times = digits + _digits(bare), 1
            else:
                break
            index += 1
        if by_word and len(digits.lstrip("+")) >= SHORTEST_SPELLED:
            yield first, index - 1, digits
        index = max(index, first + 1)


def _joined(words: Sequence[str]) -> tuple[list[int], str]:
    """The words as one text, and where in it each begins."""
    starts, at = [], 0
    for word in words:
        starts.append(at)
        at += len(word) + 1
    return starts, " ".join(words)


def _word_at(starts: Sequence[int], place: int) -> int:
    return max(index for index, start in enumerate(starts) if start <= place)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
