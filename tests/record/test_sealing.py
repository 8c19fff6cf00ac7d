"""Sealed journals: nobody reads them without a key, and with it they are the journals they would have been."""

from __future__ import annotations

import base64
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from advised_scenes import BOTH
from record.test_journal import ADVICE, BOOK, EVENTS, HEADER, write

import cornerman.playbook
from cornerman.advising.notes import read_notes
from cornerman.coach import Coach, CoachSettings
from cornerman.config import JournalSettings
from cornerman.errors import ConfigError, JournalError
from cornerman.events import Event
from cornerman.playbook import load_playbook
from cornerman.record.journal import Journal
from cornerman.record.keeping import Keeping, keeping_of
from cornerman.record.reading import segments_of
from cornerman.record.sealing import MARK, Keys, journal_keys, read_whole, whole
from cornerman.replay import replay_call
from cornerman.seeing import Frame, KeptFrames

STARTER = Path(cornerman.playbook.__file__).parent / "starter"
NEW, OLD, OTHER = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def _keys_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in (("NEW_KEY", NEW), ("OLD_KEY", OLD), ("OTHER_KEY", OTHER)):
        monkeypatch.setenv(name, key)


def keys(*names: str) -> Keys:
    return journal_keys(JournalSettings(keys=tuple(f"env:{name}" for name in names)))


def write_sealed(folder: Path, with_keys: Keys, events: list[tuple[Event, float]] = EVENTS) -> Journal:
    journal = Journal(folder, HEADER, Keeping(with_keys))
    coach = Coach(BOOK, CoachSettings(segment=journal.segment, advised=True))
    for event, now in events:
        journal.hear(event, now)
        for decision in coach.hear(event, now).made:
            journal.decide(decision)
    return journal


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_a_sealed_journal_holds_no_word_no_name_and_no_key_in_clear(tmp_path: Path) -> None:
    events = [*EVENTS, *((event, now + 100) for event, now in ADVICE)]
    write(tmp_path / "plain", events).close()
    write_sealed(tmp_path / "call", keys("NEW_KEY"), events).close()
    in_clear, sealed = everything(tmp_path / "plain"), everything(tmp_path / "call")
    # Short names are looked for with their quotes, which sealed lines never have: three letters occur in any base64.
    for clear in (b"expensive", b'"Maya"', b'"Tom"', b"prospect", b'"nudge"', b"zebra"):
        assert clear in in_clear
        assert clear not in sealed
    assert NEW.encode() not in sealed
    assert b"\x01" * 32 not in sealed
    assert all(path.read_bytes().startswith(MARK) for path in (tmp_path / "call").iterdir())


@pytest.mark.parametrize("events", [EVENTS, ADVICE], ids=["heard", "advised"])
def test_with_the_key_it_is_the_same_journal_byte_for_byte(tmp_path: Path, events: list[tuple[Event, float]]) -> None:
    write(tmp_path / "plain", events).close()
    write_sealed(tmp_path / "sealed", keys("NEW_KEY"), events).close()
    for path in sorted((tmp_path / "plain").iterdir()):
        assert read_whole(tmp_path / "sealed" / path.name, keys("NEW_KEY")) == path.read_bytes()
    (replayed,) = replay_call(tmp_path / "sealed", BOOK, None, keys("NEW_KEY"))
    assert replayed.difference is None
    assert replayed.decisions


def test_a_key_that_was_replaced_still_opens_and_seals_no_more(tmp_path: Path) -> None:
    write_sealed(tmp_path / "call", keys("OLD_KEY")).close()
    write_sealed(tmp_path / "call", keys("NEW_KEY", "OLD_KEY")).close()
    assert [len(list(one.heard())) for one in segments_of(tmp_path / "call", keys("NEW_KEY", "OLD_KEY"))] == [12, 12]
    old, new = keys("OLD_KEY").keys[0].id, keys("NEW_KEY").keys[0].id
    assert old.encode() in (tmp_path / "call/events-1.jsonl").read_bytes()
    assert new.encode() in (tmp_path / "call/events-2.jsonl").read_bytes()


def test_a_journal_that_began_plain_goes_on_sealed(tmp_path: Path) -> None:
    write(tmp_path / "call").close()
    write_sealed(tmp_path / "call", keys("NEW_KEY")).close()
    assert [len(list(one.heard())) for one in segments_of(tmp_path / "call", keys("NEW_KEY"))] == [12, 12]


