"""Experiments on an engine: a comparison over sums, its rows, and the processes of Ray under way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from comparisons import ONCE
from contemplate.experiments import Comparison, compare
from loopback import Loopback, Seen

TIMED = {"seconds", "cached_calls"}


def rows(comparison: Comparison) -> list[dict[str, Any]]:
    """All columns but those that tell of time, and of who was first."""
    return [row.model_dump(exclude=TIMED) for row in comparison.rows]


async def on(engine: str, questions: Path, server: Loopback, ledger: Path | str, **words: Any) -> Comparison:
    """A comparison of a vote and a debate on that engine."""
    given = {name: words.pop(name) for name in ("on_progress", "workers", "ray_address", "out", "retry_failed") if name in words}
    plan = {"strategies": ["self-consistency", "multiagent-debate"], "models": "m", "questions": str(questions), **words}
    return await compare(plan, engine=engine, base_url=server.url, ledger=ledger, settings=ONCE, **given)


def asked(seen: Seen) -> str:
    """What is asked for, whether alone or as one of several samples."""
    return json.dumps({**seen.body, "n": 1}, sort_keys=True)
