"""The journal: nothing heard is lost, words stay apart, and the same inputs give the same decisions in any process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from advised_scenes import BOTH, LOG, SECTION
from scenes import definition, playbook, spoken

from cornerman.coach import Coach, CoachSettings
from cornerman.errors import JournalError
from cornerman.events import (
    Acted,
    Advice,
    Ask,
    Attendance,
    Consent,
    Event,
    Evidence,
    Feedback,
    Held,
    Likeness,
    MeaningResult,
    Moment,
    Partial,
    Purge,
    Question,
    Reading,
    Restored,
    ScreenChange,
    Seen,
    Turn,
    Wake,
)
from cornerman.record.codec import decision_fields, read_event, to_line
from cornerman.record.journal import Journal, call_folder
from cornerman.record.reading import segments_of
from cornerman.replay import replay_call

BOOK = playbook(definition("price", "too expensive"))
HEADER = {
    "playbook": {"digest": BOOK.digest},
    "budget": {"interval": 20.0, "burst": 2},
    "advising": {"models": ["told"], "early": True},
}
EVENTS: list[tuple[Event, float]] = [
    (Attendance("rep", "Maya", "rep", True), 0.1),
    (Attendance("prospect", "Tom", "prospect", True), 0.2),
    (Consent("prospect", "granted", "rep"), 0.3),
    (Partial("t1", "prospect", "prospect", spoken("that is too", 1.0)), 2.0),
    (Partial("t1", "prospect", "prospect", spoken("that is too expensive", 1.0)), 2.3),
    (Turn("t1", "prospect", "prospect", spoken("that is too expensive for us", 1.0), 1.0, 2.8, 0.9), 3.1),
    (Wake(), 9.0),
    (Restored((("price", 1.5),)), 9.1),
    (Restored((), (("checklist", "pain"), ("disclosures", "ai")), ("terms",), "closing", "closing"), 9.2),
    (Ask("1-q1"), 9.3),
    (MeaningResult("s1", (Likeness("price", 0.81, -1.0), Likeness("time", 0.2, 0.4))), 9.4),
    (ScreenChange("held", 9.5, "0f0f"), 9.5),
]
ADVICE: list[tuple[Event, float]] = [
    (Attendance("rep", "Maya", "rep", True), 0.1),
    (Attendance("prospect", "Tom", "prospect", True), 0.2),
    (Consent("prospect", "granted", "rep"), 0.3),
    (Turn("t1", "prospect", "prospect", spoken("that is too expensive for us", 1.0), 1.0, 2.8, 0.9), 3.1),
    (Advice("1-r1", 1, "thinking", saw=BOTH), 3.2),
    (Advice("1-r1", 2, "words", "Zebra finds it dear", "", (SECTION,), None, BOTH), 3.3),
    (Advice("1-r1", 3, "final", "Zebra finds it dear", "Ask the zebra.", (SECTION,), LOG, BOTH), 3.4),
    (Feedback("1-1", "confirm"), 4.0),
    (Acted("outcome-1", True), 5.0),
]
"""The prospect speaks, and a model makes something of it."""


def write(folder: Path, events: list[tuple[Event, float]] = EVENTS) -> Journal:
    journal = Journal(folder, HEADER)
    coach = Coach(BOOK, CoachSettings(segment=journal.segment, advised=True))
    for event, now in events:
        journal.hear(event, now)
        for decision in coach.hear(event, now).made:
            journal.decide(decision)
    return journal


def test_what_was_heard_reads_back_unchanged(tmp_path: Path) -> None:
    write(tmp_path / "call").close()
    (segment,) = segments_of(tmp_path / "call")
    assert [(heard.event, heard.now) for heard in segment.heard()] == EVENTS


def test_no_spoken_word_stands_in_the_events(tmp_path: Path) -> None:
    write(tmp_path / "call").close()
    events = (tmp_path / "call/events-1.jsonl").read_text()
    assert '"out":"nudge"' in events
    for word in ("that", "is", "too", "expensive", "us"):
        assert f'"{word}"' not in events
    assert "too expensive" not in events
    assert "expensive" in (tmp_path / "call/words-1-1.jsonl").read_text()


def test_what_an_older_version_did_not_write_is_as_if_there_had_been_none() -> None:
    assert read_event({"in": "restored", "spent": [["price", 1.5]]}, None) == Restored((("price", 1.5),))
    with pytest.raises(JournalError, match="lacks spent"):
        read_event({"in": "restored"}, None)


def test_a_decision_names_what_caused_it_and_holds_no_words() -> None:
    words = Evidence("t1", "prospect", "prospect", 2, 3, 1.6, 2.1, "too expensive")
    for cause, named in (
        (words, {"turn": "t1", "first": 2, "last": 3}),
        (Reading("monologue", 61.2, 61.2, 80.0, "rep"), {"gauge": "monologue", "value": 61.2, "identity": "rep"}),
        (Question("1-q1", 80.0), {"ask": "1-q1", "at": 80.0}),
        (Seen("0f0f", 80.0), {"hash": "0f0f", "at": 80.0}),
    ):
        line = to_line(decision_fields(Moment("m1", "kind", "definition", cause)))
        assert named.items() <= json.loads(line)["evidence"].items()
        assert "expensive" not in line
    line = to_line(decision_fields(Held("m1", "kind", "card", "handled_unaided", words)))
    assert json.loads(line)["because"]["first"] == 2
    assert "expensive" not in line


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    write(tmp_path / "call").close()
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "call").iterdir()} == {0o600}
    assert (tmp_path / "call").stat().st_mode & 0o777 == 0o700


def test_replay_decides_the_same_byte_for_byte(tmp_path: Path) -> None:
    write(tmp_path / "call").close()
    (replayed,) = replay_call(tmp_path / "call", BOOK)
    assert replayed.difference is None
    made = [json.loads(line)["out"] for line in replayed.decisions]
    assert [kind for kind in made if not kind.startswith("advice")] == ["moment", "nudge"]


def test_replay_names_the_first_difference(tmp_path: Path) -> None:
    write(tmp_path / "call").close()
    path = tmp_path / "call/events-1.jsonl"
    path.write_text(path.read_text().replace('"priority":500', '"priority":501'))
    (replayed,) = replay_call(tmp_path / "call", BOOK)
    assert replayed.difference is not None
    assert replayed.difference.at == 2.3


def test_withdrawal_deletes_the_words_and_leaves_a_tombstone(tmp_path: Path) -> None:
    write(tmp_path / "call").close()
    journal = write(tmp_path / "call", [*EVENTS, (Purge("prospect"), 10.0)])
    assert len(list((tmp_path / "call").glob("words-*"))) == 2
    journal.purge("prospect")
    journal.close()
    assert list((tmp_path / "call").glob("words-*")) == []
    assert '{"tombstone":"prospect"}' in (tmp_path / "call/events-2.jsonl").read_text()
    first, second = replay_call(tmp_path / "call", BOOK)
    assert (first.purged, second.purged) == (3, 3)


def test_each_process_writes_a_segment_of_its_own(tmp_path: Path) -> None:
    first, second = Journal(tmp_path / "call", HEADER), Journal(tmp_path / "call", HEADER)
    assert (first.segment, second.segment) == (1, 2)
    first.close()
    second.close()


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_journal import HEADER, EVENTS
from cornerman.record.codec import decision_fields, read_event, to_line
from cornerman.record.journal import Journal
journal = Journal(Path({folder!r}), HEADER)
while True:
    for event, now in EVENTS:
        journal.hear(event, now)
    print("written", flush=True)
"""


