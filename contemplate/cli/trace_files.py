"""Trace files that commands open: whole, or as far as they are."""

from __future__ import annotations

import sys
from pathlib import Path

from contemplate.errors import InputError
from contemplate.text import one_line
from contemplate.trace import PartialTrace, TraceFile
from contemplate.trace.lines import DamagedTraceError


def check_partial(trace: Path | None, *, partial: bool) -> None:
    """Make sure that `--partial` has a trace file.

    Raises:
        InputError: it has none.
    """
    if partial and trace is None:
        raise InputError("--partial is of a trace file (--trace FILE): a run in a ledger is shown as far as it is")


def read_trace(path: Path, *, partial: bool) -> TraceFile | PartialTrace:
    """The run in a trace file; if `partial`, what is whole of it, and standard error is told what is missing.

    Raises:
        InputError: it can't be read, or is damaged; then the message names `--partial`.
    """
    if not partial:
        try:
            return TraceFile.read(path)
        except DamagedTraceError as error:
            raise InputError(f"{error} (--partial opens what is whole)") from None
    file = PartialTrace.read(path)
    for line in file.missing:
        print(f"contemplate: {one_line(str(path), 300)}: {line}", file=sys.stderr)
    return file
