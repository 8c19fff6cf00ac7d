"""The rep asks for the notes page by page: each fits a message, together they are the whole."""

from __future__ import annotations

from advising.notes.noting import scene
from hypothesis import given, settings
from hypothesis import strategies as st

from cornerman.advising.notes import PAGE_BYTES, Note, Notes, Quote, page, to_markdown
from cornerman_client.contract import MAX_PAYLOAD_BYTES


def notes_of(quotes: list[str]) -> Notes:
    notes = tuple(
        Note(
            kind="moment",
            about="requirement",
            said=Quote(identity="p", name="Tom", role="prospect", turn="t", start=1.0, end=2.0, quote=quote),
        )
        for quote in quotes
    )
    return Notes(title="Call", language="en", at=1.0, ended=True, notes=notes)


def all_pages(notes: Notes) -> list[str]:
    first = page(notes, 1)
    return [page(notes, number).markdown for number in range(1, first.pages + 1)]


@settings(deadline=None)
@given(st.lists(st.text(max_size=1400), max_size=40))
def test_every_page_fits_and_nothing_is_lost(quotes: list[str]) -> None:
    notes = notes_of(quotes)
    pages = all_pages(notes)
    for number, markdown in enumerate(pages, start=1):
        message = page(notes, number)
        assert (message.page, message.markdown) == (number, markdown)
        assert len(message.to_json().encode()) <= PAGE_BYTES < MAX_PAYLOAD_BYTES
    lines = [line for text in pages for line in text.splitlines() if line and "(continued)" not in line]
    assert "".join(lines) == "".join(line for line in to_markdown(notes).splitlines() if line)


def test_a_section_that_goes_on_says_so() -> None:
    pages = all_pages(notes_of(["something that was said " * 20] * 60))
    assert len(pages) > 2
    assert all(text.startswith("## Noticed (continued)\n") for text in pages[1:])


def test_a_page_beyond_the_last_is_the_last() -> None:
    notes = notes_of(["something that was said " * 20] * 60)
    last = page(notes, 1).pages
    assert page(notes, 1000) == page(notes, last)


def test_an_empty_call_has_one_page() -> None:
    assert (page(scene().notes(), 1).page, page(scene().notes(), 1).pages) == (1, 1)
