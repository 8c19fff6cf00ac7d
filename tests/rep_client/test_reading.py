"""What the rep's client refuses to read, and that refusing never says what was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornerman_client.contract import MAX_PAYLOAD_BYTES, State
from cornerman_client.reading import BAD_REQUEST_TEXT, Unreadable, read_nudge, read_state, showable

NUDGE: dict[str, Any] = {
    "v": 1,
    "id": "1-1",
    "rev": 0,
    "kind": "price_objection",
    "headline": "Ask what waiting would cost them",
    "detail": "First listen.\nThen ask.",
    "priority": 500,
    "ttl_ms": 20000,
    "because": [{"type": "words", "speaker": "Ann", "role": "prospect", "start": 1.0, "end": 2.0, "quote": "too much"}],
    "sources": [{"id": "card:price", "title": "Price card", "locator": "objections/price.md"}],
    "timing": {"spoken": 2.0, "heard": 2.1, "decided": 2.1, "sent": 2.1},
}
HOSTILE = ["\x00", "\x07", "\x1b[2J", "\x7f", "\x9b31m", "\u2028", "\u202e", "\u2066", "\ufeff"]


def with_words(**words: Any) -> str:
    return json.dumps(NUDGE | {"because": [NUDGE["because"][0] | words]})


def test_a_good_nudge_is_read_whole_and_unknown_fields_are_ignored() -> None:
    nudge = read_nudge(json.dumps(NUDGE | {"since_version_2": {"a": "\x00"}}))
    assert nudge.segment == 1
    assert nudge.detail == "First listen.\nThen ask."


def test_letters_of_every_script_pass() -> None:
    words = "Größe, שלום\u200f, नमस्ते\u200d, 価格 👩\u200d💼"
    assert read_nudge(json.dumps(NUDGE | {"headline": words})).headline == words


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
@pytest.mark.parametrize("field", ["id", "kind", "headline", "detail"])
def test_text_that_could_act_on_a_screen_is_refused(field: str, hostile: str) -> None:
    with pytest.raises(Unreadable):
        read_nudge(json.dumps(NUDGE | {field: f"1-1{hostile}"}))


@pytest.mark.parametrize("hostile", [*HOSTILE, "\n"], ids=ascii)
def test_quotes_speakers_and_sources_are_looked_at_too(hostile: str) -> None:
    payloads = [
        with_words(quote=f"a{hostile}b"),
        with_words(speaker=f"a{hostile}b"),
        json.dumps(NUDGE | {"sources": [{"id": "a", "title": hostile, "locator": "b"}]}),
        json.dumps(NUDGE | {"action": {"id": "log", "label": f"Log{hostile}"}}),
    ]
    for payload in payloads:
        with pytest.raises(Unreadable):
            read_nudge(payload)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1e300"])
def test_times_that_cannot_be_shown_are_refused(number: str) -> None:
    with pytest.raises(Unreadable):
        read_nudge(json.dumps(NUDGE).replace('"start": 1.0', f'"start": {number}'))


@pytest.mark.parametrize(
    "id_", ["", "1", "1-", "-1", "a-1", "1-a b", "1-../x", "-1-1", "٣-1", "1" * 10 + "-1", "1-1\n"]
)
def test_an_id_that_names_no_segment_is_refused(id_: str) -> None:
    with pytest.raises(Unreadable):
        read_nudge(json.dumps(NUDGE | {"id": id_}))


@pytest.mark.parametrize("version", [0, 2, "2", None, [1]])
def test_another_version_is_refused(version: object) -> None:
    with pytest.raises(Unreadable):
        read_nudge(json.dumps(NUDGE | {"v": version}))


def test_the_size_limit_counts_bytes_not_letters() -> None:
    letters = (MAX_PAYLOAD_BYTES - len(json.dumps(NUDGE | {"unknown": ""}))) // 2
    fits = json.dumps(NUDGE | {"unknown": "ü" * letters}, ensure_ascii=False)
    assert len(fits.encode()) <= MAX_PAYLOAD_BYTES
    assert read_nudge(fits).id == "1-1"
    with pytest.raises(Unreadable):
        read_nudge(json.dumps(NUDGE | {"unknown": "ü" * (letters + 1)}, ensure_ascii=False))


def test_a_state_is_read_and_checked_likewise() -> None:
    state = State(segment=2, at=1.0, status="listening", consent_mode="granted", gauges={"talk_ratio": 0.4})
    assert read_state(state.to_json()) == state
    for wrong in ({"trouble": ["\x1b]0;"]}, {"gauges": {"\u202e": 1.0}}, {"stage": "a\nb"}, {"status": "unheard of"}):
        with pytest.raises(Unreadable):
            read_state(json.dumps(json.loads(state.to_json()) | wrong))


@given(
    st.text(max_size=200) | st.recursive(st.none() | st.text() | st.floats(), st.lists, max_leaves=5).map(json.dumps)
)
def test_whatever_comes_is_refused_with_the_same_words(payload: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_nudge(payload)
    assert str(refusal.value) == BAD_REQUEST_TEXT
    assert refusal.value.__cause__ is None


@given(st.dictionaries(st.sampled_from(sorted(NUDGE)), st.none() | st.text() | st.integers() | st.lists(st.text())))
def test_a_nudge_with_any_fields_replaced_is_read_or_refused(fields: dict[str, object]) -> None:
    try:
        nudge = read_nudge(json.dumps(NUDGE | fields))
    except Unreadable:
        return
    assert nudge.segment >= 0
    assert showable(nudge.headline) == nudge.headline


@given(st.text())
def test_showable_text_is_short_and_stays_as_it_is_when_shown_again(text: str) -> None:
    shown = showable(text)
    assert len(shown) <= 200
    assert showable(shown) == shown
    assert "\x1b" not in shown
