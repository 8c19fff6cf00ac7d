"""Settings as far as they can be read, so that one fault does not hide those that lie behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ValidationError, model_validator

from cornerman.config.section import Section
from cornerman.config.settings import Settings, load_settings
from cornerman.errors import ConfigError


@dataclass(frozen=True, slots=True)
class PartlyRead:
    """`settings` holds defaults where a section cannot be used; `unread` names those sections."""

    settings: Settings
    faults: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()


class _Given(Settings):
    """Keeps what file and environment gave, before any of it is refused."""

    given: ClassVar[dict[str, Any]] = {}

    @model_validator(mode="before")
    @classmethod
    def _keep(cls, values: Any) -> Any:
        cls.given = dict(values) if isinstance(values, dict) else {}
        return values


def read_settings() -> PartlyRead:
    """What file and environment say, and everything that is wrong with it.

    Raises:
        ConfigError: nothing can be read: the file is missing, or no YAML.
    """
    try:
        return PartlyRead(load_settings())
    except ConfigError as error:
        refused = error
    try:
        _Given()
    except ValidationError:
        pass
    except Exception:
        raise refused from None
    sections: dict[str, Any] = {}
    unread = set[str]()
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            try:
                sections[name] = kind.model_validate(_Given.given.get(name) or {})
            except ValidationError:
                sections[name] = kind.model_validate({})
                unread.add(name)
    return PartlyRead(Settings.model_construct(**sections), refused.faults, frozenset(unread))
