"""The stage on which strategies play."""

from __future__ import annotations

import pytest

from stage import Stage


@pytest.fixture(scope="session")
def stage() -> Stage:
    """Runs a recipe (or a strategy) with scripted agents on an empty ledger; see tests/stage.py."""
    return Stage()
