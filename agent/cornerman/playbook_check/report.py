"""Everything there is to say about a playbook folder, in one report.

A folder goes in. A playbook that cannot be loaded is linted as far as it could be read, and its lines are not said.
Lines that only meaning can notice are said where there is a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cornerman.config import MeaningSettings
from cornerman.playbook import Playbook
from cornerman.playbook.faults import Fault, FaultLog
from cornerman.playbook.lint import lint
from cornerman.playbook.loader import Reading, read_folder, understand
from cornerman.playbook_check.lines import Listener, failure
from cornerman.playbook_check.phrases import check_phrases
from cornerman.providers.embedding import Compares
from cornerman.replay.meaning import ReplayedMeaning


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, by file and line. `said` counts the lines of tests.yaml that were said to the coach, `unsaid`
    those that only meaning can notice and that were not said, because of `why_not`.
    """

    faults: tuple[Fault, ...]
    failures: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    said: int
    unsaid: int = 0
    why_not: str = ""

    @property
    def ok(self) -> bool:
        """The playbook can be used, and does what its author wrote that it should."""
        return not self.faults and not self.failures


def check(folder: Path, meaning: ReplayedMeaning | None = None) -> Report:
    """Loads, lints and tests a playbook; without `meaning` words alone decide.

    Raises:
        ProviderError: `meaning` insists on a model that is not there, or finds a damaged one.
    """
    log = FaultLog()
    files = read_folder(folder, log)
    failures: list[Fault] = []
    said = unsaid = 0
    meaning = meaning or ReplayedMeaning(MeaningSettings(enabled="off"))
    if files is not None:
        reading = understand(files, log)
        lint(reading, log)
        if reading.playbook is not None:
            check_phrases(reading, reading.playbook, log)
            comparison = meaning.of(reading.playbook)
            failures = _say_lines(reading, reading.playbook, comparison, log)
            unsaid = sum(test.meaning for test in reading.playbook.tests) if comparison is None else 0
            said = len(reading.playbook.tests) - unsaid
    why_not = meaning.why_not if unsaid else ""
    return Report(_sorted(log.faults), _sorted(failures), _sorted(log.warnings), said, unsaid, why_not)


def _say_lines(reading: Reading, playbook: Playbook, comparison: Compares | None, log: FaultLog) -> list[Fault]:
    """Says every line; a moment that none of them fires is worth a warning where there are tests at all."""
    listener = Listener(playbook, comparison)
    failures: list[Fault] = []
    fired: set[str] = set()
    for entry, test in zip(reading.parts.tests, playbook.tests, strict=True):
        if test.meaning and comparison is None:
            fired |= _named(test.fires, playbook)
            continue
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


def _named(fires: tuple[str, ...], playbook: Playbook) -> set[str]:
    """The moments that a line which is not said would fire."""
    return {moment.id for moment in playbook.moments if moment.id in fires}


def _sorted(found: list[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(set(found)))