def test_a_killed_process_leaves_every_whole_line(tmp_path: Path) -> None:
    tests = Path(__file__).parent
    script = WRITER.format(here=str(tests), folder=str(tmp_path / "call"))
    environment = {**os.environ, "PYTHONPATH": str(tests.parent)}
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    rounds = 0
    while rounds < 20:
        rounds += process.stdout.readline() == b"written\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    (segment,) = segments_of(tmp_path / "call")
    assert len(list(segment.heard())) >= 20 * len(EVENTS)


def test_a_torn_last_line_is_left_out_and_a_damaged_one_named(tmp_path: Path) -> None:
    write(tmp_path / "call").close()
    path = tmp_path / "call/events-1.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"now":99,"in":"wa')
    (segment,) = segments_of(tmp_path / "call")
    assert len(list(segment.heard())) == len(EVENTS)
    path.write_bytes(whole.replace(b'{"now":0.2', b'{"now"0.2'))
    with pytest.raises(JournalError, match=r"events-1\.jsonl is damaged"):
        segments_of(tmp_path / "call")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match=r"give journal\.path a writable folder"):
        Journal(tmp_path / "file" / "call", HEADER)


def test_a_room_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    assert call_folder(tmp_path, "../../etc/passwd", "RM_1").parent == tmp_path
    assert call_folder(tmp_path, "", "RM_1").name == "room-RM_1"


def test_a_damaged_earlier_segment_does_not_stop_the_next_coach(tmp_path: Path) -> None:
    write(tmp_path / "call").close()
    path = tmp_path / "call/events-1.jsonl"
    path.write_bytes(path.read_bytes().replace(b'{"now":0.2', b'{"now"0.2'))
    journal = Journal(tmp_path / "call", HEADER)
    assert (journal.segment, journal.earlier) == (2, ())
    journal.close()


