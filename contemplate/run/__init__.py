"""A run as its steps see it: they ask agents, and put turns and decisions on record."""

from __future__ import annotations

from contemplate.run.ballots import Counting
from contemplate.run.pending import PendingTurn, Prompt, Sees
from contemplate.run.run import Run

__all__ = ["Counting", "PendingTurn", "Prompt", "Run", "Sees"]
