"""The result of an experiment: each strategy's figures, every pair compared, calibration, and what the talk changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path
from typing import Any, Literal

from contemplate.analysis.statistics import Amounts, Calibration, Detectable, Flips, Interval, Mean, Pair, Proportion
from contemplate.errors import InputError
from contemplate.experiments.pairwise.judgement import Judgement
from contemplate.experiments.pairwise.preference import Pairwise
from contemplate.experiments.row_file import Rows
from contemplate.experiments.rows import Row, Turned, Verdicts
from contemplate.files import private
from contemplate.installed import library
from contemplate.types import Json

Name = tuple[str, str]
"""A strategy's label and its panel's."""


@dataclass(frozen=True)
class Agreement:
    """How far the seats of a strategy agree, whether or not anybody knows what is right.

    Attributes:
        n: runs in which several seats had an answer, and one of them won.
        share: of these seats, how many were for the answer, in [0, 1]: the mean of the runs.
        dissent: runs in which a seat was for another answer.
        voted: runs with a first, independent vote that something won, and an answer; `changed` of them have another answer.
    """

    n: int
    share: float
    dissent: int
    voted: int
    changed: int


@dataclass(frozen=True)
class Standing:
    """One strategy on one panel.

    Attributes:
        strategy, panel: its labels.
        n: questions that count: those that can be graded, but for what is left out; `repeats` each.
        accuracy: over questions, each the mean of its repeats; not a number where none count. Its interval is Wilson's where
            each question was asked once and questions come in no groups, else that of the mean, with clustered errors. No
            interval has width 0: where all questions agree, it is that of `contemplate.analysis.statistics.constant_interval`.
        abstained: the share of runs that came to their end without an answer; they count as wrong.
        failed: runs that failed.
        first: the accuracy of the vote over the first, independent answers; None if none were revised. Flips are of those only.
        flips: of the decision, from the first vote to the last.
        rounds: for each round the share of seats' readable answers that is right.
        turned: for each round after the first, what seats that had answered before made of their answers, all runs together.
        verdicts: of critics and verifiers on single answers, all runs together, by verb.
        curve: of the largest vote over independent samples on its panel, the accuracy of k of them, for k = 1, 2, ...
            (`contemplate.experiments.curve`); empty for all others.
        calls, tokens, usd, seconds: a question. `usd` is None where prices are not known. `seconds` is over runs none of whose
            calls were cached, None without any.
        others: the other measures of a run (`contemplate.experiments.rows.MEASURES`), by name.
        calibration: of the panel's confidence in its answers; None without answers.
        agreement: of its seats, over all runs; None where none of them had several seats with an answer.
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
    turned: tuple[Turned, ...]
    calls: Amounts
    tokens: Amounts
    usd: Amounts | None
    seconds: Amounts | None
    calibration: Calibration | None
    verdicts: dict[str, Verdicts] = field(default_factory=dict)
    curve: tuple[Mean, ...] = ()
    others: dict[str, Amounts | None] = field(default_factory=dict)
    agreement: Agreement | None = None

    def taken(self, measure: str) -> Amounts | None:
        """What a question takes by one of `MEASURES`; None where it is not known."""
        found: Amounts | None = self.others[measure] if measure in self.others else getattr(self, measure)
        return found

    @property
    def name(self) -> str:
        """Strategy and panel in one."""
        return f"{self.strategy} · {self.panel}"


@dataclass(frozen=True)
class EqualCost:
    """A strategy beside the vote over independent samples that the same tokens, or the same money, would have bought.

    Attributes:
        strategy, panel: its labels.
        unit: what is equal, "tokens" or "usd".
        cost: of the strategy, the mean of a question.
        samples: how many samples of the largest vote on its panel cost as much; 4.3 is five of them for three questions in ten,
            and four for the others.
        vote: the accuracy of that vote; None where the largest vote that was run has fewer samples.
        difference: of the accuracies, strategy less vote, question by question; None likewise.
    """

    strategy: str
    panel: str
    unit: Literal["tokens", "usd"]
    cost: float
    samples: float
    vote: float | None
    difference: Mean | None


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


