"""The live panel when somebody types: one picture stays on the terminal, and what is reserved is called so."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from command import COMMAND
from contemplate.cli.echo import quiet
from contemplate.cli.live import LiveScreen
from contemplate.cli.location import Location
from contemplate.cli.words import spent
from contemplate.trace.events import CallEnded, CallStarted, RunStarted
from contemplate.types import Question, Usage
from loopback import Loopback
from terminals import on_terminal, picture

WIDTH = 80
ASK = [*COMMAND, "ask", "q", "--model", "m", "--strategy", "multiagent-debate", "--budget-calls", "20"]


@pytest.fixture
def halting(loopback: Loopback) -> Loopback:
    """A server that answers the first round, and then lets everybody wait."""
    loopback.script = lambda seen: "Answer: 42" if seen.place < 3 else loopback.reply(hang=True)
    return loopback


def shown(halting: Loopback, keys: bytes) -> list[str]:
    """What stands on the terminal when keys were typed while the second round was waited for, the last of them Ctrl-C."""

    def typed() -> bytes:
        ends = time.monotonic() + 30
        while len(halting.seen) < 6 and time.monotonic() < ends:
            time.sleep(0.01)
        time.sleep(0.4)
        return keys

    command = [*ASK, "--base-url", halting.url]
    return picture(on_terminal(command, WIDTH, {"TERM": "xterm-256color"}, typed), WIDTH)


@pytest.mark.parametrize("keys", [b"\x03", b"\n\n\x03", b"hurry up\x03", b"\x03\x03"])
def test_one_border(halting: Loopback, keys: bytes) -> None:
    """Whatever is typed, the panel has one top and one bottom, and the line that says how to go on stands below."""
    lines = shown(halting, keys)

    assert [line[0] for line in lines if line and line[0] in "╭╰"] == ["╭", "╰"], lines
    assert not any("^C" in line or "hurry" in line for line in lines)
    assert any("go on with" in line for line in lines[-3:])


def test_what_is_reserved_is_called_so(loopback: Loopback) -> None:
    """Calls under way are reserved, and are not among those that were used."""
    assert loopback.seen == []
    console = Console(file=io.StringIO(), force_terminal=True, width=90, height=24, color_system=None)
    live = LiveScreen(Location(), console)
    live.tell(RunStarted("20260101-000000-abcdef", Question(text="q"), "contemplating", ("m",), most_calls=20))

    def below() -> str:
        with console.capture() as captured:
            console.print(live._picture())
        return captured.get()

    for turn in ("1.propose/seat-1", "1.propose/seat-2"):
        live.tell(CallStarted(turn=turn, seat=turn[-6:], model="m", endpoint="e"))
    assert "0 of 20 calls (+2 reserved), 0 tokens" in below()
    live.tell(CallEnded(turn="1.propose/seat-1", seat="seat-1", model="m", endpoint="e"))
    assert "0 of 20 calls (+1 reserved), 0 tokens" in below()


@pytest.mark.parametrize(
    ("calls", "reserved", "most", "says"),
    [
        (1, 0, None, "1 call, "),
        (5, 3, 20, "5 of 20 calls (+3 reserved), "),
        (1, 0, 1, "1 of 1 calls, "),
        (1234, 1, None, "1,234 calls (+1 reserved), "),
    ],
)
def test_words_for_it(calls: int, reserved: int, most: int | None, says: str) -> None:
    """Used, of how many, and reserved."""
    assert spent(Usage(calls=calls), reserved=reserved, most=most).startswith(says)


def test_a_file_is_no_terminal(tmp_path: Path) -> None:
    """Nothing is changed, and nothing fails."""
    with (tmp_path / "out").open("w") as file, quiet(file):
        file.write("text")
    with quiet(io.StringIO()), quiet(sys.__stdout__ or io.StringIO()):
        pass

    assert (tmp_path / "out").read_text() == "text"
