"""Talk ratio: the rep's share of all voices, over the last minutes and over the call."""

from __future__ import annotations

import pytest

from .scripted import Script, gauge


def test_the_ratio_is_the_reps_share_of_all_voices() -> None:
    script = Script().voice("rep", 0, 45).voice("pat", 50, 80).play(100)

    assert script.reading("talk_ratio") == 0.6
    assert script.figure("talk_ratio") == 0.6
    assert script.figure("prospect_talk_ratio") == 0.4


def test_a_colleague_counts_in_the_whole_and_not_as_the_rep() -> None:
    script = Script(cast={"rep": "rep", "pat": "prospect", "kim": "colleague", "eve": "observer"})
    script.voice("rep", 0, 30).voice("kim", 30, 90).voice("pat", 90, 120).voice("eve", 120, 500).play(501)

    assert script.reading("talk_ratio") == 0.25
    assert script.figure("prospect_talk_ratio") == 0.25


def test_voices_at_the_same_time_count_for_each() -> None:
    script = Script(cast={"rep": "rep", "pat": "prospect", "lee": "prospect"})
    script.voice("rep", 0, 30).voice("pat", 10, 40).voice("lee", 10, 40).play(60)

    assert script.reading("talk_ratio") == pytest.approx(1 / 3, abs=0.001)


def test_there_is_no_ratio_before_a_minute_of_speech() -> None:
    script = Script().voice("rep", 0, 59).play(59)
    assert script.reading("talk_ratio") is None
    assert script.figure("talk_ratio") == 1.0

    script.voice("pat", 60, 62).play(62)
    assert script.reading("talk_ratio") == pytest.approx(59 / 61, abs=0.001)


def test_only_the_window_counts_lately_and_everything_in_the_figures() -> None:
    script = Script(gauge("talk_ratio", window=120)).voice("rep", 0, 100).voice("pat", 100, 200).play(200)

    assert script.reading("talk_ratio") == pytest.approx(20 / 120, abs=0.001)
    assert script.figure("talk_ratio") == 0.5


def test_a_voice_that_goes_on_counts_up_to_now() -> None:
    script = Script().voice("pat", 0, 40).voice("rep", 40, 300)
    for second in range(40, 100):
        script.turn("rep", second, second + 0.4, "so it is")

    assert script.play(80).reading("talk_ratio") == 0.5


def test_it_passes_its_limit_only_after_a_whole_window_and_once() -> None:
    script = Script(gauge("talk_ratio", 0.65, 120))
    for start in range(0, 600, 20):
        script.voice("rep", start, start + 16).voice("pat", start + 16, start + 20)
    script.play(600)

    ((at, name, value),) = script.told
    assert (name, value) == ("talk_ratio", pytest.approx(0.8, abs=0.02))
    assert 120 <= at <= 125
    reading = script.crossings[0][1].reading
    assert (reading.gauge, reading.window, reading.identity, reading.at) == ("talk_ratio", 120, "rep", at)


def test_it_is_told_again_after_it_has_come_back_by_a_tenth() -> None:
    script = Script(gauge("talk_ratio", 0.5, 60))
    for start, speaker in ((0, "rep"), (60, "pat"), (120, "rep")):
        for at in range(start, start + 60, 10):
            script.voice(speaker, at, at + 10)
    script.play(180)

    assert [at for at, _, _ in script.told] == [60, pytest.approx(150, abs=10.1)]


def test_what_was_said_with_somebody_who_takes_consent_back_is_forgotten_silently() -> None:
    script = Script(gauge("talk_ratio", 0.65, 60), cast={"rep": "rep", "pat": "prospect", "lee": "prospect"})
    for start in range(0, 120, 10):
        script.voice("rep", start, start + 5).voice("pat", start + 5, start + 10)
    script.purge("pat", 121).play(125)

    assert script.reading("talk_ratio") is None
    assert script.figure("talk_ratio") is None
    assert script.told == []
