"""A server that numbers its samples."""

from __future__ import annotations

import pytest

from call_path import numbered
from loopback import Loopback


@pytest.fixture
def server(loopback: Loopback) -> Loopback:
    """A server that takes `n`, and says something else in each sample."""
    loopback.modes["n"] = "takes"
    loopback.script = numbered
    return loopback
