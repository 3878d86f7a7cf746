"""For tests of what is built on contemplate: a server that fails as providers do, and agents that fail or attack."""

from contemplate.testing.faults import KINDS, Fault, Faults, Kind, Latency
from contemplate.testing.rates import Rate
from contemplate.testing.server import FaultServer

__all__ = ["KINDS", "Fault", "FaultServer", "Faults", "Kind", "Latency", "Rate"]
