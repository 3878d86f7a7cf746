"""Carrying out runs: what an orchestrator's questions share, and how a run begins, goes on, and is done again."""

from __future__ import annotations

import time
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from contemplate.answers import Verifier
from contemplate.catalogue import Catalogue
from contemplate.errors import InputError
from contemplate.errors.boundary import typed
from contemplate.ledger import Ledger
from contemplate.ledger.base import RunRecord, StoredTurn
from contemplate.models.backends.base import Backend
from contemplate.models.backends.model import ModelSpec
from contemplate.models.backends.routing import Router
from contemplate.models.budget import Account, Budget, unpriced
from contemplate.models.names import EMBEDDED
from contemplate.models.path import Calls
from contemplate.models.stages.own import Stage
from contemplate.orchestration.asking import Asking
from contemplate.orchestration.attaching import with_attachments
from contemplate.orchestration.contemplation import Contemplation, retries
from contemplate.orchestration.fitting import attached, check_fits, check_logprobs
from contemplate.orchestration.focusing import focused
from contemplate.orchestration.forking import origin_of
from contemplate.orchestration.holding import Holder
from contemplate.orchestration.ledger_secret import LedgerSecret, with_secret
from contemplate.orchestration.model_table import ModelTable
from contemplate.orchestration.policies import classifiers_of
from contemplate.orchestration.privacy import check_private
from contemplate.orchestration.rehearsal import Scratch, Understudy
from contemplate.orchestration.replay import Replay
from contemplate.orchestration.run_spec import RunSpec, new_run
from contemplate.orchestration.settings import Settings
from contemplate.orchestration.teaching import Teacher
from contemplate.orchestration.tool_table import ToolTable
from contemplate.policy.audit import AuditLog
from contemplate.policy.guard import Classifier
from contemplate.run.reviewing import Review
from contemplate.run.tooling import Tooling
from contemplate.tools import Sandbox, check_available
from contemplate.trace.course import Course
from contemplate.trace.events import NOBODY, Observer, Observers, Telling
from contemplate.trace.outcome import Outcome
from contemplate.types import NO_TOOLS, Json, Price, Usage

UNNAMED = f"no model named: using the embedded {EMBEDDED}, a very small one; name a better one with --model"
"""What is said where nobody named a model, and no server has one."""


@dataclass(frozen=True)
class _Sitting:
    """One sitting over a run, besides its spec.

    Attributes:
        spent: what earlier sittings spent.
        recorded: the turns on record, if it is a replay.
        note: what a reader of a replay should know from the start.
        tooling: the tools that agents may call.
        account: what is spent is spent there, too; None: the account of all runs.
        review: is asked about a question that was put more tightly.
        earlier: the turns of the sittings before it.
    """

    spent: Usage | None = None
    recorded: Sequence[StoredTurn] | None = None
    note: str | None = None
    tooling: Tooling | None = None
    account: Account | None = None
    review: Review | None = None
    earlier: Sequence[StoredTurn] = ()


