"""`contemplate compare`: from a plan or from options, watched, cut short and gone on with."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from command import Cli, Started
from loopback import Loopback, Seen


@pytest.fixture
def sums() -> Path:
    """A file of eight sums."""
    path = Path("sums.jsonl")
    rows = ({"id": f"q{n}", "question": f"What is {n} + {n}?", "kind": "number", "gold": str(2 * n)} for n in range(8))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def adding(loopback: Loopback) -> Loopback:
    """A server that adds, and is wrong by one about the larger half."""

    def answer(seen: Seen) -> str:
        text = json.dumps(seen.body)
        number = int(re.findall(r"What is (\d+)", text)[-1])
        return f"Answer: {2 * number + (number > 4)}"

    loopback.script = answer
    return loopback


def test_from_options(cli: Cli, adding: Loopback, served: tuple[str, ...], sums: Path) -> None:
    """The strategies with their baselines, in a table; the report and the rows in a folder."""
    said = cli("compare", "--strategies", "self-consistency,multiagent-debate", "--questions", str(sums), *served)

    assert said.status == 0
    for word in ("single", "self-consistency", "multiagent-debate", "self-consistency (6 calls)"):
        assert word in said.out
    found = {path.name for path in Path("comparison").iterdir()}
    assert {"experiment.json", "rows.jsonl", "report.html", "report.md", "rows.csv"} <= found
    assert "62.5" in Path("comparison/report.md").read_text()
    assert said.out.endswith("32 of 32 runs have a page (--pages N)\n")
    assert len(list(Path("comparison/pages").glob("*-*.html"))) == 32
    assert 'href="pages/index.html"' in Path("comparison/report.html").read_text()
    asked = len(adding.seen)
    assert asked == 8 * (6 + 3)  # six samples, and three that read the others

    again = cli(
        "compare",
        "--strategies",
        "self-consistency,multiagent-debate",
        "--questions",
        str(sums),
        *served,
        "--json",
        "--pages",
        "3",
    )
    assert len(adding.seen) == asked
    assert (again.json["pages"], again.json["files"][-1]) == (3, "comparison/pages/index.html")
    assert [one["accuracy"]["value"] for one in again.json["standings"]] == [0.625] * 4


def test_the_newest_run_is_one_that_was_asked_for(cli: Cli, served: tuple[str, ...], sums: Path) -> None:
    """`last` is the first of `list runs`, and runs of experiments are no suggestions; a price that nobody knows is not $0."""
    run = cli("ask", "What is 3?", *served, "--strategy", "single", "--json").json["run"]
    said = cli("compare", "--strategies", "single", "--questions", str(sums), *served, "--pages", "0")

    assert "8 calls, unknown price" in said.err
    assert cli("show", "last", "--json").json["run"] == run
    assert f"no run called 'x'; known: {run} (contemplate list runs)" in cli("resume", "x").err


def test_without_matplotlib(
    cli: Cli, adding: Loopback, served: tuple[str, ...], sums: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says first why there will be no report; the tables are shown, and written."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    said = cli("compare", "--strategies", "single", "--questions", str(sums), *served)

    assert len(adding.seen) == 8
    assert said.status == 0
    assert "62.5%" in said.out
    assert said.err.splitlines()[0].startswith("contemplate: there will be tables, and no report: matplotlib is not installed")
    assert "no report was written" not in said.err
    assert "written: comparison/tables.md, comparison/rows.csv" in said.out
    assert "62.5" in Path("comparison/tables.md").read_text()


def test_a_plan_and_what_it_would_take(cli: Cli, adding: Loopback, sums: Path) -> None:
    """`--dry-run` calls nobody; what stands in the plan can't be given twice."""
    Path("talk.yaml").write_text(f"strategies: [multiagent-debate]\nmodels: m\nquestions: {sums}\n")
    said = cli("compare", "talk.yaml", "--base-url", adding.url, "--dry-run")
    as_json = cli("compare", "talk.yaml", "--base-url", adding.url, "--dry-run", "--json").json
    clash = cli("compare", "talk.yaml", "--strategies", "single")

    assert (said.status, adding.seen) == (0, [])
    assert "multiagent-debate" in said.out
    assert (as_json["runs"], as_json["calls"]) == (16, [56.0, 56.0])
    assert clash.status == 2
    assert clash.err == "contemplate: --strategies: talk.yaml says that already\n"
    assert cli("compare", "talk.yaml", "--base-url", adding.url).status == 0
    assert Path("talk/report.html").exists()


