"""Experiments whose reports stand in docs/: what their pages say is what their rows say."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from command import COMMAND
from contemplate.experiments.plan import ExperimentPlan

FOLDERS = sorted(rows.parent for rows in (Path(__file__).parents[2] / "docs" / "experiments").glob("*/rows.csv"))
"""Those that are through; one that is under way has plans and replies, and no rows yet."""

WITH_REPLIES = sorted(folder for folder in FOLDERS if (folder / "replies.jsonl.gz").exists())
"""Those whose replies stand beside them: they can be done again without a model."""


def scores(folder: Path) -> dict[str, list[float]]:
    """The scores of each strategy, a failure as wrong."""
    found = defaultdict(list)
    for row in rows(folder / "rows.csv"):
        found[row["strategy"]].append(float(row["score"] or 0))
    return found


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a file, without the seconds that they took."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield {name: value for name, value in row.items() if name != "seconds"}


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


@pytest.mark.slow
@pytest.mark.parametrize("folder", WITH_REPLIES, ids=lambda folder: folder.name)
def test_its_replies_make_its_rows_again(folder: Path, data: Path, tmp_path: Path) -> None:
    """By the commands of the page, and with no server at the address; but for its seconds every row is the same."""
    for name in ("plan.yaml", "contemplate.toml", "replies.jsonl.gz"):
        shutil.copy(folder / name, tmp_path)
    shutil.copy(data / "gsm8k" / "test.jsonl", tmp_path / "gsm8k-test.jsonl")
    ledger = ("--ledger", "gsm8k.db")
    subprocess.run([*COMMAND, "ledger", "import", "replies.jsonl.gz", *ledger], cwd=tmp_path, check=True)
    compare = [*COMMAND, "compare", "plan.yaml", "--project", ".", *ledger, "--out", "again", "--pages", "0"]
    subprocess.run(compare, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)

    made, stored = (list(rows(path)) for path in (tmp_path / "again" / "rows.csv", folder / "rows.csv"))

    assert stored == made
