"""Notes for reading: nothing that people said or are called turns into markup, a link or a picture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from advising.notes.noting import german_playbook, scene
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cornerman.advising.notes import Note, Notes, Quote, to_markdown

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LINK = re.compile(r"(?i)(https?|ftp|mailto|xmpp|javascript|data):|www\.|[^\W\d_][.@][^\W\d_]|\w@")
"""What programs are known to make links of without being told to."""
HARMLESS = {
    "heading_open",
    "heading_close",
    "inline",
    "text",
    "paragraph_open",
    "paragraph_close",
    "bullet_list_open",
    "bullet_list_close",
    "list_item_open",
    "list_item_close",
    "text_special",
}
HOSTILE = st.text(
    alphabet=st.sampled_from(list("![](){}<>#*_`~|\\/:.@&$-+=1 \n\t\"'ahtpsw\u202e\u200b")), min_size=1, max_size=60
)


def notes_of(quote: str, name: str, text: str) -> Notes:
    said = Quote(identity="p", name=name, role="prospect", turn="t1", start=61.0, end=3723.5, quote=quote)
    note = Note(kind="objection", about="price_objection", said=said, text=text, due=name[:60], reply=said)
    return Notes(title=name, language="en", at=1.0, ended=False, notes=(note, note.model_copy(update={"about": ""})))


def tokens(markdown: str) -> Iterator[Token]:
    for token in PARSER.parse(markdown):
        yield token
        yield from token.children or ()


def seen(markdown: str) -> str:
    """What a reader sees of it."""
    return "".join(token.content for token in tokens(markdown) if token.type in ("text", "text_special"))


@given(HOSTILE, HOSTILE, HOSTILE)
@example("![x](http://a.b/c)", "<img src=x>", "# one")
@example("see https://evil.example and www.evil.example", "a@evil.example", "1. one")
@example("javascript:alert(1) mailto:a@b.example", "- x", "[ ] x")
@example("http\\://x.example", "&lt;b&gt;", "| a | b |")
def test_other_peoples_words_are_words_only(quote: str, name: str, text: str) -> None:
    markdown = to_markdown(notes_of(quote, name, text))
    types = Counter(token.type for token in tokens(markdown))
    assert types.keys() <= HARMLESS
    assert (types["list_item_open"], types["bullet_list_open"], types["heading_open"]) == (2, 1, 2)
    assert not LINK.search(markdown)


@given(HOSTILE)
@example("It costs $1,200 & more - 20% off? [maybe] *yes* http://x.example a_b")
def test_a_quote_reads_as_it_was_said(quote: str) -> None:
    shown = " ".join(sign for sign in quote.split())
    shown = "".join(sign for sign in shown if sign not in "\u202e\u200b")
    shown = " ".join(shown.split())
    assert f"\u201c{shown}\u201d" in seen(to_markdown(notes_of(quote, "Tom", "")))


def test_every_note_names_speaker_role_and_times() -> None:
    markdown = to_markdown(notes_of("It is too expensive.", "Tom", ""))
    assert "- price objection: Tom (prospect, 1:01-1:02:03): \u201cIt is too expensive.\u201d" in markdown


def test_headings_are_in_the_language_of_the_playbook() -> None:
    call = scene(german_playbook())
    call.says("rep", "Ich schicke Ihnen das Angebot bis Freitag.")
    assert "## Zugesagt" in call.markdown
    assert "(Frist: bis Freitag)" in call.markdown


def test_notes_without_anything_noted_say_so() -> None:
    assert "Nothing noted yet." in scene().markdown
