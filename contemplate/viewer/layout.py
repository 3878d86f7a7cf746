"""The place of each turn: columns by round, rows by seat, lanes in time; worked out here, so that the page needs no engine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contemplate.ledger.base import StoredTurn
from contemplate.trace.clock import Clock
from contemplate.types import Turn, seat_number
from contemplate.viewer.model import Column, Row

NODE, HIGH = 132, 34
"""The size of a turn in the graph, in pixels."""
GAP, BETWEEN = 10, 64
"""Between turns of one cell, and between columns, in pixels."""
MARGIN = 16
DEEPEST = 6
"""How many turns of one cell stand below each other."""
NOBODY = "decisions"


@dataclass(frozen=True)
class Layout:
    """The places of turns.

    Attributes:
        cells: the column and the row of each turn.
        places: the left upper corner of each.
        lanes: the lane of each in its row, on the timeline.
        size: of the whole.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    cells: tuple[tuple[int, int], ...]
    places: tuple[tuple[int, int], ...]
    lanes: tuple[int, ...]
    size: tuple[int, int]


def lay_out(turns: Sequence[StoredTurn], clocks: Mapping[str, Clock]) -> Layout:
    """The layout of a run: a column for each round of a step, in the order of their first turns, a row for each seat."""
    spoken = [turn for turn, _ in turns]
    rounds = list(dict.fromkeys((turn.step, turn.round) for turn in spoken))
    names = _rows(spoken)
    columns = {key: number for number, key in enumerate(rounds)}
    rows = {name: number for number, name in enumerate(names)}
    cells = [(columns[turn.step, turn.round], rows[turn.seat or NOBODY]) for turn in spoken]
    held = Counter(cells)
    wide, high = [1] * len(rounds), [1] * len(names)
    for (column, row), count in held.items():
        wide[column] = max(wide[column], -(-count // DEEPEST))
        high[row] = max(high[row], min(count, DEEPEST))
    lefts, width = _steps([one * (NODE + GAP) - GAP for one in wide], BETWEEN)
    tops, height = _steps([one * (HIGH + GAP) - GAP for one in high], 2 * GAP)
    seen: Counter[tuple[int, int]] = Counter()
    places = []
    for cell in cells:
        across, down = divmod(seen[cell], DEEPEST)
        seen[cell] += 1
        places.append((lefts[cell[0]][0] + across * (NODE + GAP), tops[cell[1]][0] + down * (HIGH + GAP)))
    lanes = _lanes(spoken, [row for _, row in cells], clocks)
    deep: defaultdict[int, int] = defaultdict(lambda: 1)
    for (_, row), lane in zip(cells, lanes, strict=True):
        deep[row] = max(deep[row], lane + 1)
    return Layout(
        columns=tuple(
            Column(label=_label(step, number), step=step, round=number, x=x, width=across)
            for (step, number), (x, across) in zip(rounds, lefts, strict=True)
        ),
        rows=tuple(
            Row(label=name, y=y, height=down, lanes=deep[number])
            for number, (name, (y, down)) in enumerate(zip(names, tops, strict=True))
        ),
        cells=tuple(cells),
        places=tuple(places),
        lanes=tuple(lanes),
        size=(width, height),
    )


def _rows(spoken: Sequence[Turn]) -> list[str]:
    """The seats by their numbers, then roles outside of the panel, then what nobody said."""
    seats = dict.fromkeys(turn.seat for turn in spoken if turn.seat)
    panel = sorted((seat for seat in seats if seat_number(seat)), key=seat_number)
    others = [seat for seat in seats if not seat_number(seat)]
    return [*panel, *others, *([NOBODY] if any(not turn.seat for turn in spoken) else [])]


def _label(step: str, number: int) -> str:
    return f"{step}, round {number}" if number else step


def _steps(sizes: Sequence[int], gap: int) -> tuple[list[tuple[int, int]], int]:
    """Where each of several begins that stand one after the other, with its size; and where the last ends."""
    found, at = [], MARGIN
    for size in sizes:
        found.append((at, size))
        at += size + gap
    return found, max(at - gap, MARGIN) + MARGIN


def _lanes(spoken: Sequence[Turn], rows: Sequence[int], clocks: Mapping[str, Clock]) -> list[int]:
    """In which lane of its row each turn stands, so that none lies over another."""
    lanes = [0] * len(spoken)
    ends: dict[int, list[float]] = {}
    timed = [(clock.started, number) for number, turn in enumerate(spoken) if (clock := clocks.get(turn.id)) is not None]
    for started, number in sorted(timed):
        free = ends.setdefault(rows[number], [])
        lane = next((lane for lane, end in enumerate(free) if end <= started), len(free))
        if lane == len(free):
            free.append(0.0)
        free[lane] = clocks[spoken[number].id].ended
        lanes[number] = lane
    return lanes


def critical_path(turns: Sequence[StoredTurn], clocks: Mapping[str, Clock]) -> list[str]:
    """The longest chain of waiting: the turn that ended last, the last of those that it waited for, and so on; first to last.

    Returns:
        Ids of turns; empty where times are not known.
    """
    saw = {turn.id: [other for other, _ in sees if other in clocks] for turn, sees in turns if turn.id in clocks}
    found: list[str] = []
    places = {turn: place for place, turn in enumerate(saw)}

    def ended(turn: str) -> tuple[float, int]:
        return clocks[turn].ended, places.get(turn, 0)

    at = max(saw, key=ended, default=None)
    while at is not None and at not in found:
        found.append(at)
        known = saw.get(at, [])
        at = max(known, key=ended, default=None)
    return found[::-1]
