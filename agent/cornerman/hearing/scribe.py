"""Writes down what one participant's streams say: recognised words in call time, made into partials and turns.

In: the events of whichever speech stream is open, the voice starting and stopping, the time. Out: Partial and Turn
events, and how much of the kept audio is final. While audio is being heard again, no turn ends on silence: its words
may still be on their way.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from livekit.agents import stt

from cornerman import metrics
from cornerman.events import Event, Turn, Word
from cornerman.hearing.attempt import Attempt
from cornerman.hearing.kept_audio import KeptAudio
from cornerman.hearing.route import Route
from cornerman.hearing.turns import TurnAssembler
from cornerman.hearing.words import words_of
from cornerman.providers.segmented_stream import SETTLED

HELD_LOOK = 0.25
STILL = 0.1
"""Seconds of stillness after which a voice that a provider says has ended did end. Few: a provider may be sure of it a
third of a second after the last sound, which the local detector hears up to `SPAN_END` late."""
SPAN_END = 0.25

Kind = stt.SpeechEventType


@dataclass(frozen=True, slots=True)
class Ends:
    """Where a participant's words go, and what is to be known of them. `note` takes facts for the journal; nothing in
    them was spoken.
    """

    feed: Callable[[Event], None]
    heard_words: Callable[[str], None]
    heard_language: Callable[[str, str], None]
    changed: Callable[[], None]
    note: Callable[[str, dict[str, object]], None]


class Scribe:
    """The words of one participant. `detection`: whose word ends a turn besides silence."""

    def __init__(
        self,
        identity: str,
        assembler: TurnAssembler,
        kept: KeptAudio,
        route: Route,
        ends: Ends,
        *,
        detection: Literal["silence", "provider", "local"],
        now: Callable[[], float],
    ) -> None:
        self._identity = identity
        self._assembler = assembler
        self._kept = kept
        self._route = route
        self._ends = ends
        self._provider_ends_turns = detection == "provider"
        self._now = now
        self._attempt: Attempt | None = None
        self._was_attended = False
        self._marks: deque[float] = deque(maxlen=100)
        self._ended_early = False
        self._was_held = False
        self._timer: asyncio.TimerHandle | None = None
        self.pending = False
        """The newest words are a guess that the stream has not finished."""

    @property
    def unfinished(self) -> bool:
        """True while the turn under way holds words that are a guess."""
        return self._assembler.pending

    def attend(self, attempt: Attempt | None) -> None:
        """Another stream speaks from here on; None: none is open."""
        self._attempt = attempt
        self._was_attended = self._was_attended or attempt is not None
        self._marks.clear()
        self._ended_early = self.pending = False

    def hear(self, event: stt.SpeechEvent) -> None:
        """Takes in an event of the stream that is open."""
        attempt = self._attempt
        if attempt is None:
            return
        now = self._now()
        self._settle_as_told(event, attempt)
        if event.type == Kind.END_OF_SPEECH:
            self._marks.append(self._utterance_end(attempt))
            self._end_of_turn(attempt)
        elif event.type in (Kind.INTERIM_TRANSCRIPT, Kind.PREFLIGHT_TRANSCRIPT) and event.alternatives:
            self._interim(event.alternatives[0], attempt, now)
        elif event.type == Kind.FINAL_TRANSCRIPT and event.alternatives:
            self._final(event.alternatives[0], attempt, now)
        self._schedule()

    def voice(self, active: bool) -> None:
        """The participant's voice started or stopped."""
        self._assembler.speech(active, self._now())
        self._schedule()

    def judged(self, silence: float | None) -> None:
        """So much silence ends the turn; None: the usual."""
        self._assembler.judged(silence, self._now())
        self._schedule()

    def taken_over(self) -> None:
        """Somebody else speaks now."""
        self._emit(self._assembler.taken_over(self._now()))

    def give_up(self) -> None:
        """Audio was dropped that nobody will hear again: guesses of it stand as they are."""
        self._emit(self._assembler.give_up(self._kept.oldest))

    def all_final(self, attempt: Attempt) -> bool:
        """True when the words of everything that was sent are final."""
        return not self.pending and self._kept.settled >= attempt.spoken_until - SPAN_END

    def close(self, *, forget: bool) -> None:
        """What was said so far is a turn, unless it is to be forgotten."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not forget:
            self._emit(self._assembler.close())

    # -- words --

    def _interim(self, said: stt.SpeechData, attempt: Attempt, now: float) -> None:
        words = self._words(said, attempt, now)
        if words:
            self._ends.heard_words(self._identity)
            if attempt.proves():
                self._route.answered(attempt.provider)
            if not attempt.behind:
                metrics.partial_delay(attempt.provider.name, now - words[-1].end)
        self.pending = bool(words)
        self._emit(self._assembler.interim(words, now, late=attempt.behind))

    def _final(self, said: stt.SpeechData, attempt: Attempt, now: float) -> None:
        words = self._words(said, attempt, now)
        mark = self._marks.popleft() if self._marks else 0.0
        self.pending = False
        self._emit(self._assembler.final(words, said.confidence, now, late=attempt.behind))
        if words:
            self._kept.settle(words[-1].end if said.words else max(words[-1].end, mark))
            if said.language:
                self._ends.heard_language(self._identity, said.language)
        self._route.succeeded(attempt.provider)
        if self._ended_early:
            self._end_of_turn(attempt)

    def _words(self, said: stt.SpeechData, attempt: Attempt, now: float) -> list[Word]:
        """The words in call time, without those that were final before the stream that says them was opened."""
        since = max(self._kept.settled, attempt.replay_from)
        until = self._marks[0] if self._marks else attempt.sent_until
        words = words_of(said, attempt.map, lambda: self._kept.between(since, until), now)
        return [word for word in words if (word.start + word.end) / 2 > attempt.replay_from]

    def _utterance_end(self, attempt: Attempt) -> float:
        """Where the utterance that the provider just ended did end, as the local detector heard it."""
        ended = [span.end for span in attempt.spans if span.end + STILL <= attempt.sent_until]
        return ended[-1] if ended else attempt.sent_until

    def _settle_as_told(self, event: stt.SpeechEvent, attempt: Attempt) -> None:
        """An engine of ours knows exactly which audio it needs no more."""
        told = event.alternatives[0].metadata if event.alternatives else None
        if told and SETTLED in told:
            self._kept.settle(attempt.map.call_time(told[SETTLED]))

    def _emit(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Turn) and event.words:
                self._kept.settle(event.end)
            self._ends.feed(event)

    # -- when turns end --

    def _end_of_turn(self, attempt: Attempt) -> None:
        """The provider says that the turn is over; some say so before the words are final, some after."""
        if self._provider_ends_turns and not attempt.behind:
            self._ended_early = self.pending
            self._emit(self._assembler.ended())

    def _held(self) -> bool:
        """No turn ends on silence while words that belong to it may still be on their way."""
        if self._attempt is None:
            return self._was_attended and self._assembler.pending
        return self._attempt.behind

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._assembler.due is not None:
            delay = HELD_LOOK if self._was_held else max(self._assembler.due - self._now(), 0.0)
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        if self._held():
            self._was_held = True
        elif self._was_held:
            self._was_held = False
            self._assembler.resumed(self._now())
        else:
            self._emit(self._assembler.tick(self._now()))
        self._schedule()
