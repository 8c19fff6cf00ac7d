"""The sample playbook that ships: complete, consistent in its figures, and true to its own tests on every partial."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cornerman.coach.exchange import Exchange, Exchanges
from cornerman.coach.moments import Detector
from cornerman.coach.transcript import Transcript, Utterance
from cornerman.events import Partial, Turn, Word
from cornerman.paths import find_project_file
from cornerman.playbook import Playbook, PlaybookTest, load_playbook
from cornerman.playbook.kinds import WORD_KINDS, SpeakerRole

FIGURE = re.compile(r"\d[\d,.]*\d|\d")


@pytest.fixture(scope="module")
def sample() -> Playbook:
    return load_playbook(Path(find_project_file("playbook")))


@pytest.fixture(scope="module")
def detector(sample: Playbook) -> Detector:
    return Detector(sample)


def spoken(words: list[str]) -> tuple[Word, ...]:
    """Words at an even pace."""
    return tuple(Word(word, index * 0.3, index * 0.3 + 0.25) for index, word in enumerate(words))


def exchange(detector: Detector, test: PlaybookTest) -> Exchange:
    """What stands there after the lines before a test's line."""
    transcript = Transcript()
    for number, said in enumerate(test.context):
        transcript.hear(Turn(f"c{number}", said.role, said.role, spoken(said.text.split()), 0.0, 9.0, 1.0))
    line = transcript.hear(Partial("line", test.line.role, test.line.role, ()))
    assert line is not None
    return Exchanges(detector.language, transcript).before(line, None)


def noticed(
    sample: Playbook, detector: Detector, role: SpeakerRole, words: list[str], before: Exchange, whole: bool = True
) -> set[str]:
    """Ids and kinds noticed in these words; `whole` when the turn is over."""
    found = detector.detect(detector.read(Utterance("1", "somebody", role, spoken(words), whole)), before)
    moments = [sample.moments[one.definition] for one in found]
    return {moment.id for moment in moments} | {moment.kind for moment in moments}


def test_the_sample_loads_without_a_warning(sample: Playbook) -> None:
    assert sample.warnings == ()
    assert (sample.name, sample.company, sample.language) == ("clearwater-desk", "Clearwater", "en")


def test_the_sample_covers_every_kind_of_word_moment(sample: Playbook) -> None:
    assert {moment.kind for moment in sample.moments} == WORD_KINDS | {"compliance"}
    assert len(sample.moments) >= 12
    assert len(sample.competitors) == 5
    assert sum(card.startswith("objections/") for card in sample.cards) >= 8
    assert len(sample.compliance.forbidden) >= 3


def test_every_card_is_of_use_to_somebody(sample: Playbook) -> None:
    used = {moment.card for moment in sample.moments} | {competitor.card for competitor in sample.competitors}
    used |= {disclosure.card for disclosure in sample.compliance.disclosures}
    used |= {gauge.card for gauge in sample.gauges}

    assert set(sample.cards) <= used


def test_every_figure_on_a_card_stands_in_the_section_it_cites(sample: Playbook) -> None:
    for card in sample.cards.values():
        support = set(FIGURE.findall(sample.section_text(card.source.id)))
        said = set(FIGURE.findall(f"{card.headline} {card.detail}"))
        assert said <= support, (card.id, said - support)


def test_discounts_on_cards_agree_with_the_discount_table(sample: Playbook) -> None:
    assert sample.discounts is not None
    table = {f"{rule.percent:g}" for rule in sample.discounts.rules}
    card = sample.cards["objections/discount"]

    assert set(re.findall(r"(\d+)%", card.detail)) == table
    assert max(rule.percent for rule in sample.discounts.rules) == sample.discounts.ceiling_percent


def test_our_prices_uptime_and_certificates_are_the_same_everywhere(sample: Playbook) -> None:
    everything = " ".join(section.text for section in sample.sections.values())
    everything += " ".join(f"{card.headline} {card.detail}" for card in sample.cards.values())

    for plan, price in (("Team", "29"), ("Business", "49"), ("Enterprise", "79")):
        named = re.findall(rf"{plan}(?: plan)?(?: is| at| costs| \(|,)? ?\(?\$(\d+)", everything)
        assert named
        assert set(named) == {price}
    assert set(re.findall(r"(\d\d\.\d+)%", everything)) == {"99.9", "99.97"}
    assert set(re.findall(r"SOC (\d)", everything)) == {"2"}
    assert set(re.findall(r"ISO (\d+)", everything)) == {"27001"}


def test_half_of_the_samples_own_tests_fire_and_half_are_silent(sample: Playbook) -> None:
    silent = sum(test.silent for test in sample.tests)

    assert len(sample.tests) >= 40
    assert 0.4 <= silent / len(sample.tests) <= 0.6


def test_the_samples_own_tests_hold_on_every_partial(sample: Playbook, detector: Detector) -> None:
    broken: list[str] = []
    for test in sample.tests:
        words = test.line.text.split()
        if test.silent:
            partials = (words[:count] for count in range(1, len(words) + 1))
            before = exchange(detector, test)
            fired = set().union(
                *(noticed(sample, detector, test.line.role, partial, before, partial == words) for partial in partials)
            )
            broken += [f"{test.locator} fired {sorted(fired)}"] if fired else []
        elif test.meaning:
            continue  # `test_check_meaning.py` says these to the model
        elif missing := set(test.fires) - noticed(sample, detector, test.line.role, words, exchange(detector, test)):
            broken.append(f"{test.locator} missed {sorted(missing)}")

    assert broken == []


def test_moments_say_the_same_in_capitals_and_with_punctuation(sample: Playbook, detector: Detector) -> None:
    for test in sample.tests:
        if not test.silent and not test.meaning:
            words = f"{test.line.text[0].upper()}{test.line.text[1:]}.".split()
            assert set(test.fires) <= noticed(sample, detector, test.line.role, words, exchange(detector, test)), (
                test.locator
            )
