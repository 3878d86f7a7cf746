"""`--refine-prompt`: before and after, and yes, no or another question."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from command import COMMAND, Cli
from contemplate.cli.options import spelled_out
from loopback import Loopback, Seen
from terminals import dialogue

ASK = ("ask", "so whats 6 by 7?", "--strategy", "single", "--answer", "number")
TIGHT = "Goal: a product\nQuestion: What is 6 times \x1b[31m7?"


@pytest.fixture(autouse=True)
def script(loopback: Loopback) -> None:
    """A refiner and a seat."""

    def said(seen: Seen) -> str:
        return TIGHT if "as somebody typed it" in str(seen.body["messages"]) else "Answer: 42"

    loopback.script = said


def last(loopback: Loopback) -> str:
    """What was asked last."""
    return str(loopback.seen[-1].body["messages"][-1]["content"])


def test_yes_takes_it_without_asking(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> None:
    """And `no` is as if nothing was said."""
    said = cli(*ASK, *served, "--refine-prompt", "yes")
    assert said.status == 0
    assert "put more tightly by a model: What is 6 times 7?" in said.err + said.out
    assert "Question: What is 6 times" in last(loopback)
    assert last(loopback).startswith("Problem:\nso whats 6 by 7?")
    made = len(loopback.seen)
    assert cli(*ASK, *served, "--refine-prompt", "no", "--seed", "1").status == 0
    assert len(loopback.seen) == made + 1


def test_nobody_at_a_terminal(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> None:
    """Alone it asks; where nobody is there the question stays as it is, and both are shown all the same."""
    said = cli(*ASK, "--refine-prompt", *served)
    assert said.status == 0
    assert "nobody is there" in said.err
    shown = cli("show", "last").out
    assert "the question: What is 6 times 7?" in shown
    assert "nobody was there to say whether it is right: the question stays as it is" in shown
    assert "  Question: What is 6 times 7?" in said.err
    assert "put more tightly" not in last(loopback)


@pytest.mark.parametrize(
    ("turns", "shown"),
    [
        ([("[e]dit?", b"y\n")], "Question: What is 6 times"),
        ([("[e]dit?", b"n\n")], None),
        ([("[e]dit?", b"what\n"), ("[e]dit?", b"edit\n"), ("one line", b"Six times seven?\n")], "Question: Six times seven?"),
        ([("[e]dit?", b"e\n"), ("one line", b"\n")], None),
    ],
)
def test_on_a_terminal(
    turns: list[tuple[str, bytes]], shown: str | None, served: tuple[str, ...], loopback: Loopback, home: Path
) -> None:
    """What is typed decides."""
    written = dialogue([*COMMAND, *ASK, *served, "--refine-prompt"], 100, {"HOME": str(home)}, turns)
    assert "so whats 6 by 7?" in written
    assert re.search(r"Question: What is 6 times 7\?", written)
    assert (shown is None) == ("put more tightly" not in last(loopback))
    assert shown is None or shown in last(loopback)


def test_its_word_may_be_left_out() -> None:
    """Before another option, a question, or nothing."""
    assert spelled_out(["ask", "--refine-prompt", "q"]) == ["ask", "--refine-prompt=ask", "q"]
    assert spelled_out(["ask", "q", "--refine-prompt"]) == ["ask", "q", "--refine-prompt=ask"]
    assert spelled_out(["ask", "--refine-prompt", "yes", "q"]) == ["ask", "--refine-prompt", "yes", "q"]
    assert spelled_out(["ask", "--", "--refine-prompt"]) == ["ask", "--", "--refine-prompt"]
