"""The trace of a run: a live `networkx.DiGraph` whose nodes are turns and whose edges say who read whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import networkx as nx

from contemplate.trace.clock import Clock, Sight
from contemplate.trace.course import Course
from contemplate.trace.lines import read_lines
from contemplate.trace.plain import Attributes

__all__ = ["Clock", "Sight", "Trace"]

if TYPE_CHECKING:
    from contemplate.trace.frames import TraceTable

    Base: TypeAlias = nx.DiGraph[str]
else:
    Base = nx.DiGraph  # which can't be subscripted at run time


class Trace(Course, Base):
    """A `networkx.DiGraph` of turns, appended to while the run goes.

    A node is a turn's id; its attributes are `turn` (a `Turn`, or None while it is pending), `place` (its
    number in layout order) and `clock`. An edge `u -> v` with attribute `kind` says that words went from
    `u` to `v`: v "saw" u, "revised" it, "criticised" it or "counted" it as a vote.

    Nodes stand in the order in which the steps laid them out, which is the same in each replay.

    `trace.graph()` is the same graph with texts and numbers in place of values, which `networkx` can write to files.
    """

    def __init__(self, *given: Any, **attributes: Any) -> None:  # noqa: ANN401 - whatever a graph can be made of
        """As a `networkx.DiGraph` is made."""
        Base.__init__(self, *given, **attributes)
        plain = Attributes(self)
        plain.update(self.graph)
        self.graph = plain

    @classmethod
    def over(cls, course: Course) -> Trace:
        """The turns of a course as a graph, always the same one; what is laid out and spoken later is in both."""
        if isinstance(course, Trace):
            return course
        if not isinstance(course.graphed, Trace):
            course.graphed = trace = cls()
            trace._node, trace._adj, trace._pred = course.dicts
        return course.graphed

    def __repr__(self) -> str:
        from contemplate.trace.notebook import trace_words

        return f"<Trace: {trace_words(self)}>"

    def _repr_html_(self) -> str:
        """The trace as a notebook shows it: a row for each seat, a column for each round."""
        from contemplate.trace.notebook import trace_html

        return trace_html(self)

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

    # --- from what was kept ---------------------------------------------------------------------------

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """The trace in a trace file; `contemplate.trace.TraceFile` reads the question and the outcome, too.

        Raises:
            InputError: it can't be read, is no trace file, is of a later format, or is broken; in one line, with the file and
                the number of the line.
        """
        return cls.timed(read_lines(path).turns)
