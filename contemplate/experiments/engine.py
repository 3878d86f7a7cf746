"""Carries out an experiment: cell after cell, many at once, each of them a run in the ledger that is never done twice."""

from __future__ import annotations

import json
import time
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

import anyio

from contemplate.backends.base import Backend
from contemplate.budget import Account, Budget
from contemplate.concurrency import task_group
from contemplate.errors import InputError, UnknownNameError
from contemplate.experiments.contestants import Contestant, run_id
from contemplate.experiments.plan import ExperimentPlan, Source
from contemplate.experiments.rows import Finished, Row, graded
from contemplate.ledger.base import Ledger
from contemplate.orchestrator import Orchestrator
from contemplate.plan import Plan
from contemplate.questions import Ask, Grader, QuestionSet, grader, load
from contemplate.types import Question, Turn

_AHEAD = 8
"""How far others may run ahead of the first cell that is not over, in rounds of as many cells as are done at once."""


@dataclass(frozen=True)
class Asked:
    """A question set with its grader."""

    questions: QuestionSet
    grader: Grader

    @classmethod
    def of(cls, source: Source, ask: Ask) -> Asked:
        """Read a source; `ask` is how a judge is asked.

        Raises:
            InputError: with the file, the row and the field.
        """
        questions = load(
            source.source, source.mapping, limit=source.limit, kind=source.kind, gold=source.grader in {None, "kind"}
        )
        return cls(questions, grader(source.grader, questions, ask=ask))


@dataclass(frozen=True)
class Cell:
    """One question under one contestant, once; `number` is its place in the order of the experiment."""

    number: int
    asked: Asked
    question: Question
    contestant: Contestant
    repeat: int


@dataclass
class Progress:
    """How far an experiment has come.

    Attributes:
        cells: how many there are; `done` of them are over, `found` of these were finished before.
        failures: of cells, by why they stopped.
        usd: paid for in this process, so far as prices are known; `calls` likewise.
        watch: is told whenever a cell is over.
    """

    cells: int
    done: int = 0
    found: int = 0
    calls: int = 0
    usd: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    watch: Callable[[Progress], None] = lambda _: None

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    @property
    def left(self) -> float | None:
        """Seconds to go at the rate so far; None before anything was done."""
        worked = self.done - self.found
        return None if worked < 1 else (self.cells - self.done) * self.seconds / worked


@dataclass(frozen=True)
class Performed:
    """A run that is over; `found` if it was finished before."""

    finished: Finished
    found: bool


class Performer(Protocol):
    """Does runs, on the budget of the whole experiment."""

    async def __call__(self, plan: Plan, *, again: bool) -> Performed:
        """Do the run of `plan`, unless it is finished; `again` if it is, but failed."""
        ...


Engine = Callable[[Orchestrator, ExperimentPlan], AbstractAsyncContextManager[Performer]]
"""Where the runs of an experiment are done; it is left when all of them are."""


@asynccontextmanager
async def local(orchestrator: Orchestrator, experiment: ExperimentPlan) -> AsyncIterator[Performer]:  # noqa: ARG001 - an `Engine`
    """Do the runs in this process."""
    yield partial(perform, orchestrator)


def engine_named(
    name: str,
    *,
    ray_address: str | None = None,
    workers: int | None = None,
    ledger: Path | str | Ledger | None = None,
    backend: Backend | None = None,
) -> Engine:
    """The engine of that name: "local", or "ray", which works on the ledger at `ledger`.

    Raises:
        UnknownNameError: there is none.
        InputError: something else was given that does not go with it.
    """
    if name == "local":
        if ray_address is not None or workers is not None:
            raise InputError("a Ray address and a number of workers go with the engine ray (--engine ray)")
        return local
    if name == "ray":
        from contemplate.experiments.ray_engine import RayEngine

        return RayEngine(ray_address, workers, ledger, backend)
    raise UnknownNameError("engine", name, ["local", "ray"])


def cells(experiment: ExperimentPlan, asked: Sequence[Asked], contestants: Sequence[Contestant]) -> Iterator[Cell]:
    """All cells: question by question, so that what is done is paired whenever it ends."""
    number = 0
    for one in asked:
        for question in one.questions:
            for repeat in range(1, experiment.repeats + 1):
                for contestant in contestants:
                    yield Cell(number, one, question, contestant, repeat)
                    number += 1


