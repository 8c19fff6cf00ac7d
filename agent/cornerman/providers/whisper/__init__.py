"""The neural offline engine: Whisper by faster-whisper, in processes of its own, from a folder of weights.

For calls whose audio must not leave the machine. Needs the extra `whisper` and weights that the operator put into a
folder, for instance with `cornerman models get`; nothing is ever fetched by the engine itself.

`stt.whisper_stt` is what callers use, `host.WhisperHost` the processes they share. This file imports neither, because
`process` runs below it and must not load livekit's agent framework.
"""
