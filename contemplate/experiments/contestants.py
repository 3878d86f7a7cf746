"""Who takes part, worked out: strategies with their cards on panels of models, and the baselines beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contemplate.experiments.plan import Entrant, ExperimentPlan
from contemplate.orchestrator import Orchestrator
from contemplate.plan import Plan
from contemplate.types import Json, Question, digest

SINGLE, VOTE = "single", "self-consistency"

_SEATS = 5
"""Of self-consistency, where nothing else is said."""


@dataclass(frozen=True)
class Contestant:
    """A strategy on a panel.

    Attributes:
        label: of the strategy, as the tables call it.
        panel: the name of the panel; `models` are those on it.
        entrant: what it is.
        matches: the label of the strategy whose number of calls it has, if it is there for that.
    """

    label: str
    panel: str
    models: tuple[str, ...]
    entrant: Entrant
    matches: tuple[str, ...] = ()

    @property
    def name(self) -> tuple[str, str]:
        """Label and panel."""
        return self.label, self.panel

    def plan(self, orchestrator: Orchestrator, experiment: ExperimentPlan, question: Question, repeat: int) -> Plan:
        """The plan of one run.

        Raises:
            InputError: there is no such recipe, or a parameter does not fit.
        """
        made = orchestrator.plan(
            question,
            self.entrant.use,
            parameters=self.entrant.set or None,
            seed=experiment.seed + repeat - 1,
            budget=experiment.each,
        )
        return made.model_copy(update={"models": self.models or made.models})


def contestants(experiment: ExperimentPlan, orchestrator: Orchestrator) -> list[Contestant]:
    """Those of the plan, and `single` where it is a baseline that is not among them; a panel after the other."""
    panels = experiment.panels or {" + ".join(models): models for models in [orchestrator.models or ("local/smollm2",)]}
    entrants = list(experiment.strategies)
    if SINGLE in experiment.baselines and not any(entrant == Entrant(use=SINGLE) for entrant in entrants):
        entrants.insert(0, Entrant(use=SINGLE))
    return [Contestant(entrant.label, name, models, entrant) for name, models in panels.items() for entrant in entrants]


def equal_calls(experiment: ExperimentPlan, there: Sequence[Contestant], calls: dict[tuple[str, str], float]) -> list[Contestant]:
    """Self-consistency with as many calls as each strategy took on average, where no such one is there already.

    Args:
        experiment: the plan.
        there: the contestants so far.
        calls: the mean calls a question of each, by label and panel.
    """
    if VOTE not in experiment.baselines:
        return []
    taken = {(one.panel, seats_of(one.entrant)) for one in there if one.entrant.use == VOTE}
    wanted: dict[tuple[str, int], list[Contestant]] = {}
    for one in there:
        seats = max(round(calls.get((one.label, one.panel), 0)), 1)
        if one.entrant.use not in {SINGLE, VOTE} and (one.panel, seats) not in taken:
            wanted.setdefault((one.panel, seats), []).append(one)
    made = []
    for (panel, seats), matched in sorted(wanted.items(), key=lambda item: (item[0][0], item[0][1])):
        entrant = Entrant(use=VOTE, set={"seats": seats}, name=f"{VOTE} ({seats} calls)")
        made.append(Contestant(entrant.label, panel, matched[0].models, entrant, tuple(one.label for one in matched)))
    return made


def largest_votes(there: Sequence[Contestant]) -> list[Contestant]:
    """The self-consistency of the most samples on each panel: the smaller ones can be had from it."""
    votes = sorted((one for one in there if one.entrant.use == VOTE), key=lambda vote: seats_of(vote.entrant))
    return list({one.panel: one for one in votes}.values())


def seats_of(vote: Entrant) -> int:
    """How many samples a self-consistency takes."""
    return int(vote.set.get("seats", _SEATS))


def described(plans: Iterable[Plan]) -> list[Json]:
    """What distinguishes the strategies of an experiment: names, and digests of recipes and cards."""
    return [{"models": list(plan.models), **plan.head()} for plan in plans]


def run_id(plan: Plan) -> str:
    """The id of the run of a plan in an experiment: equal plans are one run, whichever experiment asks for it."""
    return f"cell-{digest(plan.model_dump_json())[:24]}"
