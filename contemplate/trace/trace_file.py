"""A trace file, opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from contemplate.trace.lines import TraceHead, read_lines
from contemplate.trace.trace import Trace
from contemplate.types import Json


@dataclass(frozen=True)
class TraceFile:
    """The contents of a trace file, which `Outcome.write_trace` and `contemplate ask --trace` write.

    Attributes:
        head: what was asked, of whom, and by which version.
        trace: the turns, with what each saw and its times.
        outcome: what the run came to, as `Outcome.to_dict` gives it.
    """

    head: TraceHead
    trace: Trace
    outcome: Json

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Open a trace file.

        Raises:
            InputError: it can't be read, is no trace file, is of a later format, or is broken; in one line, with the file and
                the number of the line.
        """
        lines = read_lines(path)
        return cls(head=lines.head, trace=Trace.timed(lines.turns), outcome=lines.outcome)
