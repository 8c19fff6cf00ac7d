"""Everything the files of a playbook hold, read but not yet checked against each other.

The texts of a folder go in; the validated parts come out, each absent where its file is absent or was faulty.
"""

from __future__ import annotations

from dataclasses import dataclass

from cornerman.playbook.documents import Library, read_documents
from cornerman.playbook.entries import Entry, read_list, read_mapping
from cornerman.playbook.faults import FaultLog
from cornerman.playbook.files import (
    COMPLIANCE_FILE,
    DISCOUNTS_FILE,
    GAUGES_FILE,
    MOMENTS_FOLDER,
    PLAYBOOK_FILE,
    RUBRIC_FILE,
    TESTS_FILE,
    PlaybookFiles,
)
from cornerman.playbook.gauge_schema import GaugePart
from cornerman.playbook.schema import (
    CompliancePart,
    DiscountsPart,
    LineTestPart,
    MomentPart,
    PlaybookPart,
    RubricPart,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """The files' contents. `head` is playbook.yaml."""

    head: Entry[PlaybookPart] | None
    library: Library
    moments: list[Entry[MomentPart]]
    compliance: Entry[CompliancePart] | None
    discounts: Entry[DiscountsPart] | None
    rubric: Entry[RubricPart] | None
    gauges: list[Entry[GaugePart]]
    tests: list[Entry[LineTestPart]]


def read_parts(files: PlaybookFiles, log: FaultLog) -> Parts:
    """Reads every file as far as it goes; the two things no playbook can do without are missed here."""
    if PLAYBOOK_FILE not in files.texts and not any(fault.file == PLAYBOOK_FILE for fault in log.faults):
        log.add(PLAYBOOK_FILE, 1, "the file is missing; write it with name, company, language and stages")
    moment_files = files.within(MOMENTS_FOLDER)
    if not moment_files and not any(fault.file.startswith(MOMENTS_FOLDER) for fault in log.faults):
        log.add(MOMENTS_FOLDER, 1, "the playbook has no moments; write at least one in moments/<name>.yaml")
    return Parts(
        head=read_mapping(files, PLAYBOOK_FILE, PlaybookPart, log),
        library=read_documents(files, log),
        moments=[entry for path, _ in moment_files for entry in read_list(files, path, MomentPart, log)],
        compliance=read_mapping(files, COMPLIANCE_FILE, CompliancePart, log),
        discounts=read_mapping(files, DISCOUNTS_FILE, DiscountsPart, log),
        rubric=read_mapping(files, RUBRIC_FILE, RubricPart, log),
        gauges=read_list(files, GAUGES_FILE, GaugePart, log),
        tests=read_list(files, TESTS_FILE, LineTestPart, log),
    )
