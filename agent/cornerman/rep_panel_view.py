"""What the rep's terminal panel shows: the cards so far, who is heard, and what can be done, as rich renderables.

Nudges, call states and standings go in; `RepView.render` gives the whole screen and `nudge_lines` the lines for an
output that cannot be redrawn. Promises: nothing from the wire is read as markup; a withdrawn card keeps none of its
words on the screen.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cornerman_client import Hearing, Nudge, Standing, State
from cornerman_client.contract import FeedbackKind, GaugeBecause, QuestionBecause, WordsBecause

TALK_RATIO = "talk_ratio"
KEPT_CARDS = 100
EARLIER_CARDS = 5
NOT_MET = Standing(coach=None, coach_lost=False, closed_reason=None)
KEYS = "a ask  d dismiss  p pin  u useful  y yes, do it  n notes  q quiet  l live  c consent  w take back  ctrl-c leave"

_MARKS: dict[FeedbackKind, str] = {"pinned": "pinned", "useful": "useful", "confirm": "confirmed"}


@dataclass(slots=True)
class Card:
    """A card on the screen. `arrived`: when its latest revision did, on the panel's clock; `mark`: what the rep did."""

    nudge: Nudge
    arrived: float
    mark: FeedbackKind | None = None

    def fresh(self, now: float) -> bool:
        """Whether it is still worth its place at the top."""
        expired = now - self.arrived > self.nudge.ttl_ms / 1000
        return self.nudge.status != "withdrawn" and self.mark != "dismissed" and not expired


@dataclass(slots=True)
class RepView:
    """All the panel knows. `disclosure` is what the rep reads out before anybody is heard, `notice` a hint.

    `asking` is a question as far as it is typed, None while there is none; `notes` are those on the screen.
    """

    disclosure: str
    state: State | None = None
    standing: Standing = NOT_MET
    notice: str = ""
    choosing: bool = False
    asking: str | None = None
    notes: str = ""
    cards: OrderedDict[str, Card] = field(default_factory=OrderedDict)

    def show(self, nudge: Nudge, now: float) -> None:
        """Takes in a revision. A withdrawn card that was never shown stays away; the oldest cards are forgotten."""
        card = self.cards.get(nudge.id)
        if card is not None:
            card.nudge, card.arrived = nudge, now
        elif nudge.status != "withdrawn":
            self.cards[nudge.id] = Card(nudge, now)
            if len(self.cards) > KEPT_CARDS:
                self.cards.popitem(last=False)

    def newest(self, now: float) -> Card | None:
        """The card at the top, which the keys speak of."""
        return next((card for card in reversed(self.cards.values()) if card.fresh(now)), None)

    def waiting(self) -> tuple[Hearing, ...]:
        """Who is here and not asked for consent yet."""
        people = self.state.participants if self.state else ()
        return tuple(person for person in people if person.present and person.consent == "waiting")

    def consenting(self) -> tuple[Hearing, ...]:
        """Whose consent can be taken back, as numbered on the screen."""
        people = self.state.participants if self.state else ()
        return tuple(person for person in people if person.consent == "granted")[:9]

    def render(self, now: float) -> RenderableType:
        """The whole screen, what matters most at the top."""
        newest = self.newest(now)
        parts: list[RenderableType] = [self._status()]
        if self.asking is not None:
            parts.append(_question(self.asking))
        if self.notes:
            parts.append(Panel(Text(self.notes), title="Notes so far (n closes)", border_style="cyan"))
        if self.choosing:
            parts.append(self._choice())
        elif self.waiting():
            parts.append(self._consent_step())
        parts.append(_large(newest) if newest else Panel(Text("nothing to say", style="dim"), border_style="dim"))
        earlier = [card for card in reversed(self.cards.values()) if card is not newest and card.mark != "dismissed"]
        earlier.sort(key=lambda card: card.mark != "pinned")
        parts += [_small(card) for card in earlier[:EARLIER_CARDS]]
        if self.state:
            parts.append(_people(self.state))
            parts += _course(self.state)
            parts += _looks(self.state)
            parts += [Text(trouble, style="yellow") for trouble in self.state.trouble]
        if self.notice:
            parts.append(Text(self.notice, style="bold yellow"))
        parts.append(Text(KEYS, style="dim"))
        return Group(*parts)

    def status_line(self) -> str:
        """How things stand, in one line."""
        if self.standing.closed_reason == "duplicate_identity":
            return "you joined this call elsewhere; this panel is closed"
        if self.standing.closed_reason:
            return f"the connection is closed ({self.standing.closed_reason.replace('_', ' ')})"
        if self.standing.coach_lost:
            return "coach lost: nothing has come from it for 45 seconds"
        if self.standing.coach is None or self.state is None:
            return "no coach in the call yet"
        words = {"waiting_for_consent": "waiting for consent", "listening": "listening", "ending": "the call is ending"}
        engine = "rules only" if self.state.engine == "rules_only" else "full"
        return f"coach: {words[self.state.status]}, {engine}, attention {self.state.attention}"

    def _status(self) -> Text:
        good = self.standing.coach and not self.standing.coach_lost and not self.standing.closed_reason
        return Text(self.status_line(), style="bold green" if good else "bold red")

    def _consent_step(self) -> RenderableType:
        who = ", ".join(_named(person) for person in self.waiting())
        if self.state and self.state.consent_mode != "rep_discloses":
            return Panel(Text(f"not heard, their own consent is awaited: {who}"), title="Consent")
        text = Text("Read this out:\n")
        text.append(self.disclosure, style="bold")
        text.append(f"\n\nWhen all of them agreed, press c: {who}")
        return Panel(text, title="Nobody waiting here is heard yet", border_style="yellow")

    def _choice(self) -> RenderableType:
        lines = [f"{number}  {_named(person)}" for number, person in enumerate(self.consenting(), start=1)]
        lines.append("any other key: leave it as it is")
        return Panel(Text("\n".join(lines)), title="Whose consent is taken back? Their words are deleted.")


