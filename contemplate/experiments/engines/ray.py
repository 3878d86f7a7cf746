"""Experiments on Ray: the runs are done by worker processes, here or on many machines, that share one ledger.

The process that was started keeps the order, the budget, the grading and the rows, by the code of the local engine; workers
are handed whole runs. A worker that dies is started again by Ray, and given again what it had: what it had paid for is in the
ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import anyio

from contemplate import log
from contemplate._version import __version__
from contemplate.concurrency import task_group
from contemplate.errors import BudgetError, ContemplateError, InputError
from contemplate.experiments.engines.local import Performed, Performer, perform
from contemplate.experiments.engines.ray_cluster import Cluster, Module, connected
from contemplate.experiments.engines.ray_shares import check_budget, most_workers, shared_out
from contemplate.experiments.engines.ray_worker import RayWorker, WireError
from contemplate.experiments.plan import ExperimentPlan
from contemplate.ledger import default_location
from contemplate.ledger.base import Ledger
from contemplate.models.accounts import Amount, picodollars
from contemplate.models.backends.base import Backend
from contemplate.models.budget import Account, Budget
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.run_spec import RunSpec
from contemplate.orchestration.settings import Settings
from contemplate.text import one_line

Actor = Any
"""What Ray gives for a `RayWorker`: its methods are called in the worker's process."""

RESTARTS = 10
"""How often a worker that died is started again."""

_START_SECONDS = 120.0
_STOP_SECONDS = 10.0


class RayEngine:
    """The engine."""

    def __init__(
        self, address: str | None, workers: int | None, ledger: Path | str | Ledger | None, backend: Backend | None
    ) -> None:
        """Set up; nothing is started yet.

        Args:
            address: of a cluster; None for a Ray of its own.
            workers: how many processes, at least 1; None for as many as there are processors.
            ledger: a file, or the address of a PostgreSQL server; None for the one of the settings, or the user's own.
            backend: must be None.

        Raises:
            InputError: it is something that processes can't share.
        """
        if backend is not None:
            raise InputError("the engine ray can't share a backend object with its workers: name models, or give a base URL")
        if isinstance(ledger, Ledger):
            raise InputError("the engine ray can't share an open ledger with its workers: give its file or address")
        if workers is not None and workers < 1:
            raise InputError(f"the number of workers is {workers}: it must be at least 1")
        self._address, self._workers, self._ledger = address, workers, ledger

    def __call__(self, orchestrator: Orchestrator, experiment: ExperimentPlan) -> AbstractAsyncContextManager[Performer]:
        """Start workers, and stop them at the end."""
        return self._opened(orchestrator, experiment)

    @asynccontextmanager
    async def _opened(self, orchestrator: Orchestrator, experiment: ExperimentPlan) -> AsyncIterator[Performer]:
        check_budget(experiment)
        if orchestrator.backends:
            raise InputError(f"the engine ray can't share backend objects ({', '.join(orchestrator.backends)}) with its workers")
        if orchestrator.holds_keys:
            raise InputError(
                "the engine ray can't hand a key to its workers: name its environment variable, Model(key_variable=...)"
            )
        location = self._location(orchestrator.settings)
        most = most_workers(experiment, orchestrator.settings.limits)
        if self._workers is not None and self._workers > most.number:
            raise InputError(f"{self._workers} workers are more than the {most.number} {most.why}")
        async with connected(self._address, self._workers, most.number) as cluster:
            if cluster.machines > 1 and "://" not in location:
                raise InputError(
                    f"the ledger {location} is a file, which the machines of a cluster don't share: --ledger postgresql://..."
                )
            settings = orchestrator.settings.model_copy(
                update={"limits": shared_out(orchestrator.settings.limits, cluster.workers)}
            )
            async with _pool(cluster, location, settings, experiment.at_once) as pool:
                yield Dispatcher(orchestrator, experiment.each, pool)

    def _location(self, settings: Settings) -> str:
        location = str(self._ledger if self._ledger is not None else settings.ledger or default_location())
        if location == ":memory:":
            raise InputError("the engine ray needs a ledger that its workers can share: a file, or postgresql://...")
        return location if "://" in location else str(Path(location).absolute())


@dataclass(eq=False)
class _Worker:
    """A worker, and what it is at: how many runs of each question and seed."""

    actor: Actor
    at: Counter[tuple[str, int]] = field(default_factory=Counter)


class WorkerPool(Protocol):
    """The workers that do runs elsewhere."""

    async def do(self, plan: RunSpec, *, retry_failed: bool) -> Performed:
        """Have the run of a plan done."""
        ...


