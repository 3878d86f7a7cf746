"""Carries out an experiment: cell after cell, many at once, each of them a run in the ledger that is never done twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import anyio

from contemplate.concurrency import task_group
from contemplate.experiments.arms import Arm
from contemplate.experiments.engines.local import Performer
from contemplate.experiments.plan import ExperimentPlan, Source
from contemplate.experiments.questions import Ask, Grader, QuestionSet, grader, load_questions
from contemplate.experiments.rows import Row, gradable, graded
from contemplate.orchestration.orchestrator import Orchestrator
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
        gold = {None: None, "kind": True}.get(source.grader, False)
        questions = load_questions(
            source.source, source.mapping, limit=source.limit, skip=source.skip, kind=source.kind, gold=gold
        )
        return cls(questions, grader(source.grader, questions, ask=ask))

    @property
    def ungraded(self) -> int:
        """How many questions have nothing to be graded by."""
        return sum(not gradable(question, self.grader) for question in self.questions)


@dataclass(frozen=True)
class Cell:
    """One question under one arm, once; `number` is its index in the order of the experiment."""

    number: int
    asked: Asked
    question: Question
    arm: Arm
    repeat: int


@dataclass
class Progress:
    """The progress of an experiment.

    Attributes:
        cells: how many there are; `done` of them are over, `found` of these were finished before.
        failures: of cells, by why they stopped.
        judgements: how many pairs of answers are compared when all cells are over; `judged` of them are.
        usd: paid for in this process, so far as prices are known; `calls` likewise; grading and judging left out.
        unpriced: whether there was a run whose price is not known.
        on_progress: is told whenever a cell is over.
    """

    cells: int
    done: int = 0
    found: int = 0
    judgements: int = 0
    judged: int = 0
    calls: int = 0
    usd: float = 0.0
    unpriced: bool = False
    failures: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    on_progress: Callable[[Progress], None] = lambda _: None

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    @property
    def left(self) -> float | None:
        """Seconds to go at the rate so far; None before anything was done."""
        worked = self.done - self.found
        return None if worked < 1 else (self.cells - self.done) * self.seconds / worked


def cells(experiment: ExperimentPlan, asked: Sequence[Asked], arms: Sequence[Arm]) -> Iterator[Cell]:
    """All cells: question by question, so that what is done is paired whenever it ends."""
    number = 0
    for one in asked:
        for question in one.questions:
            for repeat in range(1, experiment.repeats + 1):
                for arm in arms:
                    yield Cell(number, one, question, arm, repeat)
                    number += 1


async def work_through(
    orchestrator: Orchestrator,
    experiment: ExperimentPlan,
    todo: Iterable[Cell],
    progress: Progress,
    deliver: Callable[[Row], None],
    *,
    retry_failed: bool = False,
    performer: Performer,
) -> None:
    """Do all cells, so many at once as the plan says.

    Args:
        orchestrator: open; its account is the budget of the whole.
        experiment: the plan.
        todo: the cells, numbered one after the other.
        progress: is kept up to date.
        deliver: takes the rows, in the order of their cells.
        retry_failed: failed cells are done once more.
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
            row = await row_of(orchestrator, experiment, cell, progress, performer, retry_failed=retry_failed)
            async with turn:
                ready[cell.number] = row
                while next_out in ready:
                    deliver(ready.pop(next_out))
                    next_out += 1
                turn.notify_all()

    async with task_group() as tasks:
        for _ in range(experiment.at_once):
            tasks.start_soon(work)


async def row_of(
    orchestrator: Orchestrator,
    experiment: ExperimentPlan,
    cell: Cell,
    progress: Progress,
    performer: Performer,
    *,
    retry_failed: bool = False,
) -> Row:
    """The row of one cell: from the ledger if its run is finished, else from doing it."""
    plan = cell.arm.plan(orchestrator, experiment, cell.question, cell.repeat)
    performed = await performer(plan, retry_failed=retry_failed)
    finished = performed.finished
    if not performed.found:
        progress.calls += finished.usage.calls
        progress.usd += finished.usage.usd or 0.0
        progress.unpriced |= finished.usage.usd is None
    columns = await graded(finished, cell.question, cell.asked.grader, await _price(orchestrator, finished.trace.turns))
    row = Row(
        set=cell.asked.questions.name,
        question=str(cell.question.id),
        group=cell.asked.questions.groups.get(str(cell.question.id)),
        strategy=cell.arm.label,
        panel=cell.arm.panel,
        repeat=cell.repeat,
        seed=plan.seed,
        **columns,
    )
    progress.done += 1
    progress.found += performed.found
    if row.status == "failed":
        progress.failures[row.stopped if finished.failed else "grader"] += 1
    progress.on_progress(progress)
    return row


async def _price(orchestrator: Orchestrator, turns: Sequence[Turn]) -> float | None:
    """The price of the tokens of `turns` in US dollars; None where a model has no known price."""
    total = 0.0
    for turn in turns:
        if turn.tokens.prompt or turn.tokens.completion:
            price = await orchestrator.runner.price(turn.model)
            if price is None:
                return None
            total += price.usd(turn.tokens)
    return total
