"""The course of a run: its turns, and which saw which, as they are laid out and spoken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Self

from contemplate.ledger.base import StoredTurn
from contemplate.trace import reading
from contemplate.trace.clock import Clock, Sight
from contemplate.trace.difference import Difference, differences
from contemplate.trace.reading import Flip, Judged, Round
from contemplate.types import Decision, EdgeKind, Json, Turn


def turn_row(turn: Turn, sees: Iterable[Sight]) -> Json:
    """The JSON object of a turn: all its fields, and what it saw."""
    return {**turn.model_dump(mode="json"), "sees": [list(sight) for sight in sees]}


class Course:
    """Turns in layout order, and who read whom, appended to while the run goes.

    It keeps them in the dicts in which networkx keeps a graph, so that it is one as soon as somebody wants it
    (`Trace.over`), and no run has to wait until networkx is loaded.

    Attributes:
        graphed: that graph, once somebody did.
    """

    def __init__(self) -> None:
        """Begin with no turns."""
        self._node: dict[str, dict[str, Any]] = {}
        self._adj: dict[str, dict[str, dict[str, Any]]] = {}
        self._pred: dict[str, dict[str, dict[str, Any]]] = {}
        self.graphed: object = None

    def __contains__(self, n: object) -> bool:
        return isinstance(n, str) and n in self._node

    def __iter__(self) -> Iterator[str]:
        return iter(self._node)

    def __len__(self) -> int:
        return len(self._node)

    @property
    def dicts(self) -> tuple[dict[str, dict[str, Any]], ...]:
        """What networkx calls a graph's nodes, and each one's edges out and in."""
        return self._node, self._adj, self._pred

    # --- from what was kept ---------------------------------------------------------------------------

    @classmethod
    def of(cls, stored: Iterable[StoredTurn]) -> Self:
        """The course of turns that a ledger keeps, in layout order; they have no clock.

        What a turn saw and is not among them (a run that was cut short may lack it) is pending.

        Raises:
            ValueError: two turns have one id.
        """
        return cls.timed((one, None) for one in stored)

    @classmethod
    def timed(cls, turns: Iterable[tuple[StoredTurn, Clock | None]]) -> Self:
        """The course of turns, each with what it saw and with its times where these are known; see `of`."""
        course, known = cls(), list(turns)
        for (turn, _), clock in known:
            course.lay_out(turn.id, ())
            course.record(turn, clock)
        for (turn, sees), _ in known:
            for other, kind in sees:
                if other not in course:
                    course.lay_out(other, ())
                course._see(other, turn.id, kind)
        return course

    # --- while the run goes ---------------------------------------------------------------------------

    def lay_out(self, turn_id: str, sees: Iterable[Sight]) -> int:
        """Add a pending turn that will see `sees`; return its place in layout order."""
        if turn_id in self:
            msg = f"two turns are called {turn_id!r}; give them different details"
            raise ValueError(msg)
        place = len(self._node)
        self._node[turn_id] = {"place": place, "turn": None, "clock": None}
        self._adj[turn_id], self._pred[turn_id] = {}, {}
        for other, kind in sees:
            self._see(other, turn_id, kind)
        return place

    def _see(self, other: str, turn_id: str, kind: EdgeKind) -> None:
        """Note that a turn saw another one."""
        if other not in self._node:
            msg = f"turn {turn_id!r} can't see {other!r}, which was never laid out"
            raise ValueError(msg)
        self._adj[other][turn_id] = self._pred[turn_id][other] = {"kind": kind}

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

    def predecessors(self, n: str) -> Iterator[str]:
        """The ids of the turns that the turn `n` saw, in the order in which it was laid out to see them."""
        return iter(self._pred[n])

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

    def diff(self, other: Course) -> list[Difference]:
        """The differences between this trace and another one, in layout order; empty if a replay would call them the same."""
        return differences(self.canonical(), other.canonical())
