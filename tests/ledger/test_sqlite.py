"""What is particular to a ledger in a file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from builders import CompletionOf, RequestOf
from contemplate.ledger.sqlite import SQLiteLedger


async def test_on_disk(path: Path, file_ledger: SQLiteLedger, request_of: RequestOf, completion_of: CompletionOf) -> None:
    """What was stored is seen at once by another process's connection."""
    await file_ledger.store("call-1", request_of("q"), completion_of("a"), None)
    with closing(sqlite3.connect(path)) as other:
        assert [(request_of("q").key,)] == other.execute("SELECT key FROM completions").fetchall()


async def test_memory(request_of: RequestOf, completion_of: CompletionOf) -> None:
    """A ledger in memory works the same."""
    ledger = await SQLiteLedger.open(":memory:")
    await ledger.store("call-1", request_of("q"), completion_of("a"), None)
    assert completion_of("a") == await ledger.completion(request_of("q").key)
    await ledger.aclose()
