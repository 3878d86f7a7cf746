"""What a run leaves behind: the graph of its turns, the events on the way, the outcome."""

from __future__ import annotations

from contemplate.trace.trace import Clock, Sight, Trace

__all__ = ["Clock", "Sight", "Trace"]
