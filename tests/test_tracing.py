"""A trace carries ids and durations only, whatever it is handed, and the framework's own spans go nowhere."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest
from collector import Collector, collector
from fakes.openai_chat import FakeOpenAIChat
from fakes.replies import Reply
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from cornerman import tracing
from cornerman.config import TracingSettings

SPOKEN = "that is too expensive for us"
PROMPT = "the prospect said that the eggplant invoice is too high"

MODEL = textwrap.dedent(
    """
    import asyncio, json, os, sys
    from livekit.agents import llm
    from livekit.plugins import openai
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    if sys.argv[2] == "silenced":
        from cornerman.room.observing import silence_framework
        silence_framework()

    async def main() -> None:
        model = openai.LLM(model="fake", base_url=sys.argv[1], api_key="a key")
        chat = llm.ChatContext.empty()
        chat.add_message(role="user", content=sys.argv[3])
        async with model.chat(chat_ctx=chat) as stream:
            async for _ in stream:
                pass
        await model.aclose()

    asyncio.run(main())
    sys.stdout.write(json.dumps([json.loads(span.to_json()) for span in exporter.get_finished_spans()]))
    """
)


@pytest.fixture
def collected() -> Iterator[Collector]:
    with collector() as running:
        tracing.start(TracingSettings(endpoint=running.endpoint))
        yield running
        tracing.stop()


def test_spans_arrive_with_their_parents_and_facts(collected: Collector) -> None:
    with tracing.below(TracerProvider(sampler=ALWAYS_OFF).get_tracer("framework").start_span("job")):
        call = tracing.begin("call", at=1000.0, job="AJ_1", segment=1)
    turn = tracing.begin("turn", parent=call, at=1001.5, turn="t1", role="prospect")
    with tracing.below(turn), tracing.span("retrieval") as span:
        tracing.tell(span, hits=3)
    tracing.end(turn, at=1003.0, speech_seconds=1.25)
    tracing.end(call, at=1010.0)
    tracing.flush(5)
    spans = {one.name: one for one in collected.spans}
    assert (spans["turn"].parent, spans["retrieval"].parent) == (spans["call"].id, spans["turn"].id)
    assert (spans["call"].start, spans["turn"].end) == (1000.0, 1003.0)
    assert spans["turn"].facts == {
        "cornerman.turn": "t1",
        "cornerman.role": "prospect",
        "cornerman.speech_seconds": 1.25,
    }
    assert spans["retrieval"].facts == {"cornerman.hits": 3}


async def test_words_that_somebody_puts_into_a_span_do_not_leave(collected: Collector) -> None:
    with pytest.raises(ValueError, match="expensive"), tracing.span("advice", request=SPOKEN, kind=f"a {SPOKEN}"):
        raise ValueError(SPOKEN)
    with tracing.span(SPOKEN, headline=SPOKEN, tool="get_battlecard"):  # type: ignore[arg-type, unused-ignore]
        pass
    task = asyncio.ensure_future(_forever())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    tracing.flush(5)
    assert [text for text in collected.texts if "expensive" in text] == []
    assert {one.name for one in collected.spans} == {"advice", tracing.OTHER, "model"}
    told = {one.name: one.facts for one in collected.spans}
    assert told["advice"]["cornerman.error"] == "ValueError"
    assert told["advice"]["cornerman.request"] == tracing.OTHER
    assert told[tracing.OTHER] == {"cornerman.tool": "get_battlecard"}
    assert told["model"]["cornerman.error"] == "cancelled"
    assert all(one.events == 0 for one in collected.spans)


async def _forever() -> None:
    with tracing.span("model"):
        await asyncio.Event().wait()


def test_without_an_endpoint_nothing_is_traced() -> None:
    tracing.start(TracingSettings())
    with tracing.span("call", job="AJ_1") as span:
        assert not span.is_recording()


def test_whether_the_collector_takes_traces_is_told() -> None:
    with collector() as running:
        assert tracing.takes_traces(TracingSettings(endpoint=running.endpoint))
        assert not tracing.takes_traces(TracingSettings(endpoint=f"{running.endpoint}/elsewhere"))


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("http://collector:4318", "http://collector:4318/v1/traces"),
        ("http://collector:4318/", "http://collector:4318/v1/traces"),
        ("https://traces.example.com/otlp/v1/traces", "https://traces.example.com/otlp/v1/traces"),
    ],
)
def test_the_protocol_s_path_is_added_where_none_is_given(endpoint: str, address: str) -> None:
    assert tracing.address(endpoint) == address


@pytest.mark.parametrize("endpoint", ["collector:4318", "grpc://collector:4317", "https://user:secret@collector"])
def test_an_endpoint_that_is_none_or_holds_a_key_is_refused(endpoint: str) -> None:
    with pytest.raises(ValueError, match="endpoint") as refused:
        TracingSettings(endpoint=endpoint)
    assert "secret" not in str(refused.value).split("[")[0]


@pytest.mark.parametrize("how", ["loud", "silenced"])
def test_the_framework_s_spans_hold_prompts_and_are_silenced(how: str) -> None:
    """The first run shows what would leave if some library had set up tracing for the process."""
    with FakeOpenAIChat() as model:
        model.replies.play(then=Reply(text="say nothing of the artichoke"))
        run = subprocess.run(
            [sys.executable, "-c", MODEL, model.base_url, how, PROMPT], capture_output=True, text=True, check=True
        )
    spans = json.loads(run.stdout)
    assert bool(spans) == (how == "loud")
    assert ("eggplant" in run.stdout) == (how == "loud")
    assert ("artichoke" in run.stdout) == (how == "loud")
