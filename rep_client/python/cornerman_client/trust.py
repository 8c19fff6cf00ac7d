"""Who is the coach: which callers are trusted, and which one of them is obeyed.

Identities and journal segments go in, one leader comes out. The server vouches for identities and kinds; the token
server vouches for the reserved prefix. Promises: nobody without the prefix is ever trusted; a caller with the prefix
whom the room lists as anything but an agent is trusted no longer, and stays distrusted until the room lists it as an
agent; of several coaches in the room only the one of the highest segment is obeyed, and of equals the last to come.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

REMEMBERED = 64
UNSPOKEN = -1


class Coaches:
    """The coaches of one call.

    Args:
        prefix: the reserved prefix of coaches' identities.
        listed_as_agent: whether the room lists an identity as an agent; None while it does not list it at all.
    """

    def __init__(self, prefix: str, listed_as_agent: Callable[[str], bool | None]) -> None:
        if not prefix:
            raise ValueError("the coach's identity prefix must not be empty: every caller would be trusted")
        self._prefix = prefix
        self._listed_as_agent = listed_as_agent
        self._segments: OrderedDict[str, int] = OrderedDict()
        self._exposed: OrderedDict[str, None] = OrderedDict()

    def trusts(self, identity: str) -> bool:
        """Whether this caller may be a coach, as far as the room knows now."""
        if not identity.startswith(self._prefix) or identity == self._prefix:
            return False
        listed = self._listed_as_agent(identity)
        if listed:
            self._exposed.pop(identity, None)
        elif listed is False:
            self.expose(identity)
        return identity not in self._exposed

    def meet(self, identity: str) -> None:
        """A trusted participant was seen, by list or by call."""
        self._segments.setdefault(identity, UNSPOKEN)
        while len(self._segments) > REMEMBERED:
            self._segments.pop(next(other for other in self._segments if other != self.leader))

    def obeys(self, identity: str, segment: int) -> bool:
        """Takes note of the segment a coach speaks for; whether this coach is the one to obey."""
        self.meet(identity)
        self._segments[identity] = max(segment, self._segments[identity])
        return self.leader == identity

    def part(self, identity: str) -> None:
        """A coach left: it claims nothing any more, so that a successor without its journal is not locked out."""
        self._segments.pop(identity, None)

    def expose(self, identity: str) -> None:
        """The room says this is no agent: distrusted from now on."""
        self._exposed[identity] = None
        while len(self._exposed) > REMEMBERED:
            self._exposed.popitem(last=False)
        self._segments.pop(identity, None)

    @property
    def leader(self) -> str | None:
        """The coach to obey and to call."""
        leader, highest = None, UNSPOKEN - 1
        for identity, segment in self._segments.items():
            if segment >= highest:
                leader, highest = identity, segment
        return leader

    @property
    def known(self) -> tuple[str, ...]:
        """Every coach met and not gone, in order of appearance."""
        return tuple(self._segments)
