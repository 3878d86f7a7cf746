"""A debate to be forked, and its turns."""

from __future__ import annotations

from typing import Any

from contemplate import Outcome, Question
from contemplate.orchestration.options import RunOptions
from contemplate.types import Turn
from loopback import Seen

SUM = Question(text="What is 6 * 7?", kind="number", gold="42")
DEBATE = RunOptions(parameters={"rounds": 3})
FIRST = tuple(f"1.propose/seat-{seat}" for seat in (1, 2, 3))
SECOND = tuple(f"2.revise/1/seat-{seat}" for seat in (1, 2, 3))
LAST = tuple(f"2.revise/2/seat-{seat}" for seat in (1, 2, 3))


def numbers(seen: Seen) -> str:
    """What seats say: numbers of their own, as the seed of the draw decides."""
    return f"I say so.\nAnswer: {seen.body['seed'] % 3 + 41}"


def turn_of(outcome: Outcome[Any], turn_id: str) -> Turn:
    """The turn of that id, which is over."""
    turn = outcome.trace.turn(turn_id)
    assert turn is not None
    return turn
