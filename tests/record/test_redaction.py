"""Redacted journals: what identifies people is replaced before it is written, and nothing live changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from advised_scenes import BOTH
from record.test_journal import BOOK, HEADER
from scenes import spoken

from cornerman.advising.notes.files import NotesFiles, read_notes
from cornerman.coach import Coach, CoachSettings
from cornerman.config import JournalSettings
from cornerman.events import Advice, Attendance, Consent, Event, Partial, Turn
from cornerman.record.journal import Journal
from cornerman.record.keeping import Keeping, keeping_of
from cornerman.record.reading import segments_of
from cornerman.record.redaction import Redactor
from cornerman.replay import replay_call

ALL = ("phone", "email", "card", "iban", "number")


def redactor(*kinds: str, region: str = "US") -> Redactor:
    return Redactor(kinds or ALL, region)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("call me at (650) 253-0000 tomorrow", "call me at [phone-1] tomorrow"),
        ("it is +49 30 901820, ask for Tom", "it is [phone-1], ask for Tom"),
        ("six five oh two five three oh oh oh oh", "[phone-1]"),
        ("my number is five five five one two three four okay", "my number is [phone-1] okay"),
        ("null drei null neun null eins acht zwei null bitte", "[phone-1] bitte"),
        ("double seven triple eight one two three four", "[phone-1]"),
        ("write to tom.kern@example.com please.", "write to [email-1] please."),
        ("it is tom at example dot com", "it is [email-1]"),
        ("it is tom dot kern at example dot co dot uk okay", "it is [email-1] okay"),
        ("the card is 4111 1111 1111 1111.", "the card is [card-1]."),
        ("four one one one 1111 1111 1111 is it", "[card-1] is it"),
        ("pay to DE89 3704 0044 0532 0130 00 by Friday", "pay to [iban-1] by Friday"),
        ("our customer number is 88301277451234", "our customer number is [number-1]"),
    ],
)
def test_what_identifies_somebody_is_replaced(said: str, kept: str) -> None:
    assert redactor().text(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "it costs 1,200 dollars a month for 50 users",
        "twelve hundred fifty a month, twenty five percent off",
        "in 2026 we paid $120,000 for two years",
        "one or two of the three things I said at lunch",
        "look at this, it is version 2.14 at best",
        "we start on 2026-11-21 at 10:30",
    ],
)
def test_what_a_deal_is_made_of_stays(said: str) -> None:
    assert redactor().text(said) == said


def test_one_value_has_one_placeholder_however_it_is_said() -> None:
    redacting = redactor()
    assert redacting.text("650 253 0000 or +1 650-253-0000") == "[phone-1] or [phone-1]"
    assert redacting.text("six five oh, two five three, oh oh oh oh") == "[phone-1]"
    assert redacting.text("or 650 253 0001") == "or [phone-2]"
    assert redacting.text("Tom@Example.com and tom at example dot com") == "[email-1] and [email-1]"


def test_only_what_was_asked_for_is_replaced() -> None:
    assert redactor("email").text("tom@example.com, 650 253 0000") == "[email-1], 650 253 0000"


EVENTS: list[tuple[Event, float]] = [
    (Attendance("rep", "Maya", "rep", True), 0.1),
    (Attendance("prospect", "Tom", "prospect", True), 0.2),
    (Consent("prospect", "granted", "rep"), 0.3),
    (Turn("t1", "prospect", "prospect", spoken("that is too expensive for us", 1.0), 1.0, 2.8, 0.9), 3.1),
    (Partial("t2", "prospect", "prospect", spoken("call me at 650 253", 4.0)), 5.0),
    (Partial("t2", "prospect", "prospect", spoken("call me at 650 253 0000 it", 4.0)), 6.0),
    (Turn("t2", "prospect", "prospect", spoken("call me at 650 253 0000 it is too expensive", 4.0), 4.0, 9, 0.9), 9.1),
    (Advice("1-r1", 2, "words", "Call 650 253 0000", "Or write to tom@example.com", (), None, BOTH), 9.3),
]


def write(folder: Path, keeping: Keeping, events: list[tuple[Event, float]] = EVENTS) -> list[str]:
    """The decisions that were made live."""
    journal = Journal(folder, HEADER, keeping)
    coach = Coach(BOOK, CoachSettings(segment=journal.segment, advised=True))
    made = []
    for event, now in events:
        journal.hear(event, now)
        for decision in coach.hear(event, now).made:
            journal.decide(decision)
            made.append(repr(decision))
    journal.close()
    return made


def redacting() -> Keeping:
    return keeping_of(JournalSettings(redact=ALL))


def test_no_part_of_a_number_reaches_the_disk_not_even_of_one_half_said(tmp_path: Path) -> None:
    plain = write(tmp_path / "plain", Keeping())
    assert write(tmp_path / "call", redacting()) == plain  # what is decided live does not change
    kept = "".join(path.read_text() for path in (tmp_path / "call").iterdir())
    for part in ("650 ", "253", "example.com"):
        assert part not in kept
    assert "[phone-1]" in kept
    assert "[email-1]" in kept


def test_words_keep_their_places_so_that_what_cites_them_still_fits(tmp_path: Path) -> None:
    write(tmp_path / "call", redacting())
    (segment,) = segments_of(tmp_path / "call")
    heard = [(one.event, one.redacted) for one in segment.heard() if isinstance(one.event, Turn)]
    assert [redacted for _, redacted in heard] == [False, True]
    assert [word.text for word in heard[1][0].words] == [
        *("call", "me", "at", "[phone-1]", "[phone-1]", "[phone-1]", "it", "is", "too", "expensive")
    ]
    assert segment.header["redacted"] == sorted(ALL)


def test_replay_compares_up_to_the_first_redacted_words_and_counts_them(tmp_path: Path) -> None:
    write(tmp_path / "call", redacting())
    (replayed,) = replay_call(tmp_path / "call", BOOK)
    assert replayed.difference is None
    assert replayed.redacted == 4  # two partials, a turn, advice
    write(tmp_path / "nothing", redacting(), EVENTS[:4])
    (untouched,) = replay_call(tmp_path / "nothing", BOOK)
    assert (untouched.difference, untouched.redacted) == (None, 0)
    assert untouched.shown == 1


def test_forgetting_drops_what_waits_to_be_looked_at(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "call", HEADER, redacting())
    for event, now in EVENTS[:6]:
        journal.hear(event, now)
    journal.purge("prospect")
    journal.close()
    assert [path.name for path in (tmp_path / "call").iterdir()] == ["events-1.jsonl"]


def test_a_turn_under_way_is_written_when_the_journal_closes(tmp_path: Path) -> None:
    write(tmp_path / "call", redacting(), EVENTS[:6])
    (segment,) = segments_of(tmp_path / "call")
    partials = [one.event for one in segment.heard() if isinstance(one.event, Partial)]
    assert " ".join(word.text for word in partials[0].words) == "call me at [phone-1] [phone-1]"


def test_a_disk_that_fails_is_told_of_at_the_next_word(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "call", HEADER, redacting())
    for event, now in EVENTS[:5]:
        journal.hear(event, now)
    (words,) = (tmp_path / "call").glob("words-*")
    words.unlink()
    words.mkdir()
    journal.hear(EVENTS[6][0], 9.1)
    with pytest.raises(OSError, match="directory"):
        hear_on(journal)
    words.rmdir()
    journal.close()


def hear_on(journal: Journal) -> None:
    for number in range(1000):
        at = 10.0 + number
        journal.hear(Turn(f"x{number}", "prospect", "prospect", spoken("so", at), at, at + 1, 0.9), at)


def test_notes_hold_placeholders_too(tmp_path: Path) -> None:
    from advising.notes.noting import scene

    call = scene()
    call.says("prospect", "It is too expensive, call me at 650 253 0000.")
    NotesFiles(tmp_path, redacting()).write(call.notes())
    kept = "".join(path.read_text() for path in tmp_path.iterdir())
    assert "253" not in kept
    assert read_notes(tmp_path) is not None
