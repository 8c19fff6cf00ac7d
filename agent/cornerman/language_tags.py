"""Reads BCP 47 language tags, such as `de-AT`, as far as anybody here needs to."""

from __future__ import annotations


def base_language(tag: str) -> str:
    """The language of a tag without script, region or variant: "de" of "de-AT"."""
    return tag.partition("-")[0].lower()
