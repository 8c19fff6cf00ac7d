"""The arithmetic of MiniLM, a BERT of six layers: token ids in, the sentence's vector out.

After Devlin et al. 2018 (the encoder) and Reimers and Gurevych 2019 (mean of the token vectors, scaled to length 1).
Nothing but numpy, single precision, one sentence at a time, so that nothing needs padding or a mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from cornerman.errors import ProviderError
from cornerman.providers.embedding.weights import Tensors

DIMENSIONS = 384
_LAYERS = 6
_WORDS = 30_522
_PLACES = 512
_HEADS = 12
_HEAD = DIMENSIONS // _HEADS
_EPSILON = np.float32(1e-12)
# Abramowitz and Stegun 7.1.26, for the tail of a normal distribution: exact to 1e-7, all that single precision holds.
_TAIL_SCALE = np.float32(0.3275911 / sqrt(2))
_TAIL = tuple(np.float32(value / 2) for value in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592))
# A sentence is a matrix of one column a token, filled up to a multiple of this: weights as the file has them times such
# a matrix is what the matrix library is fastest at (2.1 ms for 16 columns through six layers, 2.7 for 14, and 3.9 for
# 14 rows times the weights turned round).
_COLUMNS = 8
_ONE = np.float32(1)
_MINUS_HALF = np.float32(-0.5)

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Linear:
    """`weight` as in the file: (out, in); `bias`: (out, 1)."""

    weight: Floats
    bias: Floats

    def __call__(self, columns: Floats, out: Floats | None = None) -> Floats:
        result: Floats = np.matmul(self.weight, columns, out=out)
        result += self.bias
        return result


@dataclass(frozen=True, slots=True)
class _Norm:
    weight: Floats
    bias: Floats

    def __call__(self, columns: Floats) -> Floats:
        centred: Floats = columns - columns.mean(axis=0)
        variance = np.einsum("ij,ij->j", centred, centred) / np.float32(DIMENSIONS)
        centred /= np.sqrt(variance + _EPSILON)
        centred *= self.weight
        centred += self.bias
        return centred


@dataclass(frozen=True, slots=True)
class _Layer:
    query: _Linear
    key: _Linear
    value: _Linear
    attended: _Linear
    attended_norm: _Norm
    wide: _Linear
    narrow: _Linear
    norm: _Norm

    def __call__(self, columns: Floats, count: int, scratch: Floats) -> Floats:
        columns = self.attended_norm(self.attended(self._attention(columns, count)) + columns)
        wide, *rest = scratch[:, : columns.shape[1] * 4 * DIMENSIONS].reshape(len(scratch), 4 * DIMENSIONS, -1)
        return self.norm(self.narrow(_gelu(self.wide(columns, wide), *rest)) + columns)

    def _attention(self, columns: Floats, count: int) -> Floats:
        """Among the first `count` columns; what fills up after them is not looked at, and gets nothing."""
        query, key, value = (
            linear(columns).reshape(_HEADS, _HEAD, -1)[:, :, :count] for linear in (self.query, self.key, self.value)
        )
        scores: Floats = query.transpose(0, 2, 1) @ key
        scores *= np.float32(1 / sqrt(_HEAD))
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed = np.zeros_like(columns)
        mixed[:, :count] = (value @ scores.transpose(0, 2, 1)).reshape(DIMENSIONS, count)
        return mixed


class MiniLM:
    """The model over its tensors, which it only looks at. For one thread at a time."""

    def __init__(self, tensors: Tensors, longest: int = _PLACES) -> None:
        """`longest`: the most token ids of a sentence, a multiple of eight, at most 512.

        Raises:
            ProviderError: a tensor is missing or has another shape than this model's.
        """
        try:
            self._words = _shaped(tensors["embeddings.word_embeddings.weight"], _WORDS, DIMENSIONS)
            positions = _shaped(tensors["embeddings.position_embeddings.weight"], _PLACES, DIMENSIONS)
            kinds = _shaped(tensors["embeddings.token_type_embeddings.weight"], 2, DIMENSIONS)
            self._norm = _norm(tensors, "embeddings.LayerNorm")
            self._layers = tuple(_layer(tensors, f"encoder.layer.{number}") for number in range(_LAYERS))
        except KeyError as error:
            raise ProviderError(f"the sentence model has no tensor {error}: it is another model's") from None
        self._places: Floats = positions + kinds[0]
        # Arrays of this size made anew for each layer would go back to the system and come again, page by page: that
        # took as long as the arithmetic on them.
        self._scratch: Floats = np.empty((4, longest * 4 * DIMENSIONS), dtype=np.float32)

    def vector(self, ids: Sequence[int]) -> Floats:
        """The sentence's vector, of length 1; `ids` with the markers for start and end."""
        count = len(ids)
        columns = np.zeros((DIMENSIONS, -(-count // _COLUMNS) * _COLUMNS), dtype=np.float32)
        columns[:, :count] = (self._words[np.asarray(ids)] + self._places[:count]).T
        columns = self._norm(columns)
        for layer in self._layers:
            columns = layer(columns, count, self._scratch)
        mean: Floats = columns[:, :count].mean(axis=1)
        mean /= np.sqrt(mean @ mean)
        return mean


def _gelu(x: Floats, size: Floats, t: Floats, tail: Floats) -> Floats:
    """x times the share of a normal distribution below x. Overwrites what it is given; all have one shape.

    With `tail` for the share beyond |x|, that is max(x, 0) - |x| * tail on both sides of zero.
    """
    np.abs(x, out=size)
    np.multiply(size, _TAIL_SCALE, out=t)
    t += _ONE
    np.reciprocal(t, out=t)
    np.multiply(t, _TAIL[0], out=tail)
    for factor in _TAIL[1:]:
        tail += factor
        tail *= t
    tail *= size
    size *= size
    size *= _MINUS_HALF
    tail *= np.exp(size, out=size)
    np.maximum(x, 0, out=x)
    x -= tail
    return x


def _layer(tensors: Tensors, name: str) -> _Layer:
    attention = f"{name}.attention"
    return _Layer(
        query=_linear(tensors, f"{attention}.self.query"),
        key=_linear(tensors, f"{attention}.self.key"),
        value=_linear(tensors, f"{attention}.self.value"),
        attended=_linear(tensors, f"{attention}.output.dense"),
        attended_norm=_norm(tensors, f"{attention}.output.LayerNorm"),
        wide=_linear(tensors, f"{name}.intermediate.dense", out=4 * DIMENSIONS),
        narrow=_linear(tensors, f"{name}.output.dense", into=4 * DIMENSIONS),
        norm=_norm(tensors, f"{name}.output.LayerNorm"),
    )


def _linear(tensors: Tensors, name: str, into: int = DIMENSIONS, out: int = DIMENSIONS) -> _Linear:
    return _Linear(_shaped(tensors[f"{name}.weight"], out, into), _shaped(tensors[f"{name}.bias"], out)[:, None])


def _norm(tensors: Tensors, name: str) -> _Norm:
    weight, bias = (_shaped(tensors[f"{name}.{part}"], DIMENSIONS)[:, None] for part in ("weight", "bias"))
    return _Norm(weight, bias)


def _shaped(tensor: Floats, *shape: int) -> Floats:
    if tensor.shape != shape:
        raise ProviderError(f"the sentence model has a tensor of shape {tensor.shape} where {shape} belongs")
    return tensor
