"""The options of `contemplate compare` that may stand there several times, and those that hold for all sets or strategies."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from command import Cli
from loopback import Loopback


@pytest.fixture
def asked(loopback: Loopback) -> tuple[str, ...]:
    """What every command here begins with: without baselines, on the loopback server."""
    loopback.script = "Answer: 42"
    return ("compare", "--no-baselines", "--base-url", loopback.url, "--json")


def written(name: str, *rows: dict[str, Any]) -> str:
    """A file of questions."""
    Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return name


def six_sevens(number: int = 1) -> dict[str, Any]:
    """A question of our own form."""
    return {"question": f"{number}: 6 * 7?", "gold": "42", "kind": "number"}


def rows() -> list[dict[str, str]]:
    """What was written of each run."""
    with Path("comparison/rows.csv").open() as file:
        return list(csv.DictReader(file))


def test_several_question_sets(cli: Cli, asked: tuple[str, ...]) -> None:
    """Each file is asked, in the order typed."""
    files = [written(f"{name}.jsonl", six_sevens(number)) for number, name in enumerate("abc")]
    said = cli(*asked, "--model", "m", "--strategies", "single", *(word for file in files for word in ("--questions", file)))

    assert said.status == 0, said.err
    assert [row["set"] for row in rows()] == files


@pytest.mark.parametrize(
    "typed",
    [
        ("--strategies", "single,self-consistency"),
        ("--strategies", "single", "--strategies", "self-consistency"),
        ("--strategies", " single ,", "--strategies", "self-consistency"),
    ],
)
def test_several_strategies(cli: Cli, asked: tuple[str, ...], typed: tuple[str, ...]) -> None:
    """With commas, or the option again."""
    said = cli(*asked, "--model", "m", "--questions", written("q.jsonl", six_sevens()), *typed)

    assert [one["strategy"] for one in said.json["standings"]] == ["single", "self-consistency"]


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("self-consistency:seats=2", ["self-consistency (seats=2)"]),
        ("self-consistency:seats=2,ties=none,single", ["self-consistency (seats=2, ties=none)", "single"]),
        ("single,self-consistency: seats = 2", ["single", "self-consistency (seats=2)"]),
        ("self-consistency:seats=2,self-consistency:seats=3", ["self-consistency (seats=2)", "self-consistency (seats=3)"]),
    ],
)
def test_a_strategy_with_parameters(cli: Cli, asked: tuple[str, ...], typed: str, labels: list[str]) -> None:
    """What follows the colon is set for it alone."""
    said = cli(*asked, "--model", "m", "--questions", written("q.jsonl", six_sevens()), "--strategies", typed)

    assert said.status == 0, said.err
    assert [one["strategy"] for one in said.json["standings"]] == labels


def test_a_strategy_on_its_own_model(cli: Cli, asked: tuple[str, ...], loopback: Loopback) -> None:
    """The same strategy on two models: two panels."""
    typed = ("--strategies", "single@small", "--strategies", "single@large,self-consistency:seats=2@qwen3:8b")
    said = cli(*asked, "--questions", written("q.jsonl", six_sevens()), *typed)

    assert said.status == 0, said.err
    assert [(one["strategy"], one["panel"]) for one in said.json["standings"]] == [
        ("single", "small"),
        ("single", "large"),
        ("self-consistency (seats=2)", "qwen3:8b"),
    ]
    assert [seen.body["model"] for seen in loopback.seen].count("qwen3:8b") == 2
    assert {seen.body["model"] for seen in loopback.seen} == {"small", "large", "qwen3:8b"}


def test_a_model_with_an_address(cli: Cli, loopback: Loopback) -> None:
    """`NAME@URL` may stand for the model."""
    questions = written("q.jsonl", six_sevens())
    said = cli("compare", "--no-baselines", "--json", "--questions", questions, "--strategies", f"single@m@{loopback.url}")

    assert said.status == 0, said.err
    assert loopback.seen[0].body["model"] == "m"


def test_baselines_are_on_the_same_models(cli: Cli, loopback: Loopback) -> None:
    """Beside each strategy, on its own models; nobody else is asked."""
    said = cli(
        *("compare", "--base-url", loopback.url, "--json", "--questions", written("q.jsonl", six_sevens())),
        *("--strategies", "multiagent-debate@a,self-consistency@b"),
    )

    found = {(one["strategy"], one["panel"]) for one in said.json["standings"]}
    assert {("single", "a"), ("multiagent-debate", "a"), ("single", "b"), ("self-consistency", "b")} <= found
    assert {seen.body["model"] for seen in loopback.seen} == {"a", "b"}


def test_a_setting_for_all(cli: Cli, asked: tuple[str, ...]) -> None:
    """For each strategy that has it; the others stay as they are."""
    typed = ("--strategies", "single,self-consistency,multiagent-debate", "--set", "seats=2")
    said = cli(*asked, "--model", "m", "--questions", written("q.jsonl", six_sevens()), *typed)

    labels = [one["strategy"] for one in said.json["standings"]]
    assert labels == ["single", "self-consistency (seats=2)", "multiagent-debate (seats=2)"]


def test_a_setting_for_none(cli: Cli, asked: tuple[str, ...], loopback: Loopback) -> None:
    """A parameter that no strategy has is a slip."""
    typed = ("--strategies", "self-consistency", "--set", "seat=2")
    said = cli(*asked, "--model", "m", "--questions", written("q.jsonl", six_sevens()), *typed)

    assert (said.status, loopback.seen) == (2, [])
    assert "no parameter of these strategies called 'seat'; did you mean 'seats'?" in said.err


def test_mapping_and_kind(cli: Cli, asked: tuple[str, ...]) -> None:
    """Fields of other names, and a kind for them all."""
    questions = written("q.jsonl", {"head": "Work it out.", "body": "6 * 7?", "solution": "42.0"})
    fields = ("--mapping", "question=head", "--mapping", "question=body", "--mapping", "gold=solution")
    said = cli(*asked, "--model", "m", "--questions", questions, "--strategies", "single", *fields, "--kind", "number")

    assert said.status == 0, said.err
    assert said.json["standings"][0]["accuracy"]["value"] == 1.0


def test_a_mapping_that_is_none(cli: Cli, asked: tuple[str, ...]) -> None:
    """One line."""
    said = cli(*asked, "--model", "m", "--questions", "q.jsonl", "--strategies", "single", "--mapping", "gold")

    assert (said.status, said.err) == (2, "contemplate: --mapping gold: expected NAME=FIELD, as gold=answer\n")


def test_a_grader(cli: Cli, asked: tuple[str, ...]) -> None:
    """A function of one's own grades."""
    Path("mine.py").write_text("def strict(question, answer, value):\n    return 0.0\n")
    said = cli(
        *(*asked, "--model", "m", "--questions", written("q.jsonl", six_sevens()), "--strategies", "single"),
        *("--grader", "mine.py:strict"),
    )

    assert said.status == 0, said.err
    assert said.json["standings"][0]["accuracy"]["value"] == 0.0


