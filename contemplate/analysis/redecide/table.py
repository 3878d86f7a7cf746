"""Recorded samples decided under many configurations, a row each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import fsum, isnan
from pathlib import Path

from contemplate.analysis.records import Record, Votes, load_records, read
from contemplate.analysis.redecide.configurations import Configuration, TieValue, configurations
from contemplate.analysis.redecide.deciding import Decided, Deciding
from contemplate.analysis.redecide.rows import Redecision, RedecisionRow
from contemplate.analysis.redecide.weights import weights_of
from contemplate.analysis.statistics import mean, pass_at_k, wilson
from contemplate.errors import InputError
from contemplate.types import AnswerKind
from contemplate.voting.stopping import SettledTest

_MOST_ORDERS = 1000


def redecide(  # noqa: PLR0913 - what can be decided in another way
    source: Path | str | Sequence[Record] | Sequence[Votes],
    *,
    rule: str | Sequence[str] = "plurality",
    stop: str | SettledTest | Sequence[str | SettledTest] = (),
    weights: str | Sequence[str] = (),
    k: int | str | Sequence[int | str] = (),
    ties: TieValue = "first-seen",
    orders: int = 20,
    seed: int = 0,
    gold: bool = True,
    fields: Mapping[str, str] | None = None,
    kind: AnswerKind | None = None,
) -> Redecision:
    """Decide recorded samples again, in every combination of rules, stop tests, weights and k; no calls are made.

    Args:
        source: a file of recorded samples (`contemplate.analysis.records.load_records`), records, or votes, as
            `stored_samples` finds them in a ledger.
        rule: voting rules, or "best"; several as a list, or separated by commas. A threshold stands in brackets.
        stop: stop tests, as `beta(0.99)`; none draws all.
        weights: what votes weigh: "equal", "weight", "score", "softmax(T)", "recalibrated", "learned".
        k: the most samples that are drawn for a question; none for all.
        ties: "first-seen", "fraction", "random", "any" or "none".
        orders: random orders of the samples that are averaged, at most 1000; 0 takes them as they stand.
        seed: everything random comes from it.
        gold: hold the decisions against gold answers. Either all questions have one, or none.
        fields: which field of a file is what; see `contemplate.analysis.records.load_records`.
        kind: of a file's questions that name none.

    Raises:
        InputError: a file is wrong, at a line and a field; a word is unknown, a figure out of range, k above the samples of a
            question, a sample without what weights come from; or only some questions have a gold answer.
    """
    chosen = configurations(rule, stop, weights, k, ties)
    if not 0 <= orders <= _MOST_ORDERS:
        raise InputError(f"the number of orders is {orders}; it lies between 0, the order on record, and {_MOST_ORDERS:,}")
    name, questions = _votes(source, fields, kind)
    try:
        graded = _graded(questions, gold=gold)
        _check_k(graded, chosen)
        rows = tuple(_row(graded, configuration, orders, seed) for configuration in chosen)
    except InputError as error:
        raise InputError(f"{name}: {error}" if name else str(error)) from None
    counts = [len(votes.classes) for votes in graded]
    return Redecision(
        source=name or "samples",
        questions=len(graded),
        samples=sum(counts),
        fewest=min(counts),
        most=max(counts),
        unreadable=sum(votes.classes.count(None) for votes in graded),
        gold=graded[0].right is not None,
        orders=orders,
        seed=seed,
        rows=rows,
    )


def _votes(
    source: Path | str | Sequence[Record] | Sequence[Votes], fields: Mapping[str, str] | None, kind: AnswerKind | None
) -> tuple[str | None, list[Votes]]:
    if isinstance(source, Path | str):
        try:
            return str(source), [read(record) for record in load_records(source, fields, kind)]
        except InputError as error:
            raise InputError(str(error) if str(error).startswith(str(source)) else f"{source}: {error}") from None
    if fields is not None or kind is not None:
        raise InputError("'fields' and 'kind' are for files; records and votes have theirs")
    return None, [read(one) if isinstance(one, Record) else one for one in source]


def _graded(questions: Sequence[Votes], *, gold: bool) -> Sequence[Votes]:
    """The questions, all with gold answers or all without.

    Raises:
        InputError: there are none, or some have a gold answer and some have not.
    """
    if not questions:
        raise InputError("there are no questions to decide")
    without = [votes.id for votes in questions if votes.right is None]
    if len(without) == len(questions):
        return questions
    if not gold:
        return [Votes(v.id, v.classes, None, v.answers, v.members, v.weights, v.scores) for v in questions]
    if without:
        raise InputError(
            f"{len(without)} of {len(questions)} questions have no gold answer, the first is {without[0]!r}: accuracy is of all "
            "of them or of none; without gold answers (--no-gold) the others are compared by agreement, too"
        )
    return questions


def _check_k(questions: Sequence[Votes], chosen: Sequence[Configuration]) -> None:
    fewest = min(questions, key=lambda votes: len(votes.classes))
    most = max(configuration.k or 0 for configuration in chosen)
    if most > len(fewest.classes):
        raise InputError(
            f"k is {most}, and question {fewest.id!r} has {len(fewest.classes)} sample{'s' * (len(fewest.classes) != 1)}, "
            "the fewest of all; no more can be drawn, and 'all' takes what each has"
        )


def _row(questions: Sequence[Votes], configuration: Configuration, orders: int, seed: int) -> RedecisionRow:
    deciding = Deciding(configuration, orders, seed)
    decided = [deciding(votes, weights) for votes, weights in zip(questions, weights_of(questions, configuration), strict=True)]
    samples = mean([one.samples for one in decided])
    return RedecisionRow(
        rule=configuration.rule_written,
        weights=configuration.weights_written,
        stop=configuration.stop_written,
        k=configuration.k,
        ties=configuration.ties,
        **_accuracy(questions, deciding, decided),
        samples=samples.value,
        samples_error=_or_none(samples.standard_error),
        abstentions=_mean(one.undecided for one in decided),
        agreement=_mean(one.agreement for one in decided),
        unanimous=_mean(one.unanimous for one in decided),
        as_all=_mean(one.as_all for one in decided),
    )


def _accuracy(questions: Sequence[Votes], deciding: Deciding, decided: Sequence[Decided]) -> dict[str, float | None]:
    """The columns that need gold answers."""
    if not decided[0].rights:
        return dict.fromkeys(("accuracy", "low", "high", "error", "order_error", "any_right"))
    rights = [one.right for one in decided]
    interval = wilson(min(fsum(rights), len(rights)), len(rights)).interval
    found = mean(rights)
    return {
        "accuracy": found.value,
        "low": interval.low,
        "high": interval.high,
        "error": _or_none(found.standard_error),
        "order_error": None if deciding.configuration.k == 1 else _order_error(decided),
        "any_right": _mean(_any_right(votes, deciding.configuration.k, deciding.orders) for votes in questions),
    }


def _order_error(decided: Sequence[Decided]) -> float | None:
    """The standard error over orders: of each order's accuracy, and so of their mean."""
    by_order = [fsum(rights) / len(rights) for rights in zip(*(one.rights for one in decided), strict=True)]
    return _or_none(mean(by_order).standard_error)


def _any_right(votes: Votes, k: int | None, orders: int) -> float:
    """The chance that k samples hold a right one: over all draws of k, or in the order on record."""
    n = len(votes.classes)
    rights = [index in (votes.right or ()) for index in votes.classes]
    return pass_at_k(n, sum(rights), k or n) if orders else float(any(rights[:k]))


def _mean(numbers: Iterable[float]) -> float:
    return mean(list(numbers)).value


def _or_none(error: float) -> float | None:
    return None if isnan(error) else error
