"""The contents of a report, in order: sections with their lines, tables and figures. Pages differ only in how they show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contemplate.experiments.comparison import Comparison
from contemplate.experiments.report import figures, judged, lost, repeat, tables
from contemplate.experiments.report.canvas import Drawing
from contemplate.experiments.report.table import Table, clean, points, probability, span
from contemplate.experiments.report.versus import Versus, baseline_of


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report.

    Attributes:
        key: an anchor, of small letters and hyphens.
        title: its heading.
        lines: printable sentences.
        tables: what it shows in figures.
        drawings: what it shows in pictures.
        code: a text to copy, as the plan.
    """

    key: str
    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    code: str = ""


def title(comparison: Comparison) -> str:
    """The heading of the whole: what the plan says that it is about."""
    said = clean(str(comparison.head.get("plan", {}).get("summary", "")), 200)
    return said or f"{_strategies(comparison)} compared"


def _strategies(comparison: Comparison) -> str:
    count = len(comparison.standings)
    return "1 strategy" if count == 1 else f"{count} strategies"


def findings(comparison: Comparison) -> tuple[str, ...]:
    """The findings that a reader should know before any table."""
    first = comparison.standings[0]
    runs = sum(one.calls.n for one in comparison.standings)
    lines = [f"{_strategies(comparison)} on {first.n + comparison.without_gold:,} questions, {runs:,} runs."]
    if comparison.without_gold:
        lines.append(_ungraded(comparison.without_gold, first.n))
    lines += judged.judged(comparison)
    for one in comparison.standings:
        baseline = baseline_of(comparison, one)
        found = baseline and Versus.between(comparison, one, baseline)
        if found:
            lines.append(_finding(found, 1 - first.interval.level))
    if comparison.power:
        lines.append(f"Power: {comparison.power}.")
    if comparison.failures:
        lines.append(f"{len(comparison.failures):,} runs failed; they are listed below.")
    if comparison.left_out:
        lines.append(f"{comparison.left_out:,} questions on which a strategy failed count for none.")
    if comparison.retried:
        lines.append(f"{comparison.retried:,} runs had failed before and were done again.")
    return tuple(clean(line, 600) for line in lines)


def _ungraded(without: int, graded: int) -> str:
    """One line on what is left out, and why."""
    if not graded:
        return "No question has a gold answer: nothing can be called right, so accuracy and all statistics on it are left out."
    return (
        f"{without:,} questions have no gold answer: accuracy and all statistics on it are over the {graded:,} that have one; "
        "costs and agreement are over all."
    )


def _finding(found: Versus, alpha: float) -> str:
    shown = f"{points(found.difference)} points {span(found.interval, signed=True)}, Holm p {probability(found.p_holm)}"
    if found.p_holm > alpha:
        return f"{found.first} against {found.second}: no difference shown ({shown})."
    return f"{found.first} is {'better' if found.difference > 0 else 'worse'} than {found.second} ({shown})."


def sections(comparison: Comparison) -> tuple[Section, ...]:
    """All parts of the report that have something to say."""
    beside = (tables.equal_calls(comparison), tables.equal_cost(comparison))
    by_judge = (judged.preferences(comparison), judged.lengths_and_order(comparison), judged.own_panels(comparison))
    numbers: tuple[tuple[str, str, tuple[Table, ...], Callable[[Comparison], tuple[Drawing, ...]]], ...] = (
        (
            "accuracy",
            "Accuracy and cost",
            (tables.standings(comparison), tables.costs(comparison), tables.agreement(comparison)),
            figures.accuracy_by_cost,
        ),
        ("preferred", "Which answers a judge prefers", by_judge, lambda _: ()),
        ("equal-calls", "At the same number of calls, and at the same cost", beside, figures.votes_by_samples),
        ("pairs", "Every pair", (tables.pairs(comparison),), lambda _: ()),
        (
            "flips",
            "What the talk changed",
            (tables.flips(comparison), tables.turned(comparison), tables.verdicts(comparison)),
            figures.talk,
        ),
        ("calibration", "Calibration", (tables.calibration(comparison),), figures.reliability),
        ("failures", "Failures", (tables.failures(comparison),), lambda _: ()),
    )
    differ = lost.lost(comparison)
    made = [
        Section(key, heading, tables=tuple(table for table in shown if table.rows), drawings=draw(comparison))
        for key, heading, shown, draw in numbers
    ]
    told = repeat.settings(comparison), repeat.questions(comparison), repeat.strategies(comparison)
    again = Section(
        "repeat",
        "To repeat it",
        ("Save the plan below as plan.yaml; contemplate compare plan.yaml carries it out.",),
        tuple(table for table in told if table.rows),
        code=repeat.plan_text(comparison),
    )
    made.insert(4, Section("lost", "Questions lost, and against whom", lost.lines(differ), lost.tables(comparison, differ)))
    return (*(one for one in made if one.tables or one.drawings), again)
