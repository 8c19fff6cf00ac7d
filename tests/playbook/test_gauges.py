"""gauges.yaml: what is read from it, what is refused and how that is told, and what the guide says of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jsonschema import Draft7Validator
from pages import ROOT, table

from cornerman.coach.gauges import asking, voices
from cornerman.errors import PlaybookError
from cornerman.paths import find_project_file
from cornerman.playbook import Card, GaugeDefinition, load_playbook
from cornerman.playbook.editor_schema import schemas
from cornerman.playbook.faults import FaultLog
from cornerman.playbook.gauge_schema import GaugePart
from cornerman.playbook.kinds import GAUGE_KINDS
from cornerman.playbook.lint import lint
from cornerman.playbook.loader import read_folder, understand
from cornerman.playbook.measures import MEASURES
from cornerman.playbook.starting import STARTER
from cornerman.playbook.yaml_tree import read_yaml
from cornerman_client.contract import Source

from .conftest import MOMENTS, WriteFolder
from .faulty_playbooks import COMPLIANCE

INLINE = "  headline: Pause here and ask what they make of this\n  detail: Stop and ask.\n  reason: Nobody follows.\n"
LONG = "- id: long\n  gauge: monologue\n" + INLINE
SHOWN = "  card: objections/price\n"


def gauge(kind: str, name: str = "one", **fields: str) -> str:
    """An entry that shows a card of the small playbook."""
    return f"- id: {name}\n  gauge: {kind}\n{SHOWN}" + "".join(f"  {key}: {value}\n" for key, value in fields.items())


def test_a_gauge_has_usual_values_where_it_says_nothing(write_folder: WriteFolder) -> None:
    playbook = load_playbook(write_folder({"gauges.yaml": "".join(gauge(kind, kind) for kind in sorted(MEASURES))}))

    assert {one.gauge for one in playbook.gauges} == GAUGE_KINDS
    for one in playbook.gauges:
        measure = MEASURES[one.gauge]
        assert (one.side, one.limit, one.window_s) == (measure.sides[0], measure.limit, measure.window_s)
        assert (one.priority, one.cooldown_s, one.per_call, one.ttl_s) == (300, 600.0, 2, 30.0)
    assert playbook.gauges[0].locator == "gauges.yaml:1"


def test_a_gauge_says_everything_itself(write_folder: WriteFolder) -> None:
    text = gauge(
        "questions", "few", below="2", window_s="300", priority="10", cooldown_s="90", per_call="1", ttl_s="20"
    )
    (one,) = load_playbook(write_folder({"gauges.yaml": text})).gauges

    assert one == GaugeDefinition(
        id="few",
        gauge="questions",
        side="below",
        limit=2.0,
        window_s=300.0,
        card="objections/price",
        priority=10,
        cooldown_s=90.0,
        per_call=1,
        ttl_s=20.0,
        locator="gauges.yaml:1",
    )


def test_a_card_written_with_a_gauge_is_its_own_source_and_can_be_opened(write_folder: WriteFolder) -> None:
    playbook = load_playbook(write_folder({"gauges.yaml": LONG + "  above: 75\n"}))

    source = Source(id="gauges#long", title="Gauge: long", locator="gauges.yaml#long")
    headline = "Pause here and ask what they make of this"
    assert playbook.gauges[0].card == "gauges/long"
    assert playbook.cards["gauges/long"] == Card("gauges/long", headline, "Stop and ask.", source)
    assert playbook.section_text("gauges#long") == (
        f"{headline}\n\nStop and ask.\n\nWhy: Nobody follows.\n\nDue when monologue is above 75 (seconds)."
    )


def test_two_levels_of_one_gauge_are_two_gauges(write_folder: WriteFolder) -> None:
    text = gauge("pace", "slow", below="100") + gauge("pace", "fast", above="180") + gauge("pace", "very", above="200")

    assert [(one.side, one.limit) for one in load_playbook(write_folder({"gauges.yaml": text})).gauges] == [
        ("below", 100.0),
        ("above", 180.0),
        ("above", 200.0),
    ]


def test_without_the_file_there_is_no_gauge_and_it_changes_the_digest(write_folder: WriteFolder) -> None:
    without = load_playbook(write_folder({}))
    assert without.gauges == ()

    assert load_playbook(write_folder({"gauges.yaml": LONG})).digest != without.digest


FAULTS = {
    "unknown gauge": (gauge("volume"), "gauges.yaml:2: 'gauge' is 'volume'; use one of 'monologue', 'dead_air'"),
    "no gauge": ("- id: one\n" + SHOWN, "gauges.yaml:1: 'gauge' is missing; add it"),
    "unknown field": (
        gauge("pace", abvoe="190"),
        "gauges.yaml:4: 'abvoe' is no field here; did you mean 'above'?",
    ),
    "two limits": (
        gauge("pace", above="190", below="100"),
        "gauges.yaml:5: a gauge has one limit, here are two; remove one, or write a second entry",
    ),
    "negative limit": (gauge("pace", above="-1"), "gauges.yaml:4: 'above': input should be greater than or equal"),
    "endless limit": (gauge("pace", above=".inf"), "gauges.yaml:4: 'above': input should be a valid number"),
    "quoted limit": (gauge("pace", above="'190'"), "gauges.yaml:4: 'above': input should be a valid number"),
    "percent for a share": (
        gauge("talk_ratio", above="65"),
        "gauges.yaml:4: talk_ratio is told in share of all speaking, 0 to 1, and never above 65; write a limit",
    ),
    "never above": (gauge("talk_ratio", above="1"), "gauges.yaml:4: talk_ratio is told in share of all speaking"),
    "never below": (gauge("questions", below="0"), "gauges.yaml:4: questions is told in questions, and never below 0"),
    "always below": (
        gauge("monologue", below="60"),
        "gauges.yaml:4: monologue is 0 most of the time, so that it is always below; write 'above'",
    ),
    "negative window": (
        gauge("pace", window_s="-60"),
        "gauges.yaml:4: 'window_s': input should be greater than or equal to 60",
    ),
    "window that is none": (
        gauge("dead_air", window_s="60"),
        "gauges.yaml:4: dead_air has no window; remove window_s",
    ),
    "always one of two": (
        gauge("pace", "slow", below="180") + gauge("pace", "fast", above="150"),
        "gauges.yaml:8: whatever the pace is, this or 'slow' at gauges.yaml:1 is due; leave room",
    ),
    "always one of two, one of them usual": (
        gauge("pace", "slow", below="200") + gauge("pace", "fast"),
        "gauges.yaml:5: whatever the pace is, this or 'slow' at gauges.yaml:1 is due; leave room",
    ),
    "contradictory budget": (
        gauge("pace", cooldown_s="10"),
        "gauges.yaml:4: ttl_s 30 is longer than cooldown_s 10, so the card would return while it still stands; lower",
    ),
    "duplicate id": (
        gauge("pace") + gauge("patience"),
        "gauges.yaml:4: the id 'one' exists already at gauges.yaml:1; rename one",
    ),
    "id of a moment": (
        gauge("pace", "too-expensive"),
        "gauges.yaml:1: the id 'too-expensive' exists already at moments/price.yaml:1; rename one",
    ),
    "id of a rule": (
        gauge("pace", "no-downtime"),
        "gauges.yaml:1: the id 'no-downtime' exists already at compliance.yaml:2; rename one",
    ),
    "no card": ("- id: one\n  gauge: pace\n", "gauges.yaml:1: the entry has no card to show; name one (card), or"),
    "half a card": (
        "- id: one\n  gauge: pace\n  headline: Slow down now\n",
        "gauges.yaml:1: the entry has no card to show; name one (card), or write headline, detail and reason",
    ),
    "two cards": (
        LONG + SHOWN,
        "gauges.yaml:1: the entry names a card and writes one, too; remove card, or headline, detail and reason",
    ),
    "dead card": (
        "- id: one\n  gauge: pace\n  card: plays/slow\n",
        "gauges.yaml:3: there is no card 'plays/slow'; write plays/slow.md, or name a card that exists",
    ),
    "competitor card": (
        '- id: one\n  gauge: pace\n  card: "{competitor}"\n',
        "gauges.yaml:3: no competitor is named when a gauge is passed; name a card",
    ),
    "not a list": ("id: one\n", "gauges.yaml:1: the file must be a list; start each entry with '- '"),
    "empty": ("# later\n", "gauges.yaml:1: the file is empty; fill it, or remove it"),
    "too many": (
        "".join(gauge("pace", f"g{number}", above=str(100 + number)) for number in range(51)),
        "gauges.yaml:201: up to 50 gauges are watched; remove some",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_one_fault_is_told_once_with_line_and_mend(case: str, write_folder: WriteFolder) -> None:
    text, expected = FAULTS[case]
    with pytest.raises(PlaybookError) as refusal:
        load_playbook(write_folder({"gauges.yaml": text, "compliance.yaml": COMPLIANCE}))

    (fault,) = refusal.value.faults
    assert fault.startswith(expected)
    assert ";" in fault


def test_the_file_is_called_by_its_name(write_folder: WriteFolder) -> None:
    with pytest.raises(PlaybookError, match=r"gauges\.yml:1: the file must be called gauges\.yaml; rename it"):
        load_playbook(write_folder({"gauges.yml": LONG}))


def warnings_of(folder: Path) -> list[str]:
    log = FaultLog()
    files = read_folder(folder, log)
    assert files is not None
    lint(understand(files, log), log)
    assert log.faults == []
    return [one for one in log.warning_sentences() if one.startswith("gauges.yaml")]


def test_what_works_and_is_not_wise_is_warned_of(write_folder: WriteFolder) -> None:
    slow = "  detail: " + "very " * 79 + "\n"
    text = (
        gauge("pace", "fast")
        + gauge("pace", "hasty", above="190")
        + LONG.replace("  detail: Stop and ask.\n", slow)
        + "  ttl_s: 10\n"
        + gauge("patience", "rash", cooldown_s="60", per_call="3")
    )
    assert warnings_of(write_folder({"gauges.yaml": text})) == [
        "gauges.yaml:3: the card 'objections/price' returns after 600 s, 2 times a call here, but after 60 s, 3 times "
        "at moments/price.yaml:1, and both count together; give both the same",
        "gauges.yaml:4: 'hasty' has the gauge and the limit of 'fast' at gauges.yaml:1, so that both are due at once; "
        "remove one",
        "gauges.yaml:6: the card 'objections/price' returns after 600 s, 2 times a call here, but after 60 s, 3 times "
        "at moments/price.yaml:1, and both count together; give both the same",
        "gauges.yaml:11: headline and detail take 22 s to read, and the card stands for 10 s; shorten the detail, or "
        "raise ttl_s",
    ]


def test_a_card_that_only_a_gauge_shows_is_of_use(write_folder: WriteFolder) -> None:
    folder = write_folder({"gauges.yaml": gauge("pace").replace("objections/price", "battlecards/northstar")})
    log = FaultLog()
    files = read_folder(folder, log)
    assert files is not None
    lint(understand(files, log), log)

    assert not [one for one in log.warning_sentences() if "no moment shows this card" in one]


def complaints(text: str) -> list[str]:
    tree = read_yaml(text, 1, lambda line, fault: pytest.fail(f"{line}: {fault}"))
    assert tree is not None
    return [one.message for one in Draft7Validator(schemas()["gauges.schema.json"]).iter_errors(tree.value)]


def test_the_schema_takes_and_refuses_what_the_loader_does() -> None:
    assert complaints(LONG + gauge("pace", above="190", window_s="60.5", per_call="1")) == []
    for case in ("unknown gauge", "no gauge", "unknown field", "two limits", "negative limit", "negative window"):
        assert complaints(FAULTS[case][0]), case
    for case in ("quoted limit", "no card", "half a card", "two cards", "not a list"):
        assert complaints(FAULTS[case][0]), case


def test_an_editor_is_told_what_every_field_means() -> None:
    properties = schemas()["gauges.schema.json"]["definitions"]["GaugePart"]["properties"]

    assert set(properties) == set(GaugePart.model_fields)
    told = {name for name, one in properties.items() if "description" in one}
    assert set(properties) - told <= {"id", "detail"}
    assert set(properties["gauge"]["enum"]) == GAUGE_KINDS
    assert all(kind in properties["gauge"]["description"] for kind in GAUGE_KINDS)


def test_a_moment_of_words_cannot_be_of_a_gauges_kind(write_folder: WriteFolder) -> None:
    for kind in sorted(GAUGE_KINDS):
        with pytest.raises(PlaybookError, match="is measured, not said"):
            load_playbook(write_folder({"moments/price.yaml": MOMENTS.replace("price_objection", kind)}))


@pytest.mark.parametrize("folder", [Path(find_project_file("playbook")), STARTER], ids=["sample", "starter"])
def test_what_ships_is_rare(folder: Path) -> None:
    gauges = load_playbook(folder).gauges

    assert gauges
    for one in gauges:
        assert one.per_call <= 2
        assert one.cooldown_s >= 600
        assert one.priority < 400


# -- the guide --

GUIDE = (ROOT / "docs" / "playbook.md").read_text(encoding="utf-8")
ROWS = {
    row[0].strip("`"): row[1:]
    for row in table(GUIDE, "gauge", "what it is", "unit", "usual limit", "over", "source of the limit")
}


def test_the_guide_names_every_gauge_with_its_usual_values() -> None:
    assert set(ROWS) == GAUGE_KINDS
    for kind, measure in MEASURES.items():
        _, unit, limit, over, source = ROWS[kind]
        assert limit == f"{measure.sides[0]} {measure.limit:g}"
        assert over.startswith(f"{measure.window_s:g} s" if measure.window_s else "-")
        assert unit.split()[0] in f"{measure.unit} how 0"
        assert set(re.findall(r"Gong|Genesys|CuePitch|video-db|Stivers", measure.source)) >= set(
            re.findall(r"Gong|Genesys|CuePitch|video-db|Stivers", source)
        )
        assert measure.source


def test_the_guide_says_how_they_are_measured() -> None:
    assert voices.BACKCHANNEL == 1.0
    assert "A voice up to one second is taken for" in GUIDE
    assert asking.SHARE == 0.5
    assert "half of which the rep speaks" in ROWS["questions"][3]
    for name, told in (("priority", "300"), ("cooldown_s", "600"), ("per_call", "2")):
        assert f"{GaugePart.model_fields[name].default:g}" == told
