"""What an experiment is expected to take, found out with scripted agents."""

from __future__ import annotations

from pathlib import Path

import anyio

from contemplate import Limits, Orchestrator, ScriptedBackend, Settings
from contemplate.experiments import Experiment, ExperimentPlan, estimate


async def test_limits_of_a_provider_do_not_slow_it_down(tmp_path: Path) -> None:
    """Nobody is called, so there is nobody to be spared."""
    plan = {"strategies": ["self-consistency"], "models": "m", "questions": "builtin:arithmetic?size=4", "baselines": []}
    spare = Settings(limits={"default": Limits(requests_per_minute=1)})
    backend = ScriptedBackend(lambda _: "Answer: 1")
    async with Orchestrator(["m"], backend=backend, ledger=tmp_path / "l.db", settings=spare) as orchestrator:
        with anyio.fail_after(20):
            found = await estimate(await Experiment.of(ExperimentPlan.of(plan), orchestrator))
    assert found.calls == (20, 20)
