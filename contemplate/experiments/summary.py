"""From the rows of an experiment to its comparison: one pass over them, and the statistics."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from math import isnan, nan
from typing import Literal

from contemplate.analysis import statistics
from contemplate.analysis.statistics import Amounts, AtCost, Calibration, CostPoint, Interval, Mean, Pair
from contemplate.errors import InputError
from contemplate.experiments.arms import SINGLE, VOTE, Arm, largest_votes
from contemplate.experiments.comparison import Agreement, Comparison, EqualCost, FailedCell, Name, Standing
from contemplate.experiments.curve import Samples, vote_curve, vote_scores
from contemplate.experiments.plan import ExperimentPlan
from contemplate.experiments.row_file import Rows
from contemplate.experiments.rows import MEASURES, Row, Turned, Verdicts
from contemplate.seeds import derive
from contemplate.types import Json

At = tuple[str, str]
"""A question: its set, and its id there."""


@dataclass
class _Column:
    """The numbers that are kept of one arm's rows while they go by."""

    scores: dict[At, list[float | None]] = field(default_factory=dict)
    first: dict[At, list[float | None]] = field(default_factory=dict)
    amounts: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MEASURES})
    abstained: int = 0
    failed: int = 0
    runs: int = 0
    rounds: list[list[int]] = field(default_factory=list)
    turned: list[Turned] = field(default_factory=list)
    samples: dict[At, list[Samples]] | None = None
    verdicts: dict[str, Verdicts] = field(default_factory=dict)
    confidence: list[tuple[float, float]] = field(default_factory=list)
    agreed: list[float] = field(default_factory=list)
    changed: list[bool] = field(default_factory=list)

    def add(self, row: Row) -> None:
        at = (row.set, row.question)
        self.scores.setdefault(at, []).append(row.score)
        self.first.setdefault(at, []).append(row.first_score)
        if self.samples is not None:
            self.samples.setdefault(at, []).append(row.samples)
        self.runs += 1
        self.agreed += [] if row.agreement is None else [row.agreement]
        self.changed += [] if row.changed is None else [row.changed]
        self.abstained += row.status == "abstained"
        self.failed += row.status == "failed"
        for name, measure in MEASURES.items():
            if (amount := measure.of(row)) is not None:
                self.amounts[name].append(amount)
        for number, (right, answered) in enumerate(row.rounds):
            if number == len(self.rounds):
                self.rounds.append([0, 0])
            self.rounds[number][0] += right
            self.rounds[number][1] += answered
        self.turned = [one + other for one, other in zip_longest(self.turned, row.turned, fillvalue=Turned())]
        for verb, found in row.verdicts.items():
            self.verdicts[verb] = self.verdicts.get(verb, Verdicts()) + found
        if row.status == "answered" and row.score in {0.0, 1.0}:
            self.confidence.append((row.confidence, row.score or 0.0))

    def taken(self, name: str) -> Amounts | None:
        """What the runs took by a measure; None where it is not known."""
        known = self.amounts[name]
        lacks = len(known) < self.runs if MEASURES[name].complete else not known
        return None if lacks else statistics.amounts(known)


@dataclass
class _Read:
    """The numbers of all rows, gone by once."""

    columns: dict[Name, _Column]
    groups: dict[At, str] = field(default_factory=dict)
    ungraded: set[At] = field(default_factory=set)
    failures: list[FailedCell] = field(default_factory=list)
    retried: int = 0

    @classmethod
    def of(cls, rows: Iterable[Row], order: Sequence[Name], curves: Collection[Name]) -> _Read:
        read = cls({name: _Column(samples={} if name in curves else None) for name in order})
        for row in rows:
            read.columns[row.strategy, row.panel].add(row)
            if not row.graded:
                read.ungraded.add((row.set, row.question))
            if row.group is not None:
                read.groups[row.set, row.question] = f"{row.set}\n{row.group}"
            if row.status == "failed":
                why = row.failure or row.stopped
                read.failures.append(FailedCell(row.set, row.question, row.strategy, row.panel, row.repeat, row.run, why))
            read.retried += row.retried > 0
        return read

    @property
    def questions(self) -> list[At]:
        """All, in their order."""
        return list(next(iter(self.columns.values())).scores)

    def counted(self, failed: str) -> list[At]:
        """The questions that count; none where no question can be graded.

        Raises:
            InputError: none is left of those that can.
        """
        graded = [at for at in self.questions if at not in self.ungraded]
        spoilt = {at for column in self.columns.values() for at, scores in column.scores.items() if None in scores}
        counted = [at for at in graded if not (failed == "left-out" and at in spoilt)]
        if graded and not counted:
            raise InputError("every question failed under some strategy: nothing is left to compare")
        return counted


