"""One broken playbook for every kind of fault: what to change in the small playbook, and how the fault is told."""

from __future__ import annotations

from cornerman.playbook.files import MAX_FILE_BYTES

from .conftest import BATTLECARD, CARD, MOMENTS, PLAYBOOK, Changes

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
DISCOUNTS = "currency: USD\nceiling_percent: 10\nrules:\n  - {id: one, by: rep, percent: 5, to: all, against: prepay}\n"
RUBRIC = "criteria:\n  - {id: one, title: One, weight: 100, look_for: [something]}\n"
COMPLIANCE = """\
forbidden:
  - id: no-downtime
    phrases: [never any downtime]
    headline: Take it back and name the contract instead
    detail: Say what the contract says.
    reason: Nobody can promise that.
"""


def second_moment(**fields: str) -> str:
    """A second entry in the file of moments, from line 6 on, with these fields replaced or added."""
    lines = {"id": "other", "kind": "authority", "phrases": "[my boss]", "card": "objections/price"} | fields
    return MOMENTS + "- " + "\n  ".join(f"{name}: {value}" for name, value in lines.items()) + "\n"


CASES: dict[str, tuple[Changes, str]] = {
    "no playbook.yaml": ({"playbook.yaml": None}, "playbook.yaml:1: the file is missing; write it"),
    "empty playbook.yaml": ({"playbook.yaml": "# soon\n"}, "playbook.yaml:1: the file is empty"),
    "no moments": ({"moments/price.yaml": None}, "moments:1: the playbook has no moments"),
    "a tab": ({"playbook.yaml": PLAYBOOK + "budget:\n\tburst: 2\n"}, "playbook.yaml:11: a tab is used to indent"),
    "broken yaml": (
        {"moments/price.yaml": MOMENTS + "  negative: [a\n- b: }\n"},
        "moments/price.yaml:7: this is not YAML",
    ),
    "unquoted brace": (
        {"moments/price.yaml": second_moment(card="{competitor}")},
        "moments/price.yaml:9: 'card' must be text",
    ),
    "yaml bomb": ({"rubric.yaml": BOMB}, "rubric.yaml:1: anchors and aliases (&a) are not read; write the value out"),
    "alias": ({"tests.yaml": "- *x\n"}, "tests.yaml:1: anchors and aliases (*x) are not read"),
    "tag": ({"tests.yaml": "- !!python/object:os.system x\n"}, "tests.yaml:1: tags (tag:yaml.org,2002:python/object"),
    "deep nesting": ({"tests.yaml": "[" * 40 + "]" * 40}, "tests.yaml:1: values are nested more than 12 deep"),
    "complex key": ({"tests.yaml": "- {[a]: b}\n"}, "tests.yaml:1: a field's name must be plain text"),
    "two documents": (
        {"playbook.yaml": PLAYBOOK + "---\nname: again\n"},
        "playbook.yaml:10: a second document starts here",
    ),
    "duplicate key": (
        {"playbook.yaml": PLAYBOOK + "name: again\n"},
        "playbook.yaml:10: 'name' stands here twice (first on line 1)",
    ),
    "unknown field": (
        {"moments/price.yaml": MOMENTS + "  negativ: [x]\n"},
        "moments/price.yaml:6: 'negativ' is no field here; did you mean 'negative'?",
    ),
    "very unknown field": (
        {"playbook.yaml": PLAYBOOK + "qqq: 1\n"},
        "playbook.yaml:10: 'qqq' is no field here; remove it; the fields are budget, checklist",
    ),
    "unknown inner field": (
        {"playbook.yaml": PLAYBOOK + "budget: {brust: 2}\n"},
        "playbook.yaml:10: 'budget', 'brust' is no field here; did you mean 'burst'?",
    ),
    "missing field": (
        {"moments/price.yaml": MOMENTS + "- id: other\n  kind: authority\n"},
        "moments/price.yaml:6: 'card' is missing; add it",
    ),
    "not a list": (
        {"moments/price.yaml": "id: x\n"},
        "moments/price.yaml:1: the file must be a list; start each entry with '- '",
    ),
    "not an entry": (
        {"moments/price.yaml": MOMENTS + "- just text\n"},
        "moments/price.yaml:6: this entry must hold fields",
    ),
    "phrases not a list": (
        {"moments/price.yaml": second_moment(phrases="my boss")},
        "moments/price.yaml:8: 'phrases' must be a list",
    ),
    "number for text": (
        {"playbook.yaml": PLAYBOOK.replace("small", "2024")},
        "playbook.yaml:1: 'name' must be text; put it in quotes",
    ),
    "language": (
        {"playbook.yaml": PLAYBOOK.replace("language: en", "language: English!")},
        "playbook.yaml:3: 'language': 'English!' is no BCP 47 language tag",
    ),
    "stage missing": (
        {"playbook.yaml": PLAYBOOK.replace("  closing: [Agree on one next step and a date]\n", "")},
        "playbook.yaml:4: 'stages': nothing is said for closing; write at least one line",
    ),
    "stage unknown": (
        {"playbook.yaml": PLAYBOOK + "  warmup: [Talk about the weather]\n"},
        "playbook.yaml:10: 'stages', 'warmup'",
    ),
    "long stage line": (
        {"playbook.yaml": PLAYBOOK.replace("Agree on one next step and a date", "x" * 81)},
        "playbook.yaml:9: 'stages', 'closing', entry 1 has 81 characters, at most 80 fit; shorten it",
    ),
    "long headline": (
        {"objections/price.md": CARD.replace("Ask what", "Ask " + "what " * 20)},
        "objections/price.md:3: 'headline' has",
    ),
    "long detail": (
        {"objections/price.md": CARD.replace("Then", "Then " * 100)},
        "objections/price.md:4: 'detail' has",
    ),
    "unknown kind": (
        {"moments/price.yaml": second_moment(kind="price_objektion")},
        "moments/price.yaml:7: the kind 'price_objektion' is unknown; use one of",
    ),
    "gauge kind": (
        {"moments/price.yaml": second_moment(kind="monologue")},
        "moments/price.yaml:7: the kind 'monologue' is measured, not said",
    ),
    "compliance kind": (
        {"moments/price.yaml": second_moment(kind="compliance")},
        "moments/price.yaml:7: compliance rules have a file of their own",
    ),
    "own kind taken": (
        {"playbook.yaml": PLAYBOOK + "kinds: [authority]\n"},
        "playbook.yaml:10: the kind 'authority' exists already",
    ),
    "unknown role": (
        {"moments/price.yaml": second_moment(role="buyer")},
        "moments/price.yaml:10: 'role', entry 1 is 'buyer'; use one of 'prospect', 'rep' or 'colleague'",
    ),
    "duplicate moment": (
        {"moments/price.yaml": second_moment(id="too-expensive")},
        "moments/price.yaml:6: the moment or compliance rule 'too-expensive' exists already at moments/price.yaml:1",
    ),
    "duplicate over files": (
        {"moments/more.yaml": MOMENTS},
        "moments/price.yaml:1: the moment or compliance rule 'too-expensive' exists already at moments/more.yaml:1",
    ),
    "rule named as a moment": (
        {"compliance.yaml": COMPLIANCE.replace("no-downtime", "too-expensive")},
        "compliance.yaml:2: the moment or compliance rule 'too-expensive' exists already",
    ),
    "duplicate checklist item": (
        {"playbook.yaml": PLAYBOOK + "checklist:\n  - {id: a, title: A, ask: Why}\n  - {id: a, title: B, ask: How}\n"},
        "playbook.yaml:12: the checklist item 'a' exists already",
    ),
    "bad id": ({"moments/price.yaml": second_moment(id="Über uns")}, "moments/price.yaml:6: 'id': 'Über uns' is no id"),
    "dead card": (
        {"moments/price.yaml": second_moment(card="objections/prize")},
        "moments/price.yaml:9: there is no card 'objections/prize'; write objections/prize.md",
    ),
    "card without folder": (
        {"moments/price.yaml": second_moment(card="price")},
        "moments/price.yaml:9: there is no card 'price'; a card is named by folder and file, like",
    ),
    "card with ending": (
        {"moments/price.yaml": second_moment(card="objections/price.md")},
        "moments/price.yaml:9: a card's id has no ending; write 'objections/price'",
    ),
    "competitor card, no slot": (
        {"moments/price.yaml": second_moment(card='"{competitor}"')},
        "moments/price.yaml:8: the card {competitor} needs a competitor",
    ),
    "competitor card, no battlecards": (
        {
            "battlecards/northstar.md": None,
            "moments/price.yaml": second_moment(card='"{competitor}"', phrases='["at {competitor}"]'),
        },
        "moments/price.yaml:9: there is no battlecard to show",
    ),
    "bad phrase": (
        {"moments/price.yaml": second_moment(phrases='["my (boss"]')},
        "moments/price.yaml:8: 'phrases', entry 1: the bracket '(' is never closed; add ')'",
    ),
    "phrase no text": (
        {"moments/price.yaml": second_moment(phrases="[1]")},
        "moments/price.yaml:8: 'phrases', entry 1: a phrase must be text",
    ),
    "can never fire": (
        {"moments/price.yaml": second_moment(phrases="[]")},
        "moments/price.yaml:6: the moment 'other' can never fire; give it phrases or examples",
    ),
    "priority": (
        {"moments/price.yaml": second_moment(priority="1001")},
        "moments/price.yaml:10: 'priority': input should be less than or equal to 1000",
    ),
    "infinite seconds": (
        {"moments/price.yaml": second_moment(cooldown_s=".inf")},
        "moments/price.yaml:10: 'cooldown_s': input should be a valid number",
    ),
    "contradictory moment": (
        {"moments/price.yaml": second_moment(cooldown_s="5")},
        "moments/price.yaml:10: ttl_s 15 is longer than cooldown_s 5, so the card would return while it still stands",
    ),
    "contradictory budget": (
        {"playbook.yaml": PLAYBOOK + "budget: {ttl_s: 90}\n"},
        "playbook.yaml:10: 'budget': ttl_s 90 is longer than cooldown_s 60",
    ),
    "no interval": (
        {"playbook.yaml": PLAYBOOK + "budget: {interval_s: 0}\n"},
        "playbook.yaml:10: 'budget', 'interval_s': input should be greater than 0",
    ),
    "no burst": (
        {"playbook.yaml": PLAYBOOK + "budget: {burst: 0}\n"},
        "playbook.yaml:10: 'budget', 'burst': input should be greater than or equal to 1",
    ),
    "no front matter": ({"objections/price.md": "# Price\n"}, "objections/price.md:1: the front matter is missing"),
    "open front matter": (
        {"objections/price.md": "---\ntitle: x\n"},
        "objections/price.md:1: the front matter is missing",
    ),
    "fault in front matter": (
        {"objections/price.md": CARD.replace("title:", "titel:")},
        "objections/price.md:2: 'titel' is no field here; did you mean 'title'?",
    ),
    "no body": (
        {"objections/price.md": CARD.split("# Answer")[0]},
        "objections/price.md:5: no text follows the front matter",
    ),
    "dead section": (
        {"objections/price.md": CARD.replace("title:", "section: answers\ntitle:")},
        "objections/price.md:2: there is no section 'answers'; the sections are answer",
    ),
    "alias taken": (
        {
            "battlecards/polaris.md": BATTLECARD.replace("competitor: Northstar", "competitor: Polaris")
            .replace("northstar:", "star:")
            .replace("N AO1", "AO1")
        },
        "battlecards/polaris.md:4: the name 'north star' belongs to battlecards/northstar.md already",
    ),
    "name without words": (
        {"battlecards/northstar.md": BATTLECARD.replace("north star", '"!!"')},
        "battlecards/northstar.md:4: the name '!!' holds no word",
    ),
    "pronunciation of a stranger": (
        {"battlecards/northstar.md": BATTLECARD.replace("northstar:", "polaris:")},
        "battlecards/northstar.md:6: 'polaris' is no single word of the name or an alias; the words",
    ),
    "no arpabet": (
        {"battlecards/northstar.md": BATTLECARD.replace("N AO1 R", "N QX R")},
        "battlecards/northstar.md:6: 'pronunciations', 'northstar', entry 1: QX is no ARPAbet",
    ),
    "product alias without name": (
        {"products/desk.md": "---\ntitle: Desk\naliases: [the desk]\n---\ntext\n"},
        "products/desk.md:3: aliases and pronunciations need a 'name'",
    ),
    "discount above ceiling": (
        {"discounts.yaml": DISCOUNTS.replace("percent: 5", "percent: 15")},
        "discounts.yaml:4: 15 % is above ceiling_percent 10; lower it or raise the ceiling",
    ),
    "duplicate discount": (
        {"discounts.yaml": DISCOUNTS + DISCOUNTS.splitlines()[3] + "\n"},
        "discounts.yaml:5: the discount rule 'one' exists already at discounts.yaml:4",
    ),
    "rubric weights": (
        {"rubric.yaml": RUBRIC.replace("100", "90")},
        "rubric.yaml:1: the weights add up to 90, not",
    ),
    "rubric scale": ({"rubric.yaml": "lowest: 5\n" + RUBRIC}, "rubric.yaml:1: lowest 5 is not below highest 5"),
    "duplicate criterion": (
        {"rubric.yaml": RUBRIC.replace("100", "50") + RUBRIC.splitlines()[1].replace("100", "50") + "\n"},
        "rubric.yaml:3: the criterion 'one' exists already",
    ),
    "forbidden without phrases": (
        {"compliance.yaml": COMPLIANCE.replace("never any downtime", "")},
        "compliance.yaml:3: 'forbidden', entry 1, 'phrases' is empty",
    ),
    "test of nothing": (
        {"tests.yaml": "- {role: rep, text: hello}\n"},
        "tests.yaml:1: the line says neither what must fire",
    ),
    "test of both": (
        {"tests.yaml": "- {role: rep, text: hello, silent: true, fires: [authority]}\n"},
        "tests.yaml:1: the line says both what must fire",
    ),
    "test of a stranger": (
        {"tests.yaml": "- {role: rep, text: hello, fires: [nobody]}\n"},
        "tests.yaml:1: 'nobody' is neither a moment's id nor a kind",
    ),
    "too large": (
        {"moments/price.yaml": b"#" * (MAX_FILE_BYTES + 1)},
        "moments/price.yaml:1: the file is too large (8.0 MiB, at most 8 are read)",
    ),
    "not utf-8": (
        {"objections/price.md": CARD.encode().replace(b"Then go", b"Th\xe9n go")},
        "objections/price.md:4: byte 0xe9 is not UTF-8; save the file as UTF-8",
    ),
    "control character": (
        {"moments/price.yaml": MOMENTS.replace("too exp", "too\x00exp")},
        "moments/price.yaml:4: the control character 0x00 stands here",
    ),
    "wrong ending": ({"moments/more.yml": MOMENTS}, "moments/more.yml:1: files in moments/ end in .yaml; rename it"),
    "wrong ending at the top": ({"rubric.yml": RUBRIC}, "rubric.yml:1: the file must be called rubric.yaml"),
    "name that is no id": (
        {"objections/Big Price.md": CARD},
        "objections/Big Price.md:1: the file's name becomes an id; rename it",
    ),
    "file for a folder": ({"plays": "x"}, "plays:1: this is a file where a folder belongs"),
}
