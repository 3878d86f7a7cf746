"""The tables of the rows of docs/benchmarks.md that have no peers: the figures from which each stands beside its target."""

from __future__ import annotations

from collections.abc import Iterator

from side_by_side_rows import Rows

Column = tuple[str, str, str]
"""A title, a field, and how its figure is written."""
HEADS = {
    "latency": """### Latencies that vary

Lognormal latencies (median 50 ms, sigma .8, seeded). The ideal is the longest path through the run's own graph of turns, each as
long as the server had its requests; a barrier would have each step of a round wait for the last turn of the one before. Bare
aiohttp sends one request for each call along the same graph, against its own ideal.
""",
    "flight": """### Many at once

Debates (3 agents, 2 rounds, 2 s a reply), all begun at once, the ledger in a file.
""",
    "experiment": """### Many questions in one process

`single` and `self-consistency`, 32 runs at once, agents that answer at once, the ledger in a file.
""",
    "redecide": """### Deciding again, and reports

Of made-up samples and rows. A report is its statistics, tables, figures and files.
""",
    "ray": """### Experiments on Ray

Questions under four strategies, agents that answer after 50 ms, two workers.
""",
    "resume": """### A large run

Agents in a ring, killed when 100 turns were left, and resumed by another process.
""",
    "growth": """### Growth

Exponents: 1 is linear, 2 quadratic. Agents are scripted, differ, and find fault with all. Calls and tokens are what the recipe
asks for; processor time may have the larger of their exponents, and 0.15 more, by which a measurement errs.
""",
    "stopping": """### Stopping early

Recorded replies, in random orders. Records have 8 to 12 samples a question; 40 of them are drawn with replacement.
""",
}
"""What stands above each table."""
TABLES: dict[str, tuple[Column, ...]] = {
    "latency": (
        ("wall, s", "wall", "{:.3f}"),
        ("ideal, s", "ideal", "{:.3f}"),
        ("wall / ideal", "ratio", "{:.3f}"),
        ("bare aiohttp / its ideal", "bare", "{:.3f}"),
        ("ideal with barriers / ideal", "rounds", "{:.2f}"),
        ("requests that the server counted", "calls", "{:.0f}"),
    ),
    "flight": (
        ("contemplations", "runs", "{:,.0f}"),
        ("in flight at most", "in_flight", "{:,.0f}"),
        ("wall, s", "wall", "{:,.0f}"),
        ("CPU a call, ms", "cpu", "{:.2f}"),
        ("memory for each, kB", "memory", "{:.0f}"),
        ("longest hold of the loop, s", "held", "{:.2f}"),
        ("connections", "connections", "{:,.0f}"),
        ("most opened in 0.1 s", "burst", "{:,.0f}"),
        ("requests that the server counted", "calls", "{:,.0f}"),
        ("open files allowed", "open_files", "{:,.0f}"),
    ),
    "experiment": (
        ("seconds", "seconds", "{:,.0f}"),
        ("runs a second since the beginning", "rate", "{:.0f}"),
        ("memory, MB", "memory", "{:.0f}"),
        ("calls", "calls", "{:,.0f}"),
        ("on disk, MB", "megabytes", "{:,.0f}"),
    ),
    "redecide": (
        ("samples", "samples", "{:,.0f}"),
        ("rows", "rows", "{:,.0f}"),
        ("seconds", "seconds", "{:.1f}"),
        ("of these, statistics", "statistics", "{:.1f}"),
    ),
    "ray": (
        ("runs", "runs", "{:,.0f}"),
        ("requests", "calls", "{:,.0f}"),
        ("seconds", "seconds", "{:.1f}"),
        ("x local", "x local", "{:.2f}"),
        ("to the first run, s", "to the first run", "{:.1f}"),
        ("runs a second after it", "runs a second after it", "{:.0f}"),
        ("rows", "rows", "{}"),
    ),
    "resume": (
        ("turns", "turns", "{:,.0f}"),
        ("first call after, s", "first call", "{:.2f}"),
        ("that, from the start of the process", "first call, from the start of the process", "{:.2f}"),
        ("calls made again", "calls again", "{:.0f}"),
        ("replay, s", "replay", "{:.1f}"),
        ("page, s", "page", "{:.1f}"),
        ("of these, reading", "read from the ledger", "{:.1f}"),
        ("page, MB", "page, MB", "{:.1f}"),
    ),
    "growth": (
        ("calls", "calls", "{:.2f}"),
        ("tokens", "tokens", "{:.2f}"),
        ("CPU", "cpu", "{:.2f}"),
        ("allowed", "allowed", "{:.2f}"),
        ("up to", "most", "{:.0f}"),
        ("calls then", "most calls", "{:,.0f}"),
        ("CPU then, s", "most seconds", "{:.2f}"),
    ),
    "stopping": (
        ("questions", "questions", "{:,.0f}"),
        ("fixed", "fixed", "{:.0f}"),
        ("samples", "samples", "{:.2f}"),
        ("fewer, %", "fewer", "{:.1f}"),
        ("right, fixed, %", "right, fixed", "{:.2f}"),
        ("right, %", "right", "{:.2f}"),
        ("points", "points", "{:+.2f}"),
    ),
}


def details(name: str, rows: Rows) -> Iterator[str]:
    """The figures of one group, a row for each case; one that failed says so."""
    columns = TABLES[name]
    yield HEADS[name]
    yield "| | " + " | ".join(title for title, _, _ in columns) + " |"
    yield "|---" * (len(columns) + 1) + "|"
    for case, row in rows.items():
        cells = [form.format(row[field]) if field in row else "" for _, field, form in columns]
        if "failed" in row:
            cells[0] = f"{cells[0]} {row['failed']}".strip()
        yield f"| {case} | " + " | ".join(cells) + " |"
