"""Faults of a playbook: gathered while reading goes on, so that one run shows them all, each with file, line and mend.

A pydantic error and the line numbers of a file go in, plain sentences come out.
"""

from __future__ import annotations

import difflib
import typing
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cornerman.playbook.yaml_tree import Step, YamlTree

MOST_TOLD: Final = 200


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong at a line of a file; `text` reads "what is wrong; how to mend it"."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(slots=True)
class FaultLog:
    """Everything found so far: what makes the playbook unusable, and what one can live with."""

    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def add(self, file: str, line: int, text: str) -> None:
        """Notes a fault that makes the playbook unusable."""
        self.faults.append(Fault(file, line, text))

    def warn(self, file: str, line: int, text: str) -> None:
        """Notes a fault one can live with."""
        self.warnings.append(Fault(file, line, text))

    def sentences(self) -> list[str]:
        """All faults, by file and line, each once; of endless ones the first `MOST_TOLD`, and how many follow."""
        told = [str(fault) for fault in sorted(set(self.faults))]
        more = len(told) - MOST_TOLD
        return [*told[:MOST_TOLD], f"and {more} more; mend these first"] if more > 0 else told

    def warning_sentences(self) -> tuple[str, ...]:
        """All warnings, by file and line, each once."""
        return tuple(str(warning) for warning in sorted(set(self.warnings)))

    def add_validation(
        self, file: str, tree: YamlTree, at: tuple[Step, ...], model: type[BaseModel], error: ValidationError
    ) -> None:
        """Notes every fault of a validation; `at` is the path of the validated value in the file."""
        details = error.errors(include_url=False)
        for detail in details:
            if not _follows_from_another(detail, details, model):
                self.add(file, tree.line_at((*at, *detail["loc"])), _sentence(detail, model))


def _follows_from_another(detail: ErrorDetails, details: list[ErrorDetails], model: type[BaseModel]) -> bool:
    """A misspelt field is also missing, and a list of faulty entries is also too short: one sentence is enough."""
    here = detail["loc"]
    if detail["type"] == "too_short":
        return any(len(other["loc"]) > len(here) and other["loc"][: len(here)] == here for other in details)
    if detail["type"] == "missing":
        unknown = [other["loc"] for other in details if other["type"] == "extra_forbidden"]
        return any(loc[:-1] == here[:-1] and _meant(loc, model) == here[-1] for loc in unknown)
    return False


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    place = _place(detail["loc"])
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "missing":
        return f"{place} is missing; add it"
    if kind == "extra_forbidden":
        return _unknown_field(detail["loc"], model)
    if kind == "value_error":
        return f"{place}: {context['error']}" if detail["loc"] else str(context["error"])
    if kind == "string_type":
        return f'{place} must be text; put it in quotes, like "no" or "2024"'
    if kind in ("tuple_type", "list_type"):
        return f"{place} must be a list; start each entry with '- '"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return f"{place} must hold fields; write 'name: value' lines"
    if kind == "string_too_long":
        return f"{place} has {len(str(detail['input']))} characters, at most {context['max_length']} fit; shorten it"
    if kind in ("string_too_short", "too_short"):
        return f"{place} is empty; write it, or leave the field out"
    if kind == "literal_error":
        return f"{place} is {str(detail['input'])[:60]!r}; use one of {context['expected']}"
    message = detail["msg"]
    return f"{place}: {message[:1].lower()}{message[1:]}; correct the value"


def _place(steps: tuple[Step, ...]) -> str:
    """A path as people read it: `phrases`, entry 3."""
    names = [f"entry {step + 1}" if isinstance(step, int) else f"'{step}'" for step in steps]
    return ", ".join(names) if names else "this entry"


def _meant(steps: tuple[Step, ...], model: type[BaseModel]) -> str | None:
    """The field that an unknown one comes closest to."""
    known = _model_at(model, steps[:-1]).model_fields
    return next(iter(difflib.get_close_matches(str(steps[-1]), sorted(known), n=1)), None)


def _unknown_field(steps: tuple[Step, ...], model: type[BaseModel]) -> str:
    meant = _meant(steps, model)
    known = ", ".join(sorted(_model_at(model, steps[:-1]).model_fields))
    mend = f"did you mean '{meant}'?" if meant else f"remove it; the fields are {known}"
    return f"{_place(steps)} is no field here; {mend}"


def _model_at(model: type[BaseModel], steps: tuple[Step, ...]) -> type[BaseModel]:
    """The model that a path inside another model leads to."""
    for step in steps:
        if isinstance(step, str) and step in model.model_fields:
            model = _model_in(model.model_fields[step].annotation) or model
    return model


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in typing.get_args(annotation) if (found := _model_in(part))), None)
