"""A server on this machine that fails as providers do, for tests of strategies and of whatever calls models."""

from contemplate.testing.faults import KINDS, Fault, Faults, Kind, Latency
from contemplate.testing.rates import Rate
from contemplate.testing.server import FaultServer

__all__ = ["KINDS", "Fault", "FaultServer", "Faults", "Kind", "Latency", "Rate"]
