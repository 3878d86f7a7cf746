"""Runs out of a ledger, as their pages are made of them."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.concurrency import task_group
from contemplate.ledger.base import Ledger, RunRecord, StoredTurn
from contemplate.trace import TraceHead
from contemplate.trace.lines import TRACE_FORMAT
from contemplate.types import Question, Request
from contemplate.viewer.stored import Prompts, StoredRun

_AT_ONCE = 256
"""How many prompts are looked for at the same time: the ledger finds many in one go."""


def head_of(record: RunRecord) -> TraceHead:
    """What was asked in a stored run, and of whom."""
    spec = record.spec
    question = record.question or Question(text=spec["question"]["text"])
    strategy, models = spec["strategy"]["name"], tuple(spec["models"])
    return TraceHead(format=TRACE_FORMAT, run=record.run, question=question, strategy=strategy, models=models, seed=spec["seed"])


async def load(ledger: Ledger, record: RunRecord) -> StoredRun:
    """A run with its prompts and its calls.

    Args:
        ledger: open; has the run.
        record: of the run.
    """
    turns, calls = await ledger.turns(record.run), await ledger.calls(record.run)
    return StoredRun.of_record(head_of(record), record, turns, calls, await _asked(turns, ledger))


async def _asked(turns: Sequence[StoredTurn], ledger: Ledger) -> Prompts:
    """What each turn's agent was asked in each of its calls; nothing where the ledger has it no more."""
    keys = list(dict.fromkeys(call.key for turn, _ in turns for call in turn.calls))
    kept: dict[str, Request | None] = {}

    async def look(key: str) -> None:
        kept[key] = await ledger.request(key)

    for begin in range(0, len(keys), _AT_ONCE):
        async with task_group() as tasks:
            for key in keys[begin : begin + _AT_ONCE]:
                tasks.start_soon(look, key)
    return {
        turn.id: [request.messages if (request := kept[call.key]) is not None else () for call in turn.calls] for turn, _ in turns
    }
