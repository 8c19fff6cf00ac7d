"""What an author is told before a call would show it: each finding with file, line and mend, and the lines' outcome."""

from __future__ import annotations

from pathlib import Path

import pytest

from cornerman.paths import find_project_file
from cornerman.playbook.faults import Fault
from cornerman.playbook_check import Report, check

from .conftest import CARD, MOMENTS, PLAYBOOK, Changes, WriteFolder
from .faulty_playbooks import COMPLIANCE

LINES = (
    '- {role: prospect, text: "that is too expensive", fires: [too-expensive]}\n'
    '- {role: prospect, text: "that is fine", silent: true}\n'
)
CLEAN = {"moments/price.yaml": MOMENTS + "  negative: []\n", "battlecards/northstar.md": None, "tests.yaml": LINES}
"""The small playbook, so that nothing is to be said of it."""


def moment(number: int, *phrases: str, negative: str = "[]", **fields: str) -> str:
    """One more entry of moments/price.yaml: nine lines, the phrases from the fourth on."""
    lines = [f"- id: other-{number}", "  kind: authority", "  phrases:", *(f"    - {one}" for one in phrases)]
    lines += [f"  negative: {negative}", f"  card: {fields.pop('card', 'objections/price')}"]
    return "\n".join([*lines, *(f"  {name}: {value}" for name, value in fields.items())]) + "\n"


def price(*more: str, negative: str = "[]") -> Changes:
    """The moments of the small playbook (its phrase on line 4, six lines in all), followed by others."""
    return {**CLEAN, "moments/price.yaml": MOMENTS + f"  negative: {negative}\n" + "".join(more), "tests.yaml": LINES}


def told(report: Report) -> list[str]:
    """Warnings, but that a moment of these tests has no line."""
    return [str(one) for one in report.warnings if "no line of tests.yaml fires 'other" not in one.text]


def test_a_clean_playbook_has_nothing_to_be_told(write_folder: WriteFolder) -> None:
    assert check(write_folder(CLEAN)) == Report((), (), (), 2)


@pytest.mark.parametrize("folder", ["playbook", "agent/cornerman/playbook/starter"])
def test_what_ships_passes_its_own_check_without_a_warning(folder: str) -> None:
    report = check(Path(find_project_file("playbook")).parent / folder)

    assert (report.faults, report.failures, report.warnings) == ((), (), ())
    assert report.said > 10


