"""A collector of traces as an operator runs one: OTLP over HTTP, the protocol's own messages, in a thread of its own.

In: what exporters post. Out: the spans, flat, and every text that stands anywhere in what was posted.
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATH = "/v1/traces"


@dataclass(frozen=True, slots=True)
class Span:
    """A span as it was posted; ids in hexadecimal, times in seconds since the epoch."""

    name: str
    id: str
    parent: str
    trace: str
    start: float
    end: float
    facts: dict[str, Any]
    events: int


@dataclass
class Collector:
    """What was posted so far."""

    port: int = 0
    posted: list[ExportTraceServiceRequest] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def spans(self) -> list[Span]:
        return [
            Span(
                one.name,
                one.span_id.hex(),
                one.parent_span_id.hex(),
                one.trace_id.hex(),
                one.start_time_unix_nano / 1e9,
                one.end_time_unix_nano / 1e9,
                {fact.key: getattr(fact.value, str(fact.value.WhichOneof("value"))) for fact in one.attributes},
                len(one.events),
            )
            for request in list(self.posted)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for one in scope.spans
        ]

    def named(self, name: str) -> list[Span]:
        """The spans of this name."""
        return [one for one in self.spans if one.name == name]

    @property
    def texts(self) -> set[str]:
        """Every text in what was posted: names, keys, values, events, states, resources."""
        return {text for request in list(self.posted) for text in _texts(request)}


def _texts(message: Message) -> Iterator[str]:
    for kind, value in message.ListFields():
        values = value if kind.is_repeated else [value]
        for one in values:
            if isinstance(one, Message):
                yield from _texts(one)
            elif isinstance(one, str):
                yield one


@contextmanager
def collector() -> Iterator[Collector]:
    """A running collector."""
    collected = Collector()

    class Posted(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            known = self.path == PATH
            if known:
                collected.headers.append(dict(self.headers))
                collected.posted.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """A test's output is not for this."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Posted)
    server.daemon_threads = True
    collected.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, name="collector")
    thread.start()
    try:
        yield collected
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
