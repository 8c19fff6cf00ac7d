"""The scorer's rules, and its numbers beside those the labelled data's own scorer gives for the same calls."""

from __future__ import annotations

from pathlib import Path

from recorded_calls import label, turn, write_call
from scenes import definition, playbook

from cornerman.contract import Role
from cornerman.replay.backtest import Totals
from cornerman.replay.call_file import read_call
from cornerman.replay.lines import line_of, write_lines
from cornerman.replay.score import Agreement, Score, score
from cornerman.replay.synthesis import Pacing, tape_of
from cornerman.replay.virtual import Book, Played, play

BOTH: tuple[Role, ...] = ("prospect", "rep")
BOOK = Book.of(
    playbook(
        definition("price", "priceword", roles=BOTH, kind="price_objection"),
        definition("also-price", "priceword again", roles=BOTH, kind="price_objection"),
        definition("discount", "discountword", kind="discount_request"),
        definition("signal", "signalword", kind="buying_signal"),
        definition("commitment", "commitmentword", kind="commitment"),
        definition("trust", "trustword", kind="trust_concern"),
        definition("screen", "screenword", kind="screen"),
    )
)
NONE = "none"


def write_calls(folder: Path) -> list[Path]:
    """Every rule of the scorer at least once."""
    said = [
        ("ben", "priceword again and again", label(0, "price_objection")),
        ("ben", "discountword", label(1, "price_objection", also=["discount_request"])),
        ("ben", "nothing at all", label(2, "price_objection", acceptable=[NONE])),
        ("ben", "commitmentword", label(3, "buying_signal")),
        ("ben", "signalword commitmentword", None),
        ("ben", "trustword", label(5, NONE, acceptable=["trust_concern"])),
        ("ben", "trustword", label(6, "trust_concern", acceptable=["price_objection"])),
        ("anna", "priceword", None),
        ("ben", "screenword", label(8, "requirement")),
        ("ben", "priceword discountword trustword", label(9, "discount_request", ["price_objection"])),
        ("anna", "discountword", None),
    ]
    turns = [turn(index, who, text, 10.0 * index) for index, (who, text, _) in enumerate(said)]
    first = write_call(folder / "one.json", *turns, id="one", labels=[each for *_, each in said if each])
    second = write_call(folder / "two.json", turn(3, "ben", "priceword", 1.0), id="two", labels=[])
    return [first, second]


def replayed(folder: Path, out: Path) -> list[Played]:
    """The calls played; their lines written for a scorer."""
    played = [play(tape_of(read_call(file), Pacing()), BOOK) for file in write_calls(folder)]
    for one in played:
        write_lines((line_of(made) for made in one.made), out / f"{one.call}.jsonl")
    return played


def test_the_numbers_are_those_of_the_datas_own_scorer(tmp_path: Path) -> None:
    """What it printed, as JSON, for these very calls and lines."""
    played = replayed(tmp_path / "calls", tmp_path / "lines")
    result = score(played)
    expected = {
        "price_objection": (Agreement(1, 2, 1, 1), 0.3333, 0.5, 0.4),
        "discount_request": (Agreement(1, 0, 0, 0), 1.0, 1.0, 1.0),
        "competitor_mention": (Agreement(), None, None, None),
        "trust_concern": (Agreement(1, 1, 0, 0), 0.5, 1.0, 0.6667),
        "timing_stall": (Agreement(), None, None, None),
        "buying_signal": (Agreement(1, 1, 0, 0), 0.5, 1.0, 0.6667),
        "price_question": (Agreement(), None, None, None),
        "authority": (Agreement(), None, None, None),
        "requirement": (Agreement(0, 0, 1, 0), None, 0.0, 0.0),
        "all": (Agreement(4, 4, 2, 1), 0.5, 0.6667, 0.5714),
    }
    found = {**result.kinds, "all": result.micro}
    assert {kind: (one, one.precision, one.recall, one.f1) for kind, one in found.items()} == expected
    totals = Totals.of(played)
    assert (totals.nudges.total(), totals.held, round(totals.hours, 4)) == (8, 6, 0.0281)
    assert totals.nudges_per_hour is not None
    assert round(totals.nudges_per_hour, 2) == 285.15


def test_calls_without_labels_are_not_scored(tmp_path: Path) -> None:
    file = write_call(tmp_path / "a.json", turn(0, "ben", "priceword", 0.0))
    assert score([play(tape_of(read_call(file), Pacing()), BOOK)]) == Score()
