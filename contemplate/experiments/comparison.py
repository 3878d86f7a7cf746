"""What an experiment found: each strategy's figures, every pair compared, calibration, and what the talk changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from math import isnan
from pathlib import Path
from typing import Any

from contemplate import statistics
from contemplate.errors import InputError
from contemplate.experiments.curve import Samples, vote_curve
from contemplate.experiments.engine import Rows
from contemplate.experiments.rows import Row, Verdicts
from contemplate.seeds import derive
from contemplate.statistics import Amounts, Calibration, Detectable, Flips, Interval, Mean, Pair, Proportion
from contemplate.types import Json

Name = tuple[str, str]
"""A strategy's label and its panel's."""


@dataclass(frozen=True)
class Standing:
    """One strategy on one panel.

    Attributes:
        strategy, panel: its labels.
        n: questions that count; `repeats` each.
        accuracy: over questions, each the mean of its repeats; its interval is Wilson's where each question was asked once and
            questions come in no groups, else that of the mean, with clustered errors.
        abstained: the share of runs that came to their end without an answer; they count as wrong.
        failed: runs that failed.
        first: the accuracy of the vote over the first, independent answers; None if none were revised. Flips are of those only.
        flips: of the decision, from the first vote to the last.
        rounds: for each round the share of seats' readable answers that is right.
        verdicts: of critics and verifiers on single answers, all runs together, by verb.
        curve: of the largest vote over independent samples on its panel, the accuracy of k of them, for k = 1, 2, ...
            (`contemplate.experiments.curve`); empty for all others.
        calls, tokens, usd, seconds: a question. `usd` is None where prices are not known. `seconds` is over runs none of whose
            calls were cached, None without any.
        calibration: of the panel's confidence in its answers; None without answers.
    """

    strategy: str
    panel: str
    n: int
    repeats: int
    accuracy: Mean
    interval: Interval
    abstained: Proportion
    failed: int
    first: float | None
    flips: Flips | None
    rounds: tuple[float, ...]
    calls: Amounts
    tokens: Amounts
    usd: Amounts | None
    seconds: Amounts | None
    calibration: Calibration | None
    verdicts: dict[str, Verdicts] = field(default_factory=dict)
    curve: tuple[Mean, ...] = ()

    @property
    def name(self) -> str:
        """Strategy and panel in one."""
        return f"{self.strategy} · {self.panel}"


@dataclass(frozen=True)
class FailedCell:
    """A run that failed, for the list of them."""

    set: str
    question: str
    strategy: str
    panel: str
    repeat: int
    run: str
    why: str


@dataclass(frozen=True)
class Comparison:
    """The result of an experiment.

    Attributes:
        rows: all of them, on disk; iterate over it.
        standings: in the order of the plan.
        pairs: every pair of strategies on one panel, with p-values adjusted for all pairs by Holm's method.
        power: what difference so many questions would show; None for a single question.
        failures: the runs that failed, and why.
        retried: how many runs had failed and were done again.
        left_out: questions that count for nobody, as some strategy failed on them and the plan says so.
        head: what is needed to repeat it: plan, digests, versions, seeds, ledger.
    """

    rows: Rows
    standings: tuple[Standing, ...]
    pairs: tuple[Pair, ...]
    power: Detectable | None
    failures: tuple[FailedCell, ...]
    retried: int
    left_out: int
    head: Json = field(default_factory=dict)

    def standing(self, strategy: str, panel: str | None = None) -> Standing:
        """The figures of a strategy.

        Raises:
            InputError: there is none of that label.
        """
        for one in self.standings:
            if one.strategy == strategy and panel in {None, one.panel}:
                return one
        known = ", ".join(one.name for one in self.standings)
        raise InputError(f"no strategy {strategy!r} on panel {panel!r} in this comparison (there are {known})")

    def to_dict(self) -> Json:
        """The tables as JSON values."""
        from pydantic import TypeAdapter

        tables = {"standings": self.standings, "pairs": self.pairs, "power": self.power, "failures": self.failures}
        adapter: TypeAdapter[Any] = TypeAdapter(Any)
        found = {name: adapter.dump_python(table, mode="json") for name, table in tables.items()}
        return {**found, "retried": self.retried, "left_out": self.left_out, **self.head}

    def to_pandas(self) -> Any:  # noqa: ANN401 - a library that need not be there
        """All rows as a pandas DataFrame.

        Raises:
            InputError: pandas is not installed.
        """
        return _library("pandas").DataFrame(self._records())

    def to_polars(self) -> Any:  # noqa: ANN401 - a library that need not be there
        """All rows as a polars DataFrame.

        Raises:
            InputError: polars is not installed.
        """
        return _library("polars").DataFrame(self._records(), infer_schema_length=None)

    def write_csv(self, path: Path | str) -> None:
        """Write all rows as CSV (UTF-8, a header line). Cells that a spreadsheet would run as a formula begin with an apostrophe.

        Raises:
            OSError: the file can't be written.
        """
        import csv

        with Path(path).open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(Row.model_fields))
            writer.writeheader()
            for record in self._records():
                writer.writerow({name: _inert(value) for name, value in record.items()})

    def write_parquet(self, path: Path | str) -> None:
        """Write all rows as Parquet.

        Raises:
            InputError: polars is not installed.
            OSError: the file can't be written.
        """
        self.to_polars().write_parquet(path)

    def _records(self) -> list[Json]:
        return [_flat(row) for row in self.rows]


def _flat(row: Row) -> Json:
    """A row whose columns hold one value each: lists as JSON."""
    record = row.model_dump()
    return {**record, **{name: json.dumps(record[name]) if record[name] else "" for name in ("rounds", "samples", "verdicts")}}


def _library(name: str) -> Any:  # noqa: ANN401 - a module
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise InputError(f"{name} is not installed: pip install 'contemplate-ai[experiments]'") from None


def _inert(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


@dataclass
class _Column:
    """What is kept of one contestant's rows while they go by: numbers only."""

    scores: dict[tuple[str, str], list[float | None]] = field(default_factory=dict)
    first: dict[tuple[str, str], list[float | None]] = field(default_factory=dict)
    amounts: dict[str, list[float]] = field(default_factory=lambda: {"calls": [], "tokens": [], "usd": [], "seconds": []})
    unpriced: bool = False
    abstained: int = 0
    failed: int = 0
    runs: int = 0
    rounds: list[list[int]] = field(default_factory=list)
    samples: dict[tuple[str, str], list[Samples]] | None = None
    verdicts: dict[str, Verdicts] = field(default_factory=dict)
    confidence: list[tuple[float, float]] = field(default_factory=list)

    def add(self, row: Row) -> None:
        at = (row.set, row.question)
        self.scores.setdefault(at, []).append(row.score)
        self.first.setdefault(at, []).append(row.first_score)
        if self.samples is not None:
            self.samples.setdefault(at, []).append(row.samples)
        self.runs += 1
        self.abstained += row.status == "abstained"
        self.failed += row.status == "failed"
        self.amounts["calls"].append(row.calls)
        self.amounts["tokens"].append(row.tokens)
        self.unpriced = self.unpriced or row.usd is None
        self.amounts["usd"].append(row.usd or 0.0)
        if not row.cached_calls:
            self.amounts["seconds"].append(row.seconds)
        for number, (right, answered) in enumerate(row.rounds):
            if number == len(self.rounds):
                self.rounds.append([0, 0])
            self.rounds[number][0] += right
            self.rounds[number][1] += answered
        for verb, found in row.verdicts.items():
            self.verdicts[verb] = self.verdicts.get(verb, Verdicts()) + found
        if row.status == "answered" and row.score in {0.0, 1.0}:
            self.confidence.append((row.confidence, row.score or 0.0))


