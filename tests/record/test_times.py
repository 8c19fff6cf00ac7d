"""How long cards took to the rep's eye, told from a journal that the coach's own code wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from advised_scenes import BOTH, SECTION
from scenes import definition, playbook, spoken

from cornerman.coach import Coach, CoachSettings
from cornerman.events import Advice, Attendance, Consent, Delivery, Event, Nudge, Partial, Turn
from cornerman.record.codec import read_event
from cornerman.record.journal import Journal
from cornerman.record.reading import segments_of
from cornerman.record.times import ADVICE, CARDS, Spread, times_of
from cornerman.replay import replay_call

BOOK = playbook(definition("price", "too expensive"), definition("later", "next quarter", kind="timing_stall"))
COMMAND = (sys.executable, "-c", "from cornerman.cli import main; main()", "times")
PRICE = "that is too expensive"
LATER = "ask me next quarter"
WORDS_END = 2.17
"""When `PRICE`, begun at 1.0, has been said."""


class Live:
    """A call as the driver runs it, with deliveries as the private line reports them."""

    def __init__(self, folder: Path) -> None:
        self.settings = CoachSettings(1.0, 9, 1, advised=True)
        header = {"playbook": {"digest": BOOK.digest}, "budget": {"interval": 1.0, "burst": 9}}
        self.journal = Journal(folder, {**header, "advising": {"models": ["told"], "early": True}})
        self.coach = Coach(BOOK, self.settings)
        self.nudges: list[Nudge] = []
        for identity, role in (("rep", "rep"), ("prospect", "prospect")):
            self.hear(Attendance(identity, identity, role, True), 0.1)  # type: ignore[arg-type]
            self.hear(Consent(identity, "granted", "rep"), 0.1)

    def hear(self, event: Event, now: float) -> None:
        self.journal.hear(event, now)
        for decision in self.coach.hear(event, now).made:
            self.journal.decide(decision)
            if isinstance(decision, Nudge):
                self.nudges.append(decision)

    def says(self, turn: str, text: str, at: float, heard: float) -> None:
        self.hear(Partial(turn, "prospect", "prospect", spoken(text, at)), heard)

    def answered(self, now: float, sent: float | None = None, painted: float | None = None) -> None:
        newest = self.nudges[-1]
        self.hear(Delivery(newest.id, newest.rev, "shown", 0, sent, painted), now)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two cards of the playbook, the first of them worded anew by a model, and a third that is seen by nobody."""
    folder = tmp_path / "calls" / "monday"
    live = Live(folder)
    live.says("t1", PRICE, 1.0, 2.5)
    live.answered(2.6, sent=2.52, painted=0.02)
    live.hear(Turn("t1", "prospect", "prospect", spoken(PRICE, 1.0), 1.0, WORDS_END, 0.9), 3.0)
    live.hear(Advice("1-r1", 1, "final", "Ask what waiting costs", "Ask it.", (SECTION,), None, BOTH), 4.0)
    live.answered(4.1, sent=4.02, painted=0.03)
    live.says("t2", LATER, 10.0, 11.5)
    live.answered(11.7, sent=11.51)
    live.says("t3", f"{PRICE} and {PRICE}", 90.0, 93.0)
    live.hear(Delivery(live.nudges[-1].id, live.nudges[-1].rev, "hidden", 0, 93.01), 93.1)
    live.journal.close()
    assert [nudge.rev for nudge in live.nudges] == [0, 1, 0, 0]
    return folder


def test_each_step_is_measured_from_words_to_screen(folder: Path) -> None:
    found = times_of([segments_of(folder)])
    assert set(found) == {CARDS, ADVICE}
    cards = found[CARDS]
    assert cards["spoken to heard"].count == cards["sent to acked"].count == 2
    assert cards["spoken to heard"].longest == pytest.approx(2.5 - WORDS_END)
    assert cards["heard to decided"] == Spread(2, 0.0, 0.0, 0.0)
    assert cards["decided to sent"].longest == pytest.approx(0.02)
    assert cards["sent to acked"].longest == pytest.approx(0.19)
    assert cards["painted"] == Spread(1, 0.02, 0.02, 0.02)
    # 80 ms of round trip, 20 of them painting: the answer's way is 30 of the other 60.
    assert cards["spoken to seen"].median == pytest.approx(2.6 - 0.03 - WORDS_END)
    assert cards["spoken to acked"].count == 2
    # A later revision of a card that was shown is painted too; it was seen before.
    assert found[ADVICE] == {"painted": Spread(1, 0.03, 0.03, 0.03)}


def test_how_a_nudge_was_delivered_does_not_change_what_is_decided(folder: Path) -> None:
    (replayed,) = replay_call(folder, BOOK)
    assert (replayed.difference, replayed.same_playbook) == (None, True)
    assert sum(line.startswith('{"out":"nudge"') for line in replayed.decisions) == 4


def test_a_journal_of_before_these_times_were_written_still_reads(folder: Path) -> None:
    file = folder / "events-1.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    for line in lines:
        line.pop("sent", None)
        line.pop("painted", None)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert set(times_of([segments_of(folder)])[CARDS]) == {"spoken to heard", "heard to decided", "spoken to acked"}
    (replayed,) = replay_call(folder, BOOK)
    assert replayed.difference is None
    assert read_event({"in": "delivery", "nudge": "1-1", "rev": 0, "outcome": "shown"}, None) == Delivery(
        "1-1", 0, "shown"
    )


@pytest.mark.parametrize(
    ("delivery", "seen"),
    [
        (Delivery("1-1", 0, "shown", 0, 2.0, 0.1), 2.3),
        (Delivery("1-1", 0, "shown", 0, 2.0, 0.5), 2.5),  # it painted until the answer was in
        (Delivery("1-1", 0, "shown", 0, 2.0, 9.9), 2.5),  # it cannot have been later
        (Delivery("1-1", 0, "shown", 0, 2.0), None),
        (Delivery("1-1", 0, "shown", 0, None, 0.1), None),
        (Delivery("1-1", 0, "hidden", 0, 2.0, 0.1), None),
    ],
)
def test_a_card_is_seen_half_a_way_before_its_answer_is_in(delivery: Delivery, seen: float | None) -> None:
    assert delivery.seen(2.5) == (seen if seen is None else pytest.approx(seen))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env={**os.environ, "COLUMNS": "100"},
    )


def test_the_command_prints_every_step_of_all_calls(folder: Path) -> None:
    done = run(str(folder.parent))
    assert done.returncode == 0, done.stderr
    assert CARDS in done.stdout
    assert ADVICE in done.stdout
    rows = {line[:16].strip(): line[16:].split() for line in done.stdout.splitlines()}
    assert rows["spoken to seen"] == ["1", "400.0", "400.0", "400.0"]
    assert rows["sent to acked"][0] == "2"
    assert "expensive" not in done.stdout


def test_a_place_without_a_journal_is_refused_by_name(tmp_path: Path) -> None:
    done = run(str(tmp_path))
    assert done.returncode == 1
    assert str(tmp_path) in done.stderr.replace("\n", "")
