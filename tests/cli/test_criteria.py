"""`--criteria`: written out, in a file, or left to the panel; what is printed of the scores, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from command import Cli
from loopback import Loopback, Seen

ASKED = "Should we use PostgreSQL? Explain."
_REPLY = re.compile(r"--- Reply ([A-Z]) \[")


def script(seen: Seen) -> str:
    """Seats that propose, a synthesizer, judges, and who proposes criteria."""
    said = seen.body["messages"][-1]["content"]
    if "Above are criteria" in said:
        return "\n".join(f"{letter}: correct 8, short 4" for letter in _REPLY.findall(said))
    if "Name the 3 to 5 criteria" in said:
        return "correct: 3 # each is true\nshort: 1"
    return "Yes, use it." if "council" in said else f"A proposal ({len(seen.body['messages'])})."


@pytest.fixture
def options(loopback: Loopback) -> tuple[str, ...]:
    """The options of a panel of three."""
    loopback.script = script
    model = ("--model", "m", "--base-url", loopback.url, "--ledger", "l.db")
    return ("--strategy", "council", "--seats", "3", "--set", "own=exclude", *model)


def test_scores_are_printed(cli: Cli, options: tuple[str, ...]) -> None:
    """For the answer and for each reply; `show` prints them again, from the ledger."""
    said = cli("ask", ASKED, *options, "--criteria", "correct:3,short:1")

    assert said.status == 0
    assert "\ncriteria:    correct 3, short 1\n" in said.out
    assert "\n  answer:    7.0 of 10 (correct 8.0, short 4.0, spread 0.0; 3 judges)\n" in said.out
    assert "\n  seat-1:    7.0 of 10 (correct 8.0, short 4.0, spread 0.0; 2 judges)\n" in said.out
    run = json.loads(cli("list", "runs", "--ledger", "l.db", "--json").out)[0]["run"]
    shown = cli("show", run, "--ledger", "l.db").out
    assert "  answer: 7.0 of 10 (correct 8.0, short 4.0, spread 0.0; 3 judges)" in shown
    assert "## Scores by criteria" in cli("show", run, "--ledger", "l.db", "--format", "markdown").out
    assert cli("replay", run, "--ledger", "l.db").status == 0


def test_criteria_of_the_panel(cli: Cli, options: tuple[str, ...]) -> None:
    """They are shown as they are found."""
    said = cli("ask", ASKED, *options, "--criteria", "panel", "--json")
    assessment = json.loads(said.out)["assessment"]

    assert "criteria of the panel: correct 3, short 1" in said.err
    assert (assessment["proposed"], assessment["answer"]["mean"]) == (True, 7.0)
    assert assessment["criteria"][0] == {"name": "correct", "weight": 3.0, "description": "each is true"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("criteria.txt", "# what counts\ncorrect: 3  # each is true\nshort: 1\n"),
        ("criteria.yaml", "correct: 3  # each is true\nshort: 1\n"),
        ("criteria.yaml", "correct:\n  weight: 3\n  description: each is true\nshort: 1\n"),
        ("criteria.yml", "- {name: correct, weight: 3, description: each is true}\n- {name: short, weight: 1}\n"),
    ],
)
def test_criteria_in_a_file(cli: Cli, options: tuple[str, ...], home: Path, name: str, text: str) -> None:
    """As lines, or as YAML."""
    (home / name).write_text(text, encoding="utf-8")
    said = cli("ask", ASKED, *options, "--criteria", name, "--json")

    assert [(one["name"], one["weight"], one["description"]) for one in json.loads(said.out)["assessment"]["criteria"]] == [
        ("correct", 3.0, "each is true"),
        ("short", 1.0, ""),
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("correct", "--criteria: the criterion 'correct' has no weight; write it as correct:3"),
        ("correct:-1", "--criteria: the weight of the criterion 'correct' is '-1'; it must be a number above 0, at most 1000"),
        ("", "--criteria: there are no criteria in it; write them as correct:3,short:1"),
        ("a:1,a:2", "--criteria: the criterion 'a' is given twice"),
        (",".join(f"c{number}:1" for number in range(13)), "--criteria: 13 criteria are given; the most is 12"),
        ("no-such.txt", "--criteria no-such.txt: there is no such file; criteria are written as correct:3,short:1"),
        ("empty.txt", "--criteria empty.txt: there are no criteria in it; write them as correct:3,short:1"),
        ("empty.yaml", "--criteria empty.yaml: "),
        ("bad.yaml", "--criteria bad.yaml: "),
        ("list.yaml", "--criteria list.yaml: expected 'name: weight' lines"),
        ("words.yaml", "--criteria words.yaml: "),
        ("folder", "--criteria"),
    ],
)
def test_bad_criteria(cli: Cli, options: tuple[str, ...], loopback: Loopback, home: Path, given: str, told: str) -> None:
    """One line, and nothing is called."""
    (home / "empty.txt").write_text("\n# none\n", encoding="utf-8")
    (home / "empty.yaml").write_text("", encoding="utf-8")
    (home / "bad.yaml").write_text("- {name: correct}\n", encoding="utf-8")
    (home / "list.yaml").write_text("- correct\n", encoding="utf-8")
    (home / "words.yaml").write_text("correct: {weight: many}\n", encoding="utf-8")
    (home / "folder").mkdir()
    said = cli("ask", ASKED, *options, "--criteria", given)

    assert said.status == 2
    assert said.err.count("\n") == 1
    assert told in said.err
    assert loopback.seen == []
