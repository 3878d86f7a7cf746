"""The arms of an experiment: strategies with their cards on panels of models, and the baselines beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contemplate.experiments.plan import ArmSpec, ExperimentPlan
from contemplate.models.names import EMBEDDED
from contemplate.orchestration.ledger_secret import PUBLIC, with_secret
from contemplate.orchestration.options import RunOptions
from contemplate.orchestration.orchestrator import Orchestrator
from contemplate.orchestration.run_spec import RunSpec
from contemplate.types import Json, Question, digest

CELL = "cell-"
"""What the ids of runs of experiments begin with."""

SINGLE, VOTE = "single", "self-consistency"

_ALONE = ArmSpec(use=SINGLE)

_SEATS = 5
"""Of self-consistency, where nothing else is said."""


@dataclass(frozen=True)
class Arm:
    """A strategy on a panel.

    Attributes:
        label: of the strategy, as the tables call it.
        panel: the name of the panel; `models` are those on it.
        spec: its strategy with changes, as the plan writes it.
        matches: the label of the strategy whose number of calls it has, if it is there for that.
        learns_until: when the experiment began, in seconds since 1970, UTC: what it stores itself teaches it nothing.
    """

    label: str
    panel: str
    models: tuple[str, ...]
    spec: ArmSpec
    matches: tuple[str, ...] = ()
    learns_until: float | None = None

    @property
    def name(self) -> tuple[str, str]:
        """Label and panel."""
        return self.label, self.panel

    def plan(self, orchestrator: Orchestrator, experiment: ExperimentPlan, question: Question, repeat: int) -> RunSpec:
        """The plan of one run; its secret comes from that of the experiment, or there is none.

        Raises:
            InputError: there is no such recipe, or a parameter does not fit.
        """
        seed = experiment.seed + repeat - 1
        options = RunOptions(parameters=self.spec.set, seed=seed, budget=experiment.each, models=self.models)
        spec = with_secret(orchestrator.specify(question, self.spec.use, options), experiment.secret or PUBLIC)
        return spec.model_copy(update={"learns_until": self.learns_until}) if spec.strategy.taught else spec


def arms(experiment: ExperimentPlan, orchestrator: Orchestrator) -> list[Arm]:
    """The arms of the plan, and `single` where it is a baseline that is not among them; a panel after the other."""
    panels = {name: orchestrator.table.names(models) for name, models in experiment.panels.items()}
    if experiment.on_configured:
        panels = {" + ".join(models): models for models in [orchestrator.models or (EMBEDDED,)]}
    seated = {name: [spec for spec in experiment.strategies if not spec.models] for name in panels}
    for spec in experiment.strategies:
        if spec.models:
            panels.setdefault(spec.panel, orchestrator.table.names(spec.models))
            seated.setdefault(spec.panel, []).append(spec)
    for specs in seated.values():
        if SINGLE in experiment.baselines and not any(spec.model_copy(update={"models": ()}) == _ALONE for spec in specs):
            specs.insert(0, _ALONE)
    return [Arm(spec.label, name, panels[name], spec) for name, specs in seated.items() for spec in specs]


def equal_calls(experiment: ExperimentPlan, there: Sequence[Arm], calls: dict[tuple[str, str], float]) -> list[Arm]:
    """Self-consistency with as many calls as each strategy took on average, where no such one is there already.

    Args:
        experiment: the plan.
        there: the arms so far.
        calls: the mean calls a question of each, by label and panel.
    """
    if VOTE not in experiment.baselines:
        return []
    taken = {(one.panel, seats_of(one.spec)) for one in there if one.spec.use == VOTE}
    wanted: dict[tuple[str, int], list[Arm]] = {}
    for one in there:
        seats = max(round(calls.get((one.label, one.panel), 0)), 1)
        if one.spec.use not in {SINGLE, VOTE} and (one.panel, seats) not in taken:
            wanted.setdefault((one.panel, seats), []).append(one)
    made = []
    for (panel, seats), matched in sorted(wanted.items(), key=lambda item: (item[0][0], item[0][1])):
        spec = ArmSpec(use=VOTE, set={"seats": seats}, name=f"{VOTE} ({seats} calls)")
        made.append(Arm(spec.label, panel, matched[0].models, spec, tuple(one.label for one in matched)))
    return made


def largest_votes(there: Sequence[Arm]) -> list[Arm]:
    """The self-consistency of the most samples on each panel: the smaller ones can be had from it."""
    votes = sorted((one for one in there if one.spec.use == VOTE), key=lambda vote: seats_of(vote.spec))
    return list({one.panel: one for one in votes}.values())


def seats_of(vote: ArmSpec) -> int:
    """The number of samples that a self-consistency takes."""
    return int(vote.set.get("seats", _SEATS))


def described(plans: Iterable[RunSpec]) -> list[Json]:
    """The models of an experiment's strategies, and the digests of their recipes and cards, which distinguish it."""
    return [{"models": list(plan.models), **plan.head()} for plan in plans]


def run_id(plan: RunSpec) -> str:
    """The id of the run of a plan in an experiment: equal plans are one run, whichever experiment asks for it."""
    return f"{CELL}{digest(plan.model_dump_json(exclude={'learns_until'}))[:24]}"