class _Pool:
    """The workers. Runs that share samples go to the same one while it is at them, so that no sample is paid for twice."""

    def __init__(self, cluster: Cluster, actors: Iterable[Actor]) -> None:
        self._ray = cluster.ray
        self._workers = [_Worker(actor) for actor in actors]

    async def do(self, plan: RunSpec, *, retry_failed: bool) -> Performed:
        """Have the run of a plan done.

        Raises:
            ContemplateError: a model can't be called, as in the local engine; or a worker died too often.
        """
        key = (plan.question.text, plan.seed)
        worker = next((worker for worker in self._workers if key in worker.at), None) or min(
            self._workers, key=lambda worker: worker.at.total()
        )
        worker.at[key] += 1
        try:
            found: Performed | WireError = await worker.actor.perform.remote(plan, retry_failed=retry_failed)
        except self._ray.exceptions.RayActorError as error:
            raise _died(error) from None
        finally:
            worker.at -= Counter([key])
        if isinstance(found, WireError):
            raise found.error()
        return found


def _died(error: Exception) -> ContemplateError:
    return ContemplateError(
        f"a Ray worker died, and had been started again {RESTARTS} times before; what was paid for is kept, and the same command "
        f"goes on from here. Ray says: {one_line(str(error), 300)}"
    )


@asynccontextmanager
async def _pool(cluster: Cluster, location: str, settings: Settings, at_once: int) -> AsyncIterator[WorkerPool]:
    ray = cluster.ray
    made = ray.remote(RayWorker).options(
        num_cpus=1,
        max_restarts=RESTARTS,
        max_task_retries=-1,
        max_concurrency=at_once + 1,
        scheduling_strategy="SPREAD",
    )
    actors = [made.remote(location, settings) for _ in range(cluster.workers)]
    try:
        await _started(ray, actors)
        yield _Pool(cluster, actors)
    finally:
        with anyio.CancelScope(shield=True):
            await _stopped(ray, actors)


async def _started(ray: Module, actors: Sequence[Actor]) -> None:
    """Wait until all workers have opened the ledger.

    Raises:
        ContemplateError: one can't, or has another version of contemplate, or there is no room for it.
    """
    up: list[str] = []

    async def start(actor: Actor) -> None:
        try:
            version: str | WireError = await actor.start.remote()
        except ray.exceptions.RayActorError as error:
            raise InputError(f"a Ray worker can't be started: {one_line(str(error), 300)}") from None
        if isinstance(version, WireError):
            raise version.error()
        if version != __version__:
            raise InputError(f"Ray's workers have contemplate {version}, and this is {__version__}: install the same one")
        up.append(version)

    with anyio.move_on_after(_START_SECONDS) as clock:
        async with task_group() as tasks:
            for actor in actors:
                tasks.start_soon(start, actor)
    if clock.cancelled_caught:
        raise InputError(
            f"only {len(up)} of {len(actors)} Ray workers started within {_START_SECONDS:g} seconds: "
            "has the cluster so many processors free? Ask for fewer with --workers"
        )


async def _stopped(ray: Module, actors: Sequence[Actor]) -> None:
    """Let the workers close what they have open, and end them in any case."""

    async def stop(actor: Actor) -> None:
        try:
            await actor.stop.remote()
        except ray.exceptions.RayError as error:
            log.warning("ray worker did not stop", error=one_line(str(error), 300))

    with anyio.move_on_after(_STOP_SECONDS):
        async with task_group() as tasks:
            for actor in actors:
                tasks.start_soon(stop, actor)
    for actor in actors:
        ray.kill(actor)


class Dispatcher:
    """Hands runs to workers, as far as the budget of the whole experiment goes; the last ones it does itself."""

    def __init__(self, orchestrator: Orchestrator, each: Budget, pool: WorkerPool) -> None:
        """Set up.

        Args:
            orchestrator: open; its account is the budget of the whole.
            each: the budget of a run.
            pool: does the runs that it is handed.
        """
        self._orchestrator, self._pool = orchestrator, pool
        self._need: Amount = (each.calls or 0, each.tokens or 0, picodollars(each.usd))

    async def __call__(self, plan: RunSpec, *, retry_failed: bool) -> Performed:
        """Do the run of `plan`.

        Its whole budget is set aside meanwhile. Where there is no room for that any more, the run is done in this process,
        where each call is set aside by itself: it takes what is left, and not more.
        """
        account = self._orchestrator.account
        try:
            await account.line.enter(account.chain, self._need)
        except BudgetError:
            return await perform(self._orchestrator, plan, retry_failed=retry_failed)
        try:
            performed = await self._pool.do(plan, retry_failed=retry_failed)
            Account(Budget(), parent=account, spent=performed.finished.usage)
            return performed
        finally:
            for total in account.chain:
                total.hold(self._need, -1)
            account.line.move()
