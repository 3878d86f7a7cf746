"""The report on a terminal: the tables that matter most, under one another where they do not fit side by side."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from contemplate.experiments.comparison import Comparison
from contemplate.experiments.report import judged, tables
from contemplate.experiments.report.contents import findings, title
from contemplate.experiments.report.table import Table

_FAILURES = 10
"""So many are listed; a report lists more."""

_PAIRS = 6
"""So many are shown; where there are more, they are in the report, as calibration is."""


def terminal(comparison: Comparison) -> RenderableType:
    """The comparison for `rich`: on any width, and as plain text where there are no colours."""
    by_judge = (judged.preferences(comparison), judged.lengths_and_order(comparison), judged.own_panels(comparison))
    shown = (
        tables.standings(comparison),
        *by_judge,
        tables.costs(comparison),
        tables.agreement(comparison),
        tables.equal_calls(comparison),
        *((tables.pairs(comparison),) if len(comparison.pairs) <= _PAIRS else ()),
        tables.flips(comparison),
        tables.failures(comparison, _FAILURES),
    )
    told = [Text(title(comparison), style="bold"), *(Text(line) for line in findings(comparison))]
    return Group(*told, *(_Fitting(table) for table in shown if table.rows))


class _Fitting:
    """A table, or its rows one below the other where it is too wide."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Show it in what room there is."""
        grid = _grid(self._table)
        yield Text()
        yield Text(self._table.title, style="bold")
        if Measurement.get(console, options.update(width=10_000, max_width=10_000), grid).maximum <= options.max_width:
            yield grid
        else:
            yield _stacked(self._table)
        yield Text(self._table.note, style="dim")


def _grid(table: Table) -> Grid:
    grid = Grid(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for index, name in enumerate(table.columns):
        grid.add_column(Text(name), justify="left" if index < table.words else "right", no_wrap=True)
    for row in table.rows:
        grid.add_row(*map(Text, row))
    return grid


def _stacked(table: Table) -> RenderableType:
    """Each row as a few lines: its words, and each figure with its name."""
    parts: list[RenderableType] = []
    first, between = min(table.words, 2), " " if table.columns[0] == "#" else " - "
    for row in table.rows:
        parts.append(Text(between.join(row[:first]), style="bold"))
        inside = Grid.grid(padding=(0, 2))
        inside.add_column(no_wrap=True)
        inside.add_column(overflow="fold")
        for name, cell in zip(table.columns[first:], row[first:], strict=True):
            inside.add_row(Text(name, style="dim"), Text(cell))
        parts.append(Padding(inside, (0, 0, 0, 2)))
    return Group(*parts)