def test_options_beside_a_plan(cli: Cli, adding: Loopback, served: tuple[str, ...], sums: Path) -> None:
    """They win over it, each for itself: the first questions of each set, one cap beside another; models can't be said twice."""
    Path("talk.yaml").write_text(f"strategies: [single]\nmodels: m\nquestions: {sums}\nbudget: {{tokens: 90000, calls: 90}}\n")
    said = cli(
        *("compare", "talk.yaml", "--base-url", adding.url, "--limit", "3", "--skip", "1"),
        *("--budget-calls", "40", "--repeats", "2", "--json"),
    )
    clash = cli("compare", "talk.yaml", *served)

    plan = said.json["plan"]
    assert len(adding.seen) == 6
    assert [(source["limit"], source["skip"]) for source in plan["questions"]] == [(3, 1)]
    assert (plan["budget"]["tokens"], plan["budget"]["calls"]) == (90000, 40)
    assert clash.err == "contemplate: --model: talk.yaml says that already\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "name a plan, or give --strategies and --questions"),
        (("none.yaml",), "none.yaml: no such file"),
        (("--strategies", "single", "--questions", "none.jsonl"), "none.jsonl: there is no such file"),
        (("--strategies", "singel", "--questions", "sums.jsonl"), "no strategy called 'singel'; did you mean 'single'?"),
        (
            ("--strategies", "single", "--questions", "sums.jsonl", "--repeats", "0"),
            "'--repeats': input should be greater",
        ),
        (
            ("--strategies", "multiagent-debate", "--questions", "sums.jsonl", "--budget-calls", "9"),
            "budget: calls: the plan takes",
        ),
        (("--strategies", "single", "--questions", "bad.jsonl", "--grader", "kind"), "bad.jsonl:2: gold: there is no field"),
        (("--strategies", "single", "--questions", "twice.jsonl"), "twice.jsonl:2: id: 'a' stands there twice"),
        (
            ("--strategies", "single", "--questions", "sums.jsonl", "--model", "m", "--base-url", "http://127.0.0.1:9/v1"),
            "nothing answers there",
        ),
    ],
)
def test_bad_input(cli: Cli, sums: Path, words: tuple[str, ...], says: str) -> None:
    """One line, status 2, and nothing is called."""
    assert sums.exists()
    row = '{"id": "a", "question": "1?", "kind": "number", "gold": "1"}\n'
    Path("bad.jsonl").write_text(row + '{"id": "b", "question": "1?", "kind": "number"}\n')
    Path("twice.jsonl").write_text(row + row)
    said = cli("compare", *words, *(("--model", "m", "--base-url", "http://127.0.0.1:9/v1") if "--base-url" not in words else ()))

    assert (said.status, said.out) == (2, "")
    assert says in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
def test_a_signal_loses_nothing(
    started: Started,
    adding: Loopback,
    served: tuple[str, ...],
    sums: Path,
    cli: Cli,
    wait_for: Callable[..., None],
    name: str,
) -> None:
    """Ctrl-C and kill -9: the same command goes on, and asks only for what has not come back."""
    adding.delay = 0.05
    words = (
        "compare",
        "--strategies",
        "multiagent-debate",
        "--questions",
        str(sums),
        "--no-baselines",
        "--at-once",
        "2",
        *served,
    )
    process = started(*words)
    wait_for(lambda: len(adding.seen) >= 14)
    process.send_signal(getattr(signal, name))
    _, err = process.communicate(timeout=20)
    seen = len(adding.seen)
    adding.delay = 0.0
    said = cli(*words, "--json")

    assert seen < 8 * 6
    if name == "SIGINT":
        assert process.returncode == 130
        assert err == "contemplate: interrupted; what was paid for is kept, and the same command goes on from here\n"
    assert said.status == 0
    assert said.json["standings"][0]["n"] == 8
    assert len(adding.seen) <= 8 * 6 + 6  # at most what was in flight is asked for again
