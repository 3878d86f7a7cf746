"""What the engine ray can't hand to its workers is refused before one is started."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from contemplate import ExperimentPlan, InputError, Model, Orchestrator, ScriptedBackend
from contemplate.experiments.engines.ray import RayEngine

KEY = "correct-horse-battery"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"models": [Model("m", "http://127.0.0.1:9/v1", key=KEY)]}, "can't hand a key to its workers"),
        ({"models": ["m"], "base_url": "http://127.0.0.1:9/v1", "api_key": KEY}, "can't hand a key to its workers"),
        ({"models": ["acme/m"], "backends": {"acme/*": ScriptedBackend([])}}, r"can't share backend objects \(acme/\*\)"),
    ],
)
async def test_keys_and_backends_stay_in_this_process(options: Mapping[str, Any], says: str) -> None:
    """One line says which, and shows no key."""
    plan = ExperimentPlan.checked(strategies=["single"], questions="q.jsonl")
    with pytest.raises(InputError, match=says) as caught:
        async with RayEngine(None, None, "l.db", None)(Orchestrator(**options), plan):
            pass
    assert KEY not in str(caught.value)
