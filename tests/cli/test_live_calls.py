"""What the live panel shows of calls under way: attempts, fallbacks, pieces of replies."""

from __future__ import annotations

import io

from rich.console import Console

from contemplate.cli.live import LiveScreen
from contemplate.cli.location import Location
from contemplate.trace.events import CallStarted, FellBack, TurnDelta, TurnStarted


def row(*events: CallStarted | FellBack | TurnDelta) -> str:
    """The row of a seat after these events."""
    console = Console(file=io.StringIO(), width=100, height=12, force_terminal=True, color_system=None)
    live = LiveScreen(Location(), console)
    live.tell(TurnStarted("1.propose/seat-1", "propose", "seat-1", "m"))
    for event in events:
        live.tell(event)
    console.print(live._picture())
    return next(line for line in console.file.getvalue().splitlines() if "seat-1" in line)  # type: ignore[attr-defined]


def test_a_first_attempt_changes_nothing() -> None:
    """The seat works."""
    assert "working alone" in row(CallStarted("1.propose/seat-1", "seat-1", "m", "host"))


def test_another_attempt_is_shown() -> None:
    """With its number."""
    assert "asking m again, attempt 2" in row(CallStarted("1.propose/seat-1", "seat-1", "m", "host", attempt=2))


def test_a_fallback_is_shown() -> None:
    """The seat has another model from then on."""
    shown = row(FellBack("m: gone; asking n", "seat-1", "m", "gone", "n"))

    assert "asking n instead of m" in shown


def test_the_end_of_what_is_being_written_is_shown() -> None:
    """On one line, and nothing that moves the cursor."""
    shown = row(*(TurnDelta("1.propose/seat-1", "seat-1", text) for text in ("Six ", "sevens\n", "are \x1b[2J42")))

    assert "... Six sevens are" in shown
    assert "\x1b[2J" not in shown


def test_events_of_others_are_left_out() -> None:
    """A judge that has not begun has no row."""
    assert "working alone" in row(TurnDelta("3.judge", "judge", "A is better"))
