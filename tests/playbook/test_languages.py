"""A playbook in a language that is understood in part loads, and is told plainly what is missing."""

from __future__ import annotations

import pytest

from cornerman.playbook import load_playbook

from .conftest import PLAYBOOK, WriteFolder


def warnings_in(write_folder: WriteFolder, tag: str) -> tuple[str, ...]:
    written = PLAYBOOK.replace("language: en", f"language: {tag}")
    return load_playbook(write_folder({"playbook.yaml": written})).warnings


@pytest.mark.parametrize("tag", ["en", "en-GB", "EN", "de", "de-CH"])
def test_a_language_that_is_understood_needs_no_warning(write_folder: WriteFolder, tag: str) -> None:
    assert warnings_in(write_folder, tag) == ()


@pytest.mark.parametrize("tag", ["fr", "pt-BR", "no", "nb"])
def test_a_language_with_a_stemmer_alone_is_said_to_lack_its_grammar(write_folder: WriteFolder, tag: str) -> None:
    assert warnings_in(write_folder, tag) == (
        f"playbook.yaml:3: of the language '{tag}' negation, reported speech and number words are not understood, "
        "amounts are read in digits only; say with negative phrases what must not fire, and write amounts as "
        "{percent}, {money} or {number}",
    )


@pytest.mark.parametrize("tag", ["ja", "uk", "zu-ZA"])
def test_a_language_without_a_stemmer_is_said_to_compare_words_as_written(write_folder: WriteFolder, tag: str) -> None:
    assert warnings_in(write_folder, tag) == (
        f"playbook.yaml:3: the language '{tag}' has no stemmer here: words are compared as written between spaces, "
        "without their inflections, and negation, reported speech and number words are not understood; list every "
        "form of a word, say with negative phrases what must not fire, and write amounts as {percent}, {money} or "
        "{number}",
    )
