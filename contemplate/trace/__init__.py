"""The record of a run: the graph of its turns, what can be asked of it, the events on the way, the outcome."""

from __future__ import annotations

from contemplate.trace.difference import Difference
from contemplate.trace.lines import TraceHead
from contemplate.trace.partial import PartialTrace
from contemplate.trace.reading import Flip, Judged, Round
from contemplate.trace.trace import Clock, Sight, Trace
from contemplate.trace.trace_file import TraceFile

__all__ = ["Clock", "Difference", "Flip", "Judged", "PartialTrace", "Round", "Sight", "Trace", "TraceFile", "TraceHead"]