@dataclass(frozen=True)
class _Basis:
    """The basis of all statistics: the questions that count, the groups they come in, and how chance is drawn."""

    questions: Sequence[At]
    groups: Sequence[str] | None
    seed: int
    level: float
    draws: int


def summarise(rows: Rows, who: Sequence[Arm], plan: ExperimentPlan, head: Json) -> Comparison:
    """The comparison of all rows.

    Args:
        rows: of the experiment.
        who: the arms, in the order of the tables.
        plan: the experiment's.
        head: what is needed to repeat it.

    Raises:
        InputError: no question is left.
    """
    order = [one.name for one in who]
    votes = {one.name for one in who if one.spec.use in {SINGLE, VOTE}}
    read = _Read.of(rows, order, {one.name for one in largest_votes(who)})
    counted = read.counted(plan.failed)
    groups = [read.groups.get(at, f"{at[0]}\n\n{at[1]}") for at in counted] if read.groups else None
    basis = _Basis(counted, groups, plan.seed, plan.level, plan.draws)
    means = {name: _means(column, counted) for name, column in read.columns.items()}
    standings = {name: _standing(name, read.columns[name], means[name], basis) for name in order}
    at_k = {name: vote_scores([samples[at] for at in counted], seed=plan.seed) for name, samples in _samples(read)}
    for name, scores in at_k.items() if counted else ():
        standings[name] = replace(standings[name], curve=vote_curve(scores, groups=groups, level=plan.level))
    return Comparison(
        rows=rows,
        standings=tuple(standings.values()),
        pairs=_pairs(order, means, basis) if counted else (),
        equal_cost=tuple(_equal_cost(standings, votes, at_k, means, basis)) if counted else (),
        power=statistics.detectable_difference(len(counted), level=plan.level) if len(counted) > 1 else None,
        failures=tuple(read.failures),
        retried=read.retried,
        left_out=len(read.questions) - len(read.ungraded) - len(counted),
        without_gold=len(read.ungraded),
        head=head,
    )


def _samples(read: _Read) -> Iterator[tuple[Name, dict[At, list[Samples]]]]:
    for name, column in read.columns.items():
        if column.samples is not None:
            yield name, column.samples


def _pairs(order: Sequence[Name], means: Mapping[Name, Sequence[float]], basis: _Basis) -> tuple[Pair, ...]:
    """Every pair of strategies on one panel, adjusted for all of them."""
    pairs: list[Pair] = []
    alone = len({panel for _, panel in order}) == 1
    for panel in dict.fromkeys(panel for _, panel in order):
        here = [strategy for strategy, at in order if at == panel]
        scores = {strategy if alone else f"{strategy} · {panel}": means[strategy, panel] for strategy in here}
        if len(scores) > 1:
            seed = derive(basis.seed, panel)
            pairs += statistics.all_pairs(scores, seed=seed, groups=basis.groups, draws=basis.draws, level=basis.level)
    adjusted = statistics.holm([pair.p for pair in pairs]) if pairs else ()
    return tuple(replace(_honest(pair), p_holm=p) for pair, p in zip(pairs, adjusted, strict=True))


def _honest(pair: Pair) -> Pair:
    """The pair with intervals that have a width, also where all questions have the same difference."""
    difference = statistics.with_room(pair.difference, low=-1, high=1)
    return replace(pair, difference=difference, bootstrap=statistics.with_room(pair.bootstrap, low=-1, high=1))


def _equal_cost(
    standings: Mapping[Name, Standing],
    votes: Collection[Name],
    at_k: Mapping[Name, Sequence[Sequence[float]]],
    means: Mapping[Name, Sequence[float]],
    basis: _Basis,
) -> Iterator[EqualCost]:
    """The gap between each strategy that is no vote and the largest vote on its panel, with samples that cost the same."""
    for largest, scores in at_k.items():
        vote = standings[largest]
        for name, one in standings.items():
            if not vote.curve or name in votes or one.panel != vote.panel:
                continue
            for unit, cost, of_sample in _costs(one, vote):
                points = [CostPoint(str(k), k * of_sample, there.value) for k, there in enumerate(vote.curve, 1)]
                found = statistics.accuracy_at_cost(points, cost)
                reached, gap = (None, None) if found is None else (found.accuracy, _gap(means[name], scores, found, basis))
                yield EqualCost(*name, unit, cost, cost / of_sample, reached, gap)