@pytest.mark.parametrize(("given", "said"), [((), "none is given"), (("OTHER_KEY",), "those given are")])
def test_without_the_key_it_is_said_which_one_is_wanted(tmp_path: Path, given: tuple[str, ...], said: str) -> None:
    write_sealed(tmp_path / "call", keys("NEW_KEY")).close()
    with pytest.raises(JournalError, match=f"sealed with the key [0-9a-f]{{12}}, and {said}"):
        segments_of(tmp_path / "call", keys(*given))


@pytest.mark.parametrize("change", ["flipped", "moved", "swapped", "of another file"])
def test_what_was_changed_is_not_read(tmp_path: Path, change: str) -> None:
    write_sealed(tmp_path / "call", keys("NEW_KEY")).close()
    path = tmp_path / "call/events-1.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    if change == "flipped":
        lines[3] = lines[3][:20] + (b"A" if lines[3][20:21] != b"A" else b"B") + lines[3][21:]
    elif change == "moved":
        lines[3] = lines[5]
    elif change == "swapped":
        lines[3], lines[4] = lines[4], lines[3]
    else:
        lines = (tmp_path / "call/words-1-1.jsonl").read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines))
    with pytest.raises(JournalError, match="damaged after line"):
        segments_of(tmp_path / "call", keys("NEW_KEY"))


def test_a_torn_tail_is_cut_wherever_it_tore(tmp_path: Path) -> None:
    write_sealed(tmp_path / "call", keys("NEW_KEY")).close()
    path = tmp_path / "call/events-1.jsonl"
    content = path.read_bytes()
    before = len(segments_of(tmp_path / "call", keys("NEW_KEY"))[0].lines)
    for cut in range(1, len(content) - content[:-1].rfind(b"\n") - 1):
        path.write_bytes(content[:-cut])
        assert len(segments_of(tmp_path / "call", keys("NEW_KEY"))[0].lines) == before - 1
    path.write_bytes(content[:5])
    assert segments_of(tmp_path / "call", keys("NEW_KEY"))[0].lines == ()