LINTED: dict[str, tuple[Changes, str]] = {
    "no negatives": (
        {**CLEAN, "moments/price.yaml": MOMENTS},
        "moments/price.yaml:1: 'too-expensive' has no negative phrases; write what must not fire it, or",
    ),
    "no negatives of a rule": (
        {
            **CLEAN,
            "compliance.yaml": COMPLIANCE,
            "tests.yaml": LINES + '- {role: rep, text: "never any downtime", fires: compliance}\n',
        },
        "compliance.yaml:2: 'no-downtime' has no negative phrases; write",
    ),
    "twice": (
        {**CLEAN, "moments/price.yaml": MOMENTS.replace("- too", "- TOO expensive\n    - too") + "  negative: []\n"},
        "moments/price.yaml:5: 'too expensive' says nothing that 'TOO expensive' at moments/price.yaml:4 does not; rem",
    ),
    "covered by inflection": (
        price(moment(1, "a discount", "give us a discount")),
        "moments/price.yaml:11: 'give us a discount' says nothing that 'a discount' at moments/price.yaml:10",
    ),
    "covered by a gap": (
        price(moment(1, "worried ... data", "worried about all data")),
        "moments/price.yaml:11: 'worried about all data' says nothing that 'worried ... data' at",
    ),
    "covered piece by piece": (
        price(moment(1, "red tape", "blue tape", "(red|blue) tape here")),
        "moments/price.yaml:12: '(red|blue) tape here' says nothing that 'red tape'",
    ),
    "negative twice": (
        price(negative="[old tool, the old tools]"),
        "moments/price.yaml:6: 'the old tools' says nothing that 'old tool' at moments/price.yaml:6 does not; remove",
    ),
    "taken back always": (
        price(moment(1, "my boss said", negative="[bosses]")),
        "moments/price.yaml:10: 'my boss said' can never fire: the negative phrase 'bosses' at moments/price.yaml:11",
    ),
    "no competitor": (
        price(moment(1, '"[at] {competitor} now"')),
        "moments/price.yaml:10: '[at] {competitor} now' can never fire: the playbook names no competitor; write a bat",
    ),
    "no product": (
        price(moment(1, '"buy {Product}"')),
        "moments/price.yaml:10: 'buy {Product}' can never fire: the playbook names no product; give a document in pro",
    ),
    "in two moments": (
        price(moment(1, "my boss", "(too|very) expensive")),
        "moments/price.yaml:11: 'too expens' stands at moments/price.yaml:4 too, so 'too-expensive' and 'other-1' both",
    ),
    "card nobody shows": (
        {**CLEAN, "plays/next.md": CARD},
        "plays/next.md:1: no moment shows this card; give a moment 'card: plays/next', or remove the file",
    ),
    "battlecard nobody shows": (
        {key: value for key, value in CLEAN.items() if key != "battlecards/northstar.md"},
        "battlecards/northstar.md:1: no moment shows this card; give a moment 'card: \"{competitor}\"', or",
    ),
    "kind of no moment": (
        {**CLEAN, "playbook.yaml": PLAYBOOK + "kinds: [legal_question]\n"},
        "playbook.yaml:10: no moment has the kind 'legal_question'; write one, or remove the kind",
    ),
    "long card": (
        {**CLEAN, "objections/price.md": CARD.replace("Then go", "so " * 70 + "go")},
        "objections/price.md:4: headline and detail take 21 s to read, and the card stands for 15 s; shorten",
    ),
    "long rule": (
        {
            **CLEAN,
            "compliance.yaml": COMPLIANCE.replace("Say what", "so " * 70 + "what").replace(
                "    headline", "    negative: []\n    headline"
            ),
            "tests.yaml": LINES + '- {role: rep, text: "never any downtime", fires: compliance}\n',
        },
        "compliance.yaml:6: headline and detail take 21 s to read",
    ),
    "two budgets for a card": (
        price(moment(1, "my boss", cooldown_s="90")),
        "moments/price.yaml:13: the card 'objections/price' returns after 90 s, 3 times a call here, but after 60 s, 3",
    ),
    "cool-down of what never returns": (
        {**CLEAN, "moments/price.yaml": MOMENTS + "  negative: []\n  per_call: 1\n  cooldown_s: 90\n"},
        "moments/price.yaml:8: with per_call 1 the card never returns; remove cooldown_s, or raise per_call",
    ),
    "dead link": (
        {**CLEAN, "objections/price.md": CARD + "See [that](cheap.md).\n```\n[no](link.md)\n```\n"},
        "objections/price.md:8: the link 'cheap.md' leads to no document of this playbook; correct it, or give",
    ),
    "link to a missing section": (
        {**CLEAN, "objections/price.md": CARD + "See [a](#answer), [b](../objections/price.md#anwser).\n"},
        "objections/price.md:8: the link '../objections/price.md#anwser' leads to no section of this playbook",
    ),
    "link out": (
        {**CLEAN, "objections/price.md": CARD + "[a](https://example.com/x) [b](../../secret.md)\n"},
        "objections/price.md:8: the link '../../secret.md' leads to no document of this playbook",
    ),
    "no tests": ({**CLEAN, "tests.yaml": None}, "tests.yaml:1: the playbook has no tests; write lines that must fire"),
    "no silent line": (
        {**CLEAN, "tests.yaml": LINES.splitlines()[0] + "\n"},
        "tests.yaml:1: no line says what must stay silent; add some with 'silent: true'",
    ),
}


