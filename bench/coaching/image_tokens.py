"""What a picture in a request costs, in tokens, as OpenAI counts for the models of the gpt-4o family.

85 tokens at low detail; at high detail, after the picture was made to fit 2,048 pixels square and its shorter side 768,
85 and 170 for each tile of 512 pixels. Detail "auto" counts as low where the picture fits one tile of 512, else high.
"""

from __future__ import annotations

import base64
import io
import math
from typing import Any

from fakes.replies import Asked
from PIL import Image

BASE, TILE = 85, 170
SIDE, LONGEST, SHORTEST = 512, 2048, 768


def tokens_of(width: int, height: int, detail: str) -> int:
    """Tokens of one picture of so many pixels."""
    fits = max(width, height) <= SIDE
    if detail == "low" or (detail != "high" and fits):
        return BASE
    shrink = min(1.0, LONGEST / max(width, height))
    width, height = round(width * shrink), round(height * shrink)
    shrink = min(1.0, SHORTEST / min(width, height))
    width, height = round(width * shrink), round(height * shrink)
    return BASE + TILE * math.ceil(width / SIDE) * math.ceil(height / SIDE)


def image_tokens(asked: Asked) -> int:
    """Tokens of all pictures in a request."""
    return sum(_tokens(part["image_url"]) for part in _pictures(asked))


def _pictures(asked: Asked) -> list[dict[str, Any]]:
    contents = (message.get("content") for message in asked.messages)
    return [part for one in contents if isinstance(one, list) for part in one if part.get("type") == "image_url"]


def _tokens(address: dict[str, Any]) -> int:
    jpeg = base64.b64decode(address["url"].partition(",")[2])
    with Image.open(io.BytesIO(jpeg)) as picture:
        return tokens_of(*picture.size, address.get("detail", "auto"))
