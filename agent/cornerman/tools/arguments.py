"""What a model sent for a tool, read and checked, and the key under which the same question is known.

In: the tool and the text of its arguments. Out: arguments that fit the tool's signature, or an error that says what to
send. A key is a digest: it may stand in a record of the call without the words that were asked with.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from livekit.agents import llm
from livekit.agents.llm.utils import parse_function_arguments, validated_arguments
from pydantic import ValidationError

from cornerman.contract import faults_of
from cornerman.tools.errors import ToolError
from cornerman.tools.names import key_of

LONGEST: Final = 4000


def checked(tool: llm.FunctionTool[..., Any] | llm.RawFunctionTool[..., Any], text: str) -> dict[str, Any]:
    """The arguments. Those of a tool with a schema of its own (MCP) are an object, the rest is its server's to check.

    Raises: ToolError: they cannot be used.
    """
    if len(text) > LONGEST:
        raise ToolError(f"the arguments are too long: send at most {LONGEST} characters")
    try:
        given = parse_function_arguments(text or "{}")
    except (ValueError, RecursionError):
        raise ToolError("the arguments are not a JSON object: send one") from None
    try:
        return validated_arguments(tool, given)
    except ValidationError as error:
        raise ToolError(f"the arguments do not fit: {'; '.join(faults_of(error)[:4])}") from None
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise ToolError("the arguments do not fit the tool: send them as its description says") from None


def key_for(tool: str, arguments: Mapping[str, Any], *, exact: bool = False) -> str:
    """The same for arguments that ask the same: left-out ones, case, spelling of spaces and signs aside. `exact`: what
    the arguments mean is not known here, so they count as they are.
    """
    if exact:
        told: dict[str, Any] = dict(arguments)
    else:
        told = {name: _normal(value) for name, value in arguments.items() if value not in (None, "")}
    text = json.dumps(told, sort_keys=True, ensure_ascii=True, default=str)
    return f"{tool}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _normal(value: Any) -> Any:
    if isinstance(value, str):
        words = " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", value).casefold()))
        return key_of(words) or value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value
