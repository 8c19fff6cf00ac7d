"""Traces of calls for an operator's own collector: OTLP over HTTP, off where no endpoint is set.

In: spans with facts about them. Out: what `SPANS` and `FACTS` list and nothing else: ids, counts and durations.
Promises that no spoken word, no text of a card or a question and no key is in any name, attribute, event or status: a
fact that is not listed is left out, a text that is no plain name becomes `other`, and exceptions are told by their
class. Never raises into whoever is traced; what the collector does not take is dropped.

The provider is this module's own and not the process's: what LiveKit Agents and other libraries trace goes elsewhere.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from cornerman.config import TracingSettings

SERVICE: Final = "cornerman"
PATH: Final = "/v1/traces"
ROOT: Final = "call"
EXPORT_WITHIN: Final = 5
"""Seconds an upload may take, in a thread of its own."""
SPANS: Final = {
    "call": "a call, from the coach's joining to its end",
    "turn": "somebody's turn, from its first word to when it was known to be over",
    "nudge": "a revision of a card, from its decision to the rep's answer",
    "advice": "a request for better words, from asking to the last of them",
    "retrieval": "a search in the playbook",
    "tool": "a look-up in the background",
    "model": "a request to a language model, from sending it to hanging up",
}
FACTS: Final = frozenset(
    {"job", "room", "segment", "turn", "role", "speech_seconds", "nudge", "rev", "kind", "status", "outcome", "code"}
    | {"spoken_to_heard", "heard_to_decided", "decided_to_sent", "sent_to_acked", "painted", "request", "early"}
    | {"hits", "tool", "provider", "first_token_seconds", "prompt_tokens", "cached_tokens", "completion_tokens"}
    | {"images", "error"}
)
"""What may be told of a span, each as `cornerman.<name>`."""

OTHER: Final = "other"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")

Span = trace.Span
Fact = str | float | bool | None

_provider: TracerProvider | None = None
_tracer: trace.Tracer = trace.NoOpTracer()


def start(settings: TracingSettings) -> None:
    """Traces this process from now on, if the settings say where to. Once in a process."""
    global _provider, _tracer
    if not settings.endpoint or _provider is not None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    _provider = TracerProvider(
        resource=Resource.create({SERVICE_NAME: SERVICE}),
        sampler=ParentBased(TraceIdRatioBased(settings.sample)),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(endpoint=address(settings.endpoint), timeout=EXPORT_WITHIN)
    _provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = _provider.get_tracer(SERVICE)


def address(endpoint: str) -> str:
    """Where spans are posted; the protocol's own path where the settings name none."""
    return endpoint if urlsplit(endpoint).path.strip("/") else f"{endpoint.rstrip('/')}{PATH}"


def takes_traces(settings: TracingSettings) -> bool:
    """Whether the collector takes an upload, here an empty one. Waits for it: not for an event loop."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    exporter = OTLPSpanExporter(endpoint=address(settings.endpoint), timeout=EXPORT_WITHIN)
    try:
        return exporter.export(()) is SpanExportResult.SUCCESS
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call]


def flush(seconds: float) -> None:
    """Sends what waits. Waits for the collector: not for an event loop."""
    if _provider is not None:
        _provider.force_flush(int(seconds * 1000))


def stop() -> None:
    """Sends what waits, and traces no more."""
    global _provider, _tracer
    provider, _provider, _tracer = _provider, None, trace.NoOpTracer()
    if provider is not None:
        provider.shutdown()


def begin(name: str, *, parent: Span | None = None, at: float | None = None, **facts: Fact) -> Span:
    """A span that `end` must end; below `parent`, else below what is current, but for a call, which is below nothing.
    `at` in seconds since the epoch.
    """
    return _begun(name, parent, at, facts)


def end(span: Span, *, at: float | None = None, **facts: Fact) -> None:
    """The span is over, with what is known of it now."""
    tell(span, **facts)
    span.end(_nanoseconds(at))


def tell(span: Span, **facts: Fact) -> None:
    """More about a span that goes on."""
    for name, fact in _told(facts).items():
        span.set_attribute(name, fact)


@contextmanager
def below(span: Span | None) -> Iterator[None]:
    """What begins in here, and in tasks that are started in here, belongs to this span."""
    if span is None:
        yield
        return
    with trace.use_span(span, end_on_exit=False, record_exception=False, set_status_on_exception=False):
        yield


@contextmanager
def span(name: str, **facts: Fact) -> Iterator[Span]:
    """A span round some work, below what is current."""
    one = _begun(name, None, None, facts)
    try:
        with below(one):
            yield one
    except BaseException as error:
        tell(one, error="cancelled" if isinstance(error, asyncio.CancelledError) else type(error).__name__)
        raise
    finally:
        one.end()


def _begun(name: str, parent: Span | None, at: float | None, facts: dict[str, Fact]) -> Span:
    # A trace begins with the call: what is current there is the framework's, which is not sampled.
    context = Context() if name == ROOT else None if parent is None else trace.set_span_in_context(parent)
    known = name if name in SPANS else OTHER
    return _tracer.start_span(known, context, attributes=_told(facts), start_time=_nanoseconds(at))


def _told(facts: dict[str, Fact]) -> dict[str, str | float | bool]:
    return {
        f"cornerman.{name}": fact if not isinstance(fact, str) or _PLAIN.fullmatch(fact) else OTHER
        for name, fact in facts.items()
        if name in FACTS and fact is not None
    }


def _nanoseconds(at: float | None) -> int | None:
    return None if at is None else int(at * 1e9)
