"""Text from outside made plain: what a recogniser or a participant's name brings, without signs that steer a screen.

Control characters, direction overrides and other invisible marks are taken out, white space becomes single spaces.
"""

from __future__ import annotations

import unicodedata


def plain(text: str, limit: int) -> str:
    """The text with visible characters only, at most `limit` of them."""
    spaced = "".join(" " if sign.isspace() else sign for sign in text)
    visible = "".join(sign for sign in spaced if unicodedata.category(sign)[0] != "C")
    return " ".join(visible.split())[:limit]
