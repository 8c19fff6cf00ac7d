"""YAML files of a playbook as validated parts that still know their lines.

One mapping per file, or a list of them; every fault is noted and reading goes on with the next entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from cornerman.playbook.faults import FaultLog
from cornerman.playbook.files import PlaybookFiles
from cornerman.playbook.yaml_tree import Step, YamlTree, read_yaml

Part = TypeVar("Part", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Entry(Generic[Part]):
    """A validated part, the file it stands in, and the path at which it stands there."""

    part: Part
    file: str
    tree: YamlTree
    at: tuple[Step, ...] = ()

    def line(self, *steps: Step) -> int:
        """The line of a field of the part, or of the part itself."""
        return self.tree.line_at((*self.at, *steps))


def read_mapping(files: PlaybookFiles, path: str, model: type[Part], log: FaultLog) -> Entry[Part] | None:
    """The one part a file holds; None when the file is absent or its faults were noted."""
    tree = _tree(files, path, log)
    return _entry(tree, path, (), tree.value, model, log) if tree else None


def read_list(files: PlaybookFiles, path: str, model: type[Part], log: FaultLog) -> list[Entry[Part]]:
    """The parts a file lists, without those whose faults were noted."""
    tree = _tree(files, path, log)
    if tree is None:
        return []
    if not isinstance(tree.value, list):
        log.add(path, tree.line_at(()), "the file must be a list; start each entry with '- '")
        return []
    read = (_entry(tree, path, (index,), value, model, log) for index, value in enumerate(tree.value))
    return [entry for entry in read if entry]


def _tree(files: PlaybookFiles, path: str, log: FaultLog) -> YamlTree | None:
    if path not in files.texts:
        return None
    tree = read_yaml(files.texts[path], 1, lambda line, fault: log.add(path, line, fault))
    if tree is not None and tree.value is None:
        log.add(path, 1, "the file is empty; fill it, or remove it")
        return None
    return tree


def _entry(
    tree: YamlTree, path: str, at: tuple[Step, ...], value: object, model: type[Part], log: FaultLog
) -> Entry[Part] | None:
    try:
        return Entry(model.model_validate(value), path, tree, at)
    except ValidationError as error:
        log.add_validation(path, tree, at, model, error)
        return None
