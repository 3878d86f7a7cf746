"""The pairwise judging of an experiment: checked before anything is paid for, and carried out when all runs are over."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from contemplate.errors import InputError
from contemplate.experiments.arms import Arm
from contemplate.experiments.cells import Progress
from contemplate.experiments.judging.matches import judge_all, judged_questions, matches
from contemplate.experiments.judging.pairing import pairings
from contemplate.experiments.pairwise.preference import Basis, Pairwise, pairwise
from contemplate.experiments.row_file import Rows
from contemplate.types import Json

if TYPE_CHECKING:
    from contemplate.experiments.experiment import Experiment


def check_pairwise(experiment: Experiment) -> Json | None:
    """What is needed to repeat the judging of an experiment; None where its plan asks for none.

    Raises:
        UnknownNameError: there is no such card, or no strategy that is called as the reference is.
        InputError: there is nothing to compare.
    """
    spec = experiment.plan.pairwise
    if spec is None:
        return None
    if not judged_questions(experiment.asked):
        raise InputError("pairwise: no question is of kind 'open': say `kind: open` of a question set, or leave pairwise out")
    card = experiment.orchestrator.catalogue.card(spec.card)
    if not card.takes_schema:
        raise InputError(f"pairwise: card: {spec.card} has no {{reply_form}}, so nothing says how the judge is to choose")
    if not pairings(spec, experiment.arms):
        raise InputError("pairwise: there is one strategy, and nobody to compare it with")
    return {"judge": judge_of(experiment), "card": spec.card, "digest": card.digest, "against": spec.against}


def judge_of(experiment: Experiment) -> str:
    """The model that compares answers; where the plan does not say it, the card's, else the first of the panel."""
    spec, runner = experiment.plan.pairwise, experiment.orchestrator.runner
    if spec is None:
        raise InputError("pairwise: the plan asks for no judging")
    if experiment.plan.judge is not None or runner.catalogue.card(spec.card).models:
        return runner.asked(spec.card, experiment.plan.judge)
    return experiment.arms[0].models[0]


async def ready(experiment: Experiment) -> None:
    """See to it that the judge can be asked, before anything is paid for.

    Raises:
        InputError: it can't be.
        UnreachableError: the weights of an embedded one can't be fetched.
    """
    if experiment.plan.pairwise is not None:
        await experiment.orchestrator.runner.prepare_model(judge_of(experiment))


async def contest(experiment: Experiment, rows: Rows, beside: Sequence[Arm], progress: Progress) -> Pairwise | None:
    """Have the answers of an experiment compared; None where its plan asks for none.

    What was judged before comes from the ledger.

    Args:
        experiment: all its runs are over.
        rows: theirs.
        beside: the baselines that came after its arms.
        progress: is kept up to date.
    """
    plan, spec = experiment.plan, experiment.plan.pairwise
    if spec is None:
        return None
    everybody, judge = [*experiment.arms, *beside], judge_of(experiment)
    pairs = pairings(spec, everybody)
    progress.judgements = len(judged_questions(experiment.asked)) * plan.repeats * len(pairs)

    def on_judged() -> None:
        progress.judged += 1
        progress.on_progress(progress)

    consult = partial(experiment.orchestrator.runner.consult, model=judge, secret=plan.secret)
    todo = matches(plan, experiment.asked, rows, pairs, arms=len(experiment.arms), beside=len(beside))
    judgements = await judge_all(todo, consult, spec.card, plan.at_once, on_judged)
    on_panels = tuple(dict.fromkeys(one.panel for one in everybody if judge in one.models))
    names = [(first.name, second.name) for first, second in pairs]
    basis = Basis(plan.seed, plan.level, plan.draws, plan.repeats)
    return pairwise(judgements, names, on_panels, basis, judge=judge, card=spec.card)
