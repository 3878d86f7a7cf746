"""Experiments: strategies on panels of models, over the same questions, compared with statistics.

`compare` does a whole one. Every cell (a question under a strategy on a panel, once) is a run in the ledger, named after all
that goes into it: what is finished is never done twice, whichever experiment asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from contemplate.deprecated import renamed_arguments
from contemplate.experiments.cells import Progress
from contemplate.experiments.comparison import Comparison, FailedCell, Standing
from contemplate.experiments.engines.by_name import engine_named
from contemplate.experiments.estimate import CostEstimate, estimate
from contemplate.experiments.experiment import Experiment, ProgressObserver
from contemplate.experiments.plan import ArmSpec, ExperimentPlan, Source
from contemplate.experiments.rows import Row
from contemplate.ledger.base import Ledger
from contemplate.models.backends.base import Backend, Limits
from contemplate.models.retry import Retry
from contemplate.orchestration.arguments import spelled
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


@renamed_arguments(anew="overwrite", again="retry_failed", watch="on_progress")
@spelled
async def compare(  # noqa: PLR0913 - all but the first are named, and have defaults
    plan: ExperimentPlan | Path | str | Mapping[str, object],
    *,
    out: Path | str | None = None,
    overwrite: bool = False,
    retry_failed: bool = False,
    on_progress: ProgressObserver | None = None,
    engine: str = "local",
    ray_address: str | None = None,
    workers: int | None = None,
    base_url: str | None = None,
    backend: Backend | None = None,
    ledger: Path | str | Ledger | None = None,
    project: Path | str | None = None,
    settings: Settings | None = None,
    backends: Mapping[str, Backend] | None = None,
    api_key: str | None = None,
    timeout: float | timedelta | None = None,  # noqa: ASYNC109 - of each attempt at a call, not of this function
    limits: Limits | Mapping[str, Limits] | None = None,
    retry: Retry | None = None,
    prices: Mapping[str, Price] | None = None,
) -> Comparison:
    """Carry out an experiment, or go on with it, and compare.

    Args:
        plan: the plan, a YAML file with one, or its words, as `{"strategies": ["single"], "questions": "q.jsonl"}`.
        out: a folder to keep it in: its rows, and what it was, so that one that has changed since is noticed.
        overwrite: write over another experiment in that folder.
        retry_failed: cells that failed are done once more.
        on_progress: is told how far it has come, whenever a cell is over.
        engine: where the runs are done: "local", in this process; "ray", in processes of their own, perhaps on many machines.
        ray_address: of the Ray cluster, as `host:6379`; None for a Ray of its own on this machine.
        workers: how many processes Ray is asked for; by default as many as there are processors.
        base_url: the address of an OpenAI-compatible server.
        backend: answers every call itself, as a `ScriptedBackend` does in tests.
        ledger: where replies are kept: a file, an address, or an open ledger. Default: the user's own.
        project: a folder with cards, recipes and settings of your own.
        settings: instead of what `contemplate.toml` says.
        backends: answer for the models whose names fit a pattern, as "acme/*"; the longest one wins.
        api_key: the key for `base_url`. Default: that in the environment.
        timeout: seconds for one attempt at a call, where the model does not say.
        limits: how fast models may be called: by provider, or one for each endpoint.
        retry: how failed calls are tried again.
        prices: US dollars for a million tokens, by model.

    Raises:
        InputError: in one line, what is wrong with the plan, a question set, a strategy, the folder or the ledger; or the plan
            would pass its budget, and nothing was called.
    """
    made = ExperimentPlan.of(plan)
    where = engine_named(engine, ray_address=ray_address, workers=workers, ledger=ledger, backend=backend)
    async with Orchestrator(
        budget=made.budget,
        base_url=base_url,
        backend=backend,
        ledger=ledger,
        project=project,
        settings=settings,
        backends=backends,
        api_key=api_key,
        timeout=timeout,
        limits=limits,
        retry=retry,
        prices=prices,
    ) as orchestrator:
        experiment = await Experiment.of(made, orchestrator, None if out is None else Path(out))
        (await estimate(experiment)).check(made.budget)
        return await experiment.run(on_progress or (lambda _: None), overwrite=overwrite, retry_failed=retry_failed, engine=where)
