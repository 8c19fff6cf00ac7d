"""What thinking counts: meanings asked for, language models and their cost, what became of advice."""

from __future__ import annotations

from cornerman.metrics.series import Metric

_MEANING = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_ANSWER = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0)

_MEANING_ASKED = Metric("cornerman_meaning_asked", "What became of sentences whose meaning was asked.", ["outcome"])
_MEANING_SECONDS = Metric(
    "cornerman_meaning_seconds", "From asking what a sentence means to the answer.", buckets=_MEANING
)
_LLM_TOKENS = Metric(
    "cornerman_llm_tokens",
    "Tokens as the provider counted them; the cached ones are among the prompt's.",
    ["provider", "kind"],
)
_LLM_IMAGES = Metric("cornerman_llm_images", "Images sent to a language model.", ["provider"])
_LLM_SECONDS = Metric(
    "cornerman_llm_seconds", "From a request to the last word of its answer.", ["provider"], buckets=_ANSWER
)
_LLM_FIRST_TOKEN = Metric(
    "cornerman_llm_first_token_seconds",
    "From a request to the first word of its answer.",
    ["provider"],
    buckets=_ANSWER,
)
_LLM_FAILURES = Metric("cornerman_llm_failures", "Requests to a language model that failed.", ["provider", "kind"])
_LLM_BREAKER_OPENINGS = Metric(
    "cornerman_llm_breaker_openings", "Times a language model was left alone after failures in a row.", ["provider"]
)
_ADVICE = Metric("cornerman_advice", "What became of requests for advice.", ["outcome"])
_ADVICE_REFUSED = Metric("cornerman_advice_refused", "Answers of models that were not shown.", ["fault"])


def meaning_asked(outcome: str) -> None:
    """What became of a sentence whose meaning was asked: answered, full, late, failed or purged."""
    _MEANING_ASKED.add(1, outcome)


def meaning_seconds(seconds: float) -> None:
    """How long an answered sentence took, its wait included."""
    _MEANING_SECONDS.add(seconds)


def llm_tokens(provider: str, kind: str, tokens: int) -> None:
    """An answer was given, whole or not; `kind` is prompt, cached or completion."""
    _LLM_TOKENS.add(tokens, provider, kind)


def llm_images(provider: str, images: int) -> None:
    """Images went with a request that was answered."""
    _LLM_IMAGES.add(images, provider)


def llm_seconds(provider: str, seconds: float) -> None:
    """How long an answer took, whole or not."""
    _LLM_SECONDS.add(seconds, provider)


def llm_first_token(provider: str, seconds: float) -> None:
    """How long the first word of an answer took."""
    _LLM_FIRST_TOKEN.add(seconds, provider)


def llm_failure(provider: str, kind: str) -> None:
    """A request failed; `kind` is a word of a fixed few, never the provider's message."""
    _LLM_FAILURES.add(1, provider, kind)


def llm_breaker_opened(provider: str) -> None:
    """The language model is left alone for a while; `Breaker.failed` tells when to count this."""
    _LLM_BREAKER_OPENINGS.add(1, provider)


def advice(outcome: str) -> None:
    """What became of a request for advice: asked, early, final, silent, failed, superseded, late and the like."""
    _ADVICE.add(1, outcome)


def advice_refused(fault: str) -> None:
    """What a model wrote was not shown, for this kind of fault."""
    _ADVICE_REFUSED.add(1, fault)
