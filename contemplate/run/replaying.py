"""The record that a replay follows: the turns, and where the run on record ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio

from contemplate.errors import ReplayError
from contemplate.types import Failure, Program, ToolUse, Turn

if TYPE_CHECKING:
    from contemplate.trace.course import Course

AFTER_THE_END = "end."
"""What the ids of decisions begin with that are taken after a run is over."""


@dataclass
class RecordedRun:
    """A run on record, of which the present one is a replay.

    Attributes:
        turns: its turns, by id.
        cut_short: whether its deadline ended it.
        exhausted_at: which look at the budget was the first to find it spent; None if none did.
        end: called when the replay has come as far as a run that was cut short.
    """

    turns: Mapping[str, Turn]
    cut_short: bool = False
    exhausted_at: int | None = None
    end: Callable[[], None] = lambda: None

    async def failure(self, turn_id: str) -> Failure | None:
        """The failure on record of a turn that got no reply, or None; a turn that was cut short never ends."""
        known = self.turns.get(turn_id)
        if known is None:
            if self.cut_short:
                await anyio.sleep_forever()
            return None
        if known.status == "cancelled":
            await anyio.sleep_forever()
        return known.failure if known.key is None and not known.edited else None

    def turn(self, turn_id: str) -> Turn | None:
        """The turn on record, or None."""
        return self.turns.get(turn_id)

    def program(self, turn_id: str, code: str) -> Program:
        """The program on record that a turn ran.

        Raises:
            ReplayError: there is none of that code.
        """
        known = self.turns.get(turn_id)
        found = next((program for program in known.programs if program.code == code), None) if known else None
        if found is None:
            raise ReplayError(f"turn {turn_id} is on record without the program that it runs")
        return found

    def tools(self, turn_id: str) -> tuple[ToolUse, ...]:
        """The calls of tools on record of a turn."""
        known = self.turns.get(turn_id)
        return () if known is None else known.tools

    def check(self, trace: Course) -> None:
        """End the replay of a run that its deadline cut short where that one ended."""
        if not self.cut_short:
            return
        for turn_id, turn in self.turns.items():
            if turn_id.startswith(AFTER_THE_END):
                continue
            if turn_id not in trace or (turn.status != "cancelled" and trace.turn(turn_id) is None):
                return
        self.end()
