"""The times of a turn, which stand beside it."""

from __future__ import annotations

from contemplate.types import EdgeKind, Value

Sight = tuple[str, EdgeKind]
"""What a turn saw: the id of another turn, and how it used it."""


class Clock(Value):
    """The times of a turn: they differ between a run and its replay, and are never compared.

    Attributes:
        started: seconds from the start of the run until the turn had what it sees.
        ended: seconds from the start of the run until it was done.
        cached: it was answered from the ledger, at no cost.
    """

    started: float
    ended: float
    cached: bool = False
