"""The demo's terminal: what was said, what the rep was shown and when, and the table at the end."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cornerman.contract import wire
from cornerman.demo.report import Report


class Screen:
    """Prints as things happen. `headless`: progress and the table only."""

    def __init__(self, console: Console, *, headless: bool) -> None:
        self._console = console
        self._headless = headless

    def progress(self, line: str) -> None:
        """One step of getting started."""
        self._console.print(Text(line, style="dim"))

    def line(self, name: str, text: str, at: float) -> None:
        """Somebody begins a line of the recording."""
        if not self._headless:
            self._console.print(Text.assemble((f"{_clock(at)} ", "dim"), (f"{name}: ", "bold"), text))

    def nudge(self, nudge: wire.Nudge, at: float) -> None:
        """The rep is shown a card, or a card is taken back."""
        if self._headless:
            return
        if nudge.status == "withdrawn":
            self._console.print(Padding(Text(f"{_clock(at)} card withdrawn", style="dim"), (0, 0, 0, 8)))
            return
        cause = nudge.because[0]
        heard = f'{cause.speaker}: "{cause.quote}"' if isinstance(cause, wire.WordsBecause) else cause.type
        body = Text.assemble(
            (nudge.headline, "bold"), "\n", nudge.detail, "\n", (f"{heard}  ·  {nudge.sources[0].title}", "dim")
        )
        title = Text(f"{_clock(at)} only the rep sees this · {nudge.kind}")
        self._console.print(Padding(Panel(body, title=title, title_align="left", border_style="green"), (0, 0, 0, 8)))

    def report(self, report: Report) -> None:
        """The table, and what the witness received."""
        table = Table(title="What the rep was shown", title_justify="left")
        for column in ("moment", "words spoken", "card", "source"):
            table.add_column(column, overflow="fold")
        table.add_column("trigger to ack", justify="right", no_wrap=True)
        table.add_column("own", justify="right", no_wrap=True)
        for nudge in report.nudges:
            spoken = f"{nudge.spoken_to_ack_ms:.0f} ms" if nudge.spoken_to_ack_ms is not None else "-"
            table.add_row(
                nudge.kind, Text(nudge.quote), Text(nudge.headline), nudge.sources[0], spoken, f"{nudge.own_ms:.1f} ms"
            )
        self._console.print(table)
        own, trigger = report.own_ms, report.spoken_to_ack_ms
        for line in (
            f"planted moments with the rep: {report.delivered} of {report.planted}; "
            f"near misses fired: {report.near_misses_fired} of {report.near_misses}; withdrawn: {report.withdrawn}",
            f"end of trigger words to the rep's ack: p50 {trigger['p50']:.0f} ms, p95 {trigger['p95']:.0f} ms",
            f"the coach's own time, partial received to ack: p50 {own['p50']:.1f} ms, p95 {own['p95']:.1f} ms",
            _meaning(report),
            f"third participant (prospect's token): {report.witness['messages']} messages, "
            f"{report.witness['bytes']} bytes, {report.witness['tracks']} tracks",
            f"journal: {report.journal} (cornerman replay {report.journal})",
        ):
            self._console.print(Text(line))
        verdict = (
            Text("every promise held", style="bold green")
            if report.ok
            else Text("a promise was broken", style="bold red")
        )
        self._console.print(verdict)


def _meaning(report: Report) -> str:
    """By what the coach noticed."""
    if report.meaning.get("state") == "ready":
        return f"words and meaning: {report.meaning['sentences']} sentences compared by {report.meaning['model']}"
    return f"words alone: {report.meaning.get('why') or 'the sentence model was not ready in time'}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{seconds % 60:04.1f}"