def test_a_killed_writer_loses_no_line_it_had_written(tmp_path: Path) -> None:
    script = f"""
import os, signal
from pathlib import Path
from cornerman.config import JournalSettings
from cornerman.events import Turn, Word
from cornerman.record.journal import Journal
from cornerman.record.keeping import keeping_of
journal = Journal(Path({str(tmp_path / "call")!r}), {{}}, keeping_of(JournalSettings(keys=("env:NEW_KEY",))))
for number in range(50):
    word = (Word(f"word{{number}}", number, number + 0.5),)
    journal.hear(Turn(f"t{{number}}", "prospect", "prospect", word, number, number + 0.5, 0.9), float(number))
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", script], env=os.environ, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    (segment,) = segments_of(tmp_path / "call", keys("NEW_KEY"))
    assert len([one for one in segment.heard() if one.event is not None]) == 50


def test_forgetting_deletes_the_words_of_earlier_sealed_segments(tmp_path: Path) -> None:
    write_sealed(tmp_path / "call", keys("OLD_KEY"), ADVICE).close()
    journal = write_sealed(tmp_path / "call", keys("NEW_KEY", "OLD_KEY"), ADVICE)
    journal.purge("prospect")
    journal.close()
    assert sorted(path.name for path in (tmp_path / "call").iterdir()) == ["events-1.jsonl", "events-2.jsonl"]


def test_forgetting_deletes_all_words_of_segments_whose_key_is_gone(tmp_path: Path) -> None:
    """Whose they are cannot be known; none may stay that were to go."""
    write_sealed(tmp_path / "call", keys("OLD_KEY"), ADVICE).close()
    journal = Journal(tmp_path / "call", HEADER, Keeping(keys("NEW_KEY")))
    assert journal.earlier == ()
    journal.purge("prospect")
    journal.close()
    assert sorted(path.name for path in (tmp_path / "call").iterdir()) == ["events-1.jsonl", "events-2.jsonl"]


@pytest.mark.parametrize(
    ("reference", "content", "fault"),
    [
        ("env:NOT_SET", None, "the environment variable NOT_SET is not set"),
        ("env:GIVEN", "too short", "the key must be 32 bytes"),
        ("file:{folder}/none", None, "cannot be read"),
        ("file:{folder}/empty", "", "is empty"),
    ],
)
def test_a_key_that_cannot_be_used_is_said_before_a_call_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, content: str | None, fault: str
) -> None:
    if content is not None:
        monkeypatch.setenv("GIVEN", content)
        (tmp_path / "empty").write_text("\n")
    with pytest.raises(ConfigError, match=fault) as error:
        keeping_of(JournalSettings(keys=(reference.format(folder=tmp_path),)))
    assert "too short" not in str(error.value)


def test_a_key_put_where_its_place_belongs_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="never the key itself") as error:
        JournalSettings(keys=(NEW,))
    assert "never the key itself" in str(error.value)


def test_a_key_may_stand_in_a_file_and_shows_in_no_repr(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(bytes([7] * 32).hex() + "\n")
    found = journal_keys(JournalSettings(keys=(f"file:{tmp_path}/key",)))
    assert found.keys[0].secret == bytes([7] * 32)
    assert "07" * 4 not in repr(Keeping(found))
    assert "\\x07" not in repr(Keeping(found))


def test_a_frame_that_is_kept_is_sealed_and_opens_again(tmp_path: Path) -> None:
    kept = KeptFrames(tmp_path / "screen", keys("NEW_KEY"))
    frame = Frame(jpeg=b"\xff\xd8 a picture\nwith lines", width=2, height=1, hash="0f0f", at=3.5)
    kept.keep(frame)
    (path,) = (tmp_path / "screen").iterdir()
    assert b"picture" not in path.read_bytes()
    assert read_whole(path, keys("NEW_KEY")) == frame.jpeg


def test_notes_are_sealed_and_open_again(tmp_path: Path) -> None:
    from advising.notes.test_files import taken

    from cornerman.advising.notes.files import NotesFiles, forget_notes

    notes, keeping = taken(), Keeping(keys("NEW_KEY"))
    NotesFiles(tmp_path, keeping).write(notes)
    assert all(path.read_bytes().startswith(MARK) for path in tmp_path.iterdir())
    assert read_notes(tmp_path, keys("NEW_KEY")) == notes
    assert read_notes(tmp_path) is None
    forget_notes(tmp_path, "prospect", keeping)
    assert read_notes(tmp_path, keys("NEW_KEY")) == notes.without("prospect")


@pytest.mark.parametrize("sealed", [True, False])
def test_every_file_is_its_owners_alone_whatever_the_umask(tmp_path: Path, sealed: bool) -> None:
    from advising.notes.test_files import taken

    from cornerman.advising.notes.files import NotesFiles

    before = os.umask(0)
    try:
        keeping = Keeping(keys("NEW_KEY")) if sealed else Keeping()
        journal = Journal(tmp_path / "calls/call", HEADER, keeping)
        for event, now in ADVICE:
            journal.hear(event, now)
        journal.text(BOTH, {"insights": {"next": "Ask"}})
        NotesFiles(journal.folder, keeping).write(taken())
        KeptFrames(tmp_path / "screen/call", keeping.keys).keep(Frame(1.0, "0f0f", b"jpeg", 1, 1))
        journal.close()
    finally:
        os.umask(before)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name.split("-")[0].split(".")[0] for path in files} >= {"events", "words", "texts", "notes"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    for folder in (tmp_path / "calls/call", tmp_path / "screen/call"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_same_words_never_look_the_same_twice() -> None:
    one, another = (whole(b"the same", "notes.md", keys("NEW_KEY")) for _ in range(2))
    assert one != another


def command_line(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cornerman.cli import main; main()", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}, check=False, timeout=120
    )


def test_the_commands_read_sealed_journals_with_the_key_and_say_so_without(tmp_path: Path) -> None:
    book = load_playbook(STARTER)
    header = {**HEADER, "playbook": {"name": book.name, "digest": book.digest, "folder": str(STARTER)}}
    journal = Journal(tmp_path / "call", header, Keeping(keys("NEW_KEY")))
    coach = Coach(book, CoachSettings(segment=journal.segment, advised=True))
    for event, now in EVENTS:
        journal.hear(event, now)
        for decision in coach.hear(event, now).made:
            journal.decide(decision)
    journal.close()
    key = {"CORNERMAN__JOURNAL__KEYS": '["env:NEW_KEY"]'}
    backtest = ("backtest", str(tmp_path / "call"), "--playbook", str(STARTER), "--against", str(STARTER))
    for command, told in (
        (("replay", str(tmp_path / "call")), "the same as decided live"),
        (("times", str(tmp_path / "call")), "no card was shown"),
        (backtest, ""),
        (("calls", "read", str(tmp_path / "call/words-1-1.jsonl")), "expensive"),
    ):
        opened = command_line(*command, **key)
        assert opened.returncode == 0, opened.stderr
        assert told in opened.stdout
        refused = command_line(*command)
        assert refused.returncode == 1
        assert "name that key in journal.keys" in " ".join(refused.stderr.split())
