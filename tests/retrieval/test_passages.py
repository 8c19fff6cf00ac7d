"""What stands deep in a long section is found, and vectors that were worked out stay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from cornerman.playbook import Section
from cornerman.providers.embedding import Embedder
from cornerman.providers.embedding.embedder import Vectors
from cornerman.retrieval import passages as passages_module
from cornerman.retrieval.passages import Passages

FILLER = "The office has three meeting rooms and a kitchen on the second floor. "
DEEP = "Invoices can be paid by bank transfer within thirty days."


def section(number: int, text: str, title: str = "Notes") -> Section:
    return Section(f"plays/a#s{number}", title, text, "plays/a.md")


def never() -> bool:
    return False


def test_the_end_of_a_long_section_counts_as_its_beginning_does(embedder: Embedder, tmp_path: Path) -> None:
    sections = [section(0, FILLER * 40), section(1, FILLER * 40 + DEEP), section(2, FILLER)]
    near = Passages(sections, {}, embedder, tmp_path, never).likeness(embedder.encode(["How do I pay the bill?"])[0])
    assert near.argmax() == 1
    assert near[1] > near[0] + 0.1


def test_a_section_is_found_by_what_people_say_it_answers(embedder: Embedder, tmp_path: Path) -> None:
    sections = [section(0, "Name the value first."), section(1, FILLER), section(2, "Agree on a date.")]
    asked = embedder.encode(["we cannot afford that"])[0]
    plain = Passages(sections, {}, embedder, tmp_path, never).likeness(asked)
    told = Passages(sections, {"plays/a#s1": ("We can't afford it.",)}, embedder, tmp_path, never).likeness(asked)
    assert told.argmax() == 1
    assert told[1] > plain[1] + 0.3
    np.testing.assert_array_equal(told[[0, 2]], plain[[0, 2]])


class Counting(Embedder):
    """The model itself, and how many texts it was given; asks to stop after some."""

    def __init__(self, stops_after: int = 10**9) -> None:
        super().__init__()
        self.seen: list[str] = []
        self._stops_after = stops_after

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As `Embedder.encode`."""
        self.seen += texts
        return super().encode(texts)

    def stopped(self) -> bool:
        return len(self.seen) >= self._stops_after


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passages_module, "PORTION", 4)


@pytest.fixture
def sections() -> list[Section]:
    return [section(number, f"Answer number {number}", f"Question {number}") for number in range(6)]


@pytest.mark.usefixtures("small_portions")
def test_what_was_worked_out_is_kept_though_the_rest_was_stopped(sections: list[Section], tmp_path: Path) -> None:
    first = Counting(stops_after=9)
    with pytest.raises(InterruptedError):
        Passages(sections, {}, first, tmp_path, first.stopped)
    second = Counting()
    Passages(sections, {}, second, tmp_path, never)
    assert len(first.seen) == 9
    assert len(second.seen) == 4, "of twelve texts two portions of four were kept"


@pytest.mark.usefixtures("small_portions")
def test_portions_make_no_difference(
    sections: list[Section], tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = embedder.encode(["number three"])[0]
    in_portions = Passages(sections, {}, embedder, tmp_path / "a", never).likeness(asked)
    monkeypatch.setattr(passages_module, "PORTION", 1000)
    at_once = Passages(sections, {}, embedder, tmp_path / "b", never).likeness(asked)
    assert in_portions.tobytes() == at_once.tobytes()


def test_a_folder_that_cannot_be_written_is_done_without(sections: list[Section], embedder: Embedder) -> None:
    found = Passages(sections, {}, embedder, Path("/dev/null/vectors"), never)
    assert found.likeness(embedder.encode(["number three"])[0]).shape == (6,)
