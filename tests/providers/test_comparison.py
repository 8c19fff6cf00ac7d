"""Likeness to a playbook's examples, and the vectors that are kept for them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from meaning_playbook import CLAIM, NOT_PRICE, PRICE, SECURITY, meaning_playbook
from scenes import definition, playbook

from cornerman.config import MeaningSettings
from cornerman.playbook import Playbook
from cornerman.providers.embedding import Comparison, Embedder, why_not
from cornerman.providers.embedding.embedder import Vectors
from cornerman.providers.embedding.kept_vectors import KEPT_SETS, vectors_of


class CountingEmbedder(Embedder):
    """The real one, and how many texts it was asked for."""

    asked = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += len(texts)
        return super().encode(texts)


@pytest.fixture(scope="module")
def model() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def embedder(model: CountingEmbedder) -> CountingEmbedder:
    model.asked = 0
    return model


# -- comparison --


def test_each_moment_of_the_role_that_has_examples_gets_its_likeness(embedder: Embedder, tmp_path: Path) -> None:
    comparison = Comparison(embedder, meaning_playbook(), tmp_path)
    assert [one.definition for one in comparison.compare("anything", "prospect")] == ["price", "security"]
    assert [one.definition for one in comparison.compare("anything", "rep")] == ["claim"]
    assert comparison.compare("anything", "colleague") == ()
    assert comparison.compare("anything", "observer") == ()


def test_what_is_meant_comes_nearest(embedder: Embedder, tmp_path: Path) -> None:
    comparison = Comparison(embedder, meaning_playbook(), tmp_path)
    price, security = comparison.compare("honestly this is more money than we have", "prospect")
    assert price.like > 0.4 > security.like
    assert price.like > price.unlike
    price, security = comparison.compare("in which country do you keep the data", "prospect")
    assert security.like > 0.4 > price.like
    assert security.unlike == -1.0  # it has no counterexamples


def test_likeness_is_the_nearest_examples_and_has_four_decimals(embedder: Embedder, tmp_path: Path) -> None:
    price, *_ = Comparison(embedder, meaning_playbook(), tmp_path).compare("we have no money", "prospect")
    said = embedder.encode(["we have no money"])[0]
    assert price.like == round(float((embedder.encode(PRICE) @ said).max()), 4)
    assert price.unlike == round(float((embedder.encode(NOT_PRICE) @ said).max()), 4)


def test_an_example_itself_is_entirely_alike(embedder: Embedder, tmp_path: Path) -> None:
    price, *_ = Comparison(embedder, meaning_playbook(), tmp_path).compare(PRICE[1], "prospect")
    assert price.like == 1.0


# -- whether there is anything to compare --


def in_german(book: Playbook) -> Playbook:
    return replace(book, language="de-AT")


@pytest.mark.parametrize(
    ("settings", "book", "says"),
    [
        (MeaningSettings(), meaning_playbook(), ""),
        (MeaningSettings(enabled="off"), meaning_playbook(), "switched off by meaning.enabled"),
        (MeaningSettings(), in_german(meaning_playbook()), "knows English, the playbook is in de-AT"),
        (MeaningSettings(), playbook(definition("price", "too expensive")), "no moment of the playbook has examples"),
        (MeaningSettings(model=Path("/nowhere")), meaning_playbook(), "the sentence model is not in /nowhere"),
    ],
)
def test_the_reason_against_is_told_before_anything_is_loaded(
    settings: MeaningSettings, book: Playbook, says: str
) -> None:
    assert (says in why_not(settings, book)) if says else not why_not(settings, book)


def test_yamls_bare_off_is_off() -> None:
    assert MeaningSettings.model_validate({"enabled": False}).enabled == "off"


# -- kept vectors --

SENTENCES = [*PRICE, *NOT_PRICE, *SECURITY, *CLAIM, PRICE[0]]
ONCE = len(set(SENTENCES))


def test_vectors_are_worked_out_once(embedder: CountingEmbedder, tmp_path: Path) -> None:
    first = vectors_of(SENTENCES, embedder, tmp_path / "cache")
    assert embedder.asked == ONCE
    second = vectors_of(SENTENCES, embedder, tmp_path / "cache")
    assert embedder.asked == ONCE
    assert first.tobytes() == second.tobytes() == embedder.encode(SENTENCES).tobytes()
    assert not list((tmp_path / "cache").glob("*.part"))


def test_one_more_example_costs_one_more_vector(embedder: CountingEmbedder, tmp_path: Path) -> None:
    vectors_of(SENTENCES, embedder, tmp_path)
    more = vectors_of([*SENTENCES, "It is beyond our means."], embedder, tmp_path)
    assert (embedder.asked, len(more)) == (ONCE + 1, len(SENTENCES) + 1)


def test_the_order_of_examples_is_the_callers(embedder: CountingEmbedder, tmp_path: Path) -> None:
    forwards = vectors_of(SENTENCES, embedder, tmp_path)
    backwards = vectors_of(SENTENCES[::-1], embedder, tmp_path)
    assert embedder.asked == ONCE
    assert np.array_equal(forwards, backwards[::-1])
    assert len(list(tmp_path.glob("*.vectors"))) == 1


def test_no_sentence_is_written_down(embedder: Embedder, tmp_path: Path) -> None:
    vectors_of(SENTENCES, embedder, tmp_path)
    (file,) = tmp_path.glob("*.vectors")
    assert not [word for word in b"expensive afford price data".split() if word in file.read_bytes()]


def flip(data: bytes) -> bytes:
    return data[:900] + bytes([data[900] ^ 1]) + data[901:]


@pytest.mark.parametrize(
    "damage",
    [lambda data: b"", lambda data: data[:100], lambda data: data[:-1], flip, lambda data: data + b"more"],
    ids=["empty", "head alone", "cut short", "one bit", "too long"],
)
def test_a_damaged_file_is_made_anew(
    embedder: CountingEmbedder, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    sound = vectors_of(SENTENCES, embedder, tmp_path)
    (file,) = tmp_path.glob("*.vectors")
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert vectors_of(SENTENCES, embedder, tmp_path).tobytes() == sound.tobytes()
    assert (embedder.asked, file.read_bytes()) == (2 * ONCE, whole)


def test_a_folder_that_cannot_be_written_is_done_without(
    embedder: Embedder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder")
    vectors = vectors_of(SENTENCES, embedder, taken)
    assert vectors.tobytes() == embedder.encode(SENTENCES).tobytes()
    assert "vectors are not kept" in caplog.text


def test_old_sets_go(embedder: Embedder, tmp_path: Path) -> None:
    for number in range(KEPT_SETS + 3):
        vectors_of([f"number {number}"], embedder, tmp_path)
    assert len(list(tmp_path.glob("*.vectors"))) == KEPT_SETS


def test_several_threads_may_make_the_same_set(embedder: CountingEmbedder, tmp_path: Path) -> None:
    """One does, the others wait for it."""
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(vectors_of(SENTENCES, embedder, tmp_path).tobytes()))
        for _ in range(4)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert embedder.asked == ONCE
    assert found == [embedder.encode(SENTENCES).tobytes()] * 4
    assert sorted(file.suffix or file.name for file in tmp_path.iterdir()) == [".vectors", "lock"]


def test_several_processes_may_make_the_same_set(embedder: CountingEmbedder, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from cornerman.providers.embedding import Embedder\n"
        "from cornerman.providers.embedding.kept_vectors import vectors_of\n"
        "sys.stdout.write(vectors_of(sys.argv[2:], Embedder(), Path(sys.argv[1])).tobytes().hex())"
    )
    command = [sys.executable, "-c", code, str(tmp_path), *SENTENCES]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    found = {one.communicate(timeout=100)[0] for one in running}
    assert found == {vectors_of(SENTENCES, embedder, tmp_path).tobytes().hex()}
    assert embedder.asked == 0  # theirs serve this process too


def test_building_stops_between_two_sentences(embedder: CountingEmbedder, tmp_path: Path) -> None:
    with pytest.raises(InterruptedError):
        vectors_of(SENTENCES, embedder, tmp_path, stopped=lambda: embedder.asked >= 2)
    assert (embedder.asked, [file.name for file in tmp_path.iterdir()]) == (2, ["lock"])


def test_a_playbook_without_examples_has_no_vectors(embedder: CountingEmbedder, tmp_path: Path) -> None:
    comparison = Comparison(embedder, playbook(definition("price", "too expensive")), tmp_path)
    assert (comparison.sentences, comparison.compare("too expensive", "prospect"), embedder.asked) == (0, (), 0)
