"""What an orchestrator does with stored runs: go on with them, do them again, and ask what if."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict, Unpack

from contemplate.analysis.run_difference import RunDifference, run_difference
from contemplate.catalogue import Catalogue
from contemplate.deprecated import renamed_arguments
from contemplate.errors import UnknownNameError
from contemplate.ledger.base import RunRecord, StoredTurn
from contemplate.models.budget import Budget
from contemplate.orchestration.credit import Credit, CreditRow, estimate_credit, find_credit
from contemplate.orchestration.forking import forked
from contemplate.orchestration.model_table import ModelTable
from contemplate.orchestration.options import observers_of
from contemplate.orchestration.rehearsal import Estimate, Scratch, casts_like
from contemplate.orchestration.replay import Replay
from contemplate.orchestration.run_spec import RunSpec, was_asked
from contemplate.orchestration.runner import Runner
from contemplate.orchestration.step_audit import HowToAudit, StepAudit, audit_spec, audited
from contemplate.run.what_if import Changes
from contemplate.trace.events import Observer
from contemplate.trace.outcome import Outcome
from contemplate.types import Price, Question

NEWEST = "last"
"""What stands for the run that was begun last."""


class ChangeOptions(TypedDict, total=False):
    """The changes of a fork by name; see `contemplate.run.what_if.Changes`."""

    without_seats: Sequence[int]
    without_turns: Sequence[str]
    edits: Mapping[str, str]
    models: Mapping[int, str]
    rule: str | None
    parameters: Mapping[str, str | int | float | bool]


class StoredRuns(ABC):
    """The part of an orchestrator that is about stored runs.

    Attributes:
        catalogue: the cards and recipes that can be named.
        table: what is known of models.
    """

    catalogue: Catalogue
    table: ModelTable

    @property
    @abstractmethod
    def runner(self) -> Runner:
        """The runner, which carries out specs."""

    @renamed_arguments(listen="on_event")
    async def resume(
        self, run: str, on_event: Observer | Sequence[Observer] | None = None, *, tools_again: bool = False
    ) -> Outcome[Any]:
        """Go on with a run that was cut short: what it paid for is not paid again. One that is finished stays as it is.

        Args:
            run: its id, or the beginning of it.
            on_event: an observer, or several.
            tools_again: call tools once more that were at work when it was cut short, though they may change something outside.

        Raises:
            InputError: there is no such run.
        """
        return await self.runner.resume(await self.run(run), observers_of(on_event), tools_again=tools_again)

    @renamed_arguments(listen="on_event")
    async def replay(self, run: str, on_event: Observer | Sequence[Observer] | None = None) -> Replay:
        """Do a finished run again from the ledger alone, with calls forbidden.

        Raises:
            InputError: there is no such run, or it is not finished.
        """
        return await self.runner.replay(await self.run(run), observers_of(on_event))

    async def runs(self, limit: int = 1000) -> list[RunRecord]:
        """The stored runs, newest first."""
        return await self.runner.ledger.runs(limit)

    async def run(self, run: str) -> RunRecord:
        """The stored run of that id, or of the only one that begins so; "last" is the newest one.

        Raises:
            UnknownNameError: there is none.
            InputError: several begin so.
        """
        ledger = self.runner.ledger
        found = await (self._newest() if run == NEWEST else ledger.run(run))
        if found is None:
            known = [*filter(was_asked, reversed(await ledger.run_ids()))]
            raise UnknownNameError("run", run, known, "(contemplate list runs)")
        return found

    async def _newest(self) -> RunRecord | None:
        """The run that was begun last and that somebody asked for: no cell of an experiment, no fork that was made for credit."""
        ledger = self.runner.ledger
        newest = next((run for run in reversed(await ledger.run_ids()) if was_asked(run)), None)
        return None if newest is None else await ledger.run(newest)

    async def stored(self, run: str) -> tuple[RunRecord, list[StoredTurn]]:
        """A stored run with its turns, each with what it saw; see `run`."""
        record = await self.run(run)
        return record, await self.runner.ledger.turns(record.run)

    # --- what if --------------------------------------------------------------------------------------

    async def fork(
        self,
        run: str,
        *,
        budget: Budget | None = None,
        on_event: Observer | Sequence[Observer] | None = None,
        **changes: Unpack[ChangeOptions],
    ) -> Outcome[Any]:
        """Do a finished run again with something changed, as a new run: only what lies downstream of the change is called.

        Everything else comes from the ledger. The new run says what it is forked from and what was changed, can be replayed and
        resumed, and forked in its turn.

        Args:
            run: its id, or the beginning of it.
            budget: caps on the fork; None: those of the run.
            on_event: an observer, or several.
            **changes: `without_seats=[2]` leaves seats of the panel out, `without_turns` turns; `edits={turn: text}` has agents
                say something else; `models={2: "openai/gpt-5-mini"}` gives seats another model; `rule` counts votes otherwise;
                `parameters` are set in the recipe.

        Raises:
            UnknownNameError: there is no such run, turn, rule or parameter.
            InputError: the run is not finished, or a change is wrong; nothing was called.
        """
        return await self.runner.execute(await self.fork_spec(run, budget=budget, **changes), observers_of(on_event))

    async def fork_spec(self, run: str, *, budget: Budget | None = None, **changes: Unpack[ChangeOptions]) -> RunSpec:
        """The spec of a fork; see `fork`. Nothing is called."""
        record, stored = await self.stored(run)
        spec = forked(record, stored, Changes(**changes), budget, self.catalogue, self.table)  # type: ignore[arg-type]  # it checks them
        before = RunSpec.stored(record.run, record.spec)
        new = spec.strategy.taught - before.strategy.taught
        return await self.runner.instructed(spec) if new else spec

    async def estimate_fork(self, run: str, *, budget: Budget | None = None, **changes: Unpack[ChangeOptions]) -> Estimate:
        """What a fork would take, found out with scripted agents; see `fork`. Nothing is called."""
        spec = await self.fork_spec(run, budget=budget, **changes)
        return await self.rehearsed([spec], spec.question, (await self.stored(run))[1])

    async def rehearsed(self, specs: Iterable[RunSpec], question: Question, stored: Sequence[StoredTurn]) -> Estimate:
        """What specs would take together beside what the ledger has, by rehearsing them with agents like those of `stored`.

        What two of them ask alike is asked once.
        """
        found, all_specs = [], list(specs)
        for cast in casts_like(question, stored):
            scratch, prices = Scratch(self.runner.ledger), dict[str, Price | None]()
            for spec in all_specs:
                prices |= await self.runner.rehearse(spec, cast.backend, scratch)
            found.append((len(cast.asked), cast.tokens, cast.usd(prices)))
        (least, fewest, cheap), (most, many, dear) = sorted(found, key=lambda one: one[:2])
        usd = None if cheap is None or dear is None else (cheap, dear)
        return Estimate((least, most), (fewest, many), usd)

    async def diff(self, run: str, other: str) -> RunDifference:
        """Two stored runs side by side: what was set otherwise, what came of it, and where each seat first said something else.

        Raises:
            UnknownNameError: there is no such run.
        """
        return run_difference(await self.stored(run), await self.stored(other))

    async def credit(
        self,
        run: str,
        *,
        turns: bool = False,
        budget: Budget | None = None,
        on_estimate: Callable[[Estimate], None] = lambda _: None,
        on_row: Callable[[CreditRow], None] = lambda _: None,
    ) -> Credit:
        """Leave out each seat in turn, by forks, and see whose absence changes the answer, the margin and the confidence.

        What was found out before is not paid for again. The estimate is told before anything is called.

        Args:
            run: its id, or the beginning of it.
            turns: leave out each turn of an agent instead.
            budget: caps on all forks together.
            on_estimate: told what it will take.
            on_row: told each row as it is there.

        Raises:
            UnknownNameError: there is no such run.
            InputError: it is not finished, has only one seat, or would pass the budget.
        """
        return await find_credit(self, run, turns=turns, budget=budget, on_estimate=on_estimate, on_row=on_row)

    async def audit_steps(
        self,
        run: str,
        *,
        critics: int = 1,
        check: bool = True,
        models: str | Sequence[str] = (),
        budget: Budget | None = None,
        on_event: Observer | Sequence[Observer] | None = None,
    ) -> StepAudit:
        """Look for the first wrong step of each reply of a finished run: critics mark its number, programs compute steps again.

        The critics' turns are a run of their own, which can be shown, replayed and resumed.

        Args:
            run: its id, or the beginning of it.
            critics: how many look at each reply, from 0 to 100; with 0 nothing is called.
            check: whether arithmetic steps are computed again.
            models: of the critics, as written for a panel; none: those of the run.
            budget: caps on the audit.
            on_event: an observer, or several.

        Raises:
            UnknownNameError: there is no such run.
            InputError: it is not finished, or has no reply with an answer.
        """
        record, stored = await self.stored(run)
        how = HowToAudit(critics, "steps" if check else "critics", tuple([models] if isinstance(models, str) else models), budget)
        spec = audit_spec(record, stored, self.catalogue, self.table, how)
        if not critics:
            return StepAudit(record.run, None, audited(stored, check=check))
        outcome = await self.runner.execute(spec, observers_of(on_event))
        return StepAudit(record.run, outcome.run, audited(stored, outcome.course.turns, check=check), outcome.usage)

    async def estimate_credit(self, run: str, *, turns: bool = False) -> Estimate:
        """What `credit` would take. Nothing is called."""
        return await estimate_credit(self, run, turns=turns)
