"""A table as every page and terminal gets it: rows of short plain texts, with one line on what they are of.

Names of strategies, models and questions come from files and models, and are not to be trusted: whatever stands in a table is one
printable line without secrets. Each medium escapes it in its own way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan

from contemplate.analysis.statistics import Amounts, Interval
from contemplate.errors import redact
from contemplate.text import one_line

NONE = "-"
"""Stands where there is no figure."""

_WIDEST = 300


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells.

    Attributes:
        title: what it shows.
        columns: their names; the first `words` hold words, the others figures.
        rows: each with as many cells as there are columns.
        note: one line: of how many questions or runs it is, and how it was computed.
        words: how many columns hold words.
        runs: for each cell the run that is behind it, or ""; none at all where no cell has one.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str
    words: int = 1
    runs: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", clean(self.title))
        object.__setattr__(self, "note", clean(self.note, 2 * _WIDEST))
        object.__setattr__(self, "rows", tuple(tuple(map(clean, row)) for row in self.rows))

    def linked(self, pages: Mapping[str, str]) -> Iterator[tuple[tuple[str, str | None], ...]]:
        """The rows: each cell with the address of the page of its run, if there is one.

        Args:
            pages: the addresses, by run.
        """
        for index, row in enumerate(self.rows):
            behind = self.runs[index] if self.runs else ("",) * len(row)
            yield tuple((cell, pages.get(run)) for cell, run in zip(row, behind, strict=True))


def clean(text: str, width: int = _WIDEST) -> str:
    """`text` as one printable line without secrets."""
    return redact(one_line(text, width))


def percent(share: float | None) -> str:
    """A share as 85.0%."""
    return NONE if share is None or isnan(share) else f"{100 * share:.1f}%"


def span(interval: Interval, *, signed: bool = False) -> str:
    """An interval of shares, in percent or percentage points, as [73.9, 91.9]."""
    if isnan(interval.low):
        return NONE
    form = "+.1f" if signed else ".1f"
    return f"[{_unsigned_zero(100 * interval.low, form)}, {_unsigned_zero(100 * interval.high, form)}]"


def points(difference: float) -> str:
    """A difference of shares in percentage points, as +5.0."""
    return _unsigned_zero(100 * difference, "+.1f")


def probability(p: float) -> str:
    """A p-value, as 0.0127 or <0.0001."""
    return "<0.0001" if p < 0.0001 else f"{p:.4f}"  # noqa: PLR2004 - as many digits as are shown


def figure(value: float) -> str:
    """An amount with three significant digits, and all digits before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits


def amounts(found: Amounts | None, runs: int) -> str:
    """Amounts as median (mean, p95); with their number where it is not that of all runs."""
    if found is None:
        return NONE
    few = "" if found.n == runs else f", n={found.n:,}"
    return f"{figure(found.median)} ({figure(found.mean)}, {figure(found.p95)}{few})"


def _unsigned_zero(value: float, form: str) -> str:
    """A figure in a form; what rounds to nothing has no sign."""
    said = format(value, form)
    return said.lstrip("+-") if float(said) == 0 else said
