"""Tables of words and figures: aligned, and on a terminal that is too narrow for them wrapped within their columns."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Collection, Iterator, Sequence

_UNBOUNDED = 10_000


def aligned(rows: Sequence[Sequence[str]], figures: Collection[int] = ()) -> Iterator[str]:
    """The lines of a table.

    Args:
        rows: its rows, that of the heads among them; each with as many cells.
        figures: which columns, from 0, stand at the right of their width.
    """
    if not rows:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for place in range(len(rows[0])):
        table.add_column(justify="right" if place in figures else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    width = shutil.get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else _UNBOUNDED
    console = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(table)
    yield from (line.rstrip() for line in captured.get().splitlines())
