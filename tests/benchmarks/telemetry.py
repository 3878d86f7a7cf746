"""What telemetry costs a call: `python tests/benchmarks/telemetry.py`. Processor time, medians of several passes, taken in turn.

Runs of ten scripted seats on a ledger in memory: without telemetry, with it but nobody who collects spans, and with spans and
metrics that are collected in batches.
"""

from __future__ import annotations

import argparse
import statistics
import time

import anyio
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from contemplate import Orchestrator, ScriptedBackend
from contemplate.telemetry import Telemetry

SEATS = 10


async def cost(telemetry: Telemetry | None, runs: int) -> float:
    """Microseconds of processor time for each call."""
    async with Orchestrator(["m"], backend=ScriptedBackend(lambda _: "Answer: 4"), ledger=":memory:") as orchestrator:
        began = time.process_time()
        for number in range(runs):
            question, parameters = f"{number} + 2?", {"seats": SEATS}
            await orchestrator.solve(
                question, "self-consistency", answer="number", parameters=parameters, on_event=telemetry or ()
            )
        return (time.process_time() - began) / runs / SEATS * 1e6


async def main(runs: int, passes: int) -> None:
    """Print the medians."""
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(InMemorySpanExporter()))
    metrics = MeterProvider([InMemoryMetricReader()])
    collected = Telemetry(tracer_provider=provider, meter_provider=metrics)
    kinds = {"without": None, "nobody collects": Telemetry(), "spans and metrics": collected}
    await cost(collected, 5)
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(passes):
        for name, telemetry in kinds.items():
            found[name].append(await cost(telemetry, runs))
    for name, costs in found.items():
        print(f"{name:18} {statistics.median(costs):6.0f} µs a call")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--passes", type=int, default=7)
    given = parser.parse_args()
    anyio.run(main, given.runs, given.passes)
