"""The trace of a run: a live `networkx.DiGraph` whose nodes are turns and whose edges say who read whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import networkx as nx

from contemplate.ledger.base import StoredTurn
from contemplate.trace import reading
from contemplate.trace.clock import Clock, Sight
from contemplate.trace.difference import Difference, differences
from contemplate.trace.lines import read_lines
from contemplate.trace.plain import Attributes
from contemplate.trace.reading import Flip, Judged, Round
from contemplate.types import Decision, Json, Turn

__all__ = ["Clock", "Sight", "Trace"]

if TYPE_CHECKING:
    from contemplate.trace.frames import TraceTable

    Base: TypeAlias = nx.DiGraph[str]
else:
    Base = nx.DiGraph  # which can't be subscripted at run time


def turn_row(turn: Turn, sees: Iterable[Sight]) -> Json:
    """The JSON object of a turn: all its fields, and what it saw."""
    return {**turn.model_dump(mode="json"), "sees": [list(sight) for sight in sees]}


class Trace(Base):
    """A `networkx.DiGraph` of turns, appended to while the run goes.

    A node is a turn's id; its attributes are `turn` (a `Turn`, or None while it is pending), `place` (its
    number in layout order) and `clock`. An edge `u -> v` with attribute `kind` says that words went from
    `u` to `v`: v "saw" u, "revised" it, "criticised" it or "counted" it as a vote.

    Nodes stand in the order in which the steps laid them out, which is the same in each replay.

    `trace.graph()` is the same graph with texts and numbers in place of values, which `networkx` can write to files.
    """

    if TYPE_CHECKING:  # where networkx keeps nodes and edges; its views of them are slow
        _node: dict[str, dict[str, Any]]
        _pred: dict[str, dict[str, dict[str, Any]]]

    def __init__(self, *given: Any, **attributes: Any) -> None:  # noqa: ANN401 - whatever a graph can be made of
        """As a `networkx.DiGraph` is made."""
        super().__init__(*given, **attributes)
        plain = Attributes(self)
        plain.update(self.graph)
        self.graph = plain

    def __repr__(self) -> str:
        from contemplate.trace.notebook import trace_words

        return f"<Trace: {trace_words(self)}>"

    def _repr_html_(self) -> str:
        """The trace as a notebook shows it: a row for each seat, a column for each round."""
        from contemplate.trace.notebook import trace_html

        return trace_html(self)

    # --- from what was kept ---------------------------------------------------------------------------

    @classmethod
    def of(cls, stored: Iterable[StoredTurn]) -> Self:
        """The trace of turns that a ledger keeps, in layout order; they have no clock.

        What a turn saw and is not among them (a run that was cut short may lack it) is pending.

        Raises:
            ValueError: two turns have one id.
        """
        return cls.timed((one, None) for one in stored)

    @classmethod
    def timed(cls, turns: Iterable[tuple[StoredTurn, Clock | None]]) -> Self:
        """The trace of turns, each with what it saw and with its times where these are known; see `of`."""
        trace, known = cls(), list(turns)
        for (turn, _), clock in known:
            trace.lay_out(turn.id, ())
            trace.record(turn, clock)
        for (turn, sees), _ in known:
            for other, kind in sees:
                if other not in trace:
                    trace.lay_out(other, ())
                trace.add_edge(other, turn.id, kind=kind)
        return trace

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """The trace in a trace file; `contemplate.trace.TraceFile` reads the question and the outcome, too.

        Raises:
            InputError: it can't be read, is no trace file, is of a later format, or is broken; in one line, with the file and
                the number of the line.
        """
        return cls.timed(read_lines(path).turns)

    # --- while the run goes ---------------------------------------------------------------------------

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

    def record(self, turn: Turn, clock: Clock | None) -> None:
        """Put what a pending turn came to."""
        self._node[turn.id].update(turn=turn, clock=clock)

    # --- the turns ------------------------------------------------------------------------------------

    @property
    def turns(self) -> list[Turn]:
        """The turns that are over, in layout order."""
        recorded = (self.turn(turn_id) for turn_id in self)
        return [turn for turn in recorded if turn is not None]

    def turn(self, turn_id: str) -> Turn | None:
        """The turn of that id, or None while it is pending."""
        found: Turn | None = self._node[turn_id]["turn"]
        return found

    def place(self, turn_id: str) -> int:
        """The number of a turn in layout order, from 0."""
        place: int = self._node[turn_id]["place"]
        return place

    def clock(self, turn_id: str) -> Clock | None:
        """The times of a turn, or None while it is pending."""
        found: Clock | None = self._node[turn_id]["clock"]
        return found

    def saw(self, turn_id: str) -> list[Sight]:
        """The turns that a turn saw, in layout order."""
        sights: list[Sight] = [(other, edge["kind"]) for other, edge in self._pred[turn_id].items()]
        if len(sights) > 1:
            sights.sort(key=lambda sight: self.place(sight[0]))
        return sights

    @property
    def stored(self) -> list[StoredTurn]:
        """The turns that are over, in layout order, each with what it saw: as a ledger keeps them."""
        return [(turn, tuple(self.saw(turn.id))) for turn in self.turns]

    def to_pandas(self, table: TraceTable = "turns") -> Any:  # noqa: ANN401 - a library that need not be there
        """A table of the run as a pandas DataFrame.

        Args:
            table: "turns": a row for each turn that is over; "flips": for each change of an answer; "claims", "stances": for each
                claim of an open question, and for what each seat says of each.

        Raises:
            UnknownNameError: there is none of that name.
            InputError: pandas is not installed.
        """
        from contemplate.trace.frames import trace_frame

        return trace_frame(self, table)

    def canonical(self) -> list[Json]:
        """The rows that a replay must reproduce: each turn whole, and what it saw; no times, no cache hits."""
        return [turn_row(turn, sees) for turn, sees in self.stored]

    def rows(self) -> Iterator[Json]:
        """One JSON object a turn, as they stand in a trace file."""
        for turn, row in zip(self.turns, self.canonical(), strict=True):
            clock = self.clock(turn.id)
            yield {"type": "turn", **row, **(clock.model_dump(mode="json") if clock else {})}

    # --- questions (see `contemplate.trace.reading`) --------------------------------------------------

    def independent_answers(self) -> list[Turn]:
        """The turns in which seats of the panel answered the question, or failed to, having seen nobody; one for each seat."""
        return reading.independent_answers(self.stored)

    def rounds(self) -> list[Round]:
        """The rounds in which seats were to answer, each with the turns of the seats that spoke."""
        return reading.rounds(self.stored)

    def positions(self) -> dict[str, list[Turn]]:
        """For each seat, the turns in which it said an answer, oldest first."""
        return reading.positions(self.stored)

    def flips(self) -> list[Flip]:
        """The changes of answers: who, from what, to what, after reading whom."""
        return reading.flips(self.stored)

    def verdicts(self) -> list[Judged]:
        """The turns that were to pass a verdict on one answer, each with that answer."""
        return reading.verdicts(self.stored)

    def decisions(self) -> list[Decision]:
        """The decisions that were put on record, in layout order; the last one decided."""
        return reading.decisions(self.stored)

    def first_vote(self) -> Decision | None:
        """The vote over the first, independent answers, where there was another vote after it; else None."""
        return reading.first_vote(self.stored)

    def diff(self, other: Trace) -> list[Difference]:
        """The differences between this trace and another one, in layout order; empty if a replay would call them the same."""
        return differences(self.canonical(), other.canonical())
