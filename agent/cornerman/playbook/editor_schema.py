"""The shape of a playbook's files as JSON Schema, so that editors complete and check them while they are written.

Out: one schema for each kind of file, generated from the models the loader reads with. What needs more than one file,
or arithmetic (weights that add up, a time to live within a cool-down), only `cornerman playbook check` knows.

They lie in `.schema/` inside a playbook: a playbook that is copied takes them along, their addresses are relative, and
nothing is fetched. Draft 7, because the YAML language server promises no later one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from cornerman.playbook.gauge_schema import GaugePart
from cornerman.playbook.schema import (
    BattlecardPart,
    CardPart,
    CompliancePart,
    DiscountsPart,
    LineTestPart,
    MomentPart,
    PlaybookPart,
    ProductPart,
    RubricPart,
)

SCHEMA_FOLDER: Final = ".schema"
DIALECT: Final = "http://json-schema.org/draft-07/schema#"

# Name of the schema, what it is for, the model, and whether the file lists many of them.
_KINDS: Final[tuple[tuple[str, str, type[BaseModel], bool], ...]] = (
    ("playbook", "playbook.yaml", PlaybookPart, False),
    ("moments", "moments/*.yaml", MomentPart, True),
    ("battlecards", "front matter of battlecards/*.md", BattlecardPart, False),
    ("objections", "front matter of objections/*.md", CardPart, False),
    ("plays", "front matter of plays/*.md", CardPart, False),
    ("products", "front matter of products/*.md", ProductPart, False),
    ("discounts", "discounts.yaml", DiscountsPart, False),
    ("compliance", "compliance.yaml", CompliancePart, False),
    ("gauges", "gauges.yaml", GaugePart, True),
    ("rubric", "rubric.yaml", RubricPart, False),
    ("tests", "tests.yaml", LineTestPart, True),
)


class _Draft7(GenerateJsonSchema):
    schema_dialect = DIALECT


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of each kind of file, by file name (`moments.schema.json`)."""
    return {f"{name}.schema.json": _schema(what, model, many) for name, what, model, many in _KINDS}


def schema_texts() -> dict[str, str]:
    """The same as the files' text."""
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in schemas().items()}


def write_schemas(folder: Path) -> list[Path]:
    """Writes every schema into a folder, which is made where it is missing; returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, text in schema_texts().items():
        file = folder / name
        file.write_text(text, encoding="utf-8")
        written.append(file)
    return written


def modeline(name: str, inside: str = "") -> str:
    """The line that makes an editor check a file by a schema; `inside` is the folder of the playbook it lies in."""
    way = "../" if inside else ""
    return f"# yaml-language-server: $schema={way}{SCHEMA_FOLDER}/{name}.schema.json"


def _schema(what: str, model: type[BaseModel], many: bool) -> dict[str, Any]:
    whole: Any = list[model] if many else model  # type: ignore[valid-type]
    made = TypeAdapter(whole).json_schema(ref_template="#/definitions/{model}", schema_generator=_Draft7)
    head = {"$schema": DIALECT, "title": f"{what} of a Cornerman playbook"}
    definitions = {name: _plain(one) for name, one in made.pop("$defs", {}).items()}
    body = _plain(made)
    return {**head, **body, **({"definitions": definitions} if definitions else {})}


def _plain(schema: Any, names: bool = False) -> Any:
    """Without the titles that repeat a field's name, and with draft 7's rule that nothing stands beside a `$ref`.

    `names`: the keys are fields' names, not words of the schema language.
    """
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: value if key in ("default", "const", "enum") and not names else _plain(value, names=key == "properties")
        for key, value in schema.items()
        if names or key != "title"
    }
    if "$ref" in kept and len(kept) > 1 and not names:
        return {"allOf": [{"$ref": kept.pop("$ref")}], **kept}
    return kept
