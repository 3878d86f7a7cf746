"""What an experiment is expected to take, found out with scripted agents."""

from __future__ import annotations

from pathlib import Path

import anyio

from contemplate import Limits, Orchestrator, Request, ScriptedBackend, Settings
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


async def test_a_refined_question_is_compared(tmp_path: Path) -> None:
    """A strategy beside itself with `refine=true`: the estimate counts one call more a question, and so it comes."""
    plan = {
        "strategies": ["single", "single:refine=true"],
        "models": "m",
        "questions": "builtin:arithmetic?size=3",
        "baselines": [],
    }

    def say(request: Request) -> str:
        return "Question: the same" if "as somebody typed it" in request.messages[-1].text else "Answer: 1"

    async with Orchestrator(["m"], backend=ScriptedBackend(say), ledger=tmp_path / "l.db") as orchestrator:
        experiment = await Experiment.of(ExperimentPlan.of(plan), orchestrator)
        found = await estimate(experiment)
        comparison = await experiment.run(lambda _: None)
    assert found.calls == (9, 9)
    assert [standing.calls.mean for standing in comparison.standings] == [1, 2]
