"""A playbook put to the proof: what its author is told before a call would show it.

A folder goes in; faults, warnings and failed lines come out, each with file, line and mend. The lines of tests.yaml
are said to the very coach that sits in calls.
"""

from cornerman.playbook_check.report import Report, check

__all__ = ["Report", "check"]
