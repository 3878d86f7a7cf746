"""The page docs/benchmarks.md, from what `side_by_side.py` has measured."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from side_by_side_rows import LINES, beside_targets
from side_by_side_tables import details

Rows = dict[str, dict[str, float]]

HEAD = """# Benchmarks

This page is written by one command, which makes an environment for the peers, runs everything in turn, and takes medians:

```sh
python tests/benchmarks/side_by_side.py --times 5
```

A row at a time: `--rows votes --times 5`; rows that are not measured anew stay as they were, in `docs/benchmarks.json`.

All clients send the same number of requests to the same server on loopback, a process of its own that counts them; each client
is a fresh process and is warmed up with one question. contemplate has everything on, as in use: the ledger (in a file, each
request on record before it leaves, each reply on disk before it is used), budget, limits, retries, reading of answers, trace.
Peers keep nothing. "x" is times bare aiohttp in the same round: the same requests by hand, answers counted by hand.
Processor time is that of the client's process, all its threads, user and system (`getrusage`).
"""
TAIL = """## What is measured elsewhere

| what | where |
|---|---|
| the trace page of 5,000 turns in a browser | `trace_page.py`, [the viewer](viewer.md) |
| a ledger and its leases alone | `ledger_per_call.py`, [what is held to](reliability.md) |
| the server beside the same runs in-process | `server_overhead.py`, [the server](server.md#what-it-costs) |
| telemetry | `telemetry.py`, [telemetry](telemetry.md) |
| 20,000 calls with faults | `soak.py`, [what is held to](reliability.md) |

Why targets are not met, what was tried, and what it brought: [decision 054](decisions/054-what-a-call-costs.md)."""
OFTEN = {
    "latency": "Medians of 20 runs of each",
    "growth": "Of each size the least processor time of three runs",
    "stopping": "Means over 20 random orders",
}
"""How figures came about whose script does that itself."""
TARGETS = {
    "votes": {"cpu_ratio": (2.1, 1.8), "wall_ratio": (1.6, 1.6)},
    "debate": {"path_ratio": (1.07, 1.06), "cpu_ratio": (3.0, 3.0)},
    "held": {"wall_ratio": (1.3, 1.3), "memory": (60.0, 60.0), "held": (0.1, 0.1)},
}


def page(kept: dict[str, Any]) -> str:
    """The page, from what was measured; the same for the same figures."""
    rows = kept["rows"]
    parts = [HEAD, _machine(kept)]
    for name, write in (("votes", _votes), ("debate", _debate), ("held", _held), ("startup", _startup), ("ask", _ask)):
        if name in rows:
            parts.append("\n".join([*write(rows[name]), "", _how_often(kept, name)]))
    parts.append("\n".join(beside_targets(rows)))
    parts += ["\n".join([*details(name, rows[name]), "", _how_often(kept, name)]) for name in LINES if name in rows]
    parts.append(TAIL)
    return "\n\n".join(part.strip() for part in parts) + "\n"


def machine() -> dict[str, str]:
    """What this machine is, and what is installed of what ours needs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    ours = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "anyio", "pydantic", "orjson", "uvloop"))
    where = f"{platform.system()}, {cores} cores, Python {platform.python_version()}, {datetime.now(UTC):%B %Y}"
    return {"where": where, "ours": ours}


def _machine(kept: dict[str, Any]) -> str:
    lines = [
        f"{kept['machine']['where']}. Below each row stands the load of the machine when it was measured, its own processes",
        "among it: where it is far above 2, others were using the machine, and processor times tell more than wall times.",
        f"Ours: {kept['machine']['ours']}.",
    ]
    if kept["peers"]:
        lines += ["", "Peers:", "", *(f"* {one}" for one in kept["peers"].values())]
    return "\n".join(lines)


def _how_often(kept: dict[str, Any], name: str) -> str:
    times, load = kept["times"][name], kept.get("loads", {}).get(name)
    often = f"Medians of {times}" if times > 1 else OFTEN.get(name, "Measured once")
    return f"{often}." if load is None else f"{often}; load of the machine at the end: {load:.1f}."


def _met(load: str, name: str, field: str, value: float) -> str:
    """The target of ours, and whether it is met; empty for others."""
    if not name.startswith("contemplate") or field not in TARGETS[load]:
        return ""
    target = TARGETS[load][field]["memory" in name]
    return f" ({'met' if value <= target else 'not met'}: {target:g})"


def _table(load: str, rows: Rows, columns: dict[str, tuple[str, Callable[[float], str]]]) -> Iterator[str]:
    yield "| | " + " | ".join(title for title, _ in columns.values()) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for name, row in rows.items():
        cells = [f"{form(row[field])}{_met(load, name, field, row[field])}" for field, (_, form) in columns.items()]
        yield f"| {name} | " + " | ".join(cells) + " |"


def _times(value: float) -> str:
    return f"{value:.2f} x"


def _votes(rows: Rows) -> Iterator[str]:
    yield "## Votes\n\n200 votes of 5, one request for each reply, 64 in flight, 20 ms a reply.\n"
    yield from _table(
        "votes",
        rows,
        {
            "cpu": ("CPU a call, ms", "{:.3f}".format),
            "cpu_ratio": ("CPU, x", _times),
            "wall_ratio": ("wall, x", _times),
            "calls": ("requests that the server counted", "{:.0f}".format),
            "peak": ("most at once", "{:.0f}".format),
        },
    )


def _debate(rows: Rows) -> Iterator[str]:
    yield "## A debate\n\n3 agents, 3 rounds, 50 ms a reply, one debate after the other."
    yield "The critical path is three requests by aiohttp alone.\n"
    yield from _table(
        "debate",
        rows,
        {
            "path_ratio": ("wall / critical path", "{:.3f}".format),
            "cpu": ("CPU a call, ms", "{:.3f}".format),
            "cpu_ratio": ("CPU, x", _times),
            "calls": ("requests that the server counted", "{:.0f}".format),
        },
    )


def _held(rows: Rows) -> Iterator[str]:
    yield "## A thousand debates at once\n\n1,000 debates (3 agents, 2 rounds), all begun at once, 2 s a reply.\n"
    yield from _table(
        "held",
        rows,
        {
            "wall_ratio": ("wall, x", _times),
            "cpu_ratio": ("CPU, x", _times),
            "memory": ("memory for each, kB", "{:.0f}".format),
            "held": ("longest hold of the loop, s", "{:.2f}".format),
            "calls": ("requests that the server counted", "{:.0f}".format),
        },
    )


def _startup(rows: Rows) -> Iterator[str]:
    yield "## Start-up\n\n| | seconds | MB over bare Python |\n|---|---|---|"
    for name, row in rows.items():
        said = f"`from contemplate import {name}`" if name == "solve" else name
        target = "" if name != "solve" else f" ({'met' if row['seconds'] <= 0.25 else 'not met'}: 0.25)"
        yield f"| {said} | {row['seconds']:.3f}{target} | {row['memory']:.1f} |"


def _ask(rows: Rows) -> Iterator[str]:
    yield "## One question on the command line\n\nWhole processes. Target: 1.5 x a bare aiohttp script.\n"
    yield "| | seconds | CPU seconds | wall, x | CPU, x | requests |\n|---|---|---|---|---|---|"
    for name, row in rows.items():
        ratios = f"{_times(row['wall_ratio'])} | {_times(row['cpu_ratio'])}"
        yield f"| {name} | {row['wall']:.3f} | {row['cpu']:.3f} | {ratios} | {row['calls']:.0f} |"
