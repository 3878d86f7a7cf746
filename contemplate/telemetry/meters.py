"""The metrics: tokens and seconds of calls by OpenTelemetry's conventions; cost, runs and failed turns by names of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contemplate.telemetry.attributes import failure, of_model
from contemplate.trace.events import CallEnded
from contemplate.trace.outcome import Outcome
from contemplate.types import Turn

if TYPE_CHECKING:
    from opentelemetry.metrics import Meter

_TOKENS = tuple(4**power for power in range(14))
_SECONDS = tuple(0.01 * 2**power for power in range(14))
"""The borders of histograms that the conventions recommend."""
_RUN_SECONDS = tuple(0.1 * 2**power for power in range(15))


class Meters:
    """Counts what happens in runs."""

    def __init__(self, meter: Meter) -> None:
        """Make the instruments."""
        borders = "explicit_bucket_boundaries_advisory"
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.", **{borders: _TOKENS}
        )
        self._seconds = meter.create_histogram(
            "gen_ai.client.operation.duration", "s", "Duration of a call of a model.", **{borders: _SECONDS}
        )
        self._usd = meter.create_counter("contemplate.cost", "USD", "Cost of calls whose price is known.")
        self._runs = meter.create_histogram(
            "contemplate.run.duration", "s", "Duration of runs, by how they ended.", **{borders: _RUN_SECONDS}
        )
        self._failures = meter.create_counter("contemplate.turn.failures", "{turn}", "Turns that failed, by why.")

    def call_ended(self, event: CallEnded) -> None:
        """Count an attempt at a call."""
        about: dict[str, str | bool | int | float] = {
            name: value for name, value in of_model(event.model, event.endpoint).items() if isinstance(value, str | int)
        }
        why = failure(event)
        self._seconds.record(event.seconds, about if why is None else {**about, "error.type": why})
        if event.tokens is not None:
            self._tokens.record(event.tokens.prompt, {**about, "gen_ai.token.type": "input"})
            self._tokens.record(event.tokens.completion, {**about, "gen_ai.token.type": "output"})
        if event.usd is not None:
            self._usd.add(event.usd, about)

    def turn_ended(self, turn: Turn, strategy: str) -> None:
        """Count a turn that failed."""
        if turn.failure is not None:
            about = {"contemplate.verb": turn.verb, "error.type": turn.failure.kind, "gen_ai.workflow.name": strategy}
            self._failures.add(1, about)

    def run_ended(self, strategy: str, seconds: float, outcome: Outcome | None) -> None:
        """Count a run; without an outcome it was interrupted."""
        stopped = "interrupted" if outcome is None else outcome.stopped
        about = {"gen_ai.workflow.name": strategy, "contemplate.stopped": stopped}
        self._runs.record(seconds, {**about, "contemplate.answered": outcome is not None and outcome.answer is not None})