def _costs(one: Standing, vote: Standing) -> Iterator[tuple[Literal["tokens", "usd"], float, float]]:
    """The costs of a question under a strategy, and of a sample of the vote, in each unit that is known of both."""
    kinds: list[tuple[Literal["tokens", "usd"], Amounts | None, Amounts | None]] = [
        ("tokens", one.tokens, vote.tokens),
        ("usd", one.usd, vote.usd),
    ]
    for unit, mine, whole in kinds:
        if mine is not None and whole is not None and whole.mean > 0:
            yield unit, mine.mean, whole.mean / vote.calls.mean


def _gap(mine: Sequence[float], scores: Sequence[Sequence[float]], found: AtCost, basis: _Basis) -> Mean:
    """The lead of a strategy over the vote at a cost; `scores` are the vote's, for each question at each k."""
    low, high = ([at_k[int(k) - 1] for at_k in scores] for k in (found.cheaper, found.dearer))
    mixed = statistics.mixed_scores(low, high, found.weight)
    gaps = [ours - theirs for ours, theirs in zip(mine, mixed, strict=True)]
    return statistics.with_room(statistics.mean(gaps, groups=basis.groups, level=basis.level), low=-1, high=1)


def _means(column: _Column, counted: Sequence[At]) -> tuple[float, ...]:
    """One score a question: the mean of its repeats, a failure counting as wrong."""
    return () if not counted else statistics.question_means([[score or 0.0 for score in column.scores[at]] for at in counted])


def _standing(name: Name, column: _Column, scores: Sequence[float], basis: _Basis) -> Standing:
    counted, level = basis.questions, basis.level
    repeats = max(map(len, column.scores.values()))
    found = statistics.mean(scores, groups=basis.groups, level=level) if counted else _none(level)
    plain = repeats == 1 and basis.groups is None and all(score in {0, 1} for score in scores)
    by_count = bool(counted) and (plain or isnan(found.standard_error))
    accuracy = found if by_count else statistics.with_room(found, low=0, high=1)
    both = [(one, other) for at in counted for one, other in zip(column.first[at], column.scores[at], strict=True)]
    voted = [(one, other) for one, other in both if one in {0.0, 1.0} and other in {0.0, 1.0}]
    before = [other or 0.0 if one is None else one for one, other in both]
    return Standing(
        strategy=name[0],
        panel=name[1],
        n=len(counted),
        repeats=repeats,
        accuracy=accuracy,
        interval=statistics.wilson(sum(scores), len(scores), level=level).interval if by_count else accuracy.interval,
        abstained=statistics.wilson(column.abstained, column.runs, level=level),
        failed=column.failed,
        first=sum(before) / len(before) if voted else None,
        flips=statistics.flips([one for one, _ in voted], [other for _, other in voted]) if voted else None,
        rounds=tuple(right / answered for right, answered in column.rounds if answered),
        turned=tuple(column.turned),
        calls=statistics.amounts(column.amounts["calls"]),
        tokens=statistics.amounts(column.amounts["tokens"]),
        usd=column.taken("usd"),
        seconds=column.taken("seconds"),
        others={name: column.taken(name) for name in MEASURES if name not in Standing.__dataclass_fields__},
        calibration=_calibration(column.confidence),
        agreement=_agreement(column),
        verdicts=column.verdicts,
    )


def _none(level: float) -> Mean:
    """The accuracy over no questions: it is not a number."""
    return Mean(nan, nan, Interval(nan, nan, level), nan, 0, 0)


def _agreement(column: _Column) -> Agreement | None:
    if not column.agreed:
        return None
    dissent = sum(share < 1 for share in column.agreed)
    share = sum(column.agreed) / len(column.agreed)
    return Agreement(len(column.agreed), share, dissent, len(column.changed), sum(column.changed))


def _calibration(found: Sequence[tuple[float, float]]) -> Calibration | None:
    return statistics.calibration([one for one, _ in found], [right for _, right in found]) if found else None
