"""What a model notes stands only where people said it, just so: made-up quotes, numbers, names and promises do not."""

from __future__ import annotations

import json

import pytest
from advising.notes.noting import Noted, claim, claims, scene
from hypothesis import given
from hypothesis import strategies as st

from cornerman.advising.grounding import Grounds, check
from cornerman.advising.notes import Note
from cornerman.advising.notes.claims import Auditor, ClaimsError, Reply, read_claims
from cornerman.advising.notes.merging import merged
from cornerman.advising.notes.script import script_of
from cornerman.coach.languages import language_of

QUOTE = "we can start with forty seats in March"


def talk() -> Noted:
    call = scene()
    call.says("rep", "Well, what would a good start look like for you?")
    call.says("prospect", f"I think {QUOTE}, if Dana agrees.")
    call.says("rep", "Good. I will have our engineers call you on Monday.")
    return call


def stand(call: Noted, *several: dict[str, str]) -> tuple[tuple[Note, ...], tuple[Reply, ...]]:
    script = script_of(call.book.heard, tuple(call.book.heard.turns.values()), 10_000)
    open_notes = {f"n{at}": note for at, note in enumerate(call.notes().notes, start=1)}
    auditor = Auditor(language_of("en"), check, Grounds(language="en"))
    return auditor.stand(read_claims(claims(*several)), script, call.book.heard, open_notes, script.saw)


def test_a_claim_with_a_true_quote_stands_in_the_transcripts_words_and_times() -> None:
    call = talk()
    ((note,), _) = stand(call, claim("next_step", "t2", "S2", "WE can start, with forty seats in march."))
    assert (note.said.quote, note.said.name, note.said.turn) == (f"{QUOTE},", "Tom", "t2")
    assert note.said.start == call.book.heard.turns["t2"].words[2].start
    assert (note.by, note.saw) == ("model", ("prospect", "rep"))


@pytest.mark.parametrize(
    "wrong",
    [
        claim("next_step", "t2", "S2", "we can start with fifty seats in March"),
        claim("next_step", "t2", "S2", "we start in March"),
        claim("next_step", "t2", "S1", QUOTE),
        claim("next_step", "t1", "S2", QUOTE),
        claim("next_step", "t9", "S2", QUOTE),
        claim("next_step", "t2", "S2", ""),
        claim("next_step", "t2", "S2", "March"),
        claim("next_step", "t2", "S2", "if Dana agrees. Good. I will"),
        claim("next_step", "t2", "S2", QUOTE, text="They start with four hundred seats."),
        claim("next_step", "t2", "S2", QUOTE, text="They pay $4,000."),
        claim("next_step", "t2", "S2", QUOTE, text="Siobhan decides."),
        claim("next_step", "t2", "S2", QUOTE, text="See http://evil.example for more."),
        claim("next_step", "t2", "S2", QUOTE, text="**Start now**"),
        claim("next_step", "t2", "S2", QUOTE, text='He said "we sign today".'),
    ],
)
def test_what_was_not_said_does_not_stand(wrong: dict[str, str]) -> None:
    assert stand(talk(), wrong) == ((), ())


def test_a_true_wording_stands_with_it() -> None:
    ((note,), _) = stand(talk(), claim("next_step", "t2", "S2", QUOTE, text="Start with forty seats, if Dana agrees."))
    assert note.text == "Start with forty seats, if Dana agrees."


def test_a_promise_by_a_time_nobody_named_has_none() -> None:
    (notes, _) = stand(
        talk(),
        claim("commitment", "t3", "S1", "I will have our engineers call you", due="on Monday"),
        claim("commitment", "t3", "S1", "our engineers call you on Monday", due="by Friday"),
    )
    assert [note.due for note in notes] == ["on Monday", ""]


def test_a_wording_that_is_too_long_is_left_out_not_cut() -> None:
    ((note,), _) = stand(talk(), claim("next_step", "t2", "S2", QUOTE, text="they start " * 40))
    assert note.text == ""


def test_a_reply_belongs_to_an_open_note_of_the_other_side() -> None:
    call = scene()
    call.says("prospect", "It is too expensive.")
    call.says("prospect", "And we were cheated before.")
    call.says("rep", "You pay nothing until it works.")
    objection = call.of("objection")[0].model_copy(update={"reply": None})
    quote = "You pay nothing until it works."
    (_, replies) = stand(
        call,
        claim("reply", "t3", "S1", quote, answers="n1"),
        claim("reply", "t2", "S2", "And we were cheated before.", answers="n1"),
        claim("reply", "t3", "S1", quote, answers="n7"),
    )
    assert [reply.said.quote for reply in replies] == [quote]
    bare = call.notes().model_copy(update={"notes": (objection,)})
    (note,) = merged(bare, (), replies).notes
    assert note.reply is not None
    assert note.reply.quote == quote


def test_a_model_adds_its_wording_to_what_was_noted_already() -> None:
    call = scene()
    call.says("rep", "I'll send you the contract by Friday.")
    (claimed, _) = stand(
        call, claim("commitment", "t1", "S1", "send you the contract", text="Maya sends the contract.")
    )
    (note,) = merged(call.notes(), claimed, ()).notes
    assert (note.by, note.text, note.due) == ("coach", "Maya sends the contract.", "by Friday")
    assert note.without("rep").text == ""


def test_one_bad_claim_does_not_spoil_the_others() -> None:
    good = claim("question", "t1", "S1", "what?")
    listed = json.dumps({"claims": [{"kind": "nonsense"}, 7, good, {}]})
    assert [one.kind for one in read_claims(listed)] == ["question"]


@given(st.one_of(st.text(), st.just("[" * 100_000), st.just('{"claims": 3}'), st.just('{"claims": [')))
def test_what_is_no_list_of_claims_is_refused_in_words(text: str) -> None:
    with pytest.raises(ClaimsError, match="JSON object"):
        read_claims(text)


SAID = "I think we can start with forty seats in March, if Dana agrees."


@given(st.data())
def test_a_quote_stands_if_and_only_if_its_words_follow_each_other(data: st.DataObject) -> None:
    words = SAID.split()
    first = data.draw(st.integers(0, len(words) - 2))
    last = data.draw(st.integers(first + 1, len(words) - 1))
    quote = words[first : last + 1]
    dropped = data.draw(st.integers(-1, len(quote) - 1))
    if dropped >= 0:
        quote = quote[:dropped] + quote[dropped + 1 :]
    stands = dropped in (-1, 0, last - first) and len(quote) >= 2
    (notes, _) = stand(talk(), claim("objection", "t2", "S2", " ".join(quote)))
    assert bool(notes) == stands
