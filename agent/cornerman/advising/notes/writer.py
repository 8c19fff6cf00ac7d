"""Keeps the notes of a call up to date, in memory and beside the journal, with a model's help where there is one.

In: every event of the call with what the coach decided. Out: pages for the rep at any time; files now and then, and at
the end. The deterministic notes never wait for the model: it is asked in the background, at most once in `every`
seconds and only about new turns, and what it gets wrong or brings too late is missing, nothing else. A purge takes
effect before `follow` returns: memory and files hold nothing more of what the participant said, and what the model
made of it is made anew from what is left. One task does the waiting; `finish` and `aclose` end it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from cornerman.advising.grounding import Grounds
from cornerman.advising.notes.claims import Auditor, Check, Claims, ClaimsError, Reply, read_claims
from cornerman.advising.notes.files import NotesError, NotesFiles, read_notes
from cornerman.advising.notes.instructions import rules_for
from cornerman.advising.notes.merging import merged
from cornerman.advising.notes.model import Note, Notes
from cornerman.advising.notes.notebook import Notebook
from cornerman.advising.notes.pages import page
from cornerman.advising.notes.script import Script, script_of
from cornerman.advising.untrusted import enclosed
from cornerman.advising.whole_answer import ForgottenError, Models, Question, chat_of, unmetered, whole_answer
from cornerman.coach.languages import language_of
from cornerman.coach.transcript import Utterance
from cornerman.config import NotesSettings
from cornerman.contract import wire
from cornerman.events import Decision, Event, Purge
from cornerman.playbook import Playbook
from cornerman.providers.llm import ModelError, ModelUnavailableError, Used
from cornerman.record.keeping import PLAIN, Keeping

logger = logging.getLogger(__name__)

SHOWN: Final = 12_000
"""Characters of new turns in one request: some ten minutes of a call."""
OPEN_NOTES: Final = 10
"""Open questions and objections that a model is asked to find replies to, the newest."""
OPEN_WORDS: Final = 200
"""Characters of each."""
MOST_TRIES: Final = 2
"""Requests for the same turns, until they are given up."""


class NotesWriter:
    """The notes of one call. `models` None: the deterministic notes stand alone. `folder` None: no files.

    `now` is the call's clock, `base` what every note may lean on, `used` is told what the model took.
    """

    def __init__(
        self,
        notebook: Notebook,
        playbook: Playbook,
        settings: NotesSettings,
        *,
        models: Models | None,
        check: Check,
        base: Grounds,
        folder: Path | None,
        keeping: Keeping = PLAIN,
        now: Callable[[], float],
        used: Callable[[Used], None] = unmetered,
    ) -> None:
        self._notebook = notebook
        self._settings = settings
        self._models = models
        self._auditor = Auditor(language_of(playbook.language), check, base)
        self._rules = rules_for(playbook.language)
        self._files = NotesFiles(folder, keeping) if folder is not None else None
        self._now = now
        self._used = used
        self._claimed: tuple[Note, ...] = ()
        self._replies: tuple[Reply, ...] = ()
        self._read: set[str] = set()
        self._tries = 0
        self._news = asyncio.Event()
        self._soon = asyncio.Event()
        self._question: Question | None = None
        self._task: asyncio.Task[None] | None = None
        earlier = read_notes(folder, keeping.keys) if folder is not None else None
        self._worth_writing = earlier is not None
        if earlier is not None:
            notebook.resume(earlier)

    def start(self) -> None:
        """Begins to keep the notes up to date."""
        self._task = asyncio.create_task(self._keep(), name="notes")

    def follow(self, event: Event, now: float, made: Sequence[Decision]) -> None:
        """Takes in one event and what the coach made of it. Does not wait."""
        turns = len(self._notebook.heard.turns)
        self._notebook.follow(event, now, made)
        if isinstance(event, Purge):
            self._forget(event.identity)
        elif len(self._notebook.heard.turns) != turns:
            self._worth_writing = True
            self._news.set()

    def notes(self) -> Notes:
        """The notes as they stand."""
        return merged(self._notebook.notes(self._now()), self._claimed, self._replies)

    def page(self, number: int) -> wire.NotesPage:
        """A page of the notes as they stand."""
        return page(self.notes(), number)

    async def finish(self) -> Notes:
        """The call is over: writes what is there at once, and again with what the model says about the last turns, at
        most `settings.deadline` seconds later.
        """
        await self._stop()
        await self._write()
        if self._unread():
            try:
                async with asyncio.timeout(self._settings.deadline):
                    await self._catch_up()
            except TimeoutError:
                logger.warning("the model's last notes came too late")
            await self._write()
        return self.notes()

    async def aclose(self) -> None:
        """Ends what is under way; nothing more is written."""
        await self._stop()

    # -- keeping up --

    async def _keep(self) -> None:
        due = self._now()
        while True:
            await self._news.wait()
            await self._wait(due - self._now())
            due = self._now() + self._settings.every
            self._news.clear()
            self._soon.clear()
            await self._write()
            if self._unread():
                await self._catch_up()
                await self._write()

    async def _wait(self, seconds: float) -> None:
        """Waits so long, or until something has to be written soon."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._soon.wait()

    def _forget(self, identity: str) -> None:
        """What a model made of somebody's words goes with them; the turns that are left are read again."""
        told = (*(note.saw for note in self._claimed), *(reply.saw for reply in self._replies))
        if any(identity in saw for saw in told):
            self._read.clear()
        self._claimed = tuple(note for note in self._claimed if not note.rests_on(identity))
        self._replies = tuple(reply for reply in self._replies if identity not in reply.saw)
        if self._question is not None:
            self._question.forget()
        if self._files is not None:
            try:
                self._files.forget()
            except NotesError as error:
                logger.error("notes are left on disk: %s", error)
        self._news.set()
        self._soon.set()

    def _unread(self) -> tuple[Utterance, ...]:
        """Turns the model has not been shown."""
        if self._models is None:
            return ()
        return tuple(one for turn, one in self._notebook.heard.turns.items() if turn not in self._read)

    async def _catch_up(self) -> None:
        """Shows the model what it has not seen by now. What is said meanwhile waits for the next time."""
        todo = {one.turn for one in self._unread()}
        while any(one.turn in todo for one in self._unread()) and await self._ask():
            pass

    async def _ask(self) -> bool:
        """Shows the model the next turns it has not seen. Returns whether to go on. Never raises."""
        try:
            return await self._ask_about(self._script(), self._open_notes())
        except Exception as error:
            # the message might quote what was said
            logger.error("the model took no notes: %s", type(error).__name__)
            return False

    async def _ask_about(self, script: Script, open_notes: dict[str, Note]) -> bool:
        try:
            claims = read_claims(await self._answer(script, open_notes))
        except ForgottenError:
            return True
        except ModelUnavailableError as error:
            logger.warning("the model took no notes: %s", error)
            return False
        except (ModelError, ClaimsError) as error:
            logger.warning("the model took no notes: %s", error)
            return self._failed(script)
        except Exception as error:
            # the message might quote what was said
            logger.error("the model took no notes: %s", type(error).__name__)
            return self._failed(script)
        saw = tuple(sorted({*script.saw, *(note.said.identity for note in open_notes.values())}))
        notes, replies = self._auditor.stand(claims, script, self._notebook.heard, open_notes, saw)
        self._claimed += notes
        self._replies += replies
        self._read.update(script.turns)
        self._tries = 0
        return True

    async def _answer(self, script: Script, open_notes: dict[str, Note]) -> str:
        """Raises: ModelError: there is none; ForgottenError: what it was to be made of is forgotten."""
        assert self._models is not None
        chat = chat_of(self._rules, _material(script, open_notes))
        self._question = Question(
            whole_answer(self._models, chat, "notes", Claims, self._settings.deadline, self._used), "ask for notes"
        )
        try:
            return await self._question.answer()
        finally:
            self._question = None

    def _failed(self, script: Script) -> bool:
        """These turns are tried again next time; what no model can read is given up."""
        self._tries += 1
        if self._tries >= MOST_TRIES:
            self._tries = 0
            self._read.update(script.turns)
        return False

    def _script(self) -> Script:
        """The oldest turns that were not shown yet, as many as one request holds."""
        chosen: list[Utterance] = []
        room = SHOWN
        for utterance in self._unread():
            room -= sum(len(word.text) + 1 for word in utterance.words) + 20
            if chosen and room < 0:
                break
            chosen.append(utterance)
        return script_of(self._notebook.heard, chosen, SHOWN)

    def _open_notes(self) -> dict[str, Note]:
        """What still waits for a reply, under names for the model."""
        waiting = [note for note in self.notes().notes if note.kind in ("question", "objection") and note.reply is None]
        return {f"n{number}": note for number, note in enumerate(waiting[-OPEN_NOTES:], start=1)}

    async def _write(self) -> None:
        """Writes the notes; again, where something was to be forgotten meanwhile. Of a call in which nobody was heard
        there are none.
        """
        if self._files is None or not self._worth_writing:
            return
        state = None
        while state != self._files.state:
            state = self._files.state
            try:
                await asyncio.to_thread(self._files.write, self.notes(), state)
            except NotesError as error:
                logger.error("%s", error)

    async def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None


def _material(script: Script, open_notes: dict[str, Note]) -> str:
    waiting = (
        enclosed(note.said.quote, kind="open", name=name, limit=OPEN_WORDS, title=note.kind)
        for name, note in open_notes.items()
    )
    return "\n".join([*waiting, script.text])
