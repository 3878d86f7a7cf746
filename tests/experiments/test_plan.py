"""Plans of experiments: read from YAML, with file, line and the words allowed for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from contemplate.errors import InputError
from contemplate.experiments import ArmSpec, ExperimentPlan

WHOLE = """\
summary: Does talk help?
strategies:
  - single
  - {use: multiagent-debate, set: {rounds: 3}}
  - {use: self-consistency, set: {seats: 3}, name: sc3}
panels:
  small: [m]
  mixed: [m, n]
questions:
  - q.jsonl
  - {source: r.csv, mapping: {question: problem, gold: solution, gold_from: hashes}, kind: number, limit: 5}
repeats: 3
seed: 7
budget: {usd: 2}
each: {calls: 30}
baselines: [self-consistency]
failed: left-out
"""


def write(folder: Path, text: str) -> Path:
    """A file with a plan."""
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_plan(tmp_path: Path) -> None:
    """Everything that can be said."""
    plan = ExperimentPlan.read(write(tmp_path, WHOLE))

    assert [spec.label for spec in plan.strategies] == ["single", "multiagent-debate (rounds=3)", "sc3"]
    assert plan.panels == {"small": ("m",), "mixed": ("m", "n")}
    assert plan.questions[0].source == "q.jsonl"
    assert plan.questions[1].mapping is not None
    assert plan.questions[1].mapping.gold_from == "hashes"
    assert (plan.repeats, plan.seed, plan.budget.usd, plan.each.calls) == (3, 7, 2.0, 30)
    assert plan.baselines == ("self-consistency",)


def test_short_forms(tmp_path: Path) -> None:
    """`models` is one panel; a question source needs no list; a strategy is its name."""
    plan = ExperimentPlan.read(write(tmp_path, "strategies: [single]\nmodels: [a, b]\nquestions: q.jsonl\n"))

    assert plan.strategies == (ArmSpec(use="single"),)
    assert plan.panels == {"a + b": ("a", "b")}
    assert [one.source for one in plan.questions] == ["q.jsonl"]
    assert plan == ExperimentPlan.of({"strategies": ["single"], "models": ["a", "b"], "questions": "q.jsonl"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("strategies: [single]\n", "plan.yaml:1: questions: 'questions' is missing"),
        ("questions: q\nstrategies: []\n", "plan.yaml:2: strategies"),
        ("questions: q\nstrategis: [single]\n", "unknown word 'strategis'; did you mean 'strategies'?"),
        ("questions: q\nstrategies:\n  - {us: single}\n", "plan.yaml:3: strategies.1.us: unknown word 'us'; did you mean 'use'?"),
        (
            "questions: q\nstrategies: [single]\nrepeats: 0\n",
            "plan.yaml:3: repeats: input should be greater than or equal to 1, not 0",
        ),
        (
            "questions: q\nstrategies: [single]\nfailed: maybe\n",
            "plan.yaml:3: failed: 'maybe' is not allowed here; allowed: 'wrong', 'left-out'",
        ),
        ("questions: q\nstrategies: [single, single]\n", "two strategies are called 'single': give one of them another 'name'"),
        ("questions: q\nstrategies: [single]\npanels: {a: []}\n", "panel 'a' has no models"),
        ("questions: q\nstrategies: [single]\npanels: {a: [m]}\nmodels: [m]\n", "give either 'models' (one panel) or 'panels'"),
        (
            "questions: q\nstrategies: [single]\nbudget: {calls: -1}\n",
            "plan.yaml:3: budget.calls: input should be greater than 0",
        ),
        (
            "questions:\n  - {source: q, mapping: {god: x}}\nstrategies: [single]\n",
            "mapping: unknown word 'god'; did you mean 'gold'?",
        ),
        ("- single\n", "plan.yaml:1: expected 'key: value' lines"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """One line: the file, the line, the path inside, and the words allowed."""
    with pytest.raises(InputError) as caught:
        ExperimentPlan.read(write(tmp_path, text))

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_such_file(tmp_path: Path) -> None:
    """Nor a plan in Python that is none."""
    with pytest.raises(InputError, match="no such file"):
        ExperimentPlan.read(tmp_path / "none.yaml")
    with pytest.raises(InputError, match=r"experiment: repeats: .*greater than or equal to 1"):
        ExperimentPlan.checked(strategies=["single"], questions="q", repeats=0)
