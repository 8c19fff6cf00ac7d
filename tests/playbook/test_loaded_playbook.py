"""What a loaded playbook holds, and how its digest behaves."""

from __future__ import annotations

import os
from pathlib import Path

from cornerman.playbook import COMPETITOR_CARD, Budget, Card, Competitor, load_playbook
from cornerman_client.contract import Source

from .conftest import BATTLECARD, CARD, MOMENTS, PLAYBOOK, WriteFolder


def test_a_moment_inherits_what_it_does_not_say_from_the_budget(write_folder: WriteFolder) -> None:
    playbook = load_playbook(write_folder({"playbook.yaml": PLAYBOOK + "budget: {per_call: 5, ttl_s: 20}\n"}))

    assert playbook.budget == Budget(interval_s=20.0, burst=2, cooldown_s=60.0, per_call=5, ttl_s=20.0)
    (moment,) = playbook.moments
    assert (moment.roles, moment.stages, moment.priority, moment.critical) == (("prospect",), (), 500, False)
    assert (moment.cooldown_s, moment.per_call, moment.ttl_s) == (60.0, 5, 20.0)
    assert moment.phrases == ("too expensive",)
    assert moment.locator == "moments/price.yaml:1"


def test_a_card_cites_its_first_section_or_the_one_it_names(write_folder: WriteFolder) -> None:
    named = CARD.replace("title:", "section: avoid\ntitle:") + "# Avoid\nNothing.\n"

    playbook = load_playbook(write_folder({"objections/named.md": named}))

    assert playbook.cards["objections/price"] == Card(
        "objections/price",
        "Ask what they compare the price with today",
        "Then go back to the value they named.",
        Source(id="objections/price#answer", title="Price: Answer", locator="objections/price.md#answer"),
    )
    assert playbook.cards["objections/named"].source.id == "objections/named#avoid"
    assert playbook.section_text("objections/named#avoid") == "Nothing."


def test_sections_are_cut_at_headings_and_keep_apart(write_folder: WriteFolder) -> None:
    body = (
        "Before.\n\n# Answer\nOne.\n```\n# no heading\n```\n## Deeper\nTwo.\n"
        "# Answer\nThree.\n# Empty\n# Ümlaut & Co\nFour.\n"
    )

    playbook = load_playbook(write_folder({"products/desk.md": f"---\ntitle: Desk\n---\n{body}"}))

    texts = {key.split("#")[1]: section.text for key, section in playbook.sections.items() if "products/" in key}
    assert texts == {
        "top": "Before.",
        "answer": "One.\n```\n# no heading\n```",
        "deeper": "Two.",
        "answer-2": "Three.",
        "ümlaut-co": "Four.",
    }
    assert playbook.sections["products/desk#top"].title == "Desk"


def test_competitors_and_products_give_names_and_pronunciations(write_folder: WriteFolder) -> None:
    product = "---\ntitle: Desk\nname: Clearwater\npronunciations:\n  clearwater: [K L IH R, K L IY R]\n---\nText.\n"

    playbook = load_playbook(write_folder({"products/desk.md": product}))

    assert playbook.competitors == (Competitor("Northstar", ("north star",), "battlecards/northstar"),)
    assert [(one.name, one.document) for one in playbook.products] == [("Clearwater", "products/desk")]
    assert playbook.terms() == {"northstar": ("N AO R TH S T AA R",), "clearwater": ("K L IH R", "K L IY R")}


def test_a_compliance_rule_is_a_critical_moment_of_the_rep_with_its_own_card(write_folder: WriteFolder) -> None:
    rule = (
        "forbidden:\n  - id: no-downtime\n    phrases: [never any downtime]\n    negative: [our contract says]\n"
        "    headline: Take it back and name the contract\n    detail: Say it.\n    reason: Nobody can.\n"
    )

    playbook = load_playbook(write_folder({"compliance.yaml": rule}))

    moment = playbook.moments[-1]
    assert (moment.id, moment.kind, moment.roles, moment.critical) == ("no-downtime", "compliance", ("rep",), True)
    assert moment.negative == ("our contract says",)
    assert playbook.compliance.forbidden[0].card == moment.card == "compliance/no-downtime"
    card = playbook.cards[moment.card]
    assert card.source.locator == "compliance.yaml#no-downtime"
    assert "Nobody can." in playbook.section_text(card.source.id)


def test_own_kinds_and_the_competitor_card_are_accepted(write_folder: WriteFolder) -> None:
    own = "kinds: [legal_question]\n"
    moment = (
        "- id: legal\n  kind: legal_question\n  role: [prospect, colleague]\n"
        '  phrases: ["at {competitor}"]\n  card: "{competitor}"\n'
    )

    playbook = load_playbook(write_folder({"playbook.yaml": PLAYBOOK + own, "moments/own.yaml": moment}))

    assert playbook.kinds == ("legal_question",)
    assert playbook.moments[0].card == COMPETITOR_CARD
    assert playbook.moments[0].roles == ("prospect", "colleague")


def test_plain_no_and_dates_stay_text(write_folder: WriteFolder) -> None:
    playbook = load_playbook(
        write_folder(
            {
                "playbook.yaml": PLAYBOOK.replace("language: en", "language: no"),
                "moments/price.yaml": MOMENTS.replace("too expensive\n", "no\n    - yes\n    - 2026 is late\n"),
            }
        )
    )

    assert playbook.language == "no"
    assert playbook.moments[0].phrases == ("no", "yes", "2026 is late")


def test_windows_line_ends_and_byte_order_marks_are_read(write_folder: WriteFolder) -> None:
    playbook = load_playbook(
        write_folder({"objections/price.md": b"\xef\xbb\xbf" + CARD.replace("\n", "\r\n").encode()})
    )

    assert playbook.section_text("objections/price#answer") == "Ask what they compare it with."


def test_equal_files_give_equal_playbooks_wherever_and_in_whatever_order_they_were_written(
    tmp_path: Path, small: dict[str, str]
) -> None:
    for folder, order in ((tmp_path / "a", list(small)), (tmp_path / "b/c", list(reversed(small)))):
        for path in order:
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(small[path], encoding="utf-8")
            os.utime(file, (1, len(path)))

    assert load_playbook(tmp_path / "a") == load_playbook(tmp_path / "b/c")


def test_the_digest_changes_with_content_and_with_names_but_not_with_strangers(write_folder: WriteFolder) -> None:
    digests = [
        load_playbook(write_folder(changes)).digest
        for changes in (
            {},
            {"objections/price.md": CARD.replace("value", "worth")},
            {"battlecards/northstar.md": BATTLECARD + "\n"},
            {"plays/price.md": CARD},
        )
    ]
    assert len(set(digests)) == 4

    before = load_playbook(write_folder({})).digest
    assert load_playbook(write_folder({"README.md": "About", "notes/a.txt": "b"})).digest == before
