"""Conversation gauges: how the rep speaks and listens, measured from voices and completed turns. No words are kept.

Events go in as they are heard; values, figures of the call, and crossings of a playbook's limits come out. The same
events at the same times give the same values in any process.
"""

from cornerman.coach.gauges.crossing import Crossing
from cornerman.coach.gauges.gauges import Gauges

__all__ = ["Crossing", "Gauges"]