def nudge_lines(nudge: Nudge) -> list[Text]:
    """A card for a terminal that cannot be redrawn."""
    if nudge.status == "withdrawn":
        return [Text(f"[{nudge.id}] {nudge.headline}", style="dim")]
    lines = [Text(f"[{nudge.id}] {nudge.headline}", style="bold")]
    if nudge.detail:
        lines.append(Text(f"    {nudge.detail}"))
    if nudge.action is not None:
        lines.append(Text(f"    y: {nudge.action.label}"))
    return [*lines, *(Text(f"    {line}", style="dim") for line in _grounds(nudge))]


def _question(typed: str) -> Panel:
    text = Text(typed)
    text.append("_", style="blink")
    text.append("\nreturn asks, an empty line what to do now; backspace gives up", style="dim")
    return Panel(text, title="Ask the coach", border_style="cyan")


def _course(state: State) -> list[Text]:
    """Where the call stands, in a line or two."""
    lines: list[Text] = []
    told = [f"stage: {state.stage}"] if state.stage else []
    if TALK_RATIO in state.gauges:
        told.append(f"you talk {state.gauges[TALK_RATIO]:.0%} of the time")
    if told:
        lines.append(Text(", ".join(told)))
    for title, items in (("found out", state.checklist), ("disclosed", state.disclosures)):
        if items:
            marks = "  ".join(f"{'[x]' if done else '[ ]'} {item.replace('-', ' ')}" for item, done in items.items())
            lines.append(Text(f"{title}: {marks}", style="dim"))
    return lines


def _looks(state: State) -> list[Text]:
    """What a model makes of the call, and whether it sees the screen."""
    lines: list[Text] = []
    told, screen = state.insights, state.screen
    if told is not None:
        parts = (f"mood {told.sentiment}", f"intent to buy {told.intent} of 100", told.next_action)
        lines.append(Text(", ".join(part for part in parts if part)))
    if screen is not None:
        why = screen.why or "not needed now"
        lines.append(Text("your screen is looked at" if screen.watching else f"your screen: {why}", style="dim"))
    return lines


def _large(card: Card) -> Panel:
    nudge = card.nudge
    text = Text(nudge.headline, style="bold")
    if nudge.detail:
        text.append(f"\n\n{nudge.detail}", style="not bold")
    if nudge.action is not None:
        text.append(f"\n\ny: {nudge.action.label}", style="not bold cyan")
    for line in _grounds(nudge):
        text.append(f"\n{line}", style="not bold dim")
    title = nudge.kind.replace("_", " ") + (", thinking" if nudge.status == "thinking" else "") + _marked(card)
    # A border title is markup when given as a string.
    return Panel(text, title=Text(title), border_style="green", padding=(1, 2))


def _small(card: Card) -> Text:
    if card.nudge.status == "withdrawn":
        return Text(f"  - {card.nudge.headline}", style="dim")
    return Text(f"  - {card.nudge.headline}{_marked(card)}")


def _marked(card: Card) -> str:
    return f" ({_MARKS[card.mark]})" if card.mark in _MARKS else ""


def _grounds(nudge: Nudge) -> list[str]:
    """Why it is said and what supports it."""
    lines = []
    for because in nudge.because:
        match because:
            case WordsBecause():
                lines.append(f'{because.speaker} at {_clock(because.start)}: "{because.quote}"')
            case GaugeBecause():
                lines.append(f"{because.name.replace('_', ' ')}: {because.value:g}")
            case QuestionBecause():
                lines.append("you asked")
            case _:
                lines.append(f"your screen at {_clock(because.at)}")
    return lines + [f"source: {source.title} ({source.locator})" for source in nudge.sources]


def _people(state: State) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for person in state.participants:
        heard = Text("heard", style="green") if person.heard else Text("not heard", style="red")
        here = "" if person.present else "left the call"
        table.add_row(Text(_named(person)), Text(person.role), heard, Text(person.why or here, style="dim"))
    return table


def _named(person: Hearing) -> str:
    return person.name or person.identity


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(max(seconds, 0.0)), 60)
    return f"{minutes}:{rest:02d}"
