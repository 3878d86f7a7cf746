"""From judgements to figures: who is preferred, at equal length too, and how far the judge can be believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contemplate.analysis import statistics
from contemplate.analysis.statistics import Interval, LengthControlled
from contemplate.experiments.pairwise.judgement import Judgement
from contemplate.seeds import derive

DRAWS = 2_000
"""Resamples for a length-controlled rate at most: each of them is a fit."""


Name = tuple[str, str]
"""A strategy's label and its panel's."""


@dataclass(frozen=True)
class Basis:
    """How the figures are computed, as the plan says it.

    Attributes:
        seed: of what is drawn; `draws` resamples.
        level: of intervals.
        repeats: how often each question was asked.
    """

    seed: int
    level: float
    draws: int
    repeats: int


@dataclass(frozen=True)
class PositionBias:
    """What the order in which two answers are shown does to a judge.

    Attributes:
        n: judgements that were read in both orders.
        changed: those in which the choice is another one in the other order.
        took_a, took_b: those of them in which the answer shown first, or shown second, was chosen both times.
    """

    n: int
    changed: int
    took_a: int
    took_b: int


@dataclass(frozen=True)
class Preference:
    """Two strategies whose answers to the same open questions a judge compared.

    Attributes:
        first, first_panel, second, second_panel: their labels.
        n: questions with a judgement.
        wins, losses, ties: judgements for the first, for the second, and for neither, of all repeats.
        unread: pairs of answers without a judgement, as an order could not be read; they count for neither.
        same_text: ties without a call.
        no_answer: decided without a call, as an answer is missing.
        win_rate: of the first: the mean over questions of 1 for a win and 1/2 for a tie; None without a judgement.
        interval: of that, over questions: Wilson's where each was asked once and they come in no groups, else by Student's t.
        controlled: the win rate at equal length; None without a judgement.
        lengths: the mean characters of both, over pairs in which both have an answer; None without any.
        order: what the order did.
    """

    first: str
    first_panel: str
    second: str
    second_panel: str
    n: int
    wins: int
    losses: int
    ties: int
    unread: int
    same_text: int
    no_answer: int
    win_rate: float | None
    interval: Interval | None
    controlled: LengthControlled | None
    lengths: tuple[float, float] | None
    order: PositionBias


@dataclass(frozen=True)
class OwnPanel:
    """The answers of one panel, compared with those of the other panels.

    Attributes:
        panel: its label.
        has_judge: whether the judge's model is on it.
        n: judgements of its answers against those of other panels.
        win_rate: the share of them that it won, ties half.
    """

    panel: str
    has_judge: bool
    n: int
    win_rate: float


@dataclass(frozen=True)
class Pairwise:
    """All that a judge said of an experiment's answers to open questions.

    Attributes:
        judge: its model.
        card: the name of its role.
        preferences: every pair of strategies that was compared.
        on_panels: the panels that have the judge's model.
        panels: how answers of each panel stand against those of other panels; empty where none were compared, and where the
            judge's model is on no panel.
        judgements: all of them, question by question.
    """

    judge: str
    card: str
    preferences: tuple[Preference, ...]
    on_panels: tuple[str, ...]
    panels: tuple[OwnPanel, ...]
    judgements: tuple[Judgement, ...]

    @property
    def order(self) -> PositionBias:
        """What the order did in all judgements."""
        return _order(self.judgements)


def pairwise(
    judgements: Sequence[Judgement],
    pairs: Sequence[tuple[Name, Name]],
    on_panels: Sequence[str],
    basis: Basis,
    *,
    judge: str,
    card: str,
) -> Pairwise:
    """The figures of all judgements.

    Args:
        judgements: of the experiment.
        pairs: who was compared with whom, in the order of the tables.
        on_panels: the panels that have the judge's model.
        basis: how they are computed.
        judge: the name of the judge's model.
        card: the name of its role.
    """
    by_pair: dict[tuple[Name, Name], list[Judgement]] = {}
    for one in judgements:
        by_pair.setdefault(((one.first, one.first_panel), (one.second, one.second_panel)), []).append(one)
    found = [_preference(first, second, by_pair.get((first, second), []), basis) for first, second in pairs]
    panels = _panels(judgements, on_panels) if on_panels else ()
    return Pairwise(judge, card, tuple(found), tuple(on_panels), panels, tuple(judgements))


def _preference(first: Name, second: Name, judgements: Sequence[Judgement], basis: Basis) -> Preference:
    """The figures of one pair of strategies."""
    results, hows = Counter(one.result for one in judgements), Counter(one.how for one in judgements)
    by_question: dict[tuple[str, str], list[Judgement]] = {}
    for one in judgements:
        if one.result is not None:
            by_question.setdefault((one.set, one.question), []).append(one)
    kept = list(by_question.values())
    rates = _rates(kept, basis, derive(basis.seed, *sorted((*first, *second)))) if kept else None
    return Preference(
        *first,
        *second,
        n=len(kept),
        wins=results["first"],
        losses=results["second"],
        ties=results["tie"],
        unread=results[None],
        same_text=hows["same-text"],
        no_answer=hows["no-answer"],
        win_rate=None if rates is None else rates[0],
        interval=None if rates is None else rates[1],
        controlled=None if rates is None else rates[2],
        lengths=_lengths(judgements),
        order=_order(judgements),
    )


def _rates(kept: Sequence[Sequence[Judgement]], basis: Basis, seed: int) -> tuple[float, Interval, LengthControlled]:
    """The win rate with its interval, and the one at equal length; `kept` are the judgements of each question."""
    scores = statistics.question_means([[_score(one) for one in of_question] for of_question in kept])
    longer = statistics.question_means([[one.longer for one in of_question] for of_question in kept])
    groups = _groups([one for one, *_ in kept])
    found = statistics.with_room(statistics.mean(scores, groups=groups, level=basis.level), low=0, high=1)
    plain = groups is None and (basis.repeats == 1 or len(scores) == 1)
    interval = statistics.wilson(sum(scores), len(scores), level=basis.level).interval if plain else found.interval
    draws = min(basis.draws, DRAWS)
    return (
        found.value,
        interval,
        statistics.length_controlled(scores, longer, seed=seed, draws=draws, level=basis.level, groups=groups),
    )


def _groups(questions: Sequence[Judgement]) -> list[str] | None:
    """The group of each question; None where they come in none, or too few are judged to tell groups apart."""
    if all(one.group is None for one in questions):
        return None
    found = [f"{one.set}\n\n{one.question}" if one.group is None else f"{one.set}\n{one.group}" for one in questions]
    return found if len(set(found)) > 1 else None


def _score(one: Judgement) -> float:
    return 0.5 if one.score is None else one.score


def _lengths(judgements: Iterable[Judgement]) -> tuple[float, float] | None:
    """The mean lengths of both, where both have an answer."""
    both = [
        (one.first_length, one.second_length)
        for one in judgements
        if one.first_length is not None and one.second_length is not None
    ]
    return (sum(a for a, _ in both) / len(both), sum(b for _, b in both) / len(both)) if both else None


def _order(judgements: Iterable[Judgement]) -> PositionBias:
    both = [(one.first_shown_first, one.second_shown_first) for one in judgements]
    read = [(one, other) for one, other in both if one is not None and other is not None]
    return PositionBias(
        n=len(read),
        changed=sum(one != other for one, other in read),
        took_a=read.count(("first", "second")),
        took_b=read.count(("second", "first")),
    )


def _panels(judgements: Iterable[Judgement], on_panels: Sequence[str]) -> tuple[OwnPanel, ...]:
    """How each panel's answers stand against those of others."""
    scores: dict[str, list[float]] = {}
    for one in judgements:
        if one.first_panel != one.second_panel and one.score is not None:
            scores.setdefault(one.first_panel, []).append(one.score)
            scores.setdefault(one.second_panel, []).append(1 - one.score)
    return tuple(
        OwnPanel(panel, panel in on_panels, len(its), sum(its) / len(its))
        for panel, its in sorted(scores.items(), key=lambda entry: entry[0] not in on_panels)
    )
