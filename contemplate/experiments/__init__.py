"""Experiments: strategies on panels of models, over the same questions, compared with statistics.

`compare` does a whole one. Every cell (a question under a strategy on a panel, once) is a run in the ledger, named after all
that goes into it: what is finished is never done twice, whichever experiment asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypedDict, Unpack

from contemplate.experiments.cells import Progress
from contemplate.experiments.comparison import Comparison, FailedCell, Standing
from contemplate.experiments.engines.by_name import engine_named
from contemplate.experiments.estimate import CostEstimate, estimate
from contemplate.experiments.experiment import Experiment, Watch
from contemplate.experiments.plan import ArmSpec, ExperimentPlan, Source
from contemplate.experiments.rows import Row
from contemplate.ledger.base import Ledger
from contemplate.models.backends.base import Backend, Limits
from contemplate.models.retry import Retry
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.settings import Settings
from contemplate.types import Price

__all__ = [
    "ArmSpec",
    "Comparison",
    "CostEstimate",
    "Experiment",
    "ExperimentPlan",
    "FailedCell",
    "Progress",
    "Row",
    "Source",
    "Standing",
    "compare",
    "estimate",
]


class Options(TypedDict, total=False):
    """What `compare` takes besides the plan.

    Attributes:
        base_url: the address of an OpenAI-compatible server.
        backend: answers every call itself, as a `ScriptedBackend` does in tests.
        ledger: where replies are kept: a file, an address, or an open ledger. Default: the user's own.
        project: a folder with cards, recipes and settings of your own.
        settings: instead of what `contemplate.toml` says.
        backends: answer for the models whose names fit a pattern, as "acme/*"; the longest one wins.
        api_key: the key for `base_url`. Default: that in the environment.
        timeout: seconds for one attempt at a call.
        limits: how fast models may be called: by provider, or one for each endpoint.
        retry: how failed calls are tried again.
        prices: US dollars for a million tokens, by model.
    """

    base_url: str | None
    backend: Backend | None
    ledger: Path | str | Ledger | None
    project: Path | str | None
    settings: Settings | None
    backends: Mapping[str, Backend] | None
    api_key: str | None
    timeout: float | timedelta | None
    limits: Limits | Mapping[str, Limits] | None
    retry: Retry | None
    prices: Mapping[str, Price] | None


async def compare(
    plan: ExperimentPlan | Path | str | Mapping[str, object],
    *,
    out: Path | str | None = None,
    anew: bool = False,
    again: bool = False,
    watch: Watch | None = None,
    engine: str = "local",
    ray_address: str | None = None,
    workers: int | None = None,
    **options: Unpack[Options],
) -> Comparison:
    """Carry out an experiment, or go on with it, and compare.

    Args:
        plan: the plan, a YAML file with one, or its words, as `{"strategies": ["single"], "questions": "q.jsonl"}`.
        out: a folder to keep it in: its rows, and what it was, so that one that has changed since is noticed.
        anew: write over another experiment in that folder.
        again: cells that failed are done once more.
        watch: is told how far it has come, whenever a cell is over.
        engine: where the runs are done: "local", in this process; "ray", in processes of their own, perhaps on many machines.
        ray_address: of the Ray cluster, as `host:6379`; None for a Ray of its own on this machine.
        workers: how many processes Ray is asked for; by default as many as there are processors.
        **options: see `Options`.

    Raises:
        InputError: in one line, what is wrong with the plan, a question set, a strategy, the folder or the ledger; or the plan
            would pass its budget, and nothing was called.
    """
    made = ExperimentPlan.of(plan)
    where = engine_named(
        engine, ray_address=ray_address, workers=workers, ledger=options.get("ledger"), backend=options.get("backend")
    )
    async with Orchestrator(budget=made.budget, **options) as orchestrator:
        experiment = await Experiment.of(made, orchestrator, None if out is None else Path(out))
        (await estimate(experiment)).check(made.budget)
        return await experiment.run(watch or (lambda _: None), anew=anew, again=again, engine=where)
