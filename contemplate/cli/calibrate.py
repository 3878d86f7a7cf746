"""`contemplate calibrate`: a model is tried as critic and verifier, on questions whose right answers are known."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import dataclass

from contemplate.analysis.witness_knowledge import lessons
from contemplate.catalogue.recipe import settings_of
from contemplate.cli.compare import InterruptedExperimentError, screen_for, spread
from contemplate.cli.location import Location
from contemplate.cli.reliability import Trust, learned_from
from contemplate.cli.signals import run_async
from contemplate.cli.status import Status
from contemplate.experiments import CostEstimate, Experiment, ExperimentPlan, estimate
from contemplate.ledger import Ledger
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.text import one_line

STRATEGY = "calibration"
"""The recipe by which critics are tried."""


@dataclass(frozen=True)
class Arguments:
    """What was typed. `budget`: the caps that were given, by name."""

    model: str
    questions: str
    limit: int
    settings: tuple[str, ...]
    base_url: str | None
    seed: int
    budget: dict[str, float]
    dry_run: bool
    location: Location
    json: bool

    def plan(self) -> ExperimentPlan:
        """The experiment that the trial is.

        Raises:
            InputError: something in it is wrong.
        """
        return ExperimentPlan.checked(
            strategies=[{"use": STRATEGY, "set": settings_of(self.settings)}],
            models=[self.model],
            questions=[{"source": self._source(), "limit": self.limit}],
            seed=self.seed,
            budget=self.budget,
            baselines=[],
        )

    def _source(self) -> str:
        """The source of the questions; where they are generated, as many as are wanted, by the seed."""
        if not self.questions.startswith(("builtin:arithmetic", "gym:")):
            return self.questions
        source, query = self.questions, self.questions.partition("?")[2]
        given = {option.partition("=")[0] for option in query.split("&")}
        for name, value in (("size", self.limit), ("seed", self.seed)):
            if name not in given:
                source += f"{'&' if '?' in source else '?'}{name}={value}"
        return source


def calibrate(arguments: Arguments) -> int:
    """Do the trial, or only say what it would take; return the exit status."""
    plan = arguments.plan()
    done: list[CostEstimate | Trust] = []

    async def work() -> None:
        where = arguments.location
        async with Orchestrator(
            base_url=arguments.base_url, ledger=where.ledger, project=where.project, budget=plan.budget
        ) as orchestrator:
            experiment = await Experiment.of(plan, orchestrator)
            expected = await estimate(experiment)
            if arguments.dry_run:
                done.append(expected)
                return
            expected.check(plan.budget)
            print(f"contemplate: {_expected(expected)}", file=sys.stderr)
            with (screen := screen_for(quiet=arguments.json)):
                await experiment.run(screen.tell)
            done.append(await _found(orchestrator.ledger, experiment.arms[0].models))

    with suppress(KeyboardInterrupt):
        run_async(work)
    if not done:
        raise InterruptedExperimentError("interrupted; what was paid for is kept, and the same command goes on from here")
    found = done[0]
    if isinstance(found, CostEstimate):
        row = {"runs": found.runs, "calls": found.calls, "tokens": found.tokens, "usd": found.usd}
        print(json.dumps(row) if arguments.json else _expected(found))
    elif arguments.json:
        print(json.dumps(list(found.rows()), ensure_ascii=True))
    else:
        print("\n".join(found.lines()))
    return Status.DONE


def _expected(found: CostEstimate) -> str:
    """What it takes, before what is in the ledger already."""
    dollars = f", ${spread(found.usd, 4)}" if found.usd is not None and any(found.usd) else ""
    calls, tokens = spread(found.calls), spread(found.tokens)
    return one_line(f"{found.runs} questions: about {calls} calls, {tokens} tokens{dollars}; what is in the ledger is free", 200)


async def _found(ledger: Ledger, models: tuple[str, ...]) -> Trust:
    """What the ledger teaches about the model, with and without right answers."""
    return Trust(witnesses=tuple((source, known.of(models)) for source, known in learned_from(await lessons(ledger))))
