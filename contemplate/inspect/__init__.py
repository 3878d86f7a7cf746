"""Inspect AI: panels as solvers and agents of its tasks, our runs as its logs, its tasks as our question sets.

Inspect itself is imported when one of these is called.
"""

from contemplate.inspect.logs import write_log
from contemplate.inspect.panels import agent, questions, solver

__all__ = ["agent", "questions", "solver", "write_log"]
