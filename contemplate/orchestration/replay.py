"""What comes of doing a stored run again."""

from __future__ import annotations

from dataclasses import dataclass

from contemplate.trace.difference import Difference
from contemplate.trace.outcome import Outcome


@dataclass(frozen=True)
class Replay:
    """A finished run done again from the ledger alone.

    Attributes:
        outcome: what it came to this time.
        differences: the turns in which it differs from the run on record, in layout order.
        recorded: the answer on record.
    """

    outcome: Outcome
    differences: tuple[Difference, ...] = ()
    recorded: str | None = None

    @property
    def identical(self) -> bool:
        """Whether every turn, and the answer, came out the same."""
        return self.difference is None

    @property
    def difference(self) -> str | None:
        """The first difference from the run on record, in one line; None if it is the same."""
        if self.differences:
            return str(self.differences[0])
        if self.outcome.answer != self.recorded:
            return f"answer: {self.outcome.answer!r} against {self.recorded!r}"
        return None
