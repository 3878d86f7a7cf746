"""Counts of a server, as Prometheus reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from contemplate.types import Usage

_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
"""Of the histogram of first bytes, in seconds."""


@dataclass
class Metrics:
    """What was counted since the server began.

    Attributes:
        requests: by route and status.
        runs: by how they ended.
        first_bytes: streams whose first byte left within so many seconds, by the bound.
    """

    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    first_bytes: Counter[float] = field(default_factory=Counter)
    streams: int = 0
    seconds: float = 0.0
    gone: int = 0
    usage: Usage = field(default_factory=Usage)

    def first_byte(self, seconds: float) -> None:
        """Count a stream whose first byte left after so many seconds."""
        self.streams += 1
        self.seconds += seconds
        for bound in _BOUNDS:
            self.first_bytes[bound] += seconds <= bound

    def run(self, ended: str, usage: Usage) -> None:
        """Count a run that is over, and what it took."""
        self.runs[ended] += 1
        self.usage += usage

    def text(self, *, running: int, waiting: int) -> str:
        """All of it in Prometheus' text format."""
        return "\n".join([*self._lines(running, waiting), ""])

    def _lines(self, running: int, waiting: int) -> Iterator[str]:
        yield from _metric("requests_total", "counter", "Requests by route and status.")
        for (route, status), count in sorted(self.requests.items()):
            yield f'contemplate_requests_total{{route="{route}",status="{status}"}} {count}'
        yield from _metric("runs_total", "counter", "Runs that are over, by how they ended.")
        for ended, count in sorted(self.runs.items()):
            yield f'contemplate_runs_total{{ended="{ended}"}} {count}'
        values = {
            "runs_running": ("gauge", "Runs under way.", running),
            "runs_waiting": ("gauge", "Runs that wait for their turn.", waiting),
            "clients_gone_total": ("counter", "Clients that left before their answer.", self.gone),
            "calls_total": ("counter", "Calls of models.", self.usage.calls),
            "cached_calls_total": ("counter", "Calls answered from the ledger.", self.usage.cached_calls),
            "prompt_tokens_total": ("counter", "Tokens of prompts.", self.usage.prompt_tokens),
            "completion_tokens_total": ("counter", "Tokens of replies.", self.usage.completion_tokens),
            "usd_total": (
                "counter",
                "US dollars; NaN once a price is not known.",
                "NaN" if self.usage.usd is None else self.usage.usd,
            ),
        }
        for name, (kind, told, value) in values.items():
            yield from _metric(name, kind, told)
            yield f"contemplate_{name} {value}"
        yield from _metric("first_byte_seconds", "histogram", "Time to the first byte of streams.")
        for bound in _BOUNDS:
            yield f'contemplate_first_byte_seconds_bucket{{le="{bound:g}"}} {self.first_bytes[bound]}'
        yield f'contemplate_first_byte_seconds_bucket{{le="+Inf"}} {self.streams}'
        yield f"contemplate_first_byte_seconds_sum {self.seconds:.6f}"
        yield f"contemplate_first_byte_seconds_count {self.streams}"


def _metric(name: str, kind: str, told: str) -> Iterator[str]:
    yield f"# HELP contemplate_{name} {told}"
    yield f"# TYPE contemplate_{name} {kind}"
