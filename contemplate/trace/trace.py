"""The trace of a run: a live `networkx.DiGraph` whose nodes are turns and whose edges say who read whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import networkx as nx

from contemplate.types import EdgeKind, Json, Turn, Value

if TYPE_CHECKING:
    Base: TypeAlias = nx.DiGraph[str]
else:
    Base = nx.DiGraph  # which can't be subscripted at run time

Sight = tuple[str, EdgeKind]
"""What a turn saw: the id of another turn, and how it used it."""


class Clock(Value):
    """What differs between a run and its replay, kept beside a turn and never compared.

    Attributes:
        started: seconds from the start of the run until the turn had what it sees.
        ended: seconds from the start of the run until it was done.
        cached: it was answered from the ledger, at no cost.
    """

    started: float
    ended: float
    cached: bool = False


class Trace(Base):
    """A `networkx.DiGraph` of turns, appended to while the run goes.

    A node is a turn's id; its attributes are `turn` (a `Turn`, or None while it is pending), `place` (its
    number in layout order) and `clock`. An edge `u -> v` with attribute `kind` says that words went from
    `u` to `v`: v "saw" u, "revised" it, "criticised" it or "counted" it as a vote.

    Nodes stand in the order in which the steps laid them out, which is the same in each replay.
    """

    def lay_out(self, turn_id: str, sees: Iterable[Sight]) -> int:
        """Add a pending turn that will see `sees`; return its place in layout order."""
        if turn_id in self:
            msg = f"two turns are called {turn_id!r}; give them different details"
            raise ValueError(msg)
        place: int = self.number_of_nodes()
        self.add_node(turn_id, place=place, turn=None, clock=None)
        for other, kind in sees:
            self.add_edge(other, turn_id, kind=kind)
        return place

    def record(self, turn: Turn, clock: Clock) -> None:
        """Put what a pending turn came to."""
        self.nodes[turn.id].update(turn=turn, clock=clock)

    @property
    def turns(self) -> list[Turn]:
        """The turns that are over, in layout order."""
        recorded = (self.turn(turn_id) for turn_id in self)
        return [turn for turn in recorded if turn is not None]

    def turn(self, turn_id: str) -> Turn | None:
        """The turn of that id, or None while it is pending."""
        found: Turn | None = self.nodes[turn_id]["turn"]
        return found

    def place(self, turn_id: str) -> int:
        """The number of a turn in layout order, from 0."""
        place: int = self.nodes[turn_id]["place"]
        return place

    def clock(self, turn_id: str) -> Clock | None:
        """The times of a turn, or None while it is pending."""
        found: Clock | None = self.nodes[turn_id]["clock"]
        return found

    def saw(self, turn_id: str) -> list[Sight]:
        """What a turn saw, in layout order."""
        sights: list[Sight] = [(other, self.edges[other, turn_id]["kind"]) for other in self.predecessors(turn_id)]
        return sorted(sights, key=lambda sight: self.place(sight[0]))

    def positions(self) -> dict[str, list[Turn]]:
        """For each seat, the turns in which it said an answer, oldest first."""
        found: dict[str, list[Turn]] = {}
        for turn in self.turns:
            if turn.status == "said" and turn.answer is not None:
                found.setdefault(turn.seat, []).append(turn)
        return found

    def canonical(self) -> list[Json]:
        """All that a replay must reproduce: each turn whole, and what it saw; no times, no cache hits."""
        return [{**turn.model_dump(mode="json"), "sees": [list(sight) for sight in self.saw(turn.id)]} for turn in self.turns]

    def rows(self) -> Iterator[Json]:
        """One JSON object a turn, as they stand in a trace file."""
        for turn, row in zip(self.turns, self.canonical(), strict=True):
            clock = self.clock(turn.id)
            yield {"type": "turn", **row, **(clock.model_dump(mode="json") if clock else {})}


def first_difference(ours: Sequence[Json], theirs: Sequence[Json]) -> str | None:
    """Where two canonical traces part: one line, or None if they are the same."""
    for mine, other in zip(map(_compared, ours), map(_compared, theirs), strict=False):
        fields = sorted(name for name in mine.keys() | other.keys() if mine.get(name) != other.get(name))
        if "calls" in fields and any(not call["key"] for call in other["calls"]):
            fields.remove("calls")  # an earlier version did not write all of them down
        if fields:
            return f"turn {mine['id']}: {', '.join(fields)}"
    if len(ours) != len(theirs):
        return f"{len(ours)} turns against {len(theirs)}"
    return None


def _compared(turn: Json) -> Json:
    """A turn without where a decision's winner was read: earlier versions did not say, and the turn that gave the answer does."""
    if not turn.get("decision"):
        return turn
    return {**turn, "decision": {name: value for name, value in turn["decision"].items() if name != "how"}}


TraceFormat = Literal[1]
TRACE_FORMAT: TraceFormat = 1
"""The version of trace files. It goes up when a reader of the old form would misread the new one."""
