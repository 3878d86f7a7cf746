"""`contemplate calibrate`, and what `contemplate reliability` says of members, critics and judges then."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from command import Cli
from contemplate.cli.calibrate import Arguments
from contemplate.cli.location import Location
from contemplate.seeds import rng
from loopback import Loopback, Seen

FEW = ("--questions", "builtin:arithmetic?level=0", "--limit", "30")


@pytest.fixture
def adding(loopback: Loopback) -> Loopback:
    """A server that adds, right in 7 of 10 replies; as a verifier it is right in 9 of 10, as a critic it tosses a coin."""

    def answer(seen: Seen) -> str:
        text = seen.body["messages"][-1]["content"]
        draw = rng(0, json.dumps(seen.body, sort_keys=True))
        right = sum(map(int, re.findall(r"\d+", text.split("Problem:")[1].split("\n\n")[0])))
        if "--- Reply [" in text:
            return f"Summary: it adds\nVerdict: {draw.choice(('sound', 'flawed'))}"
        if "--- Answer [" in text:
            holds = int(text.split("---\n")[1].split("\n")[0]) == right
            return f"Verdict: {'accept' if holds == (draw.random() < 0.9) else 'reject'}"
        return f"Answer: {right + (draw.random() > 0.7)}"

    loopback.script = answer
    return loopback


def test_a_model_is_tried_as_verifier_and_critic(cli: Cli, adding: Loopback) -> None:
    """The verifier counts, the coin does not, and says why."""
    said = cli("calibrate", "m", "--base-url", adding.url, *FEW, "--json")

    assert said.status == 0
    rows = {row["name"]: row for row in said.json if row["role"] == "critic"}
    assert {"critic:m", "verifier:m"} == set(rows)
    assert {"calibration"} == {row["from"] for row in rows.values()}
    assert rows["verifier:m"]["distrust"] is None
    assert rows["verifier:m"]["sensitivity"] == pytest.approx(0.9, abs=0.15)
    assert rows["critic:m"]["distrust"] is not None


def test_the_table_says_what_counts(cli: Cli, adding: Loopback) -> None:
    """Two tables, of members and critics, with intervals; what it will take stands before it on standard error."""
    said = cli("calibrate", "m", "--base-url", adding.url, *FEW)

    assert re.search(r"^contemplate: 30 questions: about 2\d\d - [\d,]+ calls", said.err, re.MULTILINE)
    assert ["member", "critic"] == [line.split()[0] for line in said.out.splitlines() if " from " in line]
    assert re.search(r"^verifier:m +calibration +\d\d.\d%  \d+% - \d+% .* yes$", said.out, re.MULTILINE)
    assert re.search(r"^critic:m +calibration .* no: ", said.out, re.MULTILINE)


def test_it_is_paid_for_once(cli: Cli, adding: Loopback) -> None:
    """The same command again asks nobody, and says the same; more questions are asked on top."""
    first = cli("calibrate", "m", "--base-url", adding.url, *FEW, "--json")
    asked = len(adding.seen)
    again = cli("calibrate", "m", "--base-url", adding.url, *FEW, "--json")
    assert len(adding.seen) == asked
    assert again.json == first.json

    cli("calibrate", "m", "--base-url", adding.url, "--questions", "builtin:arithmetic?level=0", "--limit", "32")
    assert asked < len(adding.seen) <= asked + 2 * 15


def test_its_budget_holds(cli: Cli, adding: Loopback) -> None:
    """A plan that can't be within it is refused before anything is called; `--dry-run` says what it takes."""
    said = cli("calibrate", "m", "--base-url", adding.url, *FEW, "--budget-calls", "10")
    dry = cli("calibrate", "m", "--base-url", adding.url, *FEW, "--dry-run", "--json")

    assert (said.status, said.out) == (2, "")
    assert "raise it, or ask fewer questions" in said.err
    assert dry.json["runs"] == 30
    assert not adding.seen


def test_reliability_shows_both_side_by_side(cli: Cli, adding: Loopback) -> None:
    """What answers alone teach of a critic, and what calibration does."""
    Path("audited.yaml").write_text(
        "summary: Audited.\nsteps: [{do: propose, seats: 3}, {do: critique, of: distinct, digest: true}, {do: vote}]\n"
    )
    cli("calibrate", "m", "--base-url", adding.url, *FEW)
    for number in range(4):
        question = ("ask", f"How much is {number} + {number + 2}?", "--answer", "number")
        cli(*question, "--strategy", "audited.yaml", "--model", "m", "--base-url", adding.url)
    plain, rows = cli("reliability"), cli("reliability", "--json").json

    assert plain.status == 0
    assert {"answers", "calibration"} == {row["from"] for row in rows if row["role"] == "member"}
    assert {"answers", "calibration"} == {row["from"] for row in rows if row["role"] == "critic"}
    sources = [line.split()[1] for line in plain.out.splitlines() if line.startswith("critic:m ")]
    assert ["answers", "calibration"] == sources


def test_reliability_of_one_kind_of_question(cli: Cli, adding: Loopback) -> None:
    """Nothing is known of questions of choice."""
    cli("calibrate", "m", "--base-url", adding.url, *FEW)
    said = cli("reliability", "--kind", "choice")

    assert (said.status, said.out) == (2, "")


@pytest.mark.parametrize("source", ["builtin:nothing", "builtin:arithmetic?level=99", "none.jsonl"])
def test_a_source_that_is_none_is_refused(cli: Cli, adding: Loopback, source: str) -> None:
    """In one line, before anything is called."""
    said = cli("calibrate", "m", "--base-url", adding.url, "--questions", source)

    assert (said.status, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert not adding.seen


def test_a_file_of_questions(cli: Cli, adding: Loopback) -> None:
    """With gold answers of one's own."""
    rows = ({"id": f"q{n}", "question": f"What is {n} + {n}?", "kind": "number", "gold": str(2 * n)} for n in range(4))
    Path("sums.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    assert cli("calibrate", "m", "--base-url", adding.url, "--questions", "sums.jsonl").status == 0


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("gym:maze", "gym:maze?size=7&seed=5"),
        ("gym:maze?max_grid_size=9", "gym:maze?max_grid_size=9&size=7&seed=5"),
        ("gym:maze?size=3&seed=1", "gym:maze?size=3&seed=1"),
        ("sums.jsonl", "sums.jsonl"),
    ],
)
def test_as_many_are_generated_as_are_wanted(typed: str, asked: str) -> None:
    """By the seed; an option of the task that ends like one of these is none of them."""
    plan = Arguments("m", typed, 7, (), None, 5, {}, dry_run=True, location=Location(), json=False).plan()
    assert [asked] == [one.source for one in plan.questions]


def test_reliability_of_a_kind_that_was_never_asked(cli: Cli, adding: Loopback) -> None:
    """Says that there is nothing of it."""
    cli("ask", "Problem: 1 and 2", "--answer", "number", "--model", "m", "--base-url", adding.url)
    said = cli("reliability", "--kind", "choice")

    assert (2, "contemplate: no question of kind choice was answered in this ledger\n") == (said.status, said.err)


def test_what_costs_nothing_is_named_without_dollars(cli: Cli, home: Path) -> None:
    """As a trial of a model that runs on this machine."""
    (home / "x.gguf").write_bytes(b"GGUF")
    said = cli("calibrate", "local/x.gguf", *FEW, "--dry-run")

    assert said.out.startswith("30 questions: about ")
    assert "$" not in said.out
