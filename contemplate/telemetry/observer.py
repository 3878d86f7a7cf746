"""The observer that makes spans and metrics of the events of runs."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contemplate._version import __version__
from contemplate.installed import library
from contemplate.telemetry import attributes
from contemplate.telemetry.attributes import Attributes
from contemplate.telemetry.meters import Meters
from contemplate.trace.events import CallEnded, CallStarted, Event, RunEnded, RunInterrupted, RunStarted, TurnEnded, TurnStarted
from contemplate.trace.outcome import Outcome

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

SCOPE = "contemplate"
"""The name of the instrumentation scope of all spans and metrics."""


@dataclass
class _Step:
    """A step of a run, and when the last of its turns was over, in nanoseconds since 1970."""

    span: Span
    within: Context
    ended: int


@dataclass
class _Traced:
    """A run under way.

    Attributes:
        span: of the run.
        within: the context of what belongs to it.
        strategy: the name of its recipe.
        content: whether the words of it are told.
        steps, turns, calls: those that have a span which is not over, by their names.
    """

    span: Span
    within: Context
    strategy: str = ""
    content: bool = False
    steps: dict[str, _Step] = field(default_factory=dict)
    turns: dict[str, tuple[Span, Context]] = field(default_factory=dict)
    calls: dict[str, Span] = field(default_factory=dict)


class Telemetry:
    """An observer that makes spans (run, step, turn, call) and metrics of the events of any number of runs.

    The names are those of OpenTelemetry's semantic conventions for generative AI. A run's span hangs on the span that is current
    where it is started, and its place in the trace is kept in the ledger (`RunSpec.traceparent`); the span names the run
    (`contemplate.run`). Keys and headers are in no event, and so in no span.

    Example:
        >>> outcome = await solve("What is 17 * 23?", on_event=Telemetry())
    """

    def __init__(
        self,
        *,
        content: bool = False,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        """Take who collects.

        Args:
            content: put the words of questions, prompts, replies and errors into spans, too; never those of a question that is
                private ("local" or "eu").
            tracer_provider: makes the spans; None for the global one.
            meter_provider: takes the metrics; None for the global one.

        Raises:
            InputError: OpenTelemetry is not installed.
        """
        self._trace = library("opentelemetry.trace", "otel")
        self._context = library("opentelemetry.context", "otel")
        metrics = library("opentelemetry.metrics", "otel")
        self._content = content
        self._tracer = self._trace.get_tracer(SCOPE, __version__, tracer_provider)
        self._meters = Meters(metrics.get_meter(SCOPE, __version__, meter_provider))
        self._runs: dict[str, _Traced] = {}

    def traceparent(self, run: str, before: str | None) -> str | None:
        """Begin the span of a run; its place in the trace, as W3C writes it, or None where nobody collects spans.

        Args:
            run: its id.
            before: the place of the run that it goes on from, to which the span has a link.
        """
        earlier = None if before is None else self._place(before)
        span = self._tracer.start_span("invoke_workflow", links=[] if earlier is None else [self._trace.Link(earlier)])
        self._runs[run] = _Traced(span, self._trace.set_span_in_context(span, self._context.get_current()))
        place = span.get_span_context()
        return f"00-{place.trace_id:032x}-{place.span_id:016x}-{place.trace_flags:02x}" if place.is_valid else None

    def _place(self, traceparent: str) -> object:
        """The span context that a `traceparent` names."""
        _, trace, span, flags = traceparent.split("-")
        flag = self._trace.TraceFlags(int(flags, 16))
        return self._trace.SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=flag)

    def __call__(self, event: Event) -> None:
        """Take an event."""
        match event:
            case RunStarted():
                self._run_started(event)
            case TurnStarted():
                self._turn_started(self._runs[event.run], event)
            case CallStarted():
                self._call_started(self._runs[event.run], event)
            case CallEnded():
                self._call_ended(self._runs[event.run], event)
            case TurnEnded():
                self._turn_ended(self._runs[event.run], event)
            case RunEnded():
                self._run_ended(event, event.outcome)
            case RunInterrupted():
                self._run_ended(event, None)

    # --- runs and steps -------------------------------------------------------------------------------

    def _run_started(self, event: RunStarted) -> None:
        replayed = event.run not in self._runs
        if replayed:  # it is on record already, and nobody asked for its place
            self.traceparent(event.run, None)
        traced = self._runs[event.run]
        traced.strategy, traced.content = event.strategy, self._content and event.question.strictest_privacy == "any"
        traced.span.update_name(f"invoke_workflow {event.strategy}")
        self._set(traced.span, {**attributes.of_run(event), "contemplate.replay": replayed})
        if traced.content:
            self._set(traced.span, attributes.posed(event.question))

    def _run_ended(self, event: RunEnded | RunInterrupted, outcome: Outcome | None) -> None:
        if (traced := self._runs.pop(event.run, None)) is None:
            return
        for span in (*traced.calls.values(), *(span for span, _ in traced.turns.values())):
            span.end()
        for step in traced.steps.values():
            step.span.end(step.ended)
        if outcome is None:
            self._fail(traced.span, "interrupted")
        else:
            self._set(traced.span, {**attributes.of_usage(outcome.usage), "contemplate.stopped": outcome.stopped})
            self._set(traced.span, {"contemplate.confidence": outcome.confidence or 0.0})
            if traced.content and outcome.answer is not None:
                self._set(traced.span, attributes.said([(outcome.answer, "stop")]))
        traced.span.end()
        self._meters.run_ended(traced.strategy, event.at, outcome)

    def _step(self, traced: _Traced, turn: str) -> _Step:
        """The step that a turn belongs to; it is begun with its first turn."""
        name = turn.partition("/")[0]
        if name not in traced.steps:
            about = {"contemplate.step": name}
            span = self._tracer.start_span(f"step {name}", context=traced.within, attributes=about)
            traced.steps[name] = _Step(span, self._trace.set_span_in_context(span, traced.within), time.time_ns())
        return traced.steps[name]

    # --- turns and calls ------------------------------------------------------------------------------

    def _turn_started(self, traced: _Traced, event: TurnStarted) -> None:
        step = self._step(traced, event.id)
        about = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": event.seat, "contemplate.turn": event.id}
        about |= {"gen_ai.provider.name": attributes.provider(event.model), "gen_ai.request.model": event.model}
        span = self._tracer.start_span(f"invoke_agent {event.seat}", context=step.within, attributes=about)
        traced.turns[event.id] = span, self._trace.set_span_in_context(span, step.within)

    def _turn_ended(self, traced: _Traced, event: TurnEnded) -> None:
        turn, begun = event.turn, traced.turns.pop(event.turn.id, None)
        self._meters.turn_ended(turn, traced.strategy)
        if begun is None and turn.status == "cancelled":
            return
        step = self._step(traced, turn.id)
        span = self._tracer.start_span(f"decide {turn.verb}", context=step.within) if begun is None else begun[0]
        self._set(span, attributes.of_turn(turn, cached=event.cached))
        if traced.content and turn.text is not None:
            self._set(span, attributes.said([(turn.text, "stop")]))
        if turn.failure is not None:
            self._fail(span, turn.failure.kind, turn.failure.message if traced.content else None)
        step.ended = time.time_ns()
        span.end(step.ended)

    def _call_started(self, traced: _Traced, event: CallStarted) -> None:
        within = traced.turns[event.turn][1] if event.turn in traced.turns else traced.within
        about = attributes.of_call(event)
        name, kind = f"chat {about['gen_ai.request.model']}", self._trace.SpanKind.CLIENT
        traced.calls[event.call] = span = self._tracer.start_span(name, context=within, kind=kind, attributes=about)
        if traced.content and event.request is not None:
            self._set(span, attributes.asked(event.request.messages))

    def _call_ended(self, traced: _Traced, event: CallEnded) -> None:
        self._meters.call_ended(event)
        if (span := traced.calls.pop(event.call, None)) is None:
            return
        self._set(span, attributes.of_reply(event))
        if traced.content and event.completions:
            self._set(span, attributes.replied(event.completions))
        if (why := attributes.failure(event)) is not None:
            self._fail(span, why, event.error if traced.content else None)
        span.end()

    def _set(self, span: Span, about: Attributes) -> None:
        span.set_attributes(about)

    def _fail(self, span: Span, kind: str, message: str | None = None) -> None:
        """Mark a span as failed: with the kind of the error, and its message only where content is told."""
        span.set_attribute("error.type", kind)
        span.set_status(self._trace.StatusCode.ERROR, message)