@dataclass(frozen=True, repr=False)
class Comparison:
    """The result of an experiment.

    Attributes:
        rows: all of them, on disk; iterate over it.
        standings: in the order of the plan.
        pairs: every pair of strategies on one panel, with p-values adjusted for all pairs by Holm's method.
        equal_cost: each strategy that is no vote beside the vote that costs as much.
        power: what difference so many questions would show; None for a single question.
        failures: the runs that failed, and why.
        retried: how many runs had failed and were done again.
        left_out: questions that count for nobody, as some strategy failed on them and the plan says so.
        without_gold: questions that have no gold answer, and are not graded; accuracy and its tests are over the others.
        head: what is needed to repeat it: plan, digests, versions, seeds, ledger.
        pairwise: what a judge said of the answers to open questions, if the plan asks for that.
    """

    rows: Rows
    standings: tuple[Standing, ...]
    pairs: tuple[Pair, ...]
    equal_cost: tuple[EqualCost, ...]
    power: Detectable | None
    failures: tuple[FailedCell, ...]
    retried: int
    left_out: int
    head: Json = field(default_factory=dict)
    without_gold: int = 0
    pairwise: Pairwise | None = None

    def __repr__(self) -> str:
        from contemplate.experiments.notebook import comparison_words

        return f"<Comparison: {comparison_words(self)}>"

    def _repr_html_(self) -> str:
        """The comparison as a notebook shows it: each strategy with its accuracy, and what a question takes."""
        from contemplate.experiments.notebook import comparison_html

        return comparison_html(self)

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

        names = ("standings", "pairs", "equal_cost", "power", "failures", "pairwise")
        adapter: TypeAdapter[Any] = TypeAdapter(Any)
        found = {name: _or_nothing(adapter.dump_python(getattr(self, name), mode="json")) for name in names}
        found["standings"] = [row.pop("others") | row for row in found["standings"]]
        if found["pairwise"] is not None:
            del found["pairwise"]["judgements"]  # like rows, they are no table
        counts = {"retried": self.retried, "left_out": self.left_out, "without_gold": self.without_gold}
        return {**found, **counts, **self.head}

    def to_pandas(self) -> Any:  # noqa: ANN401 - a library that need not be there
        """All rows as a pandas DataFrame.

        Raises:
            InputError: pandas is not installed.
        """
        return library("pandas").DataFrame(self._records())

    def to_polars(self) -> Any:  # noqa: ANN401 - a library that need not be there
        """All rows as a polars DataFrame.

        Raises:
            InputError: polars is not installed.
        """
        return library("polars").DataFrame(self._records(), infer_schema_length=None)

    def write_csv(self, path: Path | str) -> None:
        """Write all rows as CSV (UTF-8, a header line). Cells that a spreadsheet would run as a formula begin with an apostrophe.

        Raises:
            OSError: the file can't be written.
        """
        write_records(Path(path), list(Row.model_fields), self._records())

    def write_judgements(self, path: Path | str) -> None:
        """Write all judgements as CSV in the same form: a row for each pair of answers, with its result.

        Raises:
            InputError: there are none, as the plan asks for none.
            OSError: the file can't be written.
        """
        if self.pairwise is None:
            raise InputError("there are no judgements: the plan has no 'pairwise'")
        records = [one.model_dump() | {"result": one.result} for one in self.pairwise.judgements]
        write_records(Path(path), [*Judgement.model_fields, "result"], records)

    def write_parquet(self, path: Path | str) -> None:
        """Write all rows as Parquet.

        Raises:
            InputError: polars is not installed.
            OSError: the file can't be written.
        """
        self.to_polars().write_parquet(path)

    def _records(self) -> list[Json]:
        return [_flat(row) for row in self.rows]


def write_records(path: Path, columns: Sequence[str], records: Iterable[Json]) -> None:
    """Write records as CSV, without a cell that a spreadsheet would run.

    Raises:
        OSError: the file can't be written.
    """
    import csv

    with open(path, "w", encoding="utf-8", newline="", opener=private) as out:
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _inert(value) for name, value in record.items()} for record in records)


def _or_nothing(value: Any) -> Any:  # noqa: ANN401 - JSON values
    """A JSON value in which what is not a number is null."""
    if isinstance(value, dict):
        return {name: _or_nothing(inside) for name, inside in value.items()}
    if isinstance(value, list):
        return [_or_nothing(inside) for inside in value]
    return None if isinstance(value, float) and isnan(value) else value


def _flat(row: Row) -> Json:
    """A row whose columns hold one value each: lists as JSON."""
    return {
        name: (json.dumps(value) if value else "") if isinstance(value, (list, tuple, dict)) else value
        for name, value in row.model_dump().items()
    }


_FORMULA = re.compile("[\\s\"'\u2018\u2019\u201c\u201d\ufeff\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064]*"
                      "[=+@\uff1d\uff0b\uff20\ufe66\ufe62\ufe6b\u2212\uff0d\ufe63-]|[\t\r\n\x00\ufeff]")  # fmt: skip
"""How the text of a cell begins that a spreadsheet may take for a formula: signs as they are, in full width or small, also behind
space, quotation marks or what is unseen; and what makes the next sign the first one of a cell."""


def _inert(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: a text that begins like one has an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
