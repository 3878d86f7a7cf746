"""The record of a run: the graph of its turns, what can be asked of it, the events on the way, the outcome."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from contemplate.trace.clock import Clock, Sight
from contemplate.trace.difference import Difference
from contemplate.trace.lines import TraceHead
from contemplate.trace.reading import Flip, Judged, Round

if TYPE_CHECKING:
    from contemplate.trace.partial import PartialTrace
    from contemplate.trace.trace import Trace
    from contemplate.trace.trace_file import TraceFile

__all__ = ["Clock", "Difference", "Flip", "Judged", "PartialTrace", "Round", "Sight", "Trace", "TraceFile", "TraceHead"]

_GRAPHS = {"PartialTrace": "partial", "Trace": "trace", "TraceFile": "trace_file"}
"""Loaded when they are first used: they are graphs, and networkx takes long to load."""


def __getattr__(name: str) -> object:
    """Load a name from the module that it lives in."""
    if name not in _GRAPHS:
        raise AttributeError(f"module 'contemplate.trace' has no attribute {name!r}")
    return getattr(import_module(f"contemplate.trace.{_GRAPHS[name]}"), name)
