"""Runs as spans and metrics: who hangs on whom, what they say, and what they never say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import anyio
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from contemplate import Budget, Model, Orchestrator, Outcome, Price, Question, Retry, RunInterrupted, ScriptedBackend, Settings
from contemplate.errors import OverloadedError
from contemplate.orchestration.settings import load_settings
from contemplate.telemetry import Telemetry
from loopback import Loopback, Reply

KEY = "sk-planted-0123456789abcdef"


class Collected:
    """A telemetry whose spans and metrics stay in memory."""

    def __init__(self, *, content: bool = False) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        metrics = MeterProvider([self.reader])
        self.telemetry = Telemetry(content=content, tracer_provider=self.provider, meter_provider=metrics)

    @property
    def spans(self) -> list[ReadableSpan]:
        """All spans that are over, in the order of their starts."""
        return sorted(self.exporter.get_finished_spans(), key=lambda span: span.start_time or 0)

    def named(self, start: str) -> list[ReadableSpan]:
        """The spans whose names begin so."""
        return [span for span in self.spans if span.name.startswith(start)]

    def parent(self, span: ReadableSpan) -> str | None:
        """The name of the span that one hangs on."""
        names = {one.context.span_id: one.name for one in self.spans}
        return None if span.parent is None else names[span.parent.span_id]

    @property
    def metrics(self) -> dict[str, list[Any]]:
        """The points of each metric."""
        data = json.loads(found.to_json()) if (found := self.reader.get_metrics_data()) else {}
        scopes = [scope for resource in data.get("resource_metrics", ()) for scope in resource["scope_metrics"]]
        return {metric["name"]: metric["data"]["data_points"] for scope in scopes for metric in scope["metrics"]}

    @property
    def everything(self) -> str:
        """All that was collected, as one text."""
        return "\n".join([*(span.to_json() for span in self.spans), json.dumps(self.metrics)])


async def collect(lines: Iterable[str | Exception], *, content: bool = False, **options: Any) -> tuple[Collected, Outcome[Any]]:
    """A small debate with telemetry."""
    collected = Collected(content=content)
    backend = ScriptedBackend(list(lines))
    prices = {"openai/m": Price(prompt=1, completion=2)}
    asked: dict[str, Any] = {"strategy": "self-consistency", "answer": "number", "parameters": {"seats": 2}, **options}
    question = asked.pop("question", "What is 2 + 2?")
    retry = Retry(attempts=2, first_wait=0.001)
    async with Orchestrator(["openai/m"], backend=backend, ledger=":memory:", prices=prices, retry=retry) as orchestrator:
        outcome = await orchestrator.solve(question, on_event=collected.telemetry, **asked)
        record = await orchestrator.run(outcome.run)
    assert record.spec["traceparent"].split("-")[1] == f"{collected.spans[0].context.trace_id:032x}"
    return collected, outcome


async def test_spans_hang_on_each_other_as_the_run_does() -> None:
    """A run has steps, these have turns, these have calls; each is inside of its parent, and all have one trace."""
    collected, outcome = await collect(["Answer: 4", "Answer: 4"])

    run, *_ = collected.named("invoke_workflow")
    assert [run.name] == ["invoke_workflow self-consistency"]
    steps = {one.name: collected.parent(one) for one in collected.named("step")}
    assert {"step 1.propose": run.name, "step 2.vote": run.name} == steps
    assert {"step 1.propose"} == {collected.parent(one) for one in collected.named("invoke_agent")}
    asked = sorted(str(collected.parent(one)) for one in collected.named("chat m"))
    assert ["invoke_agent seat-1", "invoke_agent seat-2"] == asked
    assert [("decide vote", "step 2.vote")] == [(one.name, collected.parent(one)) for one in collected.named("decide")]
    assert len({span.context.trace_id for span in collected.spans}) == 1
    assert run.attributes is not None
    assert outcome.run == run.attributes["contemplate.run"]


async def test_calls_say_what_the_conventions_ask_for() -> None:
    """Operation, provider, model, what was asked for, and what came."""
    collected, _ = await collect(["Answer: 4", "Answer: 4"])

    attributes = dict(collected.named("chat m")[0].attributes or {})
    named = [attributes[f"gen_ai.{name}"] for name in ("operation.name", "provider.name", "request.model")]
    assert ["chat", "openai", "m"] == named
    assert attributes["gen_ai.usage.output_tokens"] > 0
    assert attributes["gen_ai.response.finish_reasons"] == ("stop",)
    assert isinstance(attributes["gen_ai.request.seed"], int)
    assert attributes["contemplate.cost.usd"] > 0
    assert "CLIENT" in str(collected.named("chat m")[0].kind)


async def test_metrics_count_tokens_cost_latency_and_failures() -> None:
    """By the conventions' names where there are some."""
    failed = OverloadedError("busy")
    collected, outcome = await collect(["Answer: 4", failed, failed])

    metrics = collected.metrics
    tokens = {point["attributes"]["gen_ai.token.type"]: point["sum"] for point in metrics["gen_ai.client.token.usage"]}
    assert {"input": outcome.usage.prompt_tokens, "output": outcome.usage.completion_tokens} == tokens
    assert outcome.usage.usd == pytest.approx(sum(point["value"] for point in metrics["contemplate.cost"]))
    counts = {point["attributes"].get("error.type"): point["count"] for point in metrics["gen_ai.client.operation.duration"]}
    assert counts == {None: 1, "overloaded": 2}
    assert [1] == [point["value"] for point in metrics["contemplate.turn.failures"]]
    assert ["completed"] == [point["attributes"]["contemplate.stopped"] for point in metrics["contemplate.run.duration"]]


