"""`contemplate compare --pairwise` on open questions: a judge compares, and the table takes the place of accuracy."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from command import Cli, Said
from loopback import Loopback, Seen


@pytest.fixture
def compare(cli: Cli, loopback: Loopback) -> Any:
    """Compares a wordy model with a terse one on three open questions."""

    def say(seen: Seen) -> str:
        asked, model = str(seen.body["messages"]), seen.body["model"]
        if model == "j":
            shown = asked.split("--- Answer B")
            return "Choice: A" if len(shown[0]) > len(shown[1]) else "Choice: B"
        return f"It is so. {'Indeed it is. ' * (200 if model == 'wordy' else 1)}"

    loopback.script = say
    rows = [{"question": f"Explain {number}.", "kind": "open"} for number in range(3)]

    def run(*more: str) -> Said:
        Path("q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        strategies = ("--strategies", "single@wordy,single@terse", "--no-baselines")
        return cli("compare", "--questions", "q.jsonl", "--base-url", loopback.url, *strategies, *more)

    return run


def test_a_judge_compares(compare: Any, loopback: Loopback) -> None:
    """Two calls for each pair of answers; the table is on the terminal, the judgements in a file."""
    said = compare("--pairwise", "all", "--judge", "j")
    with Path("comparison/judgements.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert said.status == 0, said.err
    assert "Preferred by the judge" in said.out
    assert len(loopback.seen) == 6 + 6
    assert [row["result"] for row in rows] == ["first"] * 3


def test_what_it_would_take(compare: Any, loopback: Loopback) -> None:
    """The judge has a line of its own, and nobody is called."""
    said = compare("--pairwise", "all", "--judge", "j", "--dry-run")

    assert "pairwise judge (1 pair)" in said.out
    assert loopback.seen == []


def test_a_plan_and_an_option(compare: Any, cli: Cli, loopback: Loopback) -> None:
    """What is typed says against whom; the card of the plan stays."""
    compare("--dry-run")
    plan = {
        "strategies": ["single@wordy", "single@terse"],
        "baselines": [],
        "questions": "q.jsonl",
        "judge": "j",
        "pairwise": {"against": "nobody", "card": "comparer"},
    }
    Path("plan.yaml").write_text(json.dumps(plan), encoding="utf-8")
    refused = cli("compare", "plan.yaml", "--base-url", loopback.url)
    found = cli("compare", "plan.yaml", "--base-url", loopback.url, "--pairwise", "all", "--json").json

    assert refused.status == 2
    assert "no strategy called 'nobody'" in refused.err
    assert (found["judging"]["card"], found["judging"]["against"]) == ("comparer", "all")
    (pair,) = found["pairwise"]["preferences"]
    assert (pair["first_panel"], pair["wins"], pair["win_rate"]) == ("wordy", 3, 1.0)
