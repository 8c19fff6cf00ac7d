"""The report on advising: delays beside their peers, and what is counted.

In: what was noted of each call. Out: figures with what they must stay under, and counts with what must come out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rich.table import Table

from bench.advising_samples import (
    DETAIL,
    HEADLINE,
    Delays,
    Seen,
    answer_delays,
    first_piece_delays,
    reflex_delays,
    request_delays,
)
from bench.measured import Figure, Run, percentile

REQUEST_LIMIT, PIECE_LIMIT, WORDS_LIMIT, WHOLE_LIMIT = 20.0, 15.0, 800.0, 1900.0
REFLEX_SHARE, REFLEX_MORE = 1.1, 2.0


@dataclass(slots=True)
class Counts:
    """What is counted, and what must come out; None: whatever it is."""

    rows: list[tuple[str, int, int | None]] = field(default_factory=list)

    def must(self, name: str, count: int, wanted: int) -> None:
        """This must come out."""
        self.rows.append((name, count, wanted))

    def tell(self, name: str, count: int) -> None:
        """Told only."""
        self.rows.append((name, count, None))

    @property
    def kept(self) -> bool:
        """Whether all is as it must be."""
        return all(wanted is None or count == wanted for _, count, wanted in self.rows)

    def as_table(self, caption: str) -> Table:
        """For people."""
        table = Table(title="counts", caption=caption, title_justify="left")
        for heading in ("count", "value", "must be", ""):
            table.add_column(heading, justify="left" if heading == "count" else "right")
        for name, count, wanted in self.rows:
            judged = "" if wanted is None else "kept" if count == wanted else "MISSED"
            table.add_row(name, str(count), "" if wanted is None else str(wanted), judged)
        return table


def pair(name: str, values: Sequence[float], peers: Sequence[float], peer: str, limit: float | None) -> list[Figure]:
    """Median and 95th percentile beside the peer's."""
    found = []
    for share, word in ((0.5, "median"), (0.95, "p95")):
        run = Run(percentile(values, share), percentile(peers, share) if peers else None)
        found.append(Figure(f"{name}, {word}", "ms", peer, (run,), limit=limit if share > 0.5 else None))
    return found


def way_figures(seen: Seen, peers: Sequence[float], counts: Counts) -> list[Figure]:
    """Turn to request, and first words to the rep."""
    counted = Seen(seen.turns[1:], seen.requests, seen.painted, seen.acks)
    requests, pieces = request_delays(counted), first_piece_delays(counted, HEADLINE)
    count = len(counted.turns)
    asked = [one for turn in counted.turns for one in counted.requests_on_all(turn)]
    counts.must("requests on all words of a turn", len(asked), count)
    counts.must("requests with the screen in them", sum(bool(one["images"]) for one in asked), count)
    counts.must("requests with sections of the playbook", sum(bool(one["sections"]) for one in asked), count)
    counts.must("requests with results of tools", sum(bool(one["results"]) for one in asked), count)
    known = {(name, title) for one in asked for name, title in one["results"]}
    counts.must("tools called twice for the same thing", len(known) - len({title for _, title in known}), 0)
    counts.must("first words that reached the rep", len(pieces.values["piece"]), count)
    size = round(sum(sum(one["images"]) for one in asked) / len(asked) / 1000)
    whole = f"last words to request at the model ({size} kB of screen)"
    inside = "of it in the coach's own step"
    return [
        *pair(whole, requests.values["request"], requests.values["own step"], inside, REQUEST_LIMIT),
        *pair("first token to the rep's ack", pieces.values["piece"], peers, "bare call of the rep", PIECE_LIMIT),
    ]


def reflex_figures(calls: dict[str, Seen], counts: Counts) -> list[Figure]:
    """Partial to the rep's ack, with each model beside none."""
    found = {way: reflex_delays(seen) for way, seen in calls.items()}
    for way, delays in found.items():
        counts.must(
            f"plain cards that came with the partial (model: {way})",
            len(delays.values["reflex"]),
            len(calls[way].turns),
        )
    hanging = calls["hangs"]
    under_way = sum(
        any(one["arrived"] < turn["partial"] < (one["ended"] or turn["over"]) for one in hanging.requests)
        for turn in hanging.turns[1:]
    )
    counts.must("of these, with a request that hangs under way", under_way, len(hanging.turns) - 1)
    none = found["none"].values["reflex"]
    figures = []
    for way in ("healthy", "hangs"):
        for figure in pair(
            f"partial to the rep's ack, model {way}", found[way].values["reflex"], none, "no model", None
        ):
            peer = figure.peer_value or 0.0
            limit = max(peer * REFLEX_SHARE, peer + REFLEX_MORE)
            figures.append(replace(figure, limit=round(limit, 1)))
    return figures


def answer_figures(calls: dict[str, list[Seen]], counts: Counts) -> list[Figure]:
    """Turn to the model's words, with and without early requests, and what these cost."""
    found: dict[str, Delays] = {}
    for way, pairs in calls.items():
        found[way] = Delays()
        for seen in pairs:
            found[way].join(answer_delays(seen, HEADLINE, DETAIL))
        turns = sum(len(seen.turns) for seen in pairs)
        counts.must(f"whole answers ({way})", len(found[way].values["whole"]), turns)
        asked = [one for seen in pairs for one in seen.requests]
        counts.tell(f"requests for {turns} turns ({way})", len(asked))
        thrown = [one for one in asked if one["closed_early"]]
        counts.tell(f"of these thrown away ({way})", len(thrown))
        counts.tell(f"prompt tokens of what was thrown away ({way})", sum(one["prompt_tokens"] for one in thrown))
    figures = []
    for name, kind, limit in (("first words", "words", WORDS_LIMIT), ("the final card", "whole", WHOLE_LIMIT)):
        late, early = found["late"].values[kind], found["early"].values[kind]
        model = found["late"].values[f"model's {kind}"]
        figures += pair(f"turn over to {name}", early, late, "no early requests", limit)
        figures += pair(f"turn over to {name}, no early requests", late, model, "the model alone", limit)
    return figures
