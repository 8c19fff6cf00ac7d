"""Checks that need no room: disk, playbook, sentence model, speech engine."""

from __future__ import annotations

import asyncio
import time

import numpy as np
from livekit import rtc
from livekit.agents import APIError, stt

from cornerman.config import Settings
from cornerman.demo_call import load_recording, samples
from cornerman.doctor.finding import Finding
from cornerman.errors import CornermanError
from cornerman.health.disk import disk_check
from cornerman.playbook import Playbook, load_playbook
from cornerman.providers.embedding import MODEL, Comparison, Embedder, why_not
from cornerman.providers.engine import SpeechEngine
from cornerman.providers.provider import Provider
from cornerman.providers.speech import Heard, SpeechProviders
from cornerman.room.job import heard_of, playbook_folder

ADVICE = "check stt.*, the provider's key and its address; stt.provider: offline needs neither"
SENTENCE = "We would need to see that it works with our own systems first."
HEARING_DEADLINE = 20.0
RATE = 16_000
PACE = 0.01
"""Seconds between frames of 20 ms: twice as fast as life, which the embedded engine keeps up with."""


def disk(settings: Settings) -> Finding:
    """Whether journals can be written, and whether there is room for them."""
    folder = settings.journal.path.absolute()
    found = disk_check(folder, settings.health.disk_mb)
    advice = "free some space, or set journal.path to a folder this user may write, on a larger disk"
    return Finding("disk", found.ok, f"{folder}: {found.detail}", advice)


def playbook(settings: Settings) -> tuple[Finding, Playbook | None]:
    """Whether the default playbook loads whole."""
    try:
        loaded = load_playbook(playbook_folder(settings, ""))
    except CornermanError as error:
        return Finding("playbook", False, str(error), "mend the faults above"), None
    detail = f"{loaded.name}: {len(loaded.moments)} moments, {len(loaded.cards)} cards, {len(loaded.warnings)} warnings"
    return Finding("playbook", True, detail), loaded


def meaning(settings: Settings, book: Playbook | None) -> Finding:
    """Whether sentences are compared with the playbook's examples. Words alone are no fault, unless a model was named.
    Loads the model: not for an event loop.
    """
    if book is None:
        return Finding("meaning", True, "not looked at: there is no playbook to compare with")
    reason = why_not(settings.meaning, book)
    if reason:
        asked_for = settings.meaning.model is not None and settings.meaning.enabled != "off"
        return Finding("meaning", not asked_for, f"words alone decide: {reason}", "mend meaning.model, or remove it")
    try:
        comparison = Comparison(Embedder(settings.meaning.model), book)
    except CornermanError as error:
        return Finding("meaning", False, str(error), "install the model again, or set meaning.enabled: off")
    began = time.perf_counter()
    comparison.compare(SENTENCE, "prospect")
    took = (time.perf_counter() - began) * 1000
    return Finding("meaning", True, f"{MODEL}: {comparison.sentences} examples, {took:.0f} ms for a sentence")


async def hearing(settings: Settings, book: Playbook | None) -> list[Finding]:
    """Whether each speech provider recognises a recorded line."""
    providers = SpeechProviders(settings.stt, heard_of(book) if book is not None else Heard())
    try:
        await asyncio.to_thread(providers.prewarm)
        return [await _hears(provider, settings.stt.language) for provider in providers.chain()]
    except CornermanError as error:
        return [Finding("speech", False, str(error), ADVICE)]
    finally:
        await providers.aclose()


async def _hears(provider: Provider, language: str) -> Finding:
    name = f"speech ({provider.name})"
    try:
        engine = provider.new(language)
        try:
            async with asyncio.timeout(HEARING_DEADLINE):
                heard = await _first_final(engine.recogniser)
        finally:
            await engine.aclose()
    except (CornermanError, APIError, TimeoutError, ValueError) as error:
        return Finding(name, False, str(error) or "no answer in time", ADVICE)
    return Finding(name, heard > 0, f"recognised {heard} words of a recorded line", ADVICE)


async def _first_final(engine: SpeechEngine) -> int:
    """Words in the first final result for the recording's second line."""
    line = load_recording().lines[2]
    clip = samples("prospect")[int((line.start - 0.5) * RATE) : int(line.end * RATE)]
    silence = np.zeros(RATE, dtype=np.int16)
    audio = np.concatenate([clip, silence, silence])
    stream = engine.stream()
    try:
        for start in range(0, len(audio) - 320, 320):
            stream.push_frame(rtc.AudioFrame(audio[start : start + 320].tobytes(), RATE, 1, 320))
            await asyncio.sleep(PACE)
        stream.end_input()
        async for event in stream:
            if event.type == stt.SpeechEventType.FINAL_TRANSCRIPT and event.alternatives:
                return len(event.alternatives[0].text.split())
        return 0
    finally:
        await stream.aclose()
