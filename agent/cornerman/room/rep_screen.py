"""The rep's own screen share, as the room brings it; nobody else's is ever looked at.

In: tracks that come and go, and the rep's consent. Out: what there is to see for the watcher, which says when it is
subscribed, and a line for the rep about it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from livekit import rtc

from cornerman.config import ScreenSettings
from cornerman.contract import wire
from cornerman.events import ScreenChange
from cornerman.record.keeping import PLAIN, Keeping
from cornerman.seeing import KeptFrames, Watcher, is_screen


class RepScreen:
    """One call's view of the rep's screen. `may_see` is asked before anything is subscribed."""

    def __init__(
        self,
        settings: ScreenSettings,
        rep: str,
        *,
        call: str,
        may_see: Callable[[], bool],
        now: Callable[[], float],
        changed: Callable[[ScreenChange], None],
        readable: Callable[[rtc.RemoteTrackPublication], bool] = lambda _publication: True,
        keeping: Keeping = PLAIN,
    ) -> None:
        self._rep = rep
        self._may_see = may_see
        self._readable = readable
        self._off = settings.policy == "off"
        self._shared = False
        keep = KeptFrames(Path(settings.keep) / call, keeping.keys) if settings.keep is not None else None
        self.watcher = Watcher(settings, may_see=may_see, now=now, changed=changed, keep=keep)

    @property
    def seeing(self) -> wire.Seeing | None:
        """What the rep should know of it; None where nothing is shared."""
        if not self._shared:
            return None
        frame = self.watcher.latest()
        return wire.Seeing(
            watching=self.watcher.watching,
            why=self._why_not(),
            last=round(frame.at, 1) if frame is not None else None,
        )

    def apply(self, participant: rtc.RemoteParticipant) -> None:
        """Looks at what the participant shares, if it is the rep and may be looked at; else lets it go."""
        if participant.identity != self._rep:
            return
        for publication in participant.track_publications.values():
            if is_screen(publication):
                self._shared = True
                if self._may_see() and self._readable(publication):
                    self.watcher.offer(publication)
                else:
                    self.watcher.withdraw(publication.sid)

    def subscribed(self, track: rtc.Track, publication: rtc.RemoteTrackPublication, owner: rtc.Participant) -> bool:
        """A track of somebody arrived. Returns whether it is the rep's screen; anything else is not dealt with here."""
        if owner.identity != self._rep or not is_screen(publication):
            return False
        self.watcher.subscribed(track, publication)
        return True

    def unsubscribed(self, track: rtc.Track, publication: rtc.RemoteTrackPublication) -> None:
        """A track is not received any more."""
        self.watcher.unsubscribed(track, publication)

    def unpublished(self, publication: rtc.RemoteTrackPublication, owner: rtc.Participant) -> None:
        """A share ended."""
        if owner.identity == self._rep and is_screen(publication):
            self._shared = False
            self.watcher.withdraw(publication.sid)

    def muted(self, sid: str, muted: bool) -> None:
        """The share was paused, or goes on."""
        self.watcher.muted(sid, muted)

    def left(self, participant: rtc.RemoteParticipant) -> None:
        """Somebody is gone, and what they shared with them."""
        for publication in participant.track_publications.values():
            self.unpublished(publication, participant)

    def forget(self, identity: str) -> None:
        """The rep took consent back: nothing that was seen is kept."""
        if identity == self._rep:
            self.watcher.forget()

    async def aclose(self) -> None:
        """Ends the watching."""
        await self.watcher.aclose()

    def _why_not(self) -> str:
        if self._off:
            return "switched off"
        if not self._may_see():
            return "no consent yet"
        return self.watcher.why_not
