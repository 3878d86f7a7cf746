"""Differences between two traces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from contemplate.types import Json


@dataclass(frozen=True)
class Difference:
    """A turn that is not the same in two traces.

    Attributes:
        turn: its id.
        fields: what differs of it, by name: a field of `Turn`, "sees", or "place" where it stands elsewhere among the turns
            that both traces have. Empty for a turn that only one of them has.
        only: which trace has it, where one has not: the one that was asked ("this"), or the "other" one.
    """

    turn: str
    fields: tuple[str, ...] = ()
    only: Literal["this", "other"] | None = None

    def __str__(self) -> str:
        """One line."""
        where = {"this": "only in this trace", "other": "only in the other trace", None: ", ".join(self.fields)}
        return f"turn {self.turn}: {where[self.only]}"


def differences(ours: Sequence[Json], theirs: Sequence[Json]) -> list[Difference]:
    """The differences between two traces, in layout order.

    Args:
        ours: the rows of the one (`Trace.canonical`).
        theirs: those of the other.
    """
    mine, other = ({row["id"]: row for row in rows} for rows in (ours, theirs))
    orders = ([turn for turn in rows if turn in mine and turn in other] for rows in (mine, other))
    moved = {turn for pair in zip(*orders, strict=True) if pair[0] != pair[1] for turn in pair}
    found: list[tuple[int, Difference]] = []
    for place, (turn, row) in enumerate(mine.items()):
        if turn not in other:
            found.append((place, Difference(turn, only="this")))
        elif fields := _fields(row, other[turn]) + (("place",) if turn in moved else ()):
            found.append((place, Difference(turn, fields)))
    found += [(place, Difference(turn, only="other")) for place, turn in enumerate(other) if turn not in mine]
    return [difference for _, difference in sorted(found, key=lambda one: one[0])]


def _fields(mine: Json, other: Json) -> tuple[str, ...]:
    """The fields that differ between two rows of one turn."""
    mine, other = _compared(mine), _compared(other)
    fields = {name for name in mine.keys() | other.keys() if mine.get(name) != other.get(name)}
    if any(not call["key"] for row in (mine, other) for call in row["calls"]):
        fields.discard("calls")  # an earlier version did not write all of them down
    return tuple(sorted(fields))


def _compared(turn: Json) -> Json:
    """A turn without where a decision's winner was read: earlier versions did not say, and the turn that gave the answer does."""
    if not turn.get("decision"):
        return turn
    return {**turn, "decision": {name: value for name, value in turn["decision"].items() if name != "how"}}
