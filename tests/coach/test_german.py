"""German as it is said and written: one word in all its spellings, amounts in words, and what is denied or reported."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import Scene, definition, playbook

from cornerman.coach.languages import language_of
from cornerman.coach.languages.german.numbers import SCALES, TEENS, TENS, UNITS
from cornerman.coach.matching import Owner, PhraseTrie
from cornerman.coach.words import amounts, tokenize
from cornerman.playbook.phrases import expand

GERMAN = language_of("de")
PRICE = definition("price", "zu (teuer|hoch)", "können ... nicht leisten")
NEED = definition("need", "(wir|ich) (brauche|brauchen|suche|suchen) ... (schnittstelle|anbindung)", kind="requirement")
DISCOUNT = definition("discount", "{percent} rabatt", "rabatt geben", kind="discount_request")
BOOK = replace(playbook(PRICE, NEED, DISCOUNT), language="de-DE")


def fired(line: str) -> list[str]:
    scene = Scene(BOOK)
    scene.turn(line)
    return [moment.kind for moment in scene.moments]


def found(phrase: str, text: str) -> list[str]:
    trie = PhraseTrie(GERMAN)
    for each in expand(phrase):
        trie.add(each, Owner(0, False))
    trie.add_names("competitor", {"Müller": ("Müller", "Müller Systeme"), "Nordstern": ("Nordstern",)})
    words = text.split()
    tokens = tokenize(GERMAN, words)
    return [" ".join(words[tokens[m.first].word : tokens[m.last].word + 1]) for m in trie.find(tokens)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Größe", ("groesse",)),
        ("GRÖSSE", ("groesse",)),
        ("Groesse", ("groesse",)),
        ("Preisnachlaß", ("preisnachlass",)),
        ("Geht's", ("geht", "es")),
        ("ist\u2019s", ("ist", "es")),
        ("gibts", ("gibt", "es")),
        ("Nordstern's", ("nordstern",)),
        ("fürs", ("fuer", "das")),
        ("Single-Sign-on", ("single", "sign", "on")),
        ("„teuer“?!", ("teuer",)),
        ("zwanzigprozentigen", ("zwanzig", "prozentigen")),
        ("...", ()),
    ],
)
def test_a_word_is_folded_and_its_contractions_are_written_out(written: str, meant: tuple[str, ...]) -> None:
    assert GERMAN.split_word(written) == meant


@pytest.mark.parametrize(
    "forms",
    [
        ("teuer", "teurer", "teure", "teures", "teuren"),
        ("hoch", "hohe", "hoher", "hohen"),
        ("flexibel", "flexible", "flexibles"),
        ("Preis", "Preise", "Preisen", "Preises"),
        ("Straße", "Strasse", "Straßen"),
        ("müssen", "muss", "muß", "muessen"),
        ("Vertrag", "Verträge", "Vertraege"),
    ],
)
def test_the_forms_of_a_word_are_one(forms: tuple[str, ...]) -> None:
    assert len({token.stem for token in tokenize(GERMAN, forms)}) == 1


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("zwanzig Prozent", 20, "percent"),
        ("fünfundzwanzig Prozent", 25, "percent"),
        ("fuenf und zwanzig Prozent", 25, "percent"),
        ("ein und zwanzig", 21, "number"),
        ("20 %", 20, "percent"),
        ("20%", 20, "percent"),
        ("20-prozentiger", 20, "percent"),
        ("fünfzehn", 15, "number"),
        ("dreißig", 30, "number"),
        ("zwei Komma fünf Prozent", 2.5, "percent"),
        ("99,9 %", 99.9, "percent"),
        ("zweieinhalb Prozent", 2.5, "percent"),
        ("1.500,50 €", 1500.5, "money"),
        ("€ 1.500", 1500, "money"),
        ("1.500,- Euro", 1500, "money"),
        ("1'500 Franken", 1500, "money"),
        ("2,5 Mio. Euro", 2_500_000, "money"),
        ("50 Tsd. Euro", 50_000, "money"),
        ("hundert Euro", 100, "money"),
        ("drei hundert und zwanzig Euro", 320, "money"),
        ("zwölfhundert Euro", 1200, "money"),
        ("zwei tausend drei hundert", 2300, "number"),
        ("tausend ein hundert", 1100, "number"),
        ("hundertfünfundzwanzigtausend", 125_000, "number"),
        ("eine Million Euro", 1_000_000, "money"),
        ("eine halbe Million Euro", 500_000, "money"),
        ("anderthalb Millionen", 1_500_000, "number"),
        ("zwei Millionen dreihunderttausend", 2_300_000, "number"),
        ("ein Prozent", 1, "percent"),
        ("ein Angebot", None, ""),
        ("einen Moment", None, ""),
        ("hundert ein Angebot", 100, "number"),
        ("tausendundeine Nacht", None, ""),
    ],
)
def test_amounts_are_read_in_digits_and_in_words(text: str, value: float | None, kind: str) -> None:
    read = amounts(GERMAN, tokenize(GERMAN, text.split()))
    assert [(one.value, one.kind) for one in read] == ([] if value is None else [(value, kind)])


def spelled_out(number: int) -> str:
    """A whole number below a million, as German writes it in one word."""
    if number >= 1000:
        rest = number % 1000
        return f"{spelled_out(number // 1000)}tausend" + (spelled_out(rest) if rest else "")
    if number >= 100:
        rest = number % 100
        return f"{spelled_out(number // 100)}hundert" + (spelled_out(rest) if rest else "")
    names = {value: name for name, value in (UNITS | TEENS | TENS).items() if "ff" not in name and name != "zwo"}
    if number in names:
        return names[number]
    return f"{names[number % 10]}und{names[number - number % 10]}"


@given(st.integers(1, 999_999))
def test_every_number_word_is_read_whole_and_cut_at_its_scales(number: int) -> None:
    whole = spelled_out(number)
    cut = whole.replace("tausend", " tausend ").replace("hundert", " hundert ")
    for written in (whole, cut):
        assert [one.value for one in amounts(GERMAN, tokenize(GERMAN, f"{written} Euro".split()))] == [number]


@given(
    st.lists(st.sampled_from([*UNITS, *TEENS, *TENS, *SCALES, "und", "komma", "1.000", "2,5", "%", "€"]), max_size=9)
)
def test_any_row_of_number_words_is_read_to_its_end(words: list[str]) -> None:
    tokens = tokenize(GERMAN, words)
    read = amounts(GERMAN, tokens)
    assert all(one.first <= one.last < len(tokens) for one in read)
    assert all(left.last < right.first for left, right in pairwise(read))


@given(st.lists(st.text(max_size=12), max_size=30))
def test_any_text_can_be_read(words: list[str]) -> None:
    tokens = tokenize(GERMAN, words)
    assert [token.word for token in tokens] == sorted(token.word for token in tokens)
    for amount in amounts(GERMAN, tokens):
        assert 0 <= amount.first <= amount.last < len(tokens)
    for first in range(len(tokens)):
        GERMAN.negated(tokens, first, first)
        GERMAN.reported(tokens, first, first)


def test_full_stops_of_abbreviations_and_ordinals_end_no_clause() -> None:
    words = ["Am", "15.", "März", "ca.", "2", "Mio.", "Euro.", "Das", "reicht,", "oder?"]
    assert [token.clause for token in tokenize(GERMAN, words)] == [0, 0, 0, 0, 0, 0, 0, 1, 1, 2]


@pytest.mark.parametrize(
    ("phrase", "text", "match"),
    [
        ("zu teuer", "das ist ein zu teures Angebot", ["zu teures"]),
        ("rabatt", "gibt es Rabatte", ["Rabatte"]),
        ("größe", "in der Groesse", ["Groesse"]),
        ("wie geht es weiter", "wie geht's weiter", ["wie geht's weiter"]),
        ("{percent} rabatt", "zwanzig Prozent Rabatt bitte", ["zwanzig Prozent Rabatt"]),
        ("{percent} rabatt", "fünfzehn Euro Rabatt bitte", []),
        ("{money} pro monat", "das sind 1.500,50 € pro Monat", ["1.500,50 € pro Monat"]),
        ("angebot von {competitor}", "ein Angebot von Mueller Systeme", ["Angebot von Mueller Systeme"]),
        (
            "brauchen ... schnittstelle",
            "wir brauchen auf jeden Fall Schnittstellen",
            ["brauchen auf jeden Fall Schnittstellen"],
        ),
        ("brauchen ... schnittstelle", "wir brauchen hier keine Schnittstelle", []),
        ("können ... nicht leisten", "das können wir uns nicht leisten", ["können wir uns nicht leisten"]),
    ],
)
def test_a_phrase_is_found_as_people_say_it(phrase: str, text: str, match: list[str]) -> None:
    assert found(phrase, text) == match


@pytest.mark.parametrize(
    "line",
    [
        "das ist uns zu teuer",
        "ehrlich gesagt ist das zu teuer",
        "ist das nicht zu teuer",
        "ist der Preis nicht zu hoch?",
        "finden Sie das nicht zu teuer?",
        "das können wir uns nicht leisten",
        "wir sind nicht zufrieden, das ist zu teuer",
        "wir können das nicht nehmen es ist zu teuer",
        "das ist nicht nur langsam sondern zu teuer",
        "wir kaufen es nicht weil es zu teuer ist",
        "das ist zu teuer das geht so nicht",
        "das ist zu teuer so geht das nicht",
        "das ist zu teuer oder nicht",
        "zu teuer nicht wahr",
        "das ist zu teuer finden Sie nicht",
        "mein Chef sagt, es ist zu teuer",
        "mein Chef sagt, das sei zu teuer",
        "ich habe Ihnen ja schon gesagt, dass es zu teuer ist",
        "wir sagen Ihnen das ist zu teuer",
        "da muss ich Ihnen ganz ehrlich sagen, es ist zu teuer",
        "man muss schon sagen, das ist zu teuer",
        "sagen Sie mal, ist das nicht zu teuer",
        "zu teuer, meint der Chef",
        "zu teuer, habe ich gesagt",
        "unser Team sagt, es ist zu teuer",
        "sie fanden es gut, aber es ist zu teuer",
        "die Kollegen haben es gelobt aber für uns ist es zu teuer",
        "das gehört dazu und ist zu teuer",
        "es sei denn es wird zu teuer",
    ],
)
def test_what_is_meant_fires(line: str) -> None:
    assert fired(line) == ["price_objection"]


@pytest.mark.parametrize(
    "line",
    [
        "das ist nicht zu teuer",
        "es ist überhaupt nicht zu teuer",
        "das war nie zu teuer",
        "niemals ist das zu teuer",
        "das ist kein zu hoher Preis",
        "nichts daran ist zu teuer",
        "weder zu teuer noch zu hoch",
        "zu teuer finde ich das nicht",
        "zu teuer ist es nicht",
        "zu teuer ist das eigentlich nicht",
        "ich glaube nicht, dass es zu teuer ist",
        "ich glaube nicht dass das für uns wirklich zu teuer ist",
        "ich glaube nicht das es zu teuer ist",
        "ich würde nicht sagen, dass es zu teuer ist",
        "ich bin nicht der Meinung, dass es zu teuer ist",
        "nicht, dass es zu teuer wäre",
        "wir wissen noch nicht, ob es zu teuer ist",
        "also ist das nicht zu teuer",
        "sie sagen, es ist zu teuer",
        "sie sagen dass es zu teuer ist",
        "sie meinten, es wäre zu teuer",
        "er hat gesagt, dass es zu teuer ist",
        "gestern sagte er, das ist zu teuer",
        "man sagt, es sei zu teuer",
        "die Leute sagen, es ist zu teuer",
        "uns wurde gesagt, dass es zu teuer ist",
        "unser Team hat gesagt, es war zu teuer",
        "unser alter Anbieter behauptete, das ist zu teuer",
        "wir haben gehört, dass es zu teuer ist",
        "angeblich ist es zu teuer",
        "das sei zu teuer",
        "das sei alles zu teuer, meinten die Leute",
        "es ist zu teuer, meinte er",
        "es war zu teuer, haben sie gesagt",
    ],
)
def test_what_is_denied_or_reported_stays_silent(line: str) -> None:
    assert fired(line) == []


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("wir brauchen eine Schnittstelle", ["requirement"]),
        ("wir brauchen keine Schnittstelle", []),
        ("wir brauchen die Schnittstelle eigentlich nicht", []),
        ("wir suchen dafür keine Anbindung", []),
        ("ohne dass wir hier eine Anbindung suchen", []),
        ("wir brauchen eine Schnittstelle und wir haben nicht viel Zeit", ["requirement"]),
        ("können Sie uns nicht zwanzig Prozent Rabatt geben", ["discount_request"]),
        ("geben Sie uns 15 % Rabatt", ["discount_request"]),
        ("wir wollen keinen Rabatt geben", []),
    ],
)
def test_needs_and_requests_are_told_from_their_denials(line: str, kinds: list[str]) -> None:
    assert fired(line) == kinds


def test_a_partial_fires_and_its_denial_withdraws() -> None:
    scene = Scene(BOOK)
    scene.partial("zu teuer", at=1.0)
    assert [nudge.status for nudge in scene.nudges] == ["live"]
    scene.partial("zu teuer ist es nicht", at=1.2)
    assert [nudge.status for nudge in scene.nudges] == ["live", "withdrawn"]
    assert [one.reason for one in scene.withdrawn] == ["revised"]
