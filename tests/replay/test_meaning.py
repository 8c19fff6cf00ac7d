"""Replays with meaning: the same bytes in any process, asked for by option, and what the model costs once."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from meaning_playbook import meaning_playbook, write_meaning_playbook
from recorded_calls import PRICE, label, lines_of, turn, write_call, write_playbook
from scenes import spoken
from small_playbook import PLAYBOOK

from cornerman.coach import Coach, CoachSettings
from cornerman.config import MeaningSettings
from cornerman.errors import ProviderError
from cornerman.events import Attendance, Consent, Event, MeaningResult, Moment, Turn
from cornerman.playbook import Playbook
from cornerman.record.journal import Journal
from cornerman.replay import replay_call
from cornerman.replay.call_file import read_call
from cornerman.replay.meaning import ReplayedMeaning
from cornerman.replay.synthesis import Pacing, tape_of
from cornerman.replay.virtual import MEANT_AFTER, Book, Played, play

COMMAND = (sys.executable, "-c", "from cornerman.cli import main; main()")
MEANT = "We cannot afford it."
TURNS = (
    turn(0, "anna", "It is ninety a seat. What do you say?", 0.0),
    turn(1, "ben", f"Well. {MEANT} But tell me more.", 8.0),
    turn(2, "ben", "The weather is nice today.", 30.0),
    turn(3, "ben", MEANT, 90.0),
)
LABELS = [label(1, "price_objection"), label(3, "price_objection")]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORNERMAN_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A call, a playbook with examples, and one without."""
    write_call(tmp_path / "calls/one.json", *TURNS, id="one", labels=LABELS)
    write_meaning_playbook(tmp_path / "meant", PLAYBOOK)
    write_playbook(tmp_path / "said", PRICE)
    return tmp_path


@pytest.fixture(scope="module")
def meaning() -> ReplayedMeaning:
    return ReplayedMeaning(MeaningSettings())


