"""Experiments whose reports stand in docs/: what their pages say is what their rows say."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest

from contemplate.experiments.plan import ExperimentPlan

FOLDERS = sorted(rows.parent for rows in (Path(__file__).parents[2] / "docs" / "experiments").glob("*/rows.csv"))
"""Those that are through; one that is under way has plans and replies, and no rows yet."""


def scores(folder: Path) -> dict[str, list[float]]:
    """The scores of each strategy, a failure as wrong."""
    found = defaultdict(list)
    with (folder / "rows.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found[row["strategy"]].append(float(row["score"] or 0))
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_figures_are_those_of_the_rows(folder: Path) -> None:
    """The accuracy of each strategy in the page's table, and in the report's."""
    page, report = ((folder / name).read_text(encoding="utf-8") for name in ("README.md", "report.md"))
    told = re.findall(r"^\| `([\w-]+)`.*?\| ([\d.]+%) \|", page, re.MULTILINE)
    by_strategy = scores(folder)
    accuracy = {name: f"{sum(those) / len(those):.1%}" for name, those in by_strategy.items()}

    assert told
    for name, share in told:
        assert share == next(figure for label, figure in accuracy.items() if label.split(" ")[0] == name)
    for label, figure in accuracy.items():
        assert re.search(rf"\| {re.escape(label)} \| \d+ \| {figure} \|", report)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_plan_is_that_of_the_page(folder: Path) -> None:
    """It can be read, and names the strategies that have rows."""
    plan = ExperimentPlan.read(folder / "plan.yaml")
    assert {spec.label for spec in plan.strategies} <= set(scores(folder))


def test_one_that_is_through_is_there() -> None:
    """There is something to look at."""
    assert "small-sums" in [folder.name for folder in FOLDERS]
