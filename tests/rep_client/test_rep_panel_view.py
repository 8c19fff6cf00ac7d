"""What the terminal panel puts on the screen, and what it never does."""

from __future__ import annotations

import io

from rich.console import Console, RenderableType

from cornerman.rep_panel_view import RepView, nudge_lines
from cornerman_client import Hearing, Nudge, Standing, State
from cornerman_client.contract import ConsentMode, GaugeBecause, QuestionBecause, Source, Timing, WordsBecause


def nudge(id_: str = "1-1", rev: int = 0, **fields: object) -> Nudge:
    return Nudge(
        id=id_,
        rev=rev,
        kind="price_objection",
        headline="Ask what waiting would cost",
        priority=1,
        ttl_ms=20_000,
        because=(WordsBecause(speaker="Ann", role="prospect", start=61.2, end=62, quote="that is too expensive"),),
        sources=(Source(id="card:price", title="Price card", locator="objections/price.md"),),
        timing=Timing(spoken=1, heard=1, decided=1, sent=1),
    ).model_copy(update={**fields})


def state(mode: ConsentMode = "rep_discloses") -> State:
    ann = Hearing(
        identity="ann", name="Ann", role="prospect", present=True, consent="waiting", heard=False, why="no consent yet"
    )
    rep = Hearing(identity="rep", name="Rita", role="rep", present=True, consent="granted", heard=True)
    return State(segment=1, at=0, status="waiting_for_consent", consent_mode=mode, participants=(ann, rep))


def shown(what: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=100, force_terminal=False)
    console.print(what)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_a_card_stands_with_its_quote_speaker_time_and_source() -> None:
    view = RepView("May it listen?")
    view.show(nudge(), 0.0)
    screen = shown(view.render(1.0))
    assert "Ask what waiting would cost" in screen
    assert 'Ann at 1:01: "that is too expensive"' in screen
    assert "source: Price card (objections/price.md)" in screen


def test_the_newest_fresh_card_is_the_one_the_keys_speak_of() -> None:
    view = RepView("")
    view.show(nudge("1-1"), 0.0)
    view.show(nudge("1-2"), 5.0)
    newest = view.newest(6.0)
    assert newest is not None
    assert newest.nudge.id == "1-2"
    newest.mark = "dismissed"
    earlier = view.newest(6.0)
    assert earlier is not None
    assert earlier.nudge.id == "1-1"
    assert view.newest(20.1) is None
    assert "nothing to say" in shown(view.render(20.1))


def test_a_withdrawn_card_keeps_none_of_its_words() -> None:
    view = RepView("")
    view.show(nudge(), 0.0)
    withdrawn = nudge(rev=1, status="withdrawn", headline="Withdrawn")
    view.show(withdrawn, 1.0)
    view.show(nudge("1-9", status="withdrawn", headline="Never seen"), 1.0)
    screen = shown(view.render(1.0)) + "".join(line.plain for line in nudge_lines(withdrawn))
    assert "Withdrawn" in screen
    for words in ("waiting would cost", "too expensive", "Never seen"):
        assert words not in screen


def test_nothing_from_the_wire_is_read_as_markup() -> None:
    marked = "[red]x[/red] [link=file:///etc]y[/link] [/]"
    because = nudge().because[0].model_copy(update={"quote": marked, "speaker": marked})
    card = nudge(headline=marked, detail=marked, kind=marked, because=(because,))
    view = RepView(marked, state=state())
    view.state = state().model_copy(
        update={"trouble": (marked,), "participants": (state().participants[0].model_copy(update={"name": marked}),)}
    )
    view.show(card, 0.0)
    screen = shown(view.render(0.0))
    assert screen.count("[red]x[/red]") == 9
    assert "[link=file:///etc]y[/link] [/]" in "".join(line.plain for line in nudge_lines(card))


def test_the_consent_step_shows_what_to_read_out_and_for_whom() -> None:
    view = RepView("May it listen?", state=state())
    screen = shown(view.render(0.0))
    assert "May it listen?" in screen
    assert "When all of them agreed, press c: Ann" in screen
    assert "no consent yet" in screen
    view.state = state("each_participant")
    screen = shown(view.render(0.0))
    assert "May it listen?" not in screen
    assert "press c" not in screen


def test_taking_consent_back_asks_whose() -> None:
    view = RepView("", state=state(), choosing=True)
    assert "1  Rita" in shown(view.render(0.0))
    assert [person.identity for person in view.consenting()] == ["rep"]


def test_the_rep_sees_where_the_call_stands() -> None:
    told = state().model_copy(
        update={
            "stage": "discovery",
            "gauges": {"talk_ratio": 0.62},
            "checklist": {"economic-buyer": True, "metrics": False},
            "disclosures": {"renewal": False},
        }
    )
    screen = shown(RepView("", state=told).render(0.0))
    assert "stage: discovery, you talk 62% of the time" in screen
    assert "found out: [x] economic buyer  [ ] metrics" in screen
    assert "disclosed: [ ] renewal" in screen
    assert "stage" not in shown(RepView("", state=state()).render(0.0))


def test_a_card_says_that_a_gauge_or_a_question_caused_it() -> None:
    gauge = nudge(because=(GaugeBecause(name="talk_ratio", value=0.71, window=600.0),))
    asked = nudge(because=(QuestionBecause(ask_id="1-q1"),))
    assert "    talk ratio: 0.71" in [line.plain for line in nudge_lines(gauge)]
    assert "    you asked" in [line.plain for line in nudge_lines(asked)]


def test_a_question_is_seen_while_it_is_typed() -> None:
    screen = shown(RepView("", state=state(), asking="what [red]does[/red]").render(0.0))
    assert "what [red]does[/red]_" in screen
    assert "Ask the coach" in screen


def test_the_status_line_says_how_the_line_stands() -> None:
    view = RepView("")
    assert view.status_line() == "no coach in the call yet"
    view.standing, view.state = Standing("cornerman-1", False, None), state()
    assert view.status_line() == "coach: waiting for consent, rules only, attention live"
    view.standing = Standing("cornerman-1", True, None)
    assert "coach lost" in view.status_line()
    view.standing = Standing(None, False, "duplicate_identity")
    assert "joined this call elsewhere" in view.status_line()
    view.standing = Standing(None, False, "server_shutdown")
    assert view.status_line() == "the connection is closed (server shutdown)"


def test_old_cards_are_forgotten() -> None:
    view = RepView("")
    for number in range(300):
        view.show(nudge(f"1-{number}"), 0.0)
    assert len(view.cards) == 100
