"""How the offline engine cuts speech into utterances and when it believes a word.

Flows from whoever builds the engine, through the host's first frame, into every recogniser process. All times in
seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

from cornerman.providers.transcriber import SAMPLE_RATE

WINDOW_SAMPLES = 512
"""Samples in one step of the voice detector (32 ms), and so in one step of everything here."""

WINDOW_SECONDS = WINDOW_SAMPLES / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class OfflineSettings:
    """Defaults were tuned on the synthetic voices festival `cmu_us_slt_arctic_hts` and flite `rms`."""

    speech_probability: float = 0.5
    """A window counts as voice from here up; two in a row start an utterance."""
    silence_probability: float = 0.35
    """A window counts as silence below this."""
    prefix: float = 0.32
    """Audio from before the voice was noticed that the decoder hears too, so that no word's start is clipped. The
    detector notices voice up to 0.24 s late."""
    end_silence: float = 0.4
    """Silence that ends an utterance."""
    calm_cut: float = 15.0
    """From this length on an utterance is cut at the first silent window."""
    longest_utterance: float = 20.0
    """At this length it is cut wherever it is."""
    last_word_windows: int = 6
    """Windows through which the newest word must stand unchanged before it is told. While a word is being spoken the
    decoder tries shorter ones in its place ("which" for "expensive"): told at once, 7 of 10 words told are taken
    back; with these two, 3 of 10."""
    followed_word_windows: int = 3
    """The same for a word that another word or a pause follows already."""
    usage_interval: float = 5.0
    """Seconds of audio between two reports of how much was heard."""
