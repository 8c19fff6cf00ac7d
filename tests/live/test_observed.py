"""What an operator sees of real calls: traces without a word in them, metrics that survive a killed process, logs that
say which call they are of.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import psutil
import pytest
from advising_calls import (
    COMPANY,
    LATER,
    OBJECTION,
    UNHURRIED,
    AdvisedWorker,
    Told,
    Wanted,
    advised_worker,
    answer,
    begun,
    quiet,
    said,
)
from calls import LiveCall, hearing, live_call, until
from collector import Collector, Span, collector
from fakes.replies import Call, Reply
from livekit import api
from operated import become, free_port, logged, metrics_page

from cornerman import tracing
from cornerman.livekit_server import ServerAddress

SOURCE = "objections/too-expensive#answer"
HEADLINE = "Ask what they compare the price with, then wait"
DETAIL = "It may be last year's bill, or a rival's quote. Each needs another answer. Then stay silent."
QUESTION = "what does the business plan cost"
ANSWER = "Business is $49 per seat and month"
OUTCOME = "They want to come back to this next quarter."
NEXT = "Agree on a date for next quarter now"
COLLECTORS_KEY = "the-collectors-own-key"
SECRETS = ("a key", COLLECTORS_KEY)
WORDS = (OBJECTION, LATER, HEADLINE, DETAIL, QUESTION, ANSWER, OUTCOME, NEXT, COMPANY)
COMMON = frozenset({"tool", "model", "call", "turn", "advice", "with", "this", "that", "with,", "plan", "next", "date"})


@dataclass(frozen=True)
class Observed:
    """The worker of this file, and where it tells of itself."""

    advised: AdvisedWorker
    collected: Collector
    metrics_port: int


@pytest.fixture(scope="module")
def observed(livekit_server: ServerAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    port = free_port()
    with collector() as collected:
        environment = {
            **UNHURRIED,
            "CORNERMAN__TRACING__ENDPOINT": collected.endpoint,
            "OTEL_EXPORTER_OTLP_HEADERS": f"api-key={COLLECTORS_KEY}",
            "CORNERMAN__WORKER__METRICS_PORT": str(port),
        }
        with advised_worker(livekit_server, tmp_path_factory.mktemp("observed"), environment) as running:
            yield Observed(running, collected, port)


@pytest.fixture
async def call(
    livekit_server: ServerAddress, observed: Observed, server_api: api.LiveKitAPI, room_name: str
) -> AsyncIterator[LiveCall]:
    worker = observed.advised.hearing
    async with live_call(livekit_server, server_api, room_name, worker.agent_name, worker.journals) as opened:
        yield opened


def proposes(request: Wanted) -> Reply:
    """Has an outcome proposed first, then puts it on the card."""
    proposals = [name for name in request.tool_results if name.startswith("tool:log_outcome")]
    if not proposals:
        arguments = json.dumps({"kind": "next_step", "summary": OUTCOME})
        return Reply(calls=(Call(name="log_outcome", arguments=arguments),))
    return Reply(text=answer(NEXT, "", ["objections/not-now#answer", *proposals], action=proposals[0]))


async def coached(call: LiveCall, observed: Observed) -> Span:
    """A whole call with cards, an answer and a tool; returns its span."""
    script, told = observed.advised.script, Told(call)
    script.to("expensive", Reply(text=answer(HEADLINE, DETAIL, [SOURCE])))
    script.to(QUESTION, Reply(text=answer(ANSWER, "", ["products/clearwater-desk#plans"])))
    script.to("come back", proposes)
    before = {one.id for one in observed.collected.named("call")}
    client, (prospect,) = await begun(call, account={"company": COMPANY})
    await said(call, prospect, OBJECTION)
    async with quiet(prospect):
        await until(lambda: told.final(HEADLINE), "the model's words")
        await client.ask(f"tell me, {QUESTION} per seat?")
        await until(lambda: told.final(ANSWER), "the answer")
    await said(call, prospect, LATER)
    async with quiet(prospect):
        await until(lambda: told.final(NEXT), "the proposal")
    await call.end()
    (span,) = await until(
        lambda: [one for one in observed.collected.named("call") if one.id not in before], "the call's span"
    )
    return span


async def test_a_call_is_a_trace_and_no_word_of_it_is_in_there(call: LiveCall, observed: Observed) -> None:
    whole = await coached(call, observed)
    spans = [one for one in observed.collected.spans if one.trace == whole.trace]
    by_id = {one.id: one for one in spans}
    assert {one.name for one in spans} == set(tracing.SPANS)
    assert [one.name for one in spans if not one.parent] == ["call"]

    def above(span: Span) -> list[str]:
        return [by_id[span.parent].name, *above(by_id[span.parent])] if span.parent else []

    assert all(above(one) == ["call"] for one in spans if one.name == "turn")
    assert {tuple(above(one)) for one in spans if one.name == "model"} <= {
        ("advice", "turn", "call"),
        ("advice", "call"),
    }
    assert ("advice", "turn", "call") in {tuple(above(one)) for one in spans if one.name == "tool"}
    assert ["turn", "call"] in [above(one) for one in spans if one.name == "nudge"]
    assert all(one.start <= one.end for one in spans)
    shown = [one for one in spans if one.facts.get("cornerman.outcome") == "shown"]
    assert any(one.facts.get("cornerman.spoken_to_heard", -1.0) > 0 for one in shown)
    assert {one.facts["cornerman.role"] for one in spans if one.name == "turn"} == {"prospect"}

    texts = " | ".join(observed.collected.texts).lower()
    said_or_shown = {word for words in WORDS for word in words.lower().split() if len(word) > 3} - COMMON
    assert [word for word in (*WORDS, *SECRETS) if word.lower() in texts] == []
    assert [text for text in observed.collected.texts if set(text.lower().split()) & said_or_shown] == []
    assert [text for text in observed.collected.texts if " " in text] == []
    assert all(one.events == 0 for one in spans)
    assert {key for one in spans for key in one.facts} <= {f"cornerman.{fact}" for fact in tracing.FACTS}
    assert call.server.api_secret.get_secret_value() not in texts
    assert all(headers["api-key"] == COLLECTORS_KEY for headers in observed.collected.headers)


async def test_metrics_tell_of_a_call_and_of_one_that_was_killed(call: LiveCall, observed: Observed) -> None:
    port = observed.metrics_port
    before = await metrics_page(port)
    client, (prospect,) = await begun(call)
    await until(lambda: "prospect" in hearing(client), "the prospect is heard")
    await become(port, "cornerman_calls_active", 1)
    await become(port, "cornerman_heard_participants", 1)
    observed.advised.script.to("expensive", Reply(text=answer()))
    await said(call, prospect, OBJECTION)
    async with quiet(prospect):
        await call.nudge("price_objection")
        stages = [f"stage={stage}" for stage in ("spoken_to_heard", "heard_to_decided", "decided_to_sent")]
        for stage in [*stages, "stage=sent_to_acked"]:
            name = f"cornerman_nudge_stage_seconds_count {stage}"
            await become(port, name, before.get(name, 0) + 1)
    lost = before.get("cornerman_calls_total outcome=lost", 0)
    victim = _job_process(observed.advised.hearing.pid, call)
    victim.kill()
    shown = await become(port, "cornerman_calls_total outcome=lost", lost + 1)
    assert shown.get("cornerman_calls_active", 0) == 0
    assert shown.get("cornerman_heard_participants", 0) == 0
    assert shown["cornerman_breaker_state kind=speech provider=deepgram"] == 0
    assert shown["cornerman_breaker_state kind=llm provider=openai"] == 0
    assert shown["cornerman_loop_late_seconds_count process=worker"] > 0


async def test_every_line_of_a_job_says_which_call_it_is_of(call: LiveCall, observed: Observed) -> None:
    client, _ = await begun(call)
    await until(lambda: "prospect" in hearing(client), "the prospect is heard")
    await client.consent(["prospect"], granted=False)
    folder = await call.end()
    lines = logged(observed.advised.hearing.log)
    ours = [one for one in lines if one.get("room") == call.room]
    (process,) = {one["pid"] for one in ours if one["message"] == "consent"}
    told = [one for one in lines if one["pid"] == process and one["name"].startswith("cornerman")]
    assert {one["message"] for one in told} >= {"consent"}
    of_this = [one for one in told if one.get("room") == call.room]
    assert of_this == [one for one in told if "job_id" in one]
    assert all(one["call"] == folder.name and one["job_id"].startswith("AJ_") for one in of_this)
    first = told.index(of_this[0])
    assert of_this == told[first:], "what has no call is of the time before there was one"


def _job_process(worker: int, call: LiveCall) -> psutil.Process:
    for process in psutil.Process(worker).children(recursive=True):
        if any(call.room in opened.path for opened in process.open_files()):
            return process
    raise AssertionError("no process writes the journal of this call")
