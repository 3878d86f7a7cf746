"""Two strategies of a comparison, seen from one side; and which baseline has as many calls as a strategy."""

from __future__ import annotations

from dataclasses import dataclass

from contemplate.analysis.statistics import Interval, Pair
from contemplate.experiments.arms import SINGLE, VOTE, seats_of
from contemplate.experiments.comparison import Comparison, Standing
from contemplate.experiments.disagreements import called
from contemplate.experiments.plan import ArmSpec
from contemplate.experiments.report.table import clean


@dataclass(frozen=True, slots=True)
class Versus:
    """One strategy less another one.

    Attributes:
        first, second: their names.
        difference: of accuracies, in [-1, 1].
        interval: by Student's t.
        bootstrap: the paired bootstrap's interval.
        only: questions that only the first, and that only the second got right; None where scores are no right or wrong.
        p, p_holm, test: as those of the `Pair`.
    """

    first: str
    second: str
    difference: float
    interval: Interval
    bootstrap: Interval
    only: tuple[int, int] | None
    p: float
    p_holm: float
    test: str

    @classmethod
    def of(cls, pair: Pair, *, swapped: bool = False) -> Versus:
        """The pair as it stands, or seen from its second strategy."""
        first, second, difference = pair.first, pair.second, pair.difference.value
        interval, bootstrap = pair.difference.interval, pair.bootstrap.interval
        only = None if pair.discordant is None else (pair.discordant.b, pair.discordant.c)
        if swapped:
            first, second, difference = second, first, -difference
            interval, bootstrap = _mirrored(interval), _mirrored(bootstrap)
            only = only and (only[1], only[0])
        return cls(first, second, difference, interval, bootstrap, only, pair.p, pair.p_holm, pair.test)

    @classmethod
    def between(cls, comparison: Comparison, one: Standing, other: Standing) -> Versus | None:
        """The first less the second; None where they ran on different panels."""
        names = (called(comparison, one), called(comparison, other))
        for pair in comparison.pairs:
            if {pair.first, pair.second} == set(names):
                return cls.of(pair, swapped=pair.first != names[0])
        return None


def _mirrored(interval: Interval) -> Interval:
    """The interval of the difference seen from the other side."""
    return Interval(-interval.high, -interval.low, interval.level)


def numbered(comparison: Comparison) -> list[tuple[str, Standing]]:
    """The strategies with what figures call them: the number that they have in the tables, and their name cut short."""
    return [(clean(f"{rank} {called(comparison, one)}", 36), one) for rank, one in enumerate(comparison.standings, 1)]


def votes(comparison: Comparison) -> list[tuple[int, Standing]]:
    """The votes over independent samples, `single` among them as one of one sample, each with how many samples it takes."""
    found = [(k, one) for one in comparison.standings if (k := _samples(comparison, one)) is not None]
    return sorted(found, key=lambda entry: entry[0])


def _samples(comparison: Comparison, one: Standing) -> int | None:
    """The number of samples that a vote takes; None for what is no vote of independent samples."""
    if matched := _matches(comparison).get(one.name):
        return _calls(comparison.standing(matched[0], one.panel))
    spec = _entrants(comparison).get(one.strategy, ArmSpec(use=one.strategy))
    if spec.use == VOTE:
        return seats_of(spec)
    return 1 if spec.use == SINGLE else None


def _calls(one: Standing) -> int:
    """The calls that a strategy takes on average, as a whole number."""
    return max(round(one.calls.mean), 1)


def baseline_of(comparison: Comparison, one: Standing) -> Standing | None:
    """The self-consistency on the same panel with as many calls as a strategy takes on average; None for votes themselves."""
    among = [(k, vote) for k, vote in votes(comparison) if vote.panel == one.panel]
    if any(one is vote for _, vote in among):
        return None
    matches = _matches(comparison)
    made = (vote for _, vote in among if one.strategy in matches.get(vote.name, ()))
    there = (vote for k, vote in among if k == _calls(one) and vote.strategy != SINGLE)
    return next(made, None) or next(there, None)


def _entrants(comparison: Comparison) -> dict[str, ArmSpec]:
    """The strategies of the plan, by label."""
    found = [ArmSpec.model_validate(row) for row in comparison.head.get("plan", {}).get("strategies", ())]
    return {spec.label: spec for spec in found}


def _matches(comparison: Comparison) -> dict[str, list[str]]:
    """Baselines that are there for their number of calls, and the strategies for which they are."""
    matches: dict[str, list[str]] = comparison.head.get("matches", {})
    return matches