@pytest.mark.parametrize("case", LINTED)
def test_what_is_not_wise_is_a_warning_with_file_line_and_mend(case: str, write_folder: WriteFolder) -> None:
    changes, expected = LINTED[case]

    report = check(write_folder(changes))

    (warning,) = told(report)
    assert warning.startswith(expected), warning
    assert ";" in warning
    assert report.ok


@pytest.mark.parametrize(
    "second",
    [
        moment(1, "too expensive", role="rep"),
        moment(1, "too expensive", negative="[expensive]").replace("- too expensive", "- very pricey"),
        moment(1, "too much ... expensive"),
        moment(1, '"{money} expensive"', '"{number} expensive"'),
        moment(1, "worried ... data", "worried about all of our data"),
        moment(1, "my boss said", negative="[boss ... no]"),
    ],
    ids=["other speaker", "taken back elsewhere", "a gap is more", "slots differ", "too wide for a gap", "perhaps"],
)
def test_what_may_well_be_meant_is_let_be(second: str, write_folder: WriteFolder) -> None:
    assert told(check(write_folder(price(second)))) == []


def test_a_moment_that_no_line_fires_is_a_warning(write_folder: WriteFolder) -> None:
    report = check(write_folder(price(moment(1, "my boss"))))

    wrong = "no line of tests.yaml fires 'other-1'; write one that does"
    assert report.warnings == (Fault("moments/price.yaml", 7, wrong),)
    assert report.ok


def test_a_line_that_does_not_go_as_wanted_is_told_with_what_happened(write_folder: WriteFolder) -> None:
    lines = (
        LINES + '- {role: prospect, text: "far too expensive for us", silent: true}\n'
        '- {role: prospect, text: "my boss decides", fires: [authority, too-expensive]}\n'
        '- {role: rep, text: "that is too expensive", fires: too-expensive}\n'
    )

    report = check(write_folder({**price(moment(1, "my boss")), "tests.yaml": lines}))

    assert [str(one) for one in report.failures] == [
        'tests.yaml:3: prospect: "far too expensive for us" should stay silent, but too-expensive fired on '
        "'too expensive'; add a negative phrase to the moment, or correct the line",
        'tests.yaml:4: prospect: "my boss decides" should fire too-expensive, but other-1 did; '
        "add a phrase to the moment, or correct the line",
        'tests.yaml:5: rep: "that is too expensive" should fire too-expensive, but nothing did; '
        "add a phrase to the moment, or correct the line",
    ]
    assert not report.ok


def test_a_line_fails_that_is_silent_in_the_end_but_was_not_on_the_way(write_folder: WriteFolder) -> None:
    changes = {
        **price(negative="[for the flight]"),
        "tests.yaml": LINES + '- {role: prospect, text: "too expensive for the flight", silent: true}\n',
    }

    (failure,) = check(write_folder(changes)).failures

    assert failure.line == 3
    assert "too-expensive fired on 'too expensive'" in failure.text


def test_a_playbook_that_cannot_be_loaded_is_linted_as_far_as_it_was_read(write_folder: WriteFolder) -> None:
    report = check(write_folder({**CLEAN, "rubric.yaml": "criteria: 7\n", "plays/next.md": CARD}))

    assert [str(one) for one in report.faults] == [
        "rubric.yaml:1: 'criteria' must be a list; start each entry with '- '"
    ]
    assert [one.file for one in report.warnings] == ["plays/next.md"]
    assert report.said == 0
    assert not report.ok


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert [one.file for one in check(tmp_path / "none").faults] == ["playbook.yaml"]


def test_a_hundred_thousand_phrases_are_checked(write_folder: WriteFolder) -> None:
    many = "".join(f"    - phrase number{n}\n" for n in range(100_000))
    changes = price(moment(1, "my boss").replace("    - my boss\n", many + "    - the phrase number77\n"))

    (warning,) = told(check(write_folder(changes)))

    assert warning.startswith("moments/price.yaml:100010: 'the phrase number77' says nothing that 'phrase number77'")