@dataclass
class Runner(Asking):
    """Carries out runs on shared limits, connections, ledger and budget.

    Attributes:
        ledger: open.
        settings: limits, prices, the timeout, and how failed calls are tried again.
        catalogue: the cards that can be asked outside of a run.
        account: the budget of all runs together.
        table: what is known of models.
        backends: answer for the models whose names fit, by pattern.
        api_key: the key for `base_url`; None: the one in the environment.
        stages: of the user's own, in the path of every call.
        asks: the model that is asked where neither card nor caller names one.
        telemetry: is told the events of every run, before the observers of that run are; None: nobody.
        tools: that can be granted.
        classifiers: the functions that policies ask, by name.
        unnamed: nobody named a model, so that the one of `asks` is asked: what observers are told of that. None: one was named.
    """

    ledger: Ledger
    settings: Settings
    catalogue: Catalogue
    account: Account
    table: ModelTable
    backends: Mapping[str, Backend]
    asks: str
    base_url: str | None
    api_key: SecretStr | None = None
    stages: tuple[Stage, ...] = ()
    unnamed: str | None = None
    telemetry: Observer | None = None
    tools: ToolTable = field(default_factory=lambda: ToolTable({}))
    classifiers: Mapping[str, Classifier] = field(default_factory=dict)
    _calls: dict[object, Calls] = field(default_factory=dict)
    _verifier: Verifier = field(default_factory=Verifier)
    _sandbox: Sandbox = field(default_factory=Sandbox)
    _teacher: Teacher = field(init=False)
    _holder: Holder = field(init=False)
    secret: LedgerSecret = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Let the ledger teach, and keep a secret."""
        self._holder = Holder(self.ledger)
        self._teacher, self.secret = Teacher(self.ledger), LedgerSecret(self.ledger, self.settings.secret)

    @property
    def audit(self) -> AuditLog | None:
        """The log of what policies decide, if one is kept."""
        return None if self.settings.policy.audit is None else AuditLog(Path(self.settings.policy.audit))

    async def aclose(self) -> None:
        """End the runs that are still at work, then close connections and processes."""
        await self._holder.aclose()
        for calls in self._calls.values():
            await calls.router.aclose()
        await self._verifier.__aexit__(None, None, None)

    # --- runs -----------------------------------------------------------------------------------------

    async def prepare(self, spec: RunSpec) -> None:
        """See to it that a run's models and programs can be called, before anything is: names, keys, prices, weights, and room.

        Raises:
            InputError: one can't be.
            UnreachableError: the weights can't be fetched.
        """
        if spec.runs_programs:
            check_available()
        router = self._calls_of(spec).router
        check_private(spec, router.privacy_of)
        classifiers_of(spec.policies, self.classifiers)
        await check_fits(spec, router)
        for model in spec.names:
            with typed(f"preparing {model}"):
                check_logprobs(spec, model, router.route(model).backend)
            await self._prepare(model, router, capped=spec.budget.usd is not None)

    async def prepare_model(self, model: str) -> None:
        """See to it that a model can be asked outside of any run: its name, key, price, the embedded one's weights.

        Raises:
            InputError: it can't be.
            UnreachableError: the weights can't be fetched.
        """
        await self._prepare(model, self._calls_at(self.base_url).router, capped=False)

    async def _prepare(self, model: str, router: Router, *, capped: bool) -> None:
        with typed(f"preparing {model}"):
            route = router.route(model)
            if (capped or self.account.budget.usd is not None) and await router.price(model) is None:
                raise unpriced(model)
            if route.model.embedded:
                await router.ready(model)

    async def execute(
        self,
        spec: RunSpec,
        observers: Observers = NOBODY,
        *,
        run: str | None = None,
        account: Account | None = None,
        review: Review | None = None,
    ) -> Outcome:
        """Carry out a spec as a new run; unless it is a fork, which keeps its secret, it gets the ledger's for it.

        Args:
            spec: what to do.
            observers: are told each event as it happens.
            run: its id, from `new_run`, where the caller must know it beforehand.
            account: what the run spends is spent there, too; None for the account of all runs. It lies below that one.
            review: is asked about a question that was put more tightly.

        Raises:
            InputError: a model can't be called.
        """
        run = new_run() if run is None else run
        spec = spec if spec.forked_from else with_secret(spec, await self.secret.of_runs())
        async with self._holder.held(run):
            return await self._execute(run, spec, observers, account, review)

    async def resume(self, record: RunRecord, observers: Observers = NOBODY, *, tools_again: bool = False) -> Outcome:
        """Go on with a run that was cut short; what it paid for is not paid again, and its budget goes on.

        A run that is finished stays as it is: its outcome is read from the ledger. For `tools_again`, see `StoredRuns.resume`.

        Raises:
            RunHeldError: somebody is at work on it.
        """
        if record.state != "finished" or record.outcome is None:
            async with self._holder.held(record.run):
                record = await self.ledger.run(record.run) or record  # it may have come to its end meanwhile
                if record.state != "finished" or record.outcome is None:
                    return await self._go_on(record, observers, again=tools_again)
        return await self._finished(record, record.outcome, observers)

    async def _finished(self, record: RunRecord, outcome: Json, observers: Observers) -> Outcome:
        found = await self.replay(record, observers, note=f"run {record.run} is finished: nothing is left to do")
        if found.difference is not None:
            how = f"contemplate show {record.run} prints it as it was"
            raise InputError(f"run {record.run} is finished, and comes out different now ({found.difference}); {how}")
        return found.outcome.altered(usage=Usage.model_validate(outcome["usage"]))

    async def _go_on(self, record: RunRecord, observers: Observers, *, again: bool = False) -> Outcome:
        spec = RunSpec.stored(record.run, record.spec)
        await self.prepare(spec)
        async with self.tools.equipped(spec, self._sandbox, self.ledger, again=again) as (spec, tooling):
            spent, earlier = await self.ledger.spent(record.run), await self.ledger.turns(record.run)
            return await self._carry_out(spec, record, observers, _Sitting(spent=spent, tooling=tooling, earlier=earlier))

    async def run_or_load(
        self, spec: RunSpec, run: str, *, retry_failed: bool = False, observers: Observers = NOBODY
    ) -> tuple[Json, list[StoredTurn]]:
        """Carry out a spec as the run `run`, unless that is finished; go on with it if it was cut short.

        Args:
            spec: what to do; the same for the same run.
            run: its id, chosen by the caller.
            retry_failed: do it once more though it is finished: what was paid for is not paid again, what failed is asked again.
                Somebody else who is at work on the run is waited for.
            observers: are told each event as it happens.

        Returns:
            The outcome as the ledger keeps it (`Outcome.to_dict`, and how often `retried`), and the turns with what each saw.

        Raises:
            InputError: a model can't be called.
        """
        if not retry_failed and (found := await self._loaded(await self.ledger.run(run))) is not None:
            return found
        async with self._holder.held(run, waits=True) as waited:
            record = await self.ledger.run(run)
            if (waited or not retry_failed) and (found := await self._loaded(record)) is not None:
                return found
            if record is None:
                outcome, again = await self._execute(run, spec, observers), 0
            else:
                outcome, again = await self._go_on(record, observers), retries(record)
        return {**outcome.to_dict(), "retried": again}, outcome.course.stored

    async def _loaded(self, record: RunRecord | None) -> tuple[Json, list[StoredTurn]] | None:
        """What the ledger keeps of a run that is finished; None for another."""
        if record is None or record.state != "finished" or record.outcome is None:
            return None
        return record.outcome, await self.ledger.turns(record.run)

    async def replay(self, record: RunRecord, observers: Observers = NOBODY, *, note: str | None = None) -> Replay:
        """Do a finished run again from the ledger alone, with calls forbidden; `note` is told to observers.

        Raises:
            InputError: it is not finished.
        """
        recorded = record.check_finished()
        stored = await self.ledger.turns(record.run)
        spec = RunSpec.stored(record.run, record.spec)
        outcome = await self._carry_out(spec, record, observers, _Sitting(recorded=stored, note=note))
        return Replay(outcome, tuple(outcome.course.diff(Course.of(stored))), recorded["answer"])

    async def instructed(self, spec: RunSpec) -> RunSpec:
        """The spec with what its strategy wants to be taught by the ledger.

        Raises:
            InputError: the ledger can't teach it.
        """
        return await self._teacher.instructed(spec)

    async def rehearse(self, spec: RunSpec, backend: Backend, scratch: Scratch) -> dict[str, Price | None]:
        """Carry out a spec with `backend` for all that `scratch` has no reply to; nothing is paid for.

        Returns:
            The real price of each model.
        """
        router = Understudy(self._calls_of(spec).router, backend)
        bare = spec.model_copy(update={"budget": Budget(), "tools": NO_TOOLS})
        free = await focused(await with_attachments(bare, scratch, self._calls_of(spec).router), self._calls_of(spec).router)
        await Contemplation(
            spec=free,
            record=RunRecord(run="rehearsal", created=time.time(), state="running", spec=free.model_dump(mode="json")),
            ledger=scratch,
            calls=Calls(router, scratch),
            account=Account(Budget()),
            verifier=self._verifier,
            sandbox=self._sandbox,
            emit=Telling("rehearsal", NOBODY),
            origin=await origin_of(self.ledger, spec),
            classifiers=classifiers_of(spec.policies, self.classifiers),
        ).carry_out()
        return {model: await router.price(model) for model in spec.names}

    async def price(self, model: str) -> Price | None:
        """The price of a model's tokens; None where nobody knows it."""
        return await self._calls_at(self.base_url).router.price(model)

    # --- one contemplation ----------------------------------------------------------------------------

    async def _execute(
        self, run: str, spec: RunSpec, observers: Observers, account: Account | None = None, review: Review | None = None
    ) -> Outcome:
        spec = spec if spec.forked_from else await self.instructed(spec)
        await self.prepare(spec)
        spec = await focused(await attached(spec, self.ledger, self._calls_of(spec).router), self._calls_of(spec).router)
        if self.settings.policy.file is not None and not (spec.policies or spec.forked_from) and self.audit is not None:
            await self.audit.noted("without-policy", run=run)
        async with self.tools.equipped(spec, self._sandbox, self.ledger) as (spec, tooling):
            record = RunRecord(run=run, created=time.time(), state="running", spec=spec.model_dump(mode="json"))
            return await self._carry_out(spec, record, observers, _Sitting(account=account, tooling=tooling, review=review))

    async def _carry_out(self, spec: RunSpec, record: RunRecord, observers: Observers, sitting: _Sitting) -> Outcome:
        recorded = sitting.recorded
        return await Contemplation(
            spec=spec,
            record=record,
            ledger=self.ledger,
            calls=self._calls_of(spec),
            account=Account(spec.budget, parent=sitting.account or self.account, spent=sitting.spent),
            verifier=self._verifier,
            sandbox=self._sandbox,
            emit=Telling(record.run, observers if self.telemetry is None else observers.after(self.telemetry)),
            recorded=recorded,
            origin=None if recorded is not None else await origin_of(self.ledger, spec),
            classifiers=classifiers_of(spec.policies, self.classifiers) if recorded is None else {},
            audit=self.audit,
            note=sitting.note if recorded is not None or spec.models != (self.asks,) else self.unnamed,
            tooling=sitting.tooling or Tooling(),
            review=sitting.review,
            earlier=sitting.earlier,
        ).carry_out()

    def _calls_of(self, spec: RunSpec) -> Calls:
        """The path of calls of a run. Limits are shared by all runs whose models are at the same locations."""
        return self._calls_at(spec.base_url, self.table.elsewhere(spec.names, spec.routes)).within(spec.privacy)

    def _calls_at(self, base_url: str | None, elsewhere: Mapping[str, ModelSpec] | None = None) -> Calls:
        """The path of calls with `base_url` for models that have none, and some models `elsewhere` than the table says."""
        location = (base_url, frozenset((elsewhere or {}).items()))
        if location not in self._calls:
            router = Router(
                base_url,
                backends=self.backends,
                models=ChainMap(dict(elsewhere or {}), self.table.specs),
                prices=self.settings.prices,
                timeout=self.settings.timeout,
                api_key=self.api_key.get_secret_value() if self.api_key is not None and base_url == self.base_url else None,
            )
            own = {name: spec.limits for name, spec in self.table.specs.items() if spec.limits is not None}
            limits = {**self.settings.limits, **own}
            self._calls[location] = Calls(router, self.ledger, limits=limits, retry=self.settings.retry, stages=self.stages)
        return self._calls[location]