# -- what a model wrote --


def decisions_on_advice() -> list[str]:
    """The decisions on `ADVICE`, by kind."""
    coach = Coach(BOOK, CoachSettings(advised=True))
    return [type(one).__name__ for event, now in ADVICE for one in coach.hear(event, now).made]


def _texts(folder: Path) -> list[Path]:
    return sorted(folder.glob("texts-*"))


def test_advice_reads_back_unchanged(tmp_path: Path) -> None:
    write(tmp_path / "call", ADVICE).close()
    (segment,) = segments_of(tmp_path / "call")
    assert [(heard.event, heard.now) for heard in segment.heard()] == ADVICE


def test_what_a_model_wrote_stands_apart_from_the_events(tmp_path: Path) -> None:
    write(tmp_path / "call", ADVICE).close()
    events = (tmp_path / "call/events-1.jsonl").read_text()
    nudges = [line for line in map(json.loads, events.splitlines()) if line.get("out") == "nudge"]
    assert [(one["rev"], one["advised"], one.get("headline")) for one in nudges] == [
        (0, "", "Say something about price"),
        (1, "", "Say something about price"),
        (2, "1-r1/2", None),
        (3, "1-r1/3", None),
        (4, "1-r1/3", None),
    ]
    assert "zebra" not in events.lower()
    (text,) = _texts(tmp_path / "call")
    assert "zebra" in text.read_text().lower()
    assert text.stat().st_mode & 0o777 == 0o600


def test_advice_replays_byte_for_byte(tmp_path: Path) -> None:
    write(tmp_path / "call", ADVICE).close()
    (replayed,) = replay_call(tmp_path / "call", BOOK)
    assert replayed.difference is None
    assert [json.loads(line)["out"] for line in replayed.decisions] == [
        *("moment", "advicerequest", "nudge", "nudge", "nudge", "nudge", "act", "nudge")
    ]


@pytest.mark.parametrize("identity", BOTH)
def test_what_a_model_made_of_several_peoples_words_goes_with_any_of_them(tmp_path: Path, identity: str) -> None:
    write(tmp_path / "call", ADVICE).close()
    journal = write(tmp_path / "call", ADVICE)
    journal.text(("colleague",), {"insights": {"next": "Ask the colleague"}})
    assert len(_texts(tmp_path / "call")) == 3
    journal.purge(identity)
    (left,) = _texts(tmp_path / "call")
    assert "colleague" in left.read_text()
    journal.hear(ADVICE[-3][0], 20.0)
    assert len(_texts(tmp_path / "call")) == 2, "what is made of newer words is written"
    journal.purge(identity)
    journal.close()
    assert _texts(tmp_path / "call") == [left]
    first, second = segments_of(tmp_path / "call")
    assert not any(isinstance(heard.event, Advice) for segment in (first, second) for heard in segment.heard())
    assert sum(len(heard.decided) for heard in first.heard()) == len(decisions_on_advice()), "what was decided is known"


def test_advice_that_rests_on_nobody_stays(tmp_path: Path) -> None:
    journal = write(tmp_path / "call", [(Advice("1-r1", 1, "final", "Agree on a next step", "", (SECTION,)), 1.0)])
    journal.purge("prospect")
    journal.purge("rep")
    journal.close()
    assert len(_texts(tmp_path / "call")) == 1


def test_the_same_people_in_any_order_share_a_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "call", HEADER)
    for number, saw in enumerate((("rep", "prospect"), ("prospect", "rep"), ("rep", "prospect", "rep"))):
        journal.hear(Advice("1-r1", number, "words", f"Number {number}", saw=saw), 1.0)
    journal.close()
    (text,) = _texts(tmp_path / "call")
    assert text.read_text().count("Number") == 3


def test_notes_of_other_kinds_between_advice_are_not_read_as_advice(tmp_path: Path) -> None:
    journal = write(tmp_path / "call", ADVICE)
    journal.text(BOTH, {"insights": {"next": "Ask the zebra"}})
    journal.close()
    (segment,) = segments_of(tmp_path / "call")
    assert sorted(segment.texts().values()) == [("", ""), ("Zebra finds it dear", ""), ADVICE_TEXT]


def test_a_text_that_was_torn_is_as_if_it_had_been_purged(tmp_path: Path) -> None:
    write(tmp_path / "call", ADVICE).close()
    (text,) = _texts(tmp_path / "call")
    text.write_bytes(text.read_bytes()[:-5])
    (replayed,) = replay_call(tmp_path / "call", BOOK)
    assert (replayed.purged, replayed.difference) == (1, None)


ADVICE_TEXT = ("Zebra finds it dear", "Ask the zebra.")
