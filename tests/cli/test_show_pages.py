"""`show` on a terminal: long texts wrap, kinds of lines have colours, and what a model wrote is only text."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from command import COMMAND, Cli
from loopback import Loopback
from terminals import on_terminal

STYLE = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = "[bold red]not markup[/] :smile: \x1b]0;owned\x07\x1b[2J\x1b[31mred\nAnswer: 42"


def shown(run: str, width: int, **more: str) -> str:
    """What `show` writes to a terminal of that width."""
    return on_terminal([*COMMAND, "show", run], width, {"TERM": "xterm-256color", **more})


@pytest.fixture
def run(cli: Cli, served: tuple[str, ...], loopback: Loopback) -> str:
    """A run whose replies are long lines of words."""
    loopback.script = f"{'word ' * 60}{'x' * 130} 世界世界 {HOSTILE}"
    return str(cli("ask", "q " * 150, *served, "--json").json["run"])


@pytest.mark.parametrize("width", [30, 72])
def test_long_texts_wrap(run: str, width: int) -> None:
    """No line is wider than the terminal, and words are cut only where one is longer than a line."""
    lines = STYLE.sub("", shown(run, width)).splitlines()

    assert max(map(cell_len, lines)) <= width
    assert {"word"} == {word for line in lines if line.startswith("word ") for word in line.split() if word.startswith("wo")}


def test_there_are_colours(run: str) -> None:
    """The heads of turns and the answer stand out."""
    written = shown(run, 80)

    assert "\x1b[1;36m=== 1.gather/seat-1" in written
    assert re.search(r"\x1b\[1;32manswer: 42", written)


@pytest.mark.parametrize("setting", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_none_are_wanted(run: str, setting: dict[str, str]) -> None:
    """The texts wrap, and nothing else is done to them."""
    written = shown(run, 60, **setting)

    assert "\x1b" not in written
    assert max(map(cell_len, written.splitlines())) <= 60


def test_piped_lines_stay_whole(run: str, cli: Cli) -> None:
    """A program that reads them finds the lines as they were written."""
    out = cli("show", run).out

    assert "\x1b" not in out
    assert f"{'word ' * 60}{'x' * 130} 世界世界 [bold red]not markup[/] :smile: red" in out.splitlines()


def test_a_model_steers_nothing(run: str) -> None:
    """Its escapes are dropped, and its brackets are brackets."""
    written = shown(run, 200)

    assert "[bold red]not markup[/] :smile: red" in STYLE.sub("", written).replace("\n", " ")
    assert "\x1b[31m" not in written
    assert "\x1b]" not in written
    assert "\x1b[2J" not in written


def test_recipes_wrap_too() -> None:
    """Whatever is shown as text."""
    assert max(map(cell_len, STYLE.sub("", shown("contemplating", 50)).splitlines())) <= 50
