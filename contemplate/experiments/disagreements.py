"""The questions on which two strategies of a comparison differ: what each answered, and who was right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from contemplate.experiments.comparison import Comparison, Name, Standing
from contemplate.experiments.rows import Row
from contemplate.types import Json

At = tuple[str, str, int]
"""A question set, the id of a question in it, and a repeat."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a strategy came to on a question.

    Attributes:
        answer: None where there was none.
        score: in [0, 1]; 0 for a run that failed.
        failed: whether the run failed.
        run: its id in the ledger.
    """

    answer: str | None
    score: float
    failed: bool
    run: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A question on which one of two strategies has the higher score.

    Attributes:
        first, second: the strategies, as the pair calls them.
        set, question, repeat: what was asked.
        gold: the right answer; None where a grader decides without one.
        one: what the first said.
        other: what the second said.
    """

    first: str
    second: str
    set: str
    question: str
    repeat: int
    gold: str | None
    one: Said
    other: Said

    @property
    def right(self) -> str:
        """The strategy with the higher score."""
        return self.first if self.one.score > self.other.score else self.second

    @property
    def runs(self) -> tuple[str, str]:
        """The two runs."""
        return self.one.run, self.other.run

    def record(self) -> Json:
        """It as one row of a table."""
        sides = {"first": self.one, "second": self.other}
        said = {f"{side}_{field.name}": getattr(its, field.name) for field in fields(Said) for side, its in sides.items()}
        return {**{name: getattr(self, name) for name in (*COLUMNS[:6], "right")}, **said}


COLUMNS = (
    *("first", "second", "set", "question", "repeat", "gold", "right"),
    *(f"{side}_{field.name}" for field in fields(Said) for side in ("first", "second")),
)
"""The columns of `Disagreement.record`."""


def disagreements(comparison: Comparison) -> Iterator[Disagreement]:
    """All of them: pair after pair as the comparison has them, each in the order of the questions."""
    golds, said = _said(comparison)
    names = {called(comparison, one): (one.strategy, one.panel) for one in comparison.standings}
    for pair in comparison.pairs:
        ones, others = said[names[pair.first]], said[names[pair.second]]
        for at, one in ones.items():
            other = others.get(at)
            if other is not None and one.score != other.score:
                yield Disagreement(pair.first, pair.second, *at, golds[at], one, other)


def called(comparison: Comparison, one: Standing) -> str:
    """The name of a strategy in pairs: its label, with its panel where there are several."""
    return one.strategy if len({other.panel for other in comparison.standings}) == 1 else one.name


def _said(comparison: Comparison) -> tuple[dict[At, str | None], dict[Name, dict[At, Said]]]:
    """The gold answer of each question that counts, and what each strategy said."""
    golds: dict[At, str | None] = {}
    said: dict[Name, dict[At, Said]] = {(one.strategy, one.panel): {} for one in comparison.standings}
    spoilt: set[tuple[str, str]] = set()
    for row in comparison.rows:
        if row.graded:
            at = (row.set, row.question, row.repeat)
            golds[at] = row.gold
            said[row.strategy, row.panel][at] = _of(row)
            if row.score is None:
                spoilt.add(at[:2])
    if comparison.left_out:
        said = {name: {at: one for at, one in its.items() if at[:2] not in spoilt} for name, its in said.items()}
    return golds, said


def _of(row: Row) -> Said:
    return Said(row.answer, row.score or 0.0, row.status == "failed", row.run)
