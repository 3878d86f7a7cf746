"""`--private` and `--privacy`: who may see a question, and what is said of it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from command import Cli
from loopback import Loopback

ASK = ("ask", "Which pump is red?", "--strategy", "single", "--answer", "text")


def test_a_private_question_goes_to_this_machine(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> None:
    """It is answered there, its label is shown and kept, and it replays."""
    said = cli(*ASK, *served, "--private", "--json")
    run = said.json["run"]

    assert (0, 1) == (said.status, len(loopback.seen))
    assert "privacy: local" in cli("show", run).out
    assert "- privacy: local" in cli("show", run, "--format", "markdown").out
    assert cli("show", run, "--json").json["privacy"] == "local"
    assert "every turn came out the same" in cli("replay", run).out


def test_without_a_label_nothing_is_said_of_it(cli: Cli, served: tuple[str, ...]) -> None:
    """Neither in words nor as JSON."""
    run = cli(*ASK, *served, "--json").json["run"]
    assert "privacy" not in cli("show", run).out + cli("show", run, "--json").out


@pytest.mark.parametrize(
    ("label", "option", "status"),
    [
        ("any", ("--private",), 2),
        ("eu", ("--private",), 2),
        ("eu", ("--privacy", "eu"), 0),
        ("eu", ("--privacy", "eu", "--private"), 2),
        ("local", ("--private",), 0),
        ("any", ("--privacy", "any"), 0),
    ],
)
def test_labels_of_contemplate_toml(
    cli: Cli, loopback: Loopback, home: Path, label: str, option: tuple[str, ...], status: int
) -> None:
    """A model labelled there is asked if it may be, and else refused in one line, before any call."""
    text = f'[model.gateway]\nname = "m"\nbase_url = "{loopback.url}"\nprivacy = "{label}"\n'
    (home / "contemplate.toml").write_text(text, encoding="utf-8")

    said = cli(*ASK, "--model", "gateway", "--project", ".", *option)

    assert status == said.status
    assert len(loopback.seen) == (status == 0)
    if status:
        assert said.err.startswith("contemplate: the question is labelled local, and the model of seat 1 is 'gateway', which is")
        assert (said.err.count("\n"), loopback.pings) == (1, 0)


def test_a_fallback_is_refused_too(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> None:
    """Before it is needed."""
    said = cli(*ASK, *served, "--fallback", "far=m@https://example.org/v1", "--private")
    assert (2, []) == (said.status, loopback.seen)
    assert "and the fallback is 'far', which is labelled any and may not see it" in said.err


def test_a_label_that_is_none(cli: Cli, home: Path) -> None:
    """In the file, with its place; on the command line."""
    (home / "contemplate.toml").write_text('[model.m]\nprivacy = "secret"\n', encoding="utf-8")
    said = cli(*ASK, "--project", ".")
    assert (2, 1) == (said.status, said.err.count("\n"))
    assert "privacy" in said.err
    assert cli(*ASK, "--privacy", "secret").status == 2


@pytest.mark.parametrize("judge", ["near", "far"])
def test_questions_of_an_experiment(cli: Cli, loopback: Loopback, home: Path, judge: str) -> None:
    """A question's own label holds for whoever grades it, too: an experiment is refused before its first call."""
    text = "".join(f'[model.{name}]\nname = "m"\nbase_url = "{loopback.url}"\n' for name in ("near", "far"))
    (home / "contemplate.toml").write_text(f'{text}privacy = "any"\n', encoding="utf-8")
    rows = ['{"question": "1?", "gold": "42", "kind": "number"}', '{"question": "2?", "gold": "42", "privacy": "local"}']
    (home / "questions.jsonl").write_text("\n".join(rows), encoding="utf-8")
    loopback.script = "Answer: 42\nGrade: right"

    said = cli(
        *("compare", "--strategies", "single", "--questions", "questions.jsonl", "--kind", "text", "--no-baselines"),
        *("--grader", "judge:judge", "--judge", judge, "--model", "near", "--project", ".", "--out", "out"),
    )

    if judge == "near":
        assert (0, 4) == (said.status, len(loopback.seen)), said.err
    else:
        assert (2, 0) == (said.status, len(loopback.seen))
        assert "labelled local, and the model of grader 'judge:judge' is 'far', which is labelled any" in said.err


def test_a_chat(cli: Cli, served: tuple[str, ...], loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """All turns have the label."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"1?\n2?\n")))
    assert cli("chat", *served, "--strategy", "single", "--private", "--json").status == 0
    assert len(loopback.seen) == 2
    assert "privacy: local" in cli("show", "last").out
