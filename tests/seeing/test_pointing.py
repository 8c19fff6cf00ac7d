"""Words that speak of the screen, and words that only sound like it."""

from __future__ import annotations

import pytest

from cornerman.seeing import points_at_screen

POINTING = {
    "en": [
        "Can you go back to this slide?",
        "as you can see the numbers went up",
        "What is that number there?",
        "what's this here in the corner",
        "On the screen it says 40 seats",
        "I can see it here",
        "that blue line on the left, what is it",
        "what does the red bar mean",
        "those two columns on the right",
        "could you go back to the pricing slide",
        "what are we looking at",
        "the one at the bottom right",
        "on the previous slide you said",
        "in the chart it looks flat",
        "Let me show you the dashboard.",
        "it says an error",
        "can you zoom in a bit",
        "What you\u2019re showing looks different",
    ],
    "de": [
        "Auf dieser Folie steht das nicht",
        "Hier sehen Sie die Preise",
        "Was ist das hier oben links?",
        "die Zahl da unten",
        "wie Sie sehen, steigt das",
        "im Diagramm sieht es anders aus",
        "Können Sie mal reinzoomen",
        "auf der letzten Folie",
        "auf meinem Bildschirm",
        "was Sie hier sehen, ist unser Dashboard",
        "Ich zeige Ihnen kurz den Bildschirm",
    ],
}
NOT_POINTING = {
    "en": [
        "We see this happening in every quarter.",
        "I'm looking at three vendors.",
        "What does that cost for forty seats?",
        "That number is too high for us.",
        "Let's put it on the table.",
        "The bottom line is the price.",
        "We see each other on Thursday.",
        "I can see why you would do that.",
        "We got an error message last week and nobody answered.",
        "Our team uses dashboards and charts all day.",
        "The screening took two weeks.",
        "I'll send you the slides afterwards.",
        "What is this going to cost?",
        "You're showing real interest.",
        "We are the last row of the chain.",
        "Is there a table of discounts?",
    ],
    "de": [
        "Das sehen wir anders.",
        "Wir sehen uns am Donnerstag.",
        "Was kostet das?",
        "Die Zahl ist uns zu hoch.",
        "Ich schicke Ihnen die Folien danach.",
        "Da steckt viel Arbeit drin.",
        "Wir haben eine Fehlermeldung bekommen, letzte Woche.",
        "Was bedeutet das für uns?",
    ],
}


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language in POINTING for text in POINTING[language]]
)
def test_words_that_point(language: str, text: str) -> None:
    assert points_at_screen(text, language)
    assert points_at_screen(text.upper(), language)


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language in NOT_POINTING for text in NOT_POINTING[language]]
)
def test_words_that_do_not(language: str, text: str) -> None:
    assert not points_at_screen(text, language)


def test_a_regional_tag_is_read_by_its_language_and_an_unknown_one_as_english() -> None:
    assert points_at_screen("hier sehen Sie", "de-AT")
    assert points_at_screen("on this slide", "nl")


def test_the_beginning_of_a_sentence_is_enough() -> None:
    assert points_at_screen("so on this slide", "en")
