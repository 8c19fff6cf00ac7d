"""Turns end on silence, takeover or length; nothing said is lost, nothing is said twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from hypothesis import given
from hypothesis import strategies as st
from scenes import spoken

from cornerman.config import TurnSettings
from cornerman.events import Partial, Turn
from cornerman.hearing.turns import FINAL_OVERDUE, TurnAssembler


def assembler(silence: float = 0.5, max_length: float = 30.0) -> TurnAssembler:
    numbers = count(1)
    settings = TurnSettings(silence=silence, max_length=max_length)
    return TurnAssembler("prospect", "prospect", settings, lambda: f"t{next(numbers)}")


def texts(events: list[Partial | Turn]) -> list[tuple[str, str, str]]:
    return [(type(e).__name__, e.turn, " ".join(word.text for word in e.words)) for e in events]


def test_interims_become_partials_and_the_final_plus_silence_a_turn() -> None:
    one = assembler()
    assert texts(one.interim(spoken("we need"), 1.0)) == [("Partial", "t1", "we need")]
    assert texts(one.final(spoken("we need single sign"), 0.8, 1.5)) == [("Partial", "t1", "we need single sign")]
    assert one.due == 1.67
    assert one.tick(1.6) == []
    (turn,) = one.tick(1.7)
    assert isinstance(turn, Turn)
    assert (turn.start, turn.end, turn.confidence) == (0.0, 1.17, 0.8)


def test_speech_that_goes_on_within_the_silence_is_the_same_turn() -> None:
    one = assembler()
    one.final(spoken("we need"), 0.8, 0.6)
    one.speech(True, 0.8)
    assert one.tick(1.5) == []
    assert texts(one.interim(spoken("two seats", 1.0), 1.6)) == [("Partial", "t1", "we need two seats")]


def test_another_speaker_ends_the_turn_unless_both_speak() -> None:
    one = assembler(silence=3.0)
    one.final(spoken("we need"), 0.8, 0.6)
    one.speech(True, 0.7)
    assert one.taken_over(0.8) == []
    one.speech(False, 1.0)
    assert texts(one.taken_over(1.1)) == [("Turn", "t1", "we need")]


def test_a_monologue_is_cut_and_its_words_are_not_said_twice() -> None:
    one = assembler(max_length=5.0)
    long = spoken(" ".join(f"w{i}" for i in range(30)))
    events = one.interim(long[:20], 6.0)
    assert texts(events)[-1] == ("Turn", "t1", " ".join(word.text for word in long[:20]))
    assert texts(one.interim(long[:24], 7.0)) == [("Partial", "t2", "w20 w21 w22 w23")]


def test_an_interim_without_a_final_is_taken_as_said() -> None:
    one = assembler()
    one.interim(spoken("we need"), 1.0)
    assert one.tick(1.0 + FINAL_OVERDUE - 0.1) == []
    assert texts(one.tick(1.0 + FINAL_OVERDUE)) == [("Turn", "t1", "we need")]
    assert one.final(spoken("we need"), 0.9, 9.0) == []


def test_leaving_mid_sentence_keeps_what_was_said() -> None:
    one = assembler()
    one.interim(spoken("and another"), 1.0)
    assert texts(one.close()) == [("Turn", "t1", "and another")]
    assert one.close() == []


@given(st.lists(st.tuples(st.integers(1, 6), st.floats(0.1, 3.0), st.booleans()), max_size=12))
def test_every_final_word_is_in_exactly_one_turn(utterances: list[tuple[int, float, bool]]) -> None:
    one = assembler(max_length=5.0)
    said, heard, at = [], [], 0.0
    for index, (length, pause, other_speaks) in enumerate(utterances):
        words = spoken(" ".join(f"u{index}w{number}" for number in range(length)), at)
        said += [word.text for word in words]
        at = words[-1].end
        events = one.interim(words, at) + one.final(words, 0.9, at + 0.1)
        at += pause
        events += one.taken_over(at) if other_speaks else one.tick(at)
        heard += [word.text for event in events if isinstance(event, Turn) for word in event.words]
    heard += [word.text for event in one.close() if isinstance(event, Turn) for word in event.words]
    assert heard == said


def test_a_turn_does_not_end_on_silence_while_the_voice_still_sounds_after_a_final() -> None:
    one = assembler()
    one.speech(True, 0.1)
    one.final(spoken("we need"), 0.8, 0.6)
    assert one.tick(3.0) == []
    one.speech(False, 3.1)
    assert texts(one.tick(3.1)) == [("Turn", "t1", "we need")]


def test_a_voice_without_words_does_not_hold_a_turn_open_for_ever() -> None:
    one = assembler()
    one.speech(True, 0.1)
    one.final(spoken("we need"), 0.8, 0.6)
    assert texts(one.tick(0.6 + FINAL_OVERDUE)) == [("Turn", "t1", "we need")]


def test_words_that_come_late_are_parted_where_silence_was_between_them() -> None:
    one = assembler()
    one.speech(True, 0.0)
    events = one.final(spoken("we need", 1.0), 0.8, 20.0, late=True)
    events += one.interim(spoken("two seats", 5.0), 20.1, late=True)
    events += one.final(spoken("two seats", 5.0), 0.8, 20.2, late=True)
    events += one.final(spoken("and soon", 5.8), 0.8, 20.3, late=True)
    assert texts(events) == [
        ("Partial", "t1", "we need"),
        ("Turn", "t1", "we need"),
        ("Partial", "t2", "two seats"),
        ("Partial", "t2", "two seats and soon"),
    ]
    assert texts(one.close()) == [("Turn", "t2", "two seats and soon")]


def test_words_in_time_are_not_parted_by_their_times() -> None:
    one = assembler(silence=0.2)
    one.speech(True, 0.0)
    events = one.final(spoken("we need", 1.0), 0.8, 1.7) + one.final(spoken("seats", 3.0), 0.8, 3.4)
    assert [what for what, _, _ in texts(events)] == ["Partial", "Partial"]


def test_once_late_words_have_come_the_wait_for_silence_begins_anew() -> None:
    one = assembler()
    one.final(spoken("we need"), 0.8, 20.0, late=True)
    one.resumed(20.0)
    assert one.tick(20.4) == []
    assert texts(one.tick(20.5)) == [("Turn", "t1", "we need")]


def test_a_guess_that_is_waited_for_again_has_its_full_time_again() -> None:
    one = assembler()
    one.interim(spoken("we need"), 1.0)
    one.resumed(20.0)
    assert one.tick(20.0 + FINAL_OVERDUE - 0.1) == []
    assert texts(one.tick(20.0 + FINAL_OVERDUE)) == [("Turn", "t1", "we need")]


def test_a_guess_of_audio_that_is_gone_stands_as_it_is() -> None:
    one = assembler()
    one.interim(spoken("we need", 5.0), 6.0)
    assert one.give_up(5.3) == []
    assert texts(one.give_up(6.0)) == [("Turn", "t1", "we need")]
    assert one.final(spoken("we need", 5.0), 0.9, 40.0) == []
    assert one.give_up(60.0) == []


def test_who_knows_that_the_turn_is_over_ends_it_but_not_a_guess() -> None:
    one = assembler()
    assert one.ended() == []
    one.interim(spoken("we need"), 1.0)
    assert one.ended() == []
    one.final(spoken("we need seats"), 0.8, 1.5)
    assert texts(one.ended()) == [("Turn", "t1", "we need seats")]
    assert one.ended() == []


def test_an_opinion_of_the_pause_makes_the_silence_shorter_or_longer_for_this_turn_only() -> None:
    one = assembler()
    one.final(spoken("we need"), 0.8, 0.6)
    one.judged(1.5, 0.7)
    assert one.tick(2.0) == []
    one.judged(0.2, 2.0)
    assert texts(one.tick(2.0)) == [("Turn", "t1", "we need")]
    one.final(spoken("seats", 5.0), 0.8, 5.3)
    assert one.tick(5.6) == []
    assert texts(one.tick(5.9)) == [("Turn", "t2", "seats")]


def test_a_final_that_moves_the_last_word_a_little_does_not_say_it_twice() -> None:
    one = assembler(max_length=5.0)
    long = spoken(" ".join(f"w{i}" for i in range(20)))
    one.interim(long, 6.0)
    moved = [replace(word, start=word.start + 0.04, end=word.end + 0.04) for word in long]
    assert one.final(moved, 0.9, 7.0) == []


def test_words_taken_as_said_are_not_said_twice_however_often_that_happens() -> None:
    one = assembler(max_length=5.0)
    long = spoken(" ".join(f"w{i}" for i in range(20)))
    one.interim(long, 6.0)
    one.interim(spoken("we need", 20.0), 21.0)
    assert texts(one.tick(21.0 + FINAL_OVERDUE)) == [("Turn", "t2", "we need")]
    assert one.final(spoken("we need", 20.0), 0.9, 40.0) == []
