"""Programs that models write: what was run, and what came of it."""

from __future__ import annotations

from typing import Literal

from contemplate.types.base import Value

ProgramFailure = Literal["time", "memory", "output", "recursion", "forbidden", "unsupported", "syntax", "error", "crash"]
"""How a program failed: it passed a limit ("time", "memory", "output", "recursion"), wanted what lies outside of its sandbox
("forbidden"), used what the interpreter lacks ("unsupported"), is none ("syntax"), raised an exception ("error"), or ended its
interpreter ("crash")."""


class Program(Value):
    """A program that was run.

    Attributes:
        code: as it was run.
        output: what it printed, without what could steer a terminal; empty where it passed a limit of time, memory or output,
            as what it had printed by then may differ from time to time.
        failed: how it failed; None if it ran to its end.
        error: why, in one line.
    """

    code: str
    output: str = ""
    failed: ProgramFailure | None = None
    error: str | None = None
