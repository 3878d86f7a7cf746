"""The runs of an experiment, done in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from contemplate.experiments.arms import run_id
from contemplate.experiments.plan import ExperimentPlan
from contemplate.experiments.rows import Finished
from contemplate.models.budget import Account, Budget
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.run_spec import RunSpec


@dataclass(frozen=True)
class Performed:
    """A run that is over; `found` if it was finished before."""

    finished: Finished
    found: bool


class Performer(Protocol):
    """Does runs, on the budget of the whole experiment."""

    async def __call__(self, plan: RunSpec, *, retry_failed: bool) -> Performed:
        """Do the run of `plan`, unless it is finished; `retry_failed` if it is, but failed."""
        ...


Engine = Callable[[Orchestrator, ExperimentPlan], AbstractAsyncContextManager[Performer]]
"""Where the runs of an experiment are done; it is left when all of them are."""


@asynccontextmanager
async def local(orchestrator: Orchestrator, experiment: ExperimentPlan) -> AsyncIterator[Performer]:  # noqa: ARG001 - an `Engine`
    """Do the runs in this process."""
    yield partial(perform, orchestrator)


async def perform(orchestrator: Orchestrator, plan: RunSpec, *, retry_failed: bool = False) -> Performed:
    """Do the run of a plan, unless the ledger has it finished; once more if it failed and that is asked for."""
    run = run_id(plan)
    record = await orchestrator.ledger.run(run)
    found = record is not None and record.state == "finished"
    finished = Finished(run, *await orchestrator.runner.run_or_load(plan, run))
    if found and retry_failed and finished.failed:
        found, finished = False, Finished(run, *await orchestrator.runner.run_or_load(plan, run, retry_failed=True))
    if found:
        Account(Budget(), parent=orchestrator.account, spent=finished.usage)
    return Performed(finished, found)