def test_over_a_plan(cli: Cli, loopback: Loopback) -> None:
    """They hold for the sets and strategies of a plan too; and so may one on its own model."""
    written("q.jsonl", {"question": "6 * 7?", "solution": "42"})
    Path("p.yaml").write_text("strategies: ['self-consistency@m']\nquestions: q.jsonl\nbaselines: []\n")
    said = cli(
        *("compare", "p.yaml", "--base-url", loopback.url, "--json", "--set", "seats=2"),
        *("--mapping", "gold=solution", "--kind", "number"),
    )

    assert said.status == 0, said.err
    assert [(one["strategy"], one["panel"]) for one in said.json["standings"]] == [("self-consistency (seats=2)", "m")]
    assert len(loopback.seen) == 2


@pytest.mark.parametrize("more", [(), ("--set", "seats=3")])
def test_the_secret_of_a_plan_is_kept(cli: Cli, loopback: Loopback, more: tuple[str, ...]) -> None:
    """It is what makes the prompts those of an experiment that was made before, whatever is changed beside the plan."""
    loopback.script = "Answer: 42"
    plan = {"strategies": ["self-consistency"], "questions": written("a.jsonl", six_sevens()), "models": "m", "secret": "public"}
    Path("plan.yaml").write_text(json.dumps({**plan, "baselines": []}))
    said = cli("compare", "plan.yaml", "--base-url", loopback.url, "--out", "out", *more)

    assert said.status == 0, said.err
    assert json.loads(Path("out/experiment.json").read_text())["secret"] == "public"
