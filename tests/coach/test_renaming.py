"""Renaming changes nothing: ids, titles, sources and the order in which cards are kept say nothing of what was said.

The playbook that ships is heard beside the same one with every name changed, so that nothing sorts as it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import spoken

from cornerman.coach import Coach, CoachSettings
from cornerman.coach.exchange import Exchange
from cornerman.coach.moments import Detector
from cornerman.coach.transcript import Utterance
from cornerman.contract import Role
from cornerman.events import (
    Attendance,
    Consent,
    Event,
    Held,
    Likeness,
    MeaningRequest,
    MeaningResult,
    Moment,
    MomentWithdrawn,
    Nudge,
    Partial,
    Turn,
)
from cornerman.paths import find_project_file
from cornerman.playbook import COMPETITOR_CARD, Playbook, Section, load_playbook
from cornerman_client.contract import Source

Dialogue = tuple[tuple[Role, str], ...]
SOURCE = Source(id="any", title="Any", locator="any")

HAGGLING: Dialogue = (
    ("rep", "Hi, it is still available, I am asking five hundred dollars."),
    ("prospect", "It looks great. Honestly five hundred is a bit steep for me, would you take four hundred?"),
    ("rep", "I could do four eighty, what do you think?"),
    ("prospect", "Hm. I found a similar one for less. How about 450 and I pick it up today?"),
    ("rep", "You will never find a better one, I guarantee it. 460?"),
    ("prospect", "Sounds fair. I can do 460, deal."),
)
SELLING: Dialogue = (
    ("rep", "Thanks for joining. What are you using today?"),
    ("prospect", "We are using Redwood Desk and we are also looking at Northstar."),
    ("prospect", "It has to integrate with salesforce, otherwise it is a deal breaker."),
    ("rep", "It does. Your data is completely safe with us, I promise that feature will be ready by june."),
    ("prospect", "They told us it was too expensive, but we disagree. What would fifty seats cost us?"),
    ("rep", "Forty nine dollars per seat. Would that work for you?"),
    ("prospect", "That is not too expensive. My boss has to approve this, let us come back to this next quarter."),
    ("prospect", "How do we know that you will still be around? We are worried about security."),
)
GIVING: Dialogue = (
    ("rep", "Would you like to donate some of your payment?"),
    ("prospect", "How much of the money actually gets to the children?"),
    ("rep", "Ninety percent. How much would you give?"),
    ("prospect", "Not right now, maybe another time. Well, I would like to donate ten dollars."),
)


@dataclass(frozen=True)
class Renamed:
    """A playbook and the same with other names; `moments` and `cards` lead from the old names to the new."""

    before: Playbook
    after: Playbook
    moments: Mapping[str, str]
    cards: Mapping[str, str]


@cache
def pair() -> Renamed:
    book = load_playbook(Path(find_project_file("playbook")))
    moments = {one.id: f"{900 - at:03}-{at * 7919 % 97}" for at, one in enumerate(book.moments)}
    cards = {one: f"{(at * 31) % 101:03}/{900 - at}" for at, one in enumerate(book.cards)} | {
        COMPETITOR_CARD: COMPETITOR_CARD
    }
    sections = {one: f"s{900 - at}#x" for at, one in enumerate(book.sections)}

    def source(old: Source) -> Source:
        return Source(id=sections[old.id], title=old.title[::-1], locator=f"elsewhere/{sections[old.id]}")

    after = replace(
        book,
        name="renamed",
        digest="f" * 64,
        moments=tuple(
            replace(one, id=moments[one.id], card=cards[one.card], locator=f"elsewhere.yaml:{900 - at}")
            for at, one in enumerate(book.moments)
        ),
        cards={
            cards[name]: replace(card, id=cards[name], source=source(card.source))
            for name, card in reversed(list(book.cards.items()))
        },
        competitors=tuple(replace(one, card=cards[one.card]) for one in book.competitors),
        sections={
            sections[name]: Section(sections[name], one.title[::-1], one.text, f"elsewhere/{sections[name]}")
            for name, one in reversed(list(book.sections.items()))
        },
        stages={name: replace(one, source=source(one.source)) for name, one in reversed(list(book.stages.items()))},
        checklist=tuple(replace(one, source=source(one.source)) for one in book.checklist),
        gauges=tuple(replace(one, card=cards[one.card]) for one in book.gauges),
        compliance=replace(
            book.compliance,
            forbidden=tuple(
                replace(one, id=moments[one.id], card=cards[one.card]) for one in book.compliance.forbidden
            ),
            disclosures=tuple(replace(one, card=cards[one.card]) for one in book.compliance.disclosures),
        ),
        pronunciations=dict(reversed(list(book.pronunciations.items()))),
    )
    return Renamed(book, after, moments, cards)


@cache
def detectors() -> tuple[Detector, Detector]:
    return Detector(pair().before), Detector(pair().after)


def dialogues() -> Iterator[Dialogue]:
    yield from (HAGGLING, SELLING, GIVING)
    for test in pair().before.tests:
        yield tuple((one.role, one.text) for one in (*test.context, test.line))


LINES = sorted({line for dialogue in dialogues() for line in dialogue})


def test_the_renamed_playbook_has_no_name_of_the_first() -> None:
    names = pair()
    assert not {one.id for one in names.before.moments} & {one.id for one in names.after.moments}
    assert not set(names.before.cards) & set(names.after.cards)
    assert not set(names.before.sections) & set(names.after.sections)
    old, new = ([one.id for one in book.moments] for book in (names.before, names.after))
    assert [old.index(one) for one in sorted(old)] != [new.index(one) for one in sorted(new)]
    assert all(card.source.id in names.after.sections for card in names.after.cards.values())


def test_the_same_words_are_noticed() -> None:
    first, second = detectors()
    found = 0
    for who, text in LINES:
        for exchange in (Exchange(), Exchange((500.0,), asked=True), Exchange((49.0, 460.0), True, "negotiation")):
            said = Utterance("t", who, who, spoken(text), True)
            noticed = first.detect(first.read(said), exchange)
            assert noticed == second.detect(second.read(said), exchange), text
            found += len(noticed)
    assert found > 100


@settings(max_examples=150)
@given(st.sampled_from(LINES), st.booleans(), st.data())
def test_the_same_is_noticed_by_meaning(line: tuple[Role, str], asked: bool, data: st.DataObject) -> None:
    """Whatever sentences are like, and in whatever order that is told."""
    who, text = line
    first, second = detectors()
    said = Utterance("t", who, who, spoken(text), True)
    heard = first.read(said)
    near = st.tuples(st.integers(0, len(first.definitions) - 1), st.floats(-1, 1), st.floats(-1, 1))
    told = [data.draw(st.lists(near, max_size=6, unique_by=lambda one: one[0])) for _ in heard.sentences]
    mixed = [data.draw(st.permutations(each)) for each in told]

    def meanings(
        detector: Detector, likeness: list[list[tuple[int, float, float]]]
    ) -> dict[tuple[int, int], tuple[Likeness, ...]]:
        return {
            heard.words_of(sentence): tuple(Likeness(detector.definitions[at].id, *both) for at, *both in each)
            for sentence, each in zip(heard.sentences, likeness, strict=True)
        }

    exchange = Exchange((500.0,), asked)
    assert first.detect(heard, exchange, meanings(first, told)) == second.detect(
        second.read(said), exchange, meanings(second, mixed)
    )


def invented(quote: str, at: int) -> tuple[float, float]:
    """How like a definition a sentence is taken to be: anything, so that it is the same whatever the names are."""
    number = sum(ord(sign) * (place + 3) for place, sign in enumerate(quote)) * (at + 7)
    return (number % 201 - 100) / 100, (number // 7 % 201 - 100) / 100


def decided(book: Playbook, detector: Detector, dialogue: Dialogue, names: Renamed | None) -> list[object]:
    """What a coach decides on a dialogue said word by word, told by the first playbook's names."""
    moments = {} if names is None else {new: old for old, new in names.moments.items()}
    cards = {} if names is None else {new: old for old, new in names.cards.items()}
    coach = Coach(book, CoachSettings(interval=5.0, burst=2, by_meaning=True), detector)
    told: list[object] = []
    now = 0.0

    def hear(event: Event) -> None:
        for made in coach.hear(event, now).made:
            if isinstance(made, Moment):
                told.append(replace(made, definition=moments.get(made.definition, made.definition)))
            elif isinstance(made, Nudge):
                card = cards.get(made.card, made.card)
                told.append(replace(made, card=card, sources=(SOURCE,) * len(made.sources)))
            elif isinstance(made, Held):
                told.append(replace(made, card=cards.get(made.card, made.card)))
            else:
                told.append(made)
            if isinstance(made, MeaningRequest):
                likeness = [Likeness(one.id, *invented(made.evidence.quote, at)) for at, one in enumerate(book.moments)]
                hear(MeaningResult(made.id, tuple(likeness)))

    for who in ("rep", "prospect"):
        hear(Attendance(who, who, who, True))
        hear(Consent(who, "granted", "test"))
    for at, (who, text) in enumerate(dialogue):
        words = spoken(text, now + 1.0)
        for count in range(1, len(words) + 1):
            now = words[count - 1].end
            hear(Partial(f"t{at}", who, who, words[:count]))
        hear(Turn(f"t{at}", who, who, words, words[0].start, words[-1].end, 0.9))
    return told


@pytest.mark.parametrize("dialogue", [HAGGLING, SELLING, GIVING], ids=["haggling", "selling", "giving"])
def test_a_whole_call_is_coached_the_same(dialogue: Dialogue) -> None:
    """Moments, cards, what is held and why, and everything in the same order."""
    names, (first, second) = pair(), detectors()
    before = decided(names.before, first, dialogue, None)
    assert before == decided(names.after, second, dialogue, names)
    kinds = {type(one) for one in before}
    assert {Moment, Nudge, MeaningRequest} <= kinds
    assert any(isinstance(one, MomentWithdrawn | Held) for one in before)
