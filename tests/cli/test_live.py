"""The live panel: what stands on terminals of several sizes, whatever the models say."""

from __future__ import annotations

import io
import os
import pty
import struct
import subprocess
import sys
import termios
from fcntl import ioctl

import pytest
from rich.cells import cell_len
from rich.console import Console

from contemplate.cli.live import LiveScreen
from contemplate.cli.location import Location
from contemplate.cli.screen import JsonScreen, PlainScreen, screen_for
from contemplate.trace.events import Noted, RunStarted, TurnEnded, TurnStarted
from contemplate.types import Answer, Decision, Failure, Question, Tally, Turn, Usage
from loopback import Loopback

SIZES = [(80, 24), (40, 12), (120, 40), (20, 5)]
SAID = ["42", "世界" * 60, "long " * 80, "\x1b]0;owned\x07\x1b[2J\x1b[31mred", "two\nlines\nor three", "🙂" * 50]


def screen(width: int, height: int) -> LiveScreen:
    """A panel on a terminal of that size."""
    console = Console(file=io.StringIO(), force_terminal=True, width=width, height=height, color_system=None, highlight=False)
    return LiveScreen(Location(), console)


def picture(live: LiveScreen) -> list[str]:
    """The lines that stand on the terminal."""
    with live._console.capture() as captured:
        live._console.print(live._picture())
    return captured.get().splitlines()


def started(seat: int, verb: str = "propose", model: str = "m") -> TurnStarted:
    """A seat is asked."""
    return TurnStarted(id=f"1.{verb}/seat-{seat}", verb=verb, seat=f"seat-{seat}", model=model)


def ended(seat: int, answer: str | None = None, failure: str | None = None, verb: str = "propose") -> TurnEnded:
    """A seat has said something, or failed."""
    turn = Turn(
        id=f"1.{verb}/seat-{seat}",
        step=f"1.{verb}",
        verb=verb,
        seat=f"seat-{seat}",
        model="m",
        status="said" if failure is None else "failed",
        answer=None if answer is None else Answer(kind="text", text=answer, value=answer, how="last"),
        failure=None if failure is None else Failure(kind="rejected", message=failure),
    )
    return TurnEnded(turn=turn, cached=False, usage=Usage(calls=seat, prompt_tokens=1200 * seat, usd=0.0123))


def test_a_row_for_each_seat() -> None:
    """Working, said, changed its mind, failed; below them the last vote, notes, calls, tokens, cost and time."""
    live = screen(100, 24)
    live.tell(RunStarted("20260101-000000-abcdef", Question(text="q"), "contemplating", ("m",)))
    for seat in (1, 2, 3, 4):
        live.tell(started(seat))
    for event in (ended(2, "7"), ended(3, failure="the key is wrong"), ended(4, "8"), started(4, "revise"), started(2, "revise")):
        live.tell(event)
    live.tell(ended(4, "9", verb="revise"))
    live.tell(Noted("m: answered 500; again in 0.2 s"))
    lines = picture(live)

    assert "contemplating · run 20260101-000000-abcdef" in lines[0]
    assert "seat-1 working alone" in lines[1]
    assert "seat-2 thinking again (so far: 7)" in lines[2]
    assert "x seat-3 failed: the key is wrong" in lines[3]
    assert "* seat-4 changed its mind: 9 (was 8)" in lines[4]
    assert "m: answered 500; again in 0.2 s" in lines[5]
    assert "4 calls, 4,800 tokens, $0.0123, 0." in lines[6]


def test_nobody_is_at_work_when_it_is_over() -> None:
    """A seat whose turn never ended, because of an error, is shown as stopped."""
    live = screen(80, 24)
    with live:
        live.tell(started(1))

    assert "- seat-1 m stopped" in picture(live)[1]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("seats", [0, 1, 3, 40])
def test_it_fits_on_every_terminal(width: int, height: int, seats: int) -> None:
    """No line is wider, no picture higher than the terminal; seats that there is no room for are counted."""
    live = screen(width, height)
    live.tell(RunStarted("20260101-000000-abcdef", Question(text="q"), "multiagent-debate", ("m",)))
    for seat in range(1, seats + 1):
        live.tell(started(seat, model=f"anthropic/a-very-long-name-of-a-model-{seat % 2}"))
        live.tell(ended(seat, SAID[seat % len(SAID)]) if seat % 3 else ended(seat, failure="no " * 100))
    live.tell(Noted("a note \x1b[2J\nthat is " + "long " * 50))
    tally = tuple(Tally(answer=answer, votes=1, weight=1, seats=()) for answer in SAID)
    decision = Decision(rule="plurality", winner=SAID[1], tally=tally, margin=0)
    live.tell(TurnEnded(turn=Turn(id="2.vote", step="2.vote", verb="vote", decision=decision), cached=False, usage=Usage()))
    lines = picture(live)

    assert max(map(cell_len, lines)) <= width
    assert len(lines) <= max(height, 7)
    assert not set("\x1b\x07") & set("".join(lines))
    assert ("more:" in "".join(lines)) == (seats > max(height - 6, 1))


def test_what_it_is_shown_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that can move its cursor; elsewhere plain lines, and JSON wherever it is asked for."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)

    assert isinstance(screen_for(Location(), as_json=False), LiveScreen)
    assert isinstance(screen_for(Location(), as_json=True), JsonScreen)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(screen_for(Location(), as_json=False), PlainScreen)
    monkeypatch.setattr(sys, "stdout", None)
    assert isinstance(screen_for(Location(), as_json=False), PlainScreen)


@pytest.mark.parametrize(("width", "height"), SIZES[:2])
def test_on_a_real_terminal(loopback: Loopback, width: int, height: int) -> None:
    """From the first picture to the answer below the last one; the cursor comes back, and no escape of a model's gets through."""
    loopback.script = lambda seen: f"The answer is {SAID[seen.place % len(SAID)]}"
    loopback.delay = 0.1
    terminal, inside = pty.openpty()
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    ask = ["ask", "q", "--base-url", loopback.url, "--model", "m", "--seats", "12", "--strategy", "multiagent-debate"]
    environment = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, "-m", "contemplate", *ask], stdin=inside, stdout=inside, stderr=inside, env=environment
    ) as process:
        os.close(inside)
        seen = _read_all(terminal)

    assert process.returncode == 0
    assert "seat-1" in seen
    assert "working alone" in seen
    assert seen.index("working alone") < seen.index("confidence")
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")
    assert "\x1b]" not in seen
    assert "\x1b[2J" not in seen


def _read_all(terminal: int) -> str:
    """What a program writes to a terminal until it ends, which Linux reports as an error."""
    chunks = []
    try:
        while chunk := os.read(terminal, 65536):
            chunks.append(chunk)
    except OSError:
        pass
    finally:
        os.close(terminal)
    return b"".join(chunks).decode("utf-8", "replace")