def summarise(
    rows: Rows,
    order: Sequence[Name],
    *,
    curves: Collection[Name],
    failed: str,
    seed: int,
    level: float,
    draws: int,
    head: Json,
) -> Comparison:
    """The comparison of all rows.

    Args:
        rows: of the experiment.
        order: the contestants, in the order of the tables.
        curves: those of them whose samples make a curve.
        failed: "wrong" or "left-out".
        seed: of bootstrap and randomisation.
        level: of intervals.
        draws: of bootstrap and randomisation.
        head: what is needed to repeat it.
    """
    columns: dict[Name, _Column] = {name: _Column(samples={} if name in curves else None) for name in order}
    groups: dict[tuple[str, str], str] = {}
    failures: list[FailedCell] = []
    retried = 0
    for row in rows:
        columns[row.strategy, row.panel].add(row)
        if row.group is not None:
            groups[row.set, row.question] = f"{row.set}\n{row.group}"
        if row.status == "failed":
            why = row.failure or row.stopped
            failures.append(FailedCell(row.set, row.question, row.strategy, row.panel, row.repeat, row.run, why))
        retried += row.retried > 0
    questions = list(next(iter(columns.values())).scores)
    spoilt = {at for column in columns.values() for at, scores in column.scores.items() if None in scores}
    counted = [at for at in questions if not (failed == "left-out" and at in spoilt)]
    if not counted:
        raise InputError("every question failed under some strategy: nothing is left to compare")
    clusters = [groups.get(at, f"{at[0]}\n\n{at[1]}") for at in counted] if groups else None
    means = {name: _means(column, counted) for name, column in columns.items()}
    standings = [_standing(name, columns[name], counted, means[name], clusters, level) for name in order]
    for place, name in enumerate(order):
        if (samples := columns[name].samples) is not None:
            curve = vote_curve([samples[at] for at in counted], groups=clusters, seed=seed, level=level)
            standings[place] = replace(standings[place], curve=curve)
    pairs: list[Pair] = []
    alone = len({panel for _, panel in order}) == 1
    for panel in dict.fromkeys(panel for _, panel in order):
        here = [strategy for strategy, at in order if at == panel]
        scores = {strategy if alone else f"{strategy} · {panel}": means[strategy, panel] for strategy in here}
        if len(scores) > 1:
            pairs += statistics.all_pairs(scores, seed=derive(seed, panel), groups=clusters, draws=draws, level=level)
    adjusted = statistics.holm([pair.p for pair in pairs]) if pairs else ()
    return Comparison(
        rows=rows,
        standings=tuple(standings),
        pairs=tuple(replace(pair, p_holm=p) for pair, p in zip(pairs, adjusted, strict=True)),
        power=statistics.detectable_difference(len(counted), level=level) if len(counted) > 1 else None,
        failures=tuple(failures),
        retried=retried,
        left_out=len(questions) - len(counted),
        head=head,
    )


