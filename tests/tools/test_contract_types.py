"""The TypeScript side of the contract is what the models say, and the tool that writes it leaves nothing out."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from cornerman.paths import find_project_file
from cornerman_client import contract

TOOL = find_project_file("tools") / "contract_types.py"
GENERATED = find_project_file("rep_client") / "web" / "src" / "contract.ts"
MODELS = [
    value
    for value in vars(contract).values()
    if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == contract.__name__
]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(TOOL), *arguments], capture_output=True, text=True, timeout=60)


def test_the_generated_file_is_what_the_models_say() -> None:
    written = runpy.run_path(str(TOOL))["typescript"]()
    assert GENERATED.read_text(encoding="utf-8") == written, "run: python tools/contract_types.py"


def test_a_file_that_drifted_fails_the_check_and_is_written_anew(tmp_path: Path) -> None:
    drifted = tmp_path / "contract.ts"
    good = GENERATED.read_text(encoding="utf-8")
    drifted.write_text(good.replace("most: 80", "most: 81"), encoding="utf-8")
    check = run("--check", "--target", str(drifted))
    assert check.returncode == 1
    assert "python tools/contract_types.py" in check.stderr
    assert run("--target", str(drifted)).returncode == 0
    assert drifted.read_text(encoding="utf-8") == good
    assert run("--check", "--target", str(tmp_path / "none.ts")).returncode == 1


@pytest.mark.parametrize("model", [model for model in MODELS if model not in (contract.Message, contract.Part)])
def test_every_field_of_a_model_is_there(model: type[BaseModel]) -> None:
    interface = re.search(
        rf"^export interface {model.__name__} \{{\n(.*?)\n\}}",
        GENERATED.read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    assert interface
    assert re.findall(r"readonly (\w+)\??:", interface[1]) == list(model.model_fields)


def test_every_constant_is_there() -> None:
    constants = {
        name for name, value in vars(contract).items() if name.isupper() and isinstance(value, int | str | tuple)
    }
    assert {"NUDGE", "COACH_METHODS", "STRANGER_CODE", "MAX_PAYLOAD_BYTES", "DEFAULT_IDENTITY_PREFIX"} <= constants
    written = re.findall(r"^export const ([A-Z_]+) = ", GENERATED.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(written) == constants


def test_a_rule_the_tool_does_not_know_stops_it() -> None:
    class Stamped(BaseModel):
        at: float = Field(multiple_of=0.5)

    with pytest.raises(NotImplementedError, match="multipleOf"):
        runpy.run_path(str(TOOL))["_shape_of_model"](Stamped)
