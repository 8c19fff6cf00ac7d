"""A call written down by hand: who speaks from when to when and what, played to the gauges as it would be heard."""

from __future__ import annotations

from cornerman.coach.gauges import Crossing, Gauges
from cornerman.contract import Role
from cornerman.events import Attendance, Consent, Event, Purge, Speaking, Turn, Wake, Word
from cornerman.playbook import GaugeDefinition
from cornerman.playbook.kinds import GaugeKind
from cornerman.playbook.measures import MEASURES

CAST: dict[str, Role] = {"rep": "rep", "pat": "prospect"}


def gauge(kind: GaugeKind, limit: float | None = None, window: float | None = None, **fields: str) -> GaugeDefinition:
    """A definition with the usual values where none is given."""
    measure = MEASURES[kind]
    return GaugeDefinition(
        id=fields.get("id", kind),
        gauge=kind,
        side="below" if fields.get("side", measure.sides[0]) == "below" else "above",
        limit=measure.limit if limit is None else limit,
        window_s=measure.window_s if window is None else window,
        card=f"gauges/{kind}",
        priority=300,
        cooldown_s=600.0,
        per_call=2,
        ttl_s=30.0,
        locator="gauges.yaml:1",
    )


def spoken(text: str, start: float, end: float) -> tuple[Word, ...]:
    """The words of a text, spread evenly over its time."""
    texts = text.split()
    length = (end - start) / max(len(texts), 1)
    return tuple(
        Word(one, round(start + at * length, 4), round(start + (at + 1) * length, 4)) for at, one in enumerate(texts)
    )


class Script:
    """Collects what is heard and when; `late`: seconds by which every stop is told after it happened."""

    def __init__(
        self,
        *definitions: GaugeDefinition,
        cast: dict[str, Role] | None = None,
        late: float = 0.0,
        language: str = "en",
    ) -> None:
        self.gauges = Gauges(definitions, language)
        self.late = late
        self.crossings: list[tuple[float, Crossing]] = []
        self._cast = CAST if cast is None else cast
        self._heard: list[tuple[float, int, Event]] = []
        for identity, role in self._cast.items():
            self.heard(0.0, Attendance(identity, identity, role, True))
            self.heard(0.0, Consent(identity, "granted", "test"))
        self._turns = 0
        self._now = 0.0

    def heard(self, now: float, event: Event) -> Script:
        """Something is heard."""
        self._heard.append((now, len(self._heard), event))
        return self

    def voice(self, identity: str, start: float, end: float) -> Script:
        """Somebody's voice."""
        self.heard(start, Speaking(identity, True, start))
        return self.heard(round(end + self.late, 4), Speaking(identity, False, end))

    def turn(self, identity: str, start: float, end: float, text: str) -> Script:
        """A completed turn, told half a second after its end."""
        self._turns += 1
        name, words = f"t{self._turns}", spoken(text, start, end)
        return self.heard(end + 0.5, Turn(name, identity, self._cast[identity], words, start, end, 1.0))

    def purge(self, identity: str, now: float) -> Script:
        """Somebody takes consent back."""
        self.heard(now, Consent(identity, "declined", "test"))
        return self.heard(now, Purge(identity))

    def play(self, until: float) -> Script:
        """Plays everything up to a time, waking the gauges when they asked for it."""
        waiting = sorted(self._heard, key=lambda one: one[:2])
        self._heard = [one for one in waiting if one[0] > until]
        for now, _, event in [one for one in waiting if one[0] <= until]:
            self._wake(now)
            self._step(event, now)
        self._wake(until)
        self._step(Wake(), until)
        return self

    @property
    def told(self) -> list[tuple[float, str, float]]:
        """When which gauge passed its limit, and its value then."""
        return [(at, one.definition.id, one.reading.value) for at, one in self.crossings]

    def reading(self, name: str) -> float | None:
        """A value as it stands."""
        return self.gauges.readings(self._now).get(name)

    def figure(self, name: str) -> float | None:
        """A figure of the whole call."""
        return dict(self.gauges.figures(self._now)).get(name)

    def _wake(self, until: float) -> None:
        while (at := self.gauges.next_look(self._now)) is not None and at <= until:
            assert at > self._now
            self._step(Wake(), at)

    def _step(self, event: Event, now: float) -> None:
        self.gauges.hear(event, now)
        self.crossings += [(now, crossing) for crossing in self.gauges.due(now)]
        self._now = now