async def test_failed_calls_and_turns_are_marked() -> None:
    """With the kind of the error; its message, which may quote anything, is content."""
    collected, _ = await collect(["Answer: 4", OverloadedError("busy with secret words"), OverloadedError("secret words")])

    marked = [span for span in collected.spans if span.status.status_code.name == "ERROR"]
    assert sorted(span.name.split()[0] for span in marked) == ["chat", "chat", "invoke_agent"]
    assert {"overloaded"} == {(span.attributes or {})["error.type"] for span in marked}
    assert "secret words" not in collected.everything


@pytest.mark.parametrize(("content", "privacy", "told"), [(False, "any", False), (True, "any", True), (True, "local", False)])
async def test_content_is_told_only_where_it_is_asked_for(content: bool, privacy: Any, told: bool) -> None:
    """Never that of a private question."""
    question = Question(text="How many herons?", kind="number", privacy=privacy)
    collected = Collected(content=content)
    backend = ScriptedBackend(lambda _: "I counted herons.\nAnswer: 4")
    async with Orchestrator([Model("m", privacy="local")], backend=backend, ledger=":memory:") as orchestrator:
        await orchestrator.solve(question, "self-consistency", parameters={"seats": 2}, on_event=collected.telemetry)

    assert ("herons" in collected.everything) is told
    assert ("gen_ai.input.messages" in collected.everything) is told


async def test_no_key_or_header_is_in_a_span(loopback: Loopback) -> None:
    """Not even one that a server echoes, with content and all."""
    loopback.script = [
        Reply(status=401, body=json.dumps({"error": {"message": f"bad key {KEY}"}}).encode(), headers={"x-token": KEY}),
        Reply(f"Your key is {KEY}. Answer: 4", headers={"x-request-id": KEY}),
    ]
    collected = Collected(content=True)
    async with Orchestrator(["m"], base_url=loopback.url, api_key=KEY, ledger=":memory:") as orchestrator:
        for _ in range(2):
            await orchestrator.solve("2 + 2?", "single", answer="number", on_event=collected.telemetry)

    assert len(collected.named("chat")) == 2
    assert "127.0.0.1" in collected.everything
    assert "Your key is" in collected.everything
    assert KEY not in collected.everything
    assert "authorization" not in collected.everything.lower()


