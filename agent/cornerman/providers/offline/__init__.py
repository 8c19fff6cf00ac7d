"""The embedded speech engine: pocketsphinx in processes of its own, behind livekit's streaming `stt.STT`.

A demo and test engine. It needs no key, no network and no download, and hears synthetic voices well (5 to 9 % of
words wrong). On human speech about one word in three is wrong, and in noise it is useless: choose another provider
for real calls.

`stt.OfflineSTT` is what callers use, `host.RecogniserHost` the process they share. This file imports neither, because
`process` runs below it and must not load livekit's agent framework (about 100 MB) into every recogniser.
"""
