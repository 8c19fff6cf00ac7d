"""Dead air: nobody speaks, although everybody could be heard."""

from __future__ import annotations

from cornerman.events import Attendance, Consent, Partial, Speaking, Turn

from .scripted import Script, gauge, spoken


def test_it_is_the_time_since_the_last_voice() -> None:
    script = Script().voice("rep", 0, 10).voice("pat", 9, 12).play(20)

    assert script.reading("dead_air_s") == 8
    assert script.voice("rep", 22, 30).play(25).reading("dead_air_s") == 0
    assert script.figure("dead_air_s") == 10


def test_the_time_before_anybody_spoke_is_none_and_the_one_at_the_end_is_no_figure() -> None:
    script = Script(gauge("dead_air", 15)).play(100)
    assert (script.reading("dead_air_s"), script.told) == (0, [])

    script.voice("rep", 100, 105).voice("pat", 106, 108).play(200)
    assert script.figure("dead_air_s") == 1


def test_the_limit_is_passed_by_time_alone_and_once_for_each_silence() -> None:
    script = Script(gauge("dead_air", 15)).voice("rep", 0, 10).voice("pat", 50, 52).play(100)

    assert script.told == [(25.0001, "dead_air", 15.0), (67.0001, "dead_air", 15.0)]
    assert script.crossings[0][1].reading.identity == ""


def test_words_the_detector_missed_end_it() -> None:
    script = Script(gauge("dead_air", 15)).voice("rep", 0, 10)
    script.heard(20, Partial("t1", "pat", "prospect", spoken("very softly said", 18, 19.5))).play(30)

    assert script.reading("dead_air_s") == 10.5
    assert script.told == []


def test_the_silence_of_somebody_who_is_not_heard_is_none() -> None:
    script = Script(gauge("dead_air", 15)).voice("rep", 0, 10)
    script.heard(11, Attendance("lee", "lee", "prospect", True)).play(100)
    assert (script.told, script.reading("dead_air_s")) == ([], None)

    script.heard(101, Consent("lee", "granted", "test")).play(150)
    assert script.told == []

    script.voice("lee", 151, 152).play(170)
    assert script.told == [(167.0001, "dead_air", 15.0)]


def test_nobody_consented_nothing_is_measured() -> None:
    script = Script(gauge("dead_air", 15), gauge("monologue", 5), cast={})
    script.heard(0, Attendance("rep", "rep", "rep", True)).heard(0, Attendance("pat", "pat", "prospect", True))
    script.heard(61, Turn("t1", "pat", "prospect", spoken("what is it", 50, 60), 50, 60, 1.0))
    script.voice("rep", 0, 50).play(100)

    assert script.gauges.readings(100) == {}
    assert script.gauges.figures(100) == ()
    assert script.told == []


def test_nobody_is_missed_who_was_never_there() -> None:
    script = Script(cast={"rep": "rep"})
    script.heard(0, Speaking("ghost", True, 0)).voice("rep", 0, 50).play(100)

    assert script.gauges.readings(100) == {}
