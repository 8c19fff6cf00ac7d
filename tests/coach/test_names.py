"""Phrases may name a product or a competitor; every name and alias of theirs counts."""

from __future__ import annotations

from dataclasses import replace

from scenes import Scene, definition, playbook

from cornerman.playbook.model import Product


def test_a_phrase_that_names_a_product_is_found_by_any_of_its_names() -> None:
    book = playbook(definition("interest", "try {product}", kind="buying_signal"))
    scene = Scene(replace(book, products=(Product("Tidewater Desk", ("tidewater",), "products/desk.md"),)))
    scene.turn("could we try tidewater desk", at=10.0)
    scene.turn("we would try tidewater", turn="t2", at=100.0)
    scene.turn("we would try something", turn="t3", at=200.0)
    assert [moment.evidence.turn for moment in scene.moments] == ["t1", "t2"]
