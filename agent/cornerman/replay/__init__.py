"""The second driver of the coach: plays what was recorded to it, faster than life, and compares.

Journals of live calls, calls written down turn by turn, and recordings go in; out come the decisions, whether they are
the same as live, how they compare with labels, and what another playbook would have said.
"""

from cornerman.replay.journal import Difference, Replayed, replay_call, write_decisions

__all__ = ["Difference", "Replayed", "replay_call", "write_decisions"]