def run(folder: Path, *arguments: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run(
        [*COMMAND, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=90, check=False
    )


def played(folder: Path, playbook: Playbook, meaning: ReplayedMeaning, *, finals_only: bool = False) -> Played:
    call = read_call(write_call(folder / "one.json", *TURNS, id="one"))
    return play(tape_of(call, Pacing(finals_only=finals_only)), Book.of(playbook, comparison=meaning.of(playbook)))


@pytest.mark.parametrize("finals_only", [False, True])
def test_meaning_notices_what_no_phrase_says(tmp_path: Path, meaning: ReplayedMeaning, finals_only: bool) -> None:
    book = meaning_playbook()
    assert played(tmp_path, book, ReplayedMeaning(MeaningSettings(), False)).fires == {}
    found = played(tmp_path, book, meaning, finals_only=finals_only)
    assert found.fires == {1: {"price_objection"}, 3: {"price_objection"}}


def test_a_sentence_is_understood_a_constant_time_after_it_was_whole(tmp_path: Path, meaning: ReplayedMeaning) -> None:
    """In the middle of a turn: when the next word is heard. At the call's end: before the call is over."""
    first, last = (
        made.at for made in played(tmp_path, meaning_playbook(), meaning).made if isinstance(made.decision, Moment)
    )
    words = read_call(tmp_path / "one.json").turns[1].words
    assert first == pytest.approx(words[5].end + 0.3 + MEANT_AFTER, abs=0.0002)
    assert last == pytest.approx(92.0 + 0.5 + MEANT_AFTER, abs=0.0002)


def test_lines_tell_of_the_moment_and_not_of_the_request(bench: Path) -> None:
    done = run(bench, "replay", "calls", "--playbook", "meant", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("words and meaning\n")
    kept = [line for line in lines_of(bench / "out/one.jsonl") if line["type"] in ("moment", "nudge")]
    assert [(line["type"], line["turn"]) for line in kept] == [("moment", 1), ("nudge", 1), ("moment", 3), ("nudge", 3)]
    assert kept[0]["words"] == [1, 4]
    assert 0.5 <= kept[0]["confidence"] <= 1
    text = (bench / "out/one.jsonl").read_text()
    assert not [word for word in ("meaning_request", "afford", "weather") if word in text]


def test_the_same_call_gives_the_same_bytes_in_any_process(bench: Path) -> None:
    """With vectors kept from before, and worked out anew."""
    results = []
    for seed, cache in (("1", "cache"), ("2", "cache"), ("3", "another")):
        os.environ["CORNERMAN_CACHE"] = str(bench / cache)
        assert run(bench, "replay", "calls", "--playbook", "meant", "--out", seed, seed=seed).returncode == 0
        results.append((bench / seed / "one.jsonl").read_bytes())
    assert results[0] == results[1] == results[2] != b""


@pytest.mark.parametrize(
    ("playbook", "option", "says", "fires"),
    [
        ("meant", (), "words and meaning", 2),
        ("meant", ("--meaning",), "words and meaning", 2),
        ("meant", ("--no-meaning",), "words alone: switched off", 0),
        ("said", (), "words alone: no moment of the playbook has examples", 0),
    ],
)
def test_how_it_was_played_is_said(bench: Path, playbook: str, option: tuple[str, ...], says: str, fires: int) -> None:
    done = run(bench, "replay", "calls", "--playbook", playbook, *option)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == says
    assert f"{fires} moments" in done.stdout


def test_who_insists_on_meaning_is_told_why_it_cannot_be(bench: Path) -> None:
    done = run(bench, "replay", "calls", "--playbook", "said", "--meaning")
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be played with meaning: no moment of the playbook has examples" in " ".join(done.stderr.split())


def test_a_backtest_says_by_what_each_playbook_noticed(bench: Path) -> None:
    done = run(bench, "backtest", "calls", "--playbook", "meant", "--against", "said")
    assert done.returncode == 0, done.stderr
    first, *_ = done.stdout.splitlines()
    assert first == "A: words and meaning; B: words alone: no moment of the playbook has examples"
    assert 'only A: turn 1, price_objection: "Ask what they compare the price with today"' in done.stdout


def test_insisting_comes_before_the_settings_and_a_damaged_model_is_refused(tmp_path: Path) -> None:
    assert ReplayedMeaning(MeaningSettings(enabled="off"), True).of(meaning_playbook()) is not None
    assert ReplayedMeaning(MeaningSettings(enabled="off")).of(meaning_playbook()) is None
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"damaged")
    with pytest.raises(ProviderError, match="is not all-MiniLM-L6-v2 as published"):
        ReplayedMeaning(MeaningSettings(model=tmp_path)).of(meaning_playbook())


# -- journals --

LIVE = replace(meaning_playbook(), digest="1" * 64)
ANOTHER = replace(meaning_playbook(), digest="2" * 64)


def journal(folder: Path, meaning: ReplayedMeaning) -> Path:
    """A call that was coached live by LIVE, with meaning."""
    comparison = meaning.of(LIVE)
    assert comparison is not None
    header = {
        "playbook": {"digest": LIVE.digest},
        "budget": {"interval": 20.0, "burst": 2},
        "meaning": {"model": "all-MiniLM-L6-v2", "state": "ready"},
    }
    written = Journal(folder, header)
    coach = Coach(LIVE, CoachSettings(20.0, 2, written.segment, by_meaning=True))
    answers: list[Event] = []
    inputs: list[tuple[Event, float]] = [
        (Attendance("anna", "Anna", "rep", True), 0.1),
        (Consent("anna", "granted", "rep"), 0.1),
        *((Attendance(name, name, "prospect", True), 0.2) for name in ("ben", "ines")),
        *((Consent(name, "granted", "rep"), 0.3) for name in ("ben", "ines")),
    ]
    for number, (name, text) in enumerate((("ines", "hello there"), ("ben", MEANT), ("ben", "a nice day"))):
        words = spoken(text, 10.0 * number + 1)
        inputs.append((Turn(f"t{number}", name, "prospect", words, words[0].start, words[-1].end, 0.9), words[-1].end))
    for event, now in inputs:
        for one in (event, *answers):
            written.hear(one, now)
            for decision in coach.hear(one, now).made:
                written.decide(decision)
        answers = []
        if isinstance(event, Turn):
            said = " ".join(word.text for word in event.words)
            request = f"s{int(event.turn.removeprefix('t')) + 1}"
            answers = [MeaningResult(request, comparison.compare(said, "prospect"))]
    written.close()
    return folder


def test_a_journal_brings_its_own_meanings(tmp_path: Path, meaning: ReplayedMeaning) -> None:
    (one,) = replay_call(journal(tmp_path / "call", meaning), LIVE)
    assert (one.same_playbook, one.difference, one.shown) == (True, None, 1)


def test_another_playbook_asks_the_model_or_plays_words_alone(tmp_path: Path, meaning: ReplayedMeaning) -> None:
    folder = journal(tmp_path / "call", meaning)
    (with_meaning,) = replay_call(folder, ANOTHER, meaning.of(ANOTHER))
    (alone,) = replay_call(folder, ANOTHER)
    assert [(one.same_playbook, one.shown) for one in (with_meaning, alone)] == [(False, 1), (False, 0)]


def test_after_a_purge_answers_fit_no_request_and_are_left_out(tmp_path: Path, meaning: ReplayedMeaning) -> None:
    """Ines' sentence is not asked about any more, so Ben's has her request's number: her answer must not be his."""
    folder = journal(tmp_path / "call", meaning)
    (folder / "words-1-1.jsonl").unlink()
    (one,) = replay_call(folder, LIVE)
    assert (one.purged, one.difference, one.shown) == (1, None, 0)
