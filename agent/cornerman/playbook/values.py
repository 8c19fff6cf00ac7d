"""The kinds of value a playbook's fields hold: text of a length, ids, phrases, seconds, counts.

Plain values as read from YAML go in, checked ones come out; a fault is a ValueError with a plain sentence. Each also
says what an editor is told of it, so that the published schema agrees with what is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from cornerman.playbook.kinds import WORD_KINDS, SpeakerRole, Stage
from cornerman.playbook.phrases import MAX_CHARACTERS, Slot, expand

HEADLINE_CHARACTERS: Final = 80
DETAIL_CHARACTERS: Final = 400

_LANGUAGE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,7}"
_NAME = r"[a-z0-9]+(?:[-_][a-z0-9]+)*"
_CARD = r"\{competitor\}|(battlecards|objections|plays)/[a-z0-9][a-z0-9-]*"
# The 39 phones of the CMU pronouncing dictionary, without stress marks, as the offline recogniser reads them.
_ARPABET = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
_PHONES = frozenset(_ARPABET.split())


@dataclass(frozen=True, slots=True)
class WrittenPhrase:
    """A phrase as its author wrote it, found readable: how many sequences it stands for, and the slots in all of them.

    The sequences themselves are not kept: 100,000 phrases of 1,000 each would fill the memory.
    """

    text: str
    variants: int
    slots: frozenset[str]


def _read_phrase(value: Any) -> WrittenPhrase:
    if not isinstance(value, str):
        raise ValueError('a phrase must be text; put it in quotes, like "{percent} off" or "[very] expensive"')
    phrases = expand(value)
    slots = [frozenset(one.name for one in phrase if isinstance(one, Slot)) for phrase in phrases]
    return WrittenPhrase(value, len(phrases), frozenset.intersection(*slots))


def _checked_id(value: str) -> str:
    if not re.fullmatch(_NAME, value):
        raise ValueError(f"{value[:60]!r} is no id; use small letters a-z, digits and single hyphens or underscores")
    return value


def _checked_language(value: str) -> str:
    if not re.fullmatch(_LANGUAGE, value):
        raise ValueError(f'{value[:60]!r} is no BCP 47 language tag; write one like "en" or "pt-BR"')
    return value


def _checked_pronunciation(value: str) -> str:
    phones = [phone.rstrip("012") for phone in value.upper().split()]
    wrong = [phone for phone in phones if phone not in _PHONES]
    if wrong or not phones:
        raise ValueError(
            f"{', '.join(wrong)[:60] or 'nothing'} is no ARPAbet; write phones with spaces, like N AO R TH S T AA R"
        )
    return " ".join(phones)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _told(pattern: str) -> Any:
    """What an editor is told of a text that only its validator knows in full."""
    return Field(json_schema_extra={"pattern": f"^(?:{pattern})$"})


_PHRASE_SCHEMA: Final[dict[str, Any]] = {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS}
_KIND_SCHEMA: Final[dict[str, Any]] = {
    # The names are offered for completion; a playbook's own kinds pass by their form.
    "anyOf": [{"enum": sorted(WORD_KINDS)}, {"type": "string", "pattern": f"^{_NAME}$", "maxLength": 120}]
}

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Headline = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=HEADLINE_CHARACTERS)]
Detail = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=DETAIL_CHARACTERS)]
Identifier = Annotated[Title, AfterValidator(_checked_id), _told(_NAME)]
Language = Annotated[Title, AfterValidator(_checked_language), _told(_LANGUAGE)]
Kind = Annotated[Title, WithJsonSchema(_KIND_SCHEMA)]
CardId = Annotated[Title, _told(_CARD)]
Pronunciation = Annotated[Title, AfterValidator(_checked_pronunciation)]
Pronunciations = dict[
    str,
    Annotated[
        tuple[Pronunciation, ...],
        Field(min_length=1),
        BeforeValidator(_as_list, json_schema_input_type=Title | Annotated[tuple[Title, ...], Field(min_length=1)]),
    ],
]
PhraseText = Annotated[WrittenPhrase, PlainValidator(_read_phrase), WithJsonSchema(_PHRASE_SCHEMA)]
Seconds = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=86_400)]
TimeToLive = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=1, le=600)]
Interval = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=3_600)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000)]
Priority = Annotated[int, Field(strict=True, ge=0, le=1000)]
Percent = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=100)]
Flag = Annotated[bool, Field(strict=True)]
Roles = Annotated[
    tuple[SpeakerRole, ...],
    Field(min_length=1),
    BeforeValidator(
        _as_list, json_schema_input_type=SpeakerRole | Annotated[tuple[SpeakerRole, ...], Field(min_length=1)]
    ),
]
Stages = Annotated[tuple[Stage, ...], BeforeValidator(_as_list, json_schema_input_type=Stage | tuple[Stage, ...])]
Titles = Annotated[tuple[Title, ...], BeforeValidator(_as_list, json_schema_input_type=Title | tuple[Title, ...])]
