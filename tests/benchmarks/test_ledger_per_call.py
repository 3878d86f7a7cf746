"""What a ledger costs a call stays small: in processor time, which does not hang on what else the machine does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from contemplate.ledger import SQLiteLedger
from ledger_per_call import WithoutLeases, measure


@pytest.mark.slow
def test_less_than_a_third_of_a_millisecond(tmp_path: Path) -> None:
    """A file with leases against memory without, at 64 in flight; the least of five, in turns."""
    files = iter(range(5))
    pairs = [
        (
            asyncio.run(measure(lambda: WithoutLeases(":memory:"), 1000))[1],
            asyncio.run(measure(lambda: SQLiteLedger(tmp_path / f"{next(files)}.db"), 1000))[1],
        )
        for _ in range(5)
    ]
    without, kept = (min(column) for column in zip(*pairs, strict=True))
    assert kept - without < 0.3
