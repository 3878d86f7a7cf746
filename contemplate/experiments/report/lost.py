"""Which questions a strategy lost against which: a table for each pair, bounded; all of them are in a file beside the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from contemplate.experiments.comparison import Comparison
from contemplate.experiments.disagreements import Disagreement, Said, disagreements
from contemplate.experiments.report.table import NONE, Table, clean

EACH = 5
"""So many questions that one of a pair lost are shown, and as many that the other one lost."""
PAIRS = 10
"""So many pairs have a table."""
FILE = "disagreements.csv"
"""Where all are."""

_ANSWER = 100


@dataclass(frozen=True)
class Lost:
    """What two strategies of a comparison differ on.

    Attributes:
        first, second: their names.
        shown: of the questions that the second lost, the first few, and then of those that the first lost.
        counts: how many the second lost, and how many the first.
    """

    first: str
    second: str
    shown: tuple[Disagreement, ...]
    counts: tuple[int, int]


@dataclass
class _Tally:
    """The differences of a pair while they go by."""

    counts: list[int] = field(default_factory=lambda: [0, 0])
    shown: tuple[list[Disagreement], list[Disagreement]] = field(default_factory=lambda: ([], []))

    def add(self, one: Disagreement) -> None:
        side = int(one.right != one.first)
        self.counts[side] += 1
        if len(self.shown[side]) < EACH:
            self.shown[side].append(one)


def lost(comparison: Comparison) -> tuple[Lost, ...]:
    """The pairs that differ on a question, in the order of the comparison."""
    found = []
    for (first, second), its in groupby(disagreements(comparison), key=lambda one: (one.first, one.second)):
        tally = _Tally()
        for one in its:
            tally.add(one)
        found.append(Lost(first, second, (*tally.shown[0], *tally.shown[1]), (tally.counts[0], tally.counts[1])))
    return tuple(found)


def shown(found: Sequence[Lost]) -> Iterator[Disagreement]:
    """The differences that tables show."""
    for pair in found[:PAIRS]:
        yield from pair.shown


def lines(found: Sequence[Lost]) -> tuple[str, ...]:
    """What is shown, and where the rest is."""
    total = sum(sum(pair.counts) for pair in found)
    if not total:
        return ()
    pairs = f"the first {PAIRS} of {len(found)} pairs that differ" if len(found) > PAIRS else "each pair that differs"
    what = "Questions that one strategy got right, or nearer to right than the other one"
    return (f"{what}: for {pairs} the first {EACH} each way. All {total:,} are in {FILE}.",)


def tables(comparison: Comparison, found: Sequence[Lost]) -> tuple[Table, ...]:
    """A table for each pair, as far as there is room."""
    sets = len({name for name, *_ in _asked(found)}) > 1
    repeats = any(one.repeats > 1 for one in comparison.standings)
    return tuple(_table(pair, sets=sets, repeats=repeats) for pair in found[:PAIRS])


def _asked(found: Sequence[Lost]) -> Iterator[tuple[str, str]]:
    return ((one.set, one.question) for one in shown(found))


def _table(pair: Lost, *, sets: bool, repeats: bool) -> Table:
    columns = (
        *(("set",) if sets else ()),
        "question",
        *(("repeat",) if repeats else ()),
        *("gold", "first's answer", "second's answer", "right"),
    )
    rows, runs = [], []
    for one in pair.shown:
        place = (*((one.set,) if sets else ()), one.question, *((str(one.repeat),) if repeats else ()))
        gold = NONE if one.gold is None else clean(one.gold, _ANSWER)
        rows.append((*place, gold, _words(one.one), _words(one.other), _right(one)))
        runs.append((*("" for _ in place), "", *one.runs, ""))
    only_first, only_second = pair.counts
    what = "repeats of questions" if repeats else "questions"
    many = "all" if sum(pair.counts) == len(rows) else len(rows)
    note = (
        f"n = {sum(pair.counts):,} {what} on which they differ; first: {clean(pair.first, 80)}, better on {only_first:,}; "
        f"second: {clean(pair.second, 80)}, better on {only_second:,}; {many} are shown"
    )
    return Table(
        f"{clean(pair.first, 80)} against {clean(pair.second, 80)}", columns, tuple(rows), note, len(columns), tuple(runs)
    )


def _words(said: Said) -> str:
    if said.answer is not None:
        return clean(said.answer, _ANSWER)
    return "(its run failed)" if said.failed else "(no answer)"


def _right(one: Disagreement) -> str:
    who = "first" if one.right == one.first else "second"
    if {one.one.score, one.other.score} == {0.0, 1.0}:
        return who
    return f"{who}, {one.one.score:.2g} to {one.other.score:.2g}"