def _means(column: _Column, counted: Sequence[tuple[str, str]]) -> tuple[float, ...]:
    """One score a question: the mean of its repeats, a failure counting as wrong."""
    return statistics.question_means([[score or 0.0 for score in column.scores[at]] for at in counted])


def _standing(
    name: Name,
    column: _Column,
    counted: Sequence[tuple[str, str]],
    scores: Sequence[float],
    clusters: Sequence[str] | None,
    level: float,
) -> Standing:
    repeats = max(len(column.scores[at]) for at in counted)
    accuracy = statistics.mean(scores, groups=clusters, level=level)
    plain = repeats == 1 and clusters is None and all(score in {0, 1} for score in scores)
    by_count = plain or isnan(accuracy.standard_error)
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
        calls=statistics.amounts(column.amounts["calls"]),
        tokens=statistics.amounts(column.amounts["tokens"]),
        usd=None if column.unpriced else statistics.amounts(column.amounts["usd"]),
        seconds=statistics.amounts(column.amounts["seconds"]) if column.amounts["seconds"] else None,
        calibration=_calibration(column.confidence),
        verdicts=column.verdicts,
    )


def _calibration(found: Sequence[tuple[float, float]]) -> Calibration | None:
    return statistics.calibration([one for one, _ in found], [right for _, right in found]) if found else None
