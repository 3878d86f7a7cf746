"""How a benchmark that fills a row of docs/benchmarks.md says what it found: as a table, or as JSON for side_by_side.py."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable

Rows = dict[str, dict[str, float | str]]
"""Figures by name, for each case by name."""


def figure(value: float | str) -> str:
    """A figure as people read it."""
    return value if isinstance(value, str) else f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


def last_words(errors: str) -> str:
    """The last line of what a process said of its end, without the folders of this machine."""
    line = (errors.strip().splitlines() or ["no word of why"])[-1]
    return re.sub(r"/[^\s'\"]*/", "", line)[:200]


def tell(parser: argparse.ArgumentParser, measure: Callable[[argparse.Namespace], Rows]) -> None:
    """Measure with what the command line says, and print it."""
    parser.add_argument("--json", action="store_true", help="print JSON, on the last line")
    given = parser.parse_args()
    rows = measure(given)
    if given.json:
        print(json.dumps(rows))
        return
    for name, row in rows.items():
        print(f"{name}: " + ", ".join(f"{field} {figure(value)}" for field, value in row.items()))
