"""A row of the live panel is the state of a seat, whatever it did last."""

from __future__ import annotations

import io
import itertools

import pytest
from rich.console import Console

from contemplate.cli.live import LiveScreen
from contemplate.cli.location import Location
from contemplate.trace.events import TurnEnded, TurnStarted
from contemplate.types import Answer, Failure, Turn, Usage


@pytest.fixture
def live() -> LiveScreen:
    """A panel on a wide terminal."""
    console = Console(file=io.StringIO(), force_terminal=True, width=120, height=30, color_system=None, highlight=False)
    return LiveScreen(Location(), console)


def rows(live: LiveScreen) -> list[str]:
    """The lines within the frame, without it."""
    with live._console.capture() as captured:
        live._console.print(live._picture())
    return [line.strip("│ ").rstrip() for line in captured.get().splitlines()[1:-1]]


def act(live: LiveScreen, seat: str, verb: str, answer: str | None = None, **more: object) -> None:
    """A seat is asked, and has said something."""
    name = f"1.{verb}/{seat}"
    given = None if answer is None else Answer(kind="text", text=answer, value=answer, how="stated")
    words = {"status": "said", **more}
    turn = Turn(id=name, step=f"1.{verb}", verb=verb, seat=seat, model="m", answer=given, **words)  # type: ignore[arg-type]
    live.tell(TurnStarted(id=name, verb=verb, seat=seat, model="m"))
    live.tell(TurnEnded(turn=turn, cached=False, usage=Usage(), sees=()))


def test_a_critic_keeps_its_answer_on_the_screen(live: LiveScreen) -> None:
    """What it found stands behind its answer, and not in the place of it."""
    act(live, "seat-1", "propose", "7", confidence=0.8)
    act(live, "seat-1", "critique", verdict="sound")

    assert rows(live)[0].endswith("answers 7 (80% sure); finds it sound")


@pytest.mark.parametrize(
    ("answers", "row"),
    [
        (["7", "7"], "answers 7"),
        (["7", "8"], "changed its mind: 8 (was 7)"),
        (["7", "8", "8"], "changed its mind: 8 (was 7)"),
        (["7", "8", "9"], "changed its mind: 9 (was 7)"),
        (["7", "8", "7"], "answers 7"),
    ],
)
def test_who_changed_its_mind(live: LiveScreen, answers: list[str], row: str) -> None:
    """Against what it began with, and for as long as that is so."""
    for answer in answers:
        act(live, "seat-1", "revise", answer)

    assert rows(live)[0].endswith(row)


def test_how_sure_it_is_now(live: LiveScreen) -> None:
    """Of its new answer."""
    act(live, "seat-1", "propose", "7", confidence=0.8)
    act(live, "seat-1", "revise", "8", confidence=0.6)

    assert rows(live)[0].endswith("changed its mind: 8 (was 7, 60% sure)")


def test_a_failure_takes_no_answer_away(live: LiveScreen) -> None:
    """What it said before still stands."""
    act(live, "seat-1", "propose", "7")
    act(live, "seat-1", "revise", status="failed", failure=Failure(kind="timeout", message="too late"))

    assert rows(live)[0].endswith("failed: too late (keeps 7)")


@pytest.mark.parametrize("order", list(itertools.permutations(["seat-2", "seat-10", "seat-1", "judge"])))
def test_in_the_order_of_the_seats(live: LiveScreen, order: tuple[str, ...]) -> None:
    """Whoever is done first; roles outside of the panel stand below it."""
    for seat in order:
        act(live, seat, "propose", "7")

    assert [row.split()[1] for row in rows(live)[:4]] == ["seat-1", "seat-2", "seat-10", "judge"]


@pytest.mark.parametrize("verb", ["propose", "gather", "critique", "revise", "verify", "judge", "compare", "rank"])
def test_what_a_seat_is_at_is_said_in_words(live: LiveScreen, verb: str) -> None:
    """And not by the name of the step."""
    live.tell(TurnStarted(id=f"1.{verb}/seat-1", verb=verb, seat="seat-1", model="m"))

    assert not rows(live)[0].endswith(verb)
