"""One contemplation: the turns of a spec are laid out, waited for, and decided on, and the ledger is told how it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import anyio

from contemplate import log
from contemplate.answers import Verifier
from contemplate.concurrency import task_group, to_the_end
from contemplate.errors import QuorumError
from contemplate.errors.boundary import boundary, typed
from contemplate.ledger import Ledger
from contemplate.ledger.base import RunRecord, StoredTurn
from contemplate.models.budget import Account
from contemplate.models.path import Calls
from contemplate.orchestration.conclusion import outcome_of, unanswered
from contemplate.orchestration.focusing import deal_documents
from contemplate.orchestration.governing import ask_leave, escalated, guard_of, let_out
from contemplate.orchestration.outside import digest_parts, shield_of
from contemplate.orchestration.run_spec import RunSpec
from contemplate.orchestration.scrutiny import scrutinise
from contemplate.policy.audit import AuditLog
from contemplate.policy.guard import Classifier
from contemplate.redaction.shield import Shield
from contemplate.run.replaying import RecordedRun
from contemplate.run.reviewing import Review
from contemplate.run.run import Run
from contemplate.run.state import RunConfig, RunState, Services
from contemplate.run.tooling import Tooling
from contemplate.run.turns import drop_the_rest
from contemplate.run.what_if import Origin
from contemplate.steps import Panel, Refine, perform
from contemplate.tools import Sandbox
from contemplate.trace.events import Noted, RunEnded, RunInterrupted, RunStarted, Telling
from contemplate.trace.outcome import Outcome
from contemplate.types import Json, Stakes


@dataclass(frozen=True)
class Contemplation:
    """A spec that is about to be carried out.

    Attributes:
        spec: what to do.
        record: the run as which it is done.
        ledger: is told about the run, unless that is done again from the ledger alone.
        calls: the path of calls.
        account: what the run may spend, and has spent.
        verifier: checks answers that can be checked.
        sandbox: runs the programs that agents write.
        tooling: the tools that agents may call.
        emit: is told each event as it happens.
        recorded: the turns that are on record, if this is a replay.
        origin: the run that it is forked from; None if it is no fork.
        note: what its reader should know from the start.
        classifiers: the functions that its policies ask, by name.
        audit: the log of what policies decide, if one is kept.
        review: is asked about a question that was put more tightly.
        earlier: the turns of the sitting that this one goes on from.
    """

    spec: RunSpec
    record: RunRecord
    ledger: Ledger
    calls: Calls
    account: Account
    verifier: Verifier
    sandbox: Sandbox
    emit: Telling
    recorded: Sequence[StoredTurn] | None = None
    origin: Origin | None = None
    note: str | None = None
    tooling: Tooling = field(default_factory=Tooling)
    classifiers: Mapping[str, Classifier] = field(default_factory=dict)
    audit: AuditLog | None = None
    review: Review | None = None
    earlier: Sequence[StoredTurn] = ()

    async def carry_out(self) -> Outcome:
        """Lay out the steps' turns, wait for them, and decide. However it ends, the run is closed in the ledger.

        Raises:
            InputError: a model can't be called. The run can then be resumed, as after a cancellation.
            ProgramError: a step's own code raised an exception. The run can be resumed once that is mended.
            StorageError: the ledger can't be written any more.
        """
        finished = False
        try:
            if self.recorded is None:
                await to_the_end(self.ledger.start_run(self._traced()))
            with typed(f"run {self.record.run}"):
                outcome = await self._carry_out()
                finished = True
        finally:
            if not finished:
                await to_the_end(self._interrupted())
                self.emit(RunInterrupted())
        log.info("run ended", run=self.record.run, stopped=outcome.stopped, usage=outcome.usage.model_dump())
        self.emit(RunEnded(outcome))
        return outcome

    def _traced(self) -> RunRecord:
        """The record, with the place of the run in the trace of whoever keeps one."""
        place = self.emit.traceparent(self.spec.traceparent)
        return (
            self.record if place is None else self.record.model_copy(update={"spec": {**self.record.spec, "traceparent": place}})
        )

    async def _carry_out(self) -> Outcome:
        spec, record = self.spec, self.record
        log.info("run started", run=record.run, strategy=spec.strategy.name, models=spec.models)
        self.emit(RunStarted(record.run, spec.question, spec.strategy.name, spec.models, spec.budget.calls))
        if self.note is not None:
            self.emit(Noted(self.note))
        shield = shield_of(spec, spec.question, self.calls.router.privacy_of)
        state = self._state(self.calls if shield is None else self.calls.screened(shield))
        why = await ask_leave(state)
        outcome = await self._asked(state, shield) if why is None else unanswered(spec, Run(state), "policy", f"policy {why}")
        outcome = await let_out(state, outcome)
        stakes = spec.stakes or (Stakes() if escalated(state) else None)
        if why is None and stakes is not None and outcome.stopped != "policy":
            outcome = await scrutinise(spec, stakes, state, outcome)
        outcome = outcome.altered(usage=state.usage)
        if self.recorded is None:
            await to_the_end(self.ledger.end_run(record.run, "finished", {**outcome.to_dict(), **_beside(state, record)}))
        return outcome

    async def _asked(self, state: RunState, shield: Shield | None) -> Outcome:
        """What the steps come to."""
        spec, replays = self.spec, self.recorded is not None
        panel, short = Panel(), None
        with anyio.move_on_after(None if replays else spec.budget.seconds) as clock:
            async with task_group() as tasks:
                state.tasks = tasks
                if shield is not None and shield.withholder is not None:
                    await digest_parts(spec, Run(state), state, shield)
                if state.replay is not None:
                    state.replay.end = clock.cancel
                if spec.focus is not None:
                    await deal_documents(spec.focus, Run(state))
                try:
                    panel = await perform(spec.strategy.steps, Run(state), panel)
                except QuorumError as error:
                    short = str(error)
                    tasks.cancel_scope.cancel()
        drop_the_rest(state)
        for turn in spec.changes.without_effect(state.trace):
            self.emit(Noted(f"turn {turn} did not come up, so that its change changed nothing"))
        return outcome_of(spec, Run(state), panel, short=short, late=clock.cancelled_caught)

    async def _interrupted(self) -> None:
        """Close a run that ends without an outcome: it can be resumed."""
        if self.recorded is None:
            with boundary(f"closing run {self.record.run}", passes=()) as caught:
                await self.ledger.end_run(self.record.run, "interrupted", None)
            if caught.error is not None:
                log.warning("run not closed", run=self.record.run, why=str(caught.error))

    def _state(self, calls: Calls) -> RunState:
        spec, before = self.spec, self.record.outcome or {}
        apart = sum(isinstance(step, Refine) for step in spec.strategy.leaves())
        allowance = None if (per_seat := spec.strategy.calls_per_seat) is None else per_seat * spec.strategy.seats + apart
        config = RunConfig(
            id=self.record.run,
            question=spec.question,
            seed=spec.seed,
            quorum=spec.quorum,
            cards=spec.cards,
            models=spec.models,
            fallbacks=spec.fallbacks,
            sampling=spec.sampling_of,
            draws_apart=spec.draws_apart,
            reliability=spec.reliability,
            consistency=spec.consistency,
            knowledge=spec.knowledge,
            allowance=allowance,
            changes=spec.changes,
            secret=spec.secret,
            tools=spec.tools,
        )
        guard = guard_of(spec, config, calls, self.classifiers, self.audit, self.emit, self.recorded)
        calls = calls if guard is None else calls.screened(guard)
        services = Services(calls, self.account, self.verifier, self.emit, self.sandbox, self.tooling, guard, self.review)
        if self.recorded is None:
            return RunState(config, services, origin=self.origin, earlier={turn.id: turn for turn, _ in self.earlier})
        turns = {turn.id: turn for turn, _ in self.recorded}
        recorded = RecordedRun(turns, before.get("stopped") == "deadline", before.get("exhausted_at"))
        return RunState(config, services, recorded, Origin.of(self.recorded) if spec.forked_from else None)


def retries(record: RunRecord) -> int:
    """The number of times that a finished run is done again, this time included."""
    return 0 if record.outcome is None else int(record.outcome.get("retried", 0)) + 1


def _beside(state: RunState, record: RunRecord) -> Json:
    """The facts kept of a run besides its outcome: what a replay has to know, and how often it was done again."""
    kept = {"exhausted_at": state.exhausted_at, "retried": retries(record) or None}
    return {name: value for name, value in kept.items() if value is not None}
