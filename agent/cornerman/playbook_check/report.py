"""Everything there is to say about a playbook folder, in one report.

A folder goes in. A playbook that cannot be loaded is linted as far as it could be read, and its lines are not said.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cornerman.playbook import Playbook
from cornerman.playbook.faults import Fault, FaultLog
from cornerman.playbook.lint import lint
from cornerman.playbook.loader import Reading, read_folder, understand
from cornerman.playbook_check.lines import Listener, failure
from cornerman.playbook_check.phrases import check_phrases


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, by file and line. `said` counts the lines of tests.yaml that were said to the coach."""

    faults: tuple[Fault, ...]
    failures: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    said: int

    @property
    def ok(self) -> bool:
        """The playbook can be used, and does what its author wrote that it should."""
        return not self.faults and not self.failures


def check(folder: Path) -> Report:
    """Loads, lints and tests a playbook."""
    log = FaultLog()
    files = read_folder(folder, log)
    failures: list[Fault] = []
    said = 0
    if files is not None:
        reading = understand(files, log)
        lint(reading, log)
        if reading.playbook is not None:
            check_phrases(reading, reading.playbook, log)
            failures = _say_lines(reading, reading.playbook, log)
            said = len(reading.playbook.tests)
    return Report(_sorted(log.faults), _sorted(failures), _sorted(log.warnings), said)


def _say_lines(reading: Reading, playbook: Playbook, log: FaultLog) -> list[Fault]:
    """Says every line; a moment that none of them fires is worth a warning where there are tests at all."""
    listener = Listener(playbook)
    failures: list[Fault] = []
    fired: set[str] = set()
    for entry, test in zip(reading.parts.tests, playbook.tests, strict=True):
        heard = listener.hear(test)
        if not test.silent:
            fired |= {moment.definition for moment in heard.standing}
        if (wrong := failure(test, heard)) is not None:
            failures.append(Fault(entry.file, entry.line(), wrong))
    if playbook.tests:
        for moment in playbook.moments:
            if moment.id not in fired:
                file, _, line = moment.locator.rpartition(":")
                log.warn(file, int(line), f"no line of tests.yaml fires '{moment.id}'; write one that does")
    return failures


def _sorted(found: list[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(set(found)))
