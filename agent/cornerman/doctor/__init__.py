"""`cornerman doctor`: one line for each thing that must work, and what to do where it does not."""

from cornerman.doctor.examine import examine
from cornerman.doctor.finding import Finding

__all__ = ["Finding", "examine"]
