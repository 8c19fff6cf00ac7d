"""Of many rows the nearest are found as if all had been compared, and their products are exact."""

from __future__ import annotations

import numpy as np
import pytest

from cornerman.providers.embedding import DIMENSIONS
from cornerman.retrieval.nearness import Floats, Nearness


@pytest.fixture(scope="module")
def rows() -> Floats:
    """12,000 rows that differ along some axes more than along others, as sentences do."""
    chance = np.random.default_rng(20)
    drawn = chance.standard_normal((12_000, DIMENSIONS), dtype=np.float32)
    drawn *= (np.arange(1, DIMENSIONS + 1, dtype=np.float32) ** -0.5)[::-1]
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


def test_few_rows_are_compared_exactly(rows: Floats) -> None:
    few = Nearness(rows[:500])
    assert few.to(rows[3]).tobytes() == (rows[:500] @ rows[3]).tobytes()


def test_of_many_rows_the_ten_nearest_are_found_and_exact(rows: Floats) -> None:
    many = Nearness(rows)
    chance = np.random.default_rng(21)
    kept = 0
    for number in range(50):
        asked = rows[number] + np.float32(0.03) * chance.standard_normal(DIMENSIONS, dtype=np.float32)
        exact, found = rows @ asked, many.to(asked)
        nearest = np.argsort(-exact)[:10]
        kept += len(set(nearest) & set(np.argsort(-found)[:10]))
        assert found[number] == pytest.approx(exact[number], abs=1e-5)
    assert kept >= 495


def test_the_same_rows_and_vector_give_the_same_bits(rows: Floats) -> None:
    first, second = Nearness(rows), Nearness(rows.copy())
    assert first.to(rows[7]).tobytes() == second.to(rows[7]).tobytes() == first.to(rows[7]).tobytes()
