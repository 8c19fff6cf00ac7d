"""One metric: a counter, a histogram or a gauge that never raises into whoever counts.

A label that is no short plain name counts as `other`, and so does whatever comes after a metric has `MOST_SERIES` of
them. `KNOWN` lists every metric there is, for whoever must name them.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Sequence
from typing import Final, Literal

from prometheus_client import Counter, Gauge, Histogram

logger = logging.getLogger(__name__)

MOST_SERIES: Final = 50
OTHER: Final = "other"
_PLAIN_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")

GaugeMode = Literal["livesum", "livemostrecent"]
"""Over processes: the sum of those that live, or what one of them said last."""

KNOWN: dict[str, Metric] = {}
"""Every metric by its name, as it was made."""


class Metric:
    """One metric, made when something is first counted: where counts are shared, making one opens a file.

    With `buckets` it is a histogram, with `mode` a gauge, else a counter, whose series end in `_total`.
    """

    def __init__(
        self,
        name: str,
        means: str,
        labels: Sequence[str] = (),
        *,
        buckets: Sequence[float] | None = None,
        mode: GaugeMode | None = None,
    ) -> None:
        self.name = name
        self.means = means
        self.labels = tuple(labels)
        self._buckets = buckets
        self._mode = mode
        self._made: Counter | Histogram | Gauge | None = None
        self._seen: set[tuple[str, ...]] = set()
        self._complained = False
        KNOWN[name] = self

    @property
    def series(self) -> tuple[str, ...]:
        """Names under which it stands on the page."""
        if self._buckets is not None:
            return (f"{self.name}_bucket", f"{self.name}_sum", f"{self.name}_count")
        return (self.name,) if self._mode else (f"{self.name}_total",)

    def add(self, amount: float, *labels: str) -> None:
        """Counts `amount`; one that is negative or no number is left out, except that a gauge may go down."""
        self._put(amount, labels, whole=False)

    def set(self, value: float, *labels: str) -> None:
        """What a gauge stands at."""
        self._put(value, labels, whole=True)

    def _put(self, amount: float, labels: Sequence[str], *, whole: bool) -> None:
        try:
            if not math.isfinite(amount) or (amount < 0 and not self._mode):
                return
            metric = self._made = self._made or self._make()
            one = metric.labels(*self._plain(labels)) if self.labels else metric
            if isinstance(one, Histogram):
                one.observe(amount)
            elif whole and isinstance(one, Gauge):
                one.set(amount)
            else:
                one.inc(amount)
        except Exception as error:
            if not self._complained:
                self._complained = True
                logger.warning("%s is not counted: %s: %s", self.name, type(error).__name__, error)

    def _make(self) -> Counter | Histogram | Gauge:
        if self._buckets is not None:
            return Histogram(self.name, self.means, self.labels, buckets=self._buckets)
        if self._mode is not None:
            return Gauge(self.name, self.means, self.labels, multiprocess_mode=self._mode)
        return Counter(self.name, self.means, self.labels)

    def _plain(self, labels: Sequence[str]) -> tuple[str, ...]:
        names = (str(label).lower() for label in labels)
        series = tuple(name if _PLAIN_NAME.fullmatch(name) else OTHER for name in names)
        if series not in self._seen:
            if len(self._seen) >= MOST_SERIES:
                return (OTHER,) * len(series)
            self._seen.add(series)
        return series
