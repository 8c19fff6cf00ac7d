"""A Whisper model small enough to be made in a test: real architecture, real tokenizer, random weights, 1 MB.

In: a folder, and the words it shall say. Out: the files of a converted model, as `cornerman models get` would fetch
them. What it says does not depend on the audio: its position embeddings spell the words, whatever else flows through
its layers. What was put into the prompt moves the positions, and so shows in the words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import ctranslate2
import numpy as np
from ctranslate2.specs import whisper_spec
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from cornerman.providers.whisper.host import WhisperHost
from cornerman.providers.whisper.settings import WhisperSettings

WIDTH = 64
HEADS = 2
MELS = 80
WORDS = ("the", "silver", "line", "train", "was", "late", "again", "and", "nobody", "told", "us", "why")
SAID = " ".join(WORDS)
ONE_THREAD = WhisperSettings(cpu_threads=1)
_SPECIAL = (
    *("<|endoftext|>", "<|startoftranscript|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>"),
    *("<|startofprev|>", "<|nocaptions|>", "<|notimestamps|>"),
)
_TIMES = tuple(f"<|{step * 0.02:.2f}|>" for step in range(1_501))
SURE, DOUBTING = 4.0, 1.5
"""What a meaning is multiplied by to say it: with the first it is certain of every word, with the second of none."""

Array = NDArray[np.float32]
Some = Callable[..., Array]


def make_model(folder: Path, *, words: Sequence[str] = WORDS, hears_nothing: bool = False) -> Path:
    """Writes the model's files. With `hears_nothing` it is sure to hear no speech, and says something all the same."""
    folder.mkdir(parents=True, exist_ok=True)
    known = tuple(dict.fromkeys(words))
    tokens = _tokenizer(folder, known)
    said = [tokens.index(f"Ġ{word}") for word in words]
    script = [tokens.index("<|0.00|>"), *said, tokens.index("<|2.00|>"), tokens.index("<|endoftext|>")]
    _weights(tokens, script, hears_nothing).save(str(folder))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS, "sampling_rate": 16_000}))
    return folder


def only_pid(host: WhisperHost) -> int:
    """Of the one process that lives."""
    (pid,) = host.pids
    return pid


def _tokenizer(folder: Path, words: Sequence[str]) -> list[str]:
    """All tokens in the order of their ids."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    plain = [*letters, *(f"Ġ{word}" for word in words)]
    tokenizer = Tokenizer(models.BPE(vocab={token: number for number, token in enumerate(plain)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([*_SPECIAL, *_TIMES])
    tokenizer.save(str(folder / "tokenizer.json"))
    return [*plain, *_SPECIAL, *_TIMES]


def _weights(tokens: list[str], script: list[int], hears_nothing: bool) -> whisper_spec.WhisperSpec:
    random = np.random.default_rng(5)

    def some(*shape: int, scale: float = 0.02) -> Array:
        return (scale * random.standard_normal(shape)).astype(np.float32)

    meanings = some(len(tokens), WIDTH, scale=WIDTH**-0.5)
    spec = whisper_spec.WhisperSpec(1, HEADS, 1, HEADS)
    spec.encoder.conv1.weight, spec.encoder.conv1.bias = some(WIDTH, MELS, 3), some(WIDTH)
    spec.encoder.conv2.weight, spec.encoder.conv2.bias = some(WIDTH, WIDTH, 3), some(WIDTH)
    spec.encoder.position_encodings.encodings = some(1_500, WIDTH, scale=1.0)
    spec.decoder.embeddings.weight = meanings
    spec.decoder.projection.weight = (DOUBTING if hears_nothing else SURE) * meanings
    positions = some(448, WIDTH, scale=4.0) if hears_nothing else _spelled(meanings, script, tokens)
    if hears_nothing:
        positions[0] = 30.0 * meanings[tokens.index("<|nocaptions|>")]
    spec.decoder.position_encodings.encodings = positions
    for part in (spec.encoder, spec.decoder):
        _normal(part.layer_norm)
        for layer in part.layer:
            _attention(layer.self_attention, some, crossed=False)
            if hasattr(layer, "attention"):
                _attention(layer.attention, some, crossed=True)
            _normal(layer.ffn.layer_norm)
            layer.ffn.linear_0.weight, layer.ffn.linear_0.bias = some(2 * WIDTH, WIDTH), some(2 * WIDTH)
            layer.ffn.linear_1.weight, layer.ffn.linear_1.bias = some(WIDTH, 2 * WIDTH), some(WIDTH)
    spec.register_vocabulary(tokens)
    spec.config.alignment_heads = [(0, head) for head in range(HEADS)]
    spec.config.lang_ids = []
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [tokens.index("<|endoftext|>")]
    spec.validate()
    return spec


def _spelled(meanings: Array, script: list[int], tokens: list[str]) -> Array:
    """At each position, what is to be said next; after the script, the end."""
    next_tokens = [*script, *[tokens.index("<|endoftext|>")] * (448 - len(script))]
    return (30.0 * meanings[next_tokens]).astype(np.float32)


def _normal(layer: ctranslate2.specs.common_spec.LayerNormSpec) -> None:
    layer.gamma, layer.beta = np.ones(WIDTH, dtype=np.float32), np.zeros(WIDTH, dtype=np.float32)


def _attention(layer: ctranslate2.specs.attention_spec.MultiHeadAttentionSpec, some: Some, *, crossed: bool) -> None:
    _normal(layer.layer_norm)
    sizes = (WIDTH, 2 * WIDTH, WIDTH) if crossed else (3 * WIDTH, WIDTH)
    for linear, size in zip(layer.linear, sizes, strict=True):
        linear.weight, linear.bias = some(size, WIDTH, scale=0.1), some(size)
