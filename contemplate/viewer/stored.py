"""A stored run, as the page is made of it: from a ledger, or from a trace file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from contemplate.ledger.base import RunRecord, StoredCall, StoredTurn
from contemplate.trace import PartialTrace, TraceFile, TraceHead
from contemplate.trace.clock import Clock
from contemplate.types import Json, Message

Prompts = Mapping[str, Sequence[Sequence[Message]]]
"""By turn, the messages of each of its calls; none where they are not kept."""


@dataclass(frozen=True)
class StoredRun:
    """All that the page tells of.

    Attributes:
        turns: those that are over, in layout order, each with what it saw.
        outcome: what it came to (`Outcome.to_dict`); None while it is not over.
        state: how it stands: "running", "finished", "interrupted" or (a trace file) "cut off".
        created: seconds since 1970, UTC; None where that is not known.
        prompts: what agents were asked; None where that is not known, as from a trace file.
        clocks: the times of turns, by id, as far as they are known.
        measured: whether these were measured while it went; else they were worked out from when replies were stored.
        costs: US dollars, by turn; None where a price is not known.
        attempts: how many calls were made for a turn, by turn, those without a reply among them.
        source: where it comes from, in a word or two.
        missing: of a damaged trace file what could not be read, a line each; None where nobody looked.
    """

    head: TraceHead
    turns: Sequence[StoredTurn]
    outcome: Json | None
    state: str = "finished"
    created: float | None = None
    prompts: Prompts | None = None
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    measured: bool = True
    costs: Mapping[str, float | None] = field(default_factory=dict)
    attempts: Mapping[str, int] = field(default_factory=dict)
    source: str = "the ledger"
    missing: Sequence[str] | None = None

    @classmethod
    def of_file(cls, file: TraceFile | PartialTrace) -> Self:
        """The run in a trace file: it has the times, and neither prompts nor the price of a turn."""
        clocks = ((turn.id, file.trace.clock(turn.id)) for turn in file.trace.turns)
        return cls(
            head=file.head,
            turns=file.trace.stored,
            outcome=file.outcome,
            state="finished" if file.outcome is not None else "cut off",
            missing=file.missing if isinstance(file, PartialTrace) else None,
            clocks={turn: clock for turn, clock in clocks if clock is not None},
            source="a trace file",
        )

    @classmethod
    def of_record(
        cls, head: TraceHead, record: RunRecord, turns: Sequence[StoredTurn], calls: Sequence[StoredCall], prompts: Prompts
    ) -> Self:
        """The run in a ledger, which has the prompts and what each call cost, and of the times when replies were stored."""
        costs: dict[str, float | None] = {}
        attempts: dict[str, int] = {}
        for call in calls:
            known = costs.get(call.turn, 0.0)
            costs[call.turn] = None if known is None or call.usd is None else known + call.usd
            attempts[call.turn] = attempts.get(call.turn, 0) + 1
        return cls(
            head=head,
            turns=turns,
            outcome=record.outcome,
            state=record.state,
            created=record.created,
            prompts=prompts,
            clocks=worked_out(turns, calls, record.created),
            measured=False,
            costs=costs,
            attempts=attempts,
        )


def worked_out(turns: Sequence[StoredTurn], calls: Sequence[StoredCall], created: float) -> dict[str, Clock]:
    """The times of turns, from when their replies were stored: a turn starts when the last turn that it sees is over.

    Args:
        turns: in layout order.
        calls: those of the run.
        created: when it began, in seconds since 1970.

    Returns:
        The clock of each turn. A turn whose replies were there before ends when it starts, and so does a decision; one that
        failed without a reply ends when the next thing that is known happened to it, which is its start.
    """
    stored: dict[str, float] = {}
    for call in calls:
        if call.stored is not None and call.state == "stored":
            stored[call.turn] = max(stored.get(call.turn, 0.0), call.stored - created)
    ends: dict[str, float] = {}
    clocks: dict[str, Clock] = {}
    for turn, sees in turns:
        started = max((ends.get(other, 0.0) for other, _ in sees), default=0.0)
        ended = max(started, stored.get(turn.id, started))
        ends[turn.id] = ended
        clocks[turn.id] = Clock(started=started, ended=ended, cached=bool(turn.calls) and turn.id not in stored)
    return clocks