async def test_an_interrupted_run_ends_its_spans_and_a_resumed_one_is_linked() -> None:
    """However a run ends, its spans do."""
    collected, seen = Collected(), []
    backend = ScriptedBackend(lambda _: "Answer: 4", delay=5)
    async with Orchestrator(["m"], backend=backend, ledger=":memory:") as orchestrator:
        with anyio.move_on_after(0.1):
            await orchestrator.solve("2 + 2?", "single", answer="number", on_event=[collected.telemetry, seen.append])
        first = list(collected.spans)
        backend._delay = 0
        run = (await orchestrator.runs())[0].run
        await orchestrator.resume(run, on_event=collected.telemetry)

    assert isinstance(seen[-1], RunInterrupted)
    assert ["chat", "invoke_agent", "invoke_workflow", "step"] == sorted(span.name.split()[0] for span in first)
    assert [1] == [len(span.links) for span in collected.named("invoke_workflow")[1:]]
    assert collected.named("invoke_workflow")[1].links[0].context.span_id == first[0].context.span_id


async def test_a_run_hangs_on_the_span_of_its_caller() -> None:
    """As of the request that a server is answering."""
    collected = Collected()
    async with Orchestrator(["m"], backend=ScriptedBackend(["Answer: 4"]), ledger=":memory:") as orchestrator:
        with collected.provider.get_tracer("own").start_as_current_span("request"):
            await orchestrator.solve("2 + 2?", "single", answer="number", on_event=collected.telemetry)

    assert ["request"] == [collected.parent(span) for span in collected.named("invoke_workflow")]


async def test_settings_turn_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """For every run of an orchestrator; a run that brings its own telemetry is told once."""
    collected = Collected()
    monkeypatch.setattr("contemplate.telemetry.Telemetry", lambda **_: collected.telemetry)
    options: dict[str, Any] = {"backend": ScriptedBackend(lambda _: "Answer: 4"), "ledger": ":memory:"}
    for wanted in ("off", "on"):
        async with Orchestrator(["m"], settings=Settings(telemetry=wanted), **options) as orchestrator:
            await orchestrator.solve("2 + 2?", "single", answer="number")
            if wanted == "on":
                await orchestrator.solve("3 + 1?", "single", answer="number", on_event=collected.telemetry)

    assert len(collected.named("invoke_workflow")) == 2


@pytest.mark.parametrize(("value", "expected"), [("content", "content"), ("", "off")])
def test_the_environment_turns_it_on(monkeypatch: pytest.MonkeyPatch, value: str, expected: str) -> None:
    """As for the other settings that a deployment makes."""
    monkeypatch.setenv("CONTEMPLATE_TELEMETRY", value)
    assert expected == load_settings().telemetry


def test_who_does_not_use_it_does_not_load_it() -> None:
    """Neither OpenTelemetry nor what makes spans of events."""
    program = (
        "import sys; from contemplate import ScriptedBackend, solve_sync; "
        "solve_sync('2 + 2?', 'single', answer='number', backend=ScriptedBackend(['Answer: 4']), models='m', ledger=':memory:'); "
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'contemplate.telemetry'))])"
    )
    assert subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout == "[]\n"


async def test_nobody_collecting_leaves_no_trace_in_the_ledger() -> None:
    """Without a provider OpenTelemetry makes no spans, and there is no place to keep."""
    async with Orchestrator(["m"], backend=ScriptedBackend(["Answer: 4"]), ledger=":memory:") as orchestrator:
        outcome = await orchestrator.solve("2 + 2?", "single", answer="number", on_event=Telemetry(), budget=Budget(calls=3))
        record = await orchestrator.run(outcome.run)

    assert "traceparent" not in record.spec
