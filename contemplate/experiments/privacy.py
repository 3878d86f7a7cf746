"""Whether the models of an experiment may see its questions: panels, those who grade, and those who compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from contemplate.experiments.judging.contest import judge_of
from contemplate.experiments.questions.judge import JudgeGrader
from contemplate.orchestration.privacy import check_model, check_private
from contemplate.orchestration.run_spec import RunSpec

if TYPE_CHECKING:
    from contemplate.experiments.experiment import Experiment


def check_privacy(experiment: Experiment, plans: Sequence[RunSpec]) -> None:
    """Refuse an experiment one of whose questions may not be seen by a model that would be asked about it.

    Args:
        experiment: with its questions.
        plans: a run of each of its arms; its question may be any.

    Raises:
        ModelNotAllowedError: with part, label and model; nothing was called.
    """
    label_of, judges = experiment.orchestrator.privacy_of, list(_judges(experiment))
    for question in (question for one in experiment.asked for question in one.questions):
        if question.strictest_privacy == "any":
            continue
        for plan in plans:
            check_private(plan.model_copy(update={"question": question}), label_of)
        for role, judge in judges:
            check_model(question, role, judge, label_of(judge))


def _judges(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """The models that are asked beside the runs, with what they are for."""
    runner, plan = experiment.orchestrator.runner, experiment.plan
    if plan.pairwise is not None:
        yield "the judge", judge_of(experiment)
    for one in experiment.asked:
        if isinstance(one.grader, JudgeGrader):
            yield f"the model of grader {one.grader.name!r}", runner.asked(one.grader.card, plan.judge)