async def work_through(
    orchestrator: Orchestrator,
    experiment: ExperimentPlan,
    todo: Iterable[Cell],
    progress: Progress,
    deliver: Callable[[Row], None],
    *,
    again: bool = False,
    performer: Performer,
) -> None:
    """Do all cells, so many at once as the plan says.

    Args:
        orchestrator: open; its account is the budget of the whole.
        experiment: the plan.
        todo: the cells, numbered one after the other.
        progress: is kept up to date.
        deliver: takes the rows, in the order of their cells.
        again: failed cells are done once more.
        performer: does the runs.
    """
    waiting = iter(todo)
    ready: dict[int, Row] = {}
    turn = anyio.Condition()
    next_out: int | None = None

    async def work() -> None:
        nonlocal next_out
        for cell in waiting:
            next_out = cell.number if next_out is None else next_out
            async with turn:
                while cell.number >= next_out + _AHEAD * experiment.at_once:
                    await turn.wait()
            row = await row_of(orchestrator, experiment, cell, progress, performer, again=again)
            async with turn:
                ready[cell.number] = row
                while next_out in ready:
                    deliver(ready.pop(next_out))
                    next_out += 1
                turn.notify_all()

    async with task_group() as tasks:
        for _ in range(experiment.at_once):
            tasks.start_soon(work)


async def perform(orchestrator: Orchestrator, plan: Plan, *, again: bool = False) -> Performed:
    """Do the run of a plan, unless the ledger has it finished; once more if it failed and that is asked for."""
    run = run_id(plan)
    record = await orchestrator.ledger.run(run)
    found = record is not None and record.state == "finished"
    finished = Finished(run, *await orchestrator.once(plan, run))
    if found and again and finished.failed:
        found, finished = False, Finished(run, *await orchestrator.once(plan, run, again=True))
    if found:
        Account(Budget(), parent=orchestrator.account, spent=finished.usage)
    return Performed(finished, found)


async def row_of(
    orchestrator: Orchestrator,
    experiment: ExperimentPlan,
    cell: Cell,
    progress: Progress,
    performer: Performer,
    *,
    again: bool = False,
) -> Row:
    """The row of one cell: from the ledger if its run is finished, else from doing it."""
    plan = cell.contestant.plan(orchestrator, experiment, cell.question, cell.repeat)
    performed = await performer(plan, again=again)
    finished = performed.finished
    if not performed.found:
        progress.calls += finished.usage.calls
        progress.usd += finished.usage.usd or 0.0
    columns = await graded(finished, cell.question, cell.asked.grader, await _price(orchestrator, finished.turns))
    row = Row(
        set=cell.asked.questions.name,
        question=str(cell.question.id),
        group=cell.asked.questions.groups.get(str(cell.question.id)),
        strategy=cell.contestant.label,
        panel=cell.contestant.panel,
        repeat=cell.repeat,
        seed=plan.seed,
        **columns,
    )
    progress.done += 1
    progress.found += performed.found
    if row.status == "failed":
        progress.failures[row.stopped if finished.failed else "grader"] += 1
    progress.watch(progress)
    return row


async def _price(orchestrator: Orchestrator, turns: Sequence[Turn]) -> float | None:
    """What the tokens of `turns` cost in US dollars; None where a model has no known price."""
    total = 0.0
    for turn in turns:
        if turn.tokens.prompt or turn.tokens.completion:
            price = await orchestrator.price(turn.model)
            if price is None:
                return None
            total += price.usd(turn.tokens)
    return total


class Rows:
    """Rows on disk, one JSON object a line, so that memory does not grow with their number."""

    def __init__(self, path: Path, *, temporary: bool = False) -> None:
        """Those of the file `path`, which need not be there yet; a temporary one goes with this object."""
        self.path = path
        if temporary:
            weakref.finalize(self, path.unlink, missing_ok=True)

    def __iter__(self) -> Iterator[Row]:
        """The rows in their order."""
        with self.path.open(encoding="utf-8") as lines:
            for line in lines:
                yield Row.model_validate(json.loads(line))

    @contextmanager
    def written(self, *, more: bool = False) -> Iterator[Callable[[Row], None]]:
        """Write rows, each on disk at the end of its line; after those that are there if `more`.

        Raises:
            InputError: the file can't be written.
        """
        try:
            with self.path.open("a" if more else "w", encoding="utf-8", newline="\n", buffering=1) as out:
                yield lambda row: print(json.dumps(row.model_dump(mode="json"), ensure_ascii=True), file=out)
        except OSError as error:
            raise InputError(f"{self.path}: can't be written ({error.strerror or error})") from None
