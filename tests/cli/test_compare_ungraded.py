"""`contemplate compare` on questions without gold answers: what can be said without them is said, and nothing else."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from command import Cli, Said
from loopback import Loopback, Seen

STRATEGIES = ("--strategies", "self-consistency,multiagent-debate")


@pytest.fixture(autouse=True)
def divided(loopback: Loopback) -> Loopback:
    """A server on which one seat in three differs at first, and comes round when it has heard the others."""

    def say(seen: Seen) -> str:
        prompt = str(seen.body["messages"])
        return "Answer: 7" if seen.body["seed"] % 3 == 1 and "other" not in prompt.lower() else "Answer: 42"

    loopback.script = say
    return loopback


@pytest.fixture
def compare(cli: Cli, loopback: Loopback) -> Any:
    """Compares on rows of questions."""

    def run(rows: list[dict[str, Any]], *more: str, name: str = "q.jsonl", content: str | None = None) -> Said:
        text = "".join(json.dumps(row) + "\n" for row in rows) if content is None else content
        Path(name).write_text(text, encoding="utf-8")
        return cli("compare", "--questions", name, "--model", "m", "--base-url", loopback.url, *STRATEGIES, *more)

    return run


def bare(number: int) -> dict[str, Any]:
    """A question without a gold answer."""
    return {"question": f"{number}: how many?", "kind": "number"}


def graded(number: int, gold: object = "42") -> dict[str, Any]:
    """One with it."""
    return {**bare(number), "gold": gold}


def written() -> list[dict[str, str]]:
    """The rows that were written."""
    with Path("comparison/rows.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_it_runs(compare: Any) -> None:
    """With costs and agreement, without accuracy, and one line says why."""
    said = compare([bare(number) for number in range(3)])

    assert said.status == 0, said.err
    assert "contemplate: q.jsonl: 3 of 3 questions have no gold answer, and are not graded\n" in said.err
    assert (
        " ".join(said.out.split()).count("nothing can be called right, so accuracy and all statistics on it are left out.") == 1
    )
    assert "on 3 questions" in said.out
    assert "no gold" in said.out
    assert "What a question takes" in said.out
    assert "Agreement" in said.out
    for title in ("Differences", "Power:", "Flips", "same number of calls"):
        assert title not in said.out


def test_nothing_is_0(compare: Any) -> None:
    """What is not known is null in JSON, and blank in the rows."""
    found = compare([bare(1), bare(2)], "--json").json

    for one in found["standings"]:
        assert (one["n"], one["accuracy"]["value"], one["interval"]["low"], one["first"]) == (0, None, None, None)
        assert (one["flips"], one["calibration"], one["curve"]) == (None, None, [])
        assert one["calls"]["mean"] > 0
    assert (found["pairs"], found["equal_cost"], found["power"], found["without_gold"]) == ([], [], None, 2)
    assert {(row["score"], row["first_score"], row["gold"], row["status"]) for row in written()} == {("", "", "", "answered")}


def test_agreement(compare: Any) -> None:
    """Who dissents, and what the talk turned: figures of the votes alone."""
    found = compare([bare(number) for number in range(4)], "--no-baselines", "--json").json
    vote, debate = (one["agreement"] for one in found["standings"])
    rows = [row for row in written() if row["strategy"] == "self-consistency"]

    assert (vote["n"], vote["voted"]) == (4, 0)
    assert vote["share"] == pytest.approx(sum(float(row["agreement"]) for row in rows) / 4)
    assert vote["dissent"] == sum(float(row["agreement"]) < 1 for row in rows) > 0
    assert (debate["voted"], debate["changed"]) == (4, 0)


def test_some_have_gold(compare: Any) -> None:
    """Accuracy is over those, the count is said, and costs are over all."""
    rows = [graded(1), bare(2), graded(3, "7"), bare(4), graded(5)]
    said, found = compare(rows), compare(rows, "--json", "--anew").json
    line = "2 questions have no gold answer: accuracy and all statistics on it are over the 3 that have one"

    assert line in " ".join(said.out.split())
    assert "on 5 questions" in said.out
    assert {one["n"] for one in found["standings"]} == {3}
    assert {one["calls"]["n"] for one in found["standings"]} == {5}
    named = STRATEGIES[1].split(",")
    assert [one["accuracy"]["value"] for one in found["standings"] if one["strategy"] in named] == pytest.approx([2 / 3] * 2)
    assert (found["without_gold"], found["left_out"]) == (2, 0)
    assert len(found["pairs"]) > 0


@pytest.mark.parametrize("cell", ["", '""', " "])
def test_an_empty_cell_is_no_gold_answer(compare: Any, cell: str) -> None:
    """In a table as in our own form."""
    content = f"question,kind,gold\nhow many?,number,42\nand how many more?,number,{cell}\n"
    found = compare([], "--json", content=content, name="q.csv").json

    assert found["without_gold"] == 1


@pytest.mark.parametrize(
    ("rows", "options", "why"),
    [
        ([graded(1), bare(2)], ("--grader", "kind"), "q.jsonl:2: gold: there is no field"),
        ([bare(1)], ("--mapping", "question=question", "--mapping", "gold=answer"), "mapping: gold: none of the 1 rows read has"),
        ([graded(1, "a few")], (), "q.jsonl:1: gold: 'a few' can't be read as number"),
        ([{**bare(1), "answer": "42"}], (), "q.jsonl:1: unknown field 'answer'"),
    ],
)
def test_what_is_asked_for_is_needed(
    compare: Any, loopback: Loopback, rows: list[dict[str, Any]], options: tuple[str, ...], why: str
) -> None:
    """A grader by kind, a field that is named, a gold answer that is there, a field of another name: one line, and no call."""
    said = compare(rows, *options)

    assert said.status == 2
    assert why in said.err
    assert loopback.seen == []


def test_the_report_is_written(compare: Any) -> None:
    """All its files, without figures of accuracy."""
    said = compare([bare(1), bare(2)])

    assert said.status == 0, said.err
    report = next(path for path in (Path("comparison/report.md"), Path("comparison/tables.md")) if path.exists())
    assert "no gold" in report.read_text(encoding="utf-8")
    assert not list(Path("comparison").glob("figures/accuracy*"))


def test_gone_on_with(compare: Any, loopback: Loopback) -> None:
    """The same command once more calls nobody, and finds the same."""
    rows = [graded(1), bare(2)]
    first = compare(rows, "--json").json
    calls = len(loopback.seen)
    again = compare(rows, "--json").json

    assert len(loopback.seen) == calls
    assert again["standings"] == first["standings"]
