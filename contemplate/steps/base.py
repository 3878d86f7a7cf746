"""What a step is, and the panel that flows through the steps."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from contemplate.answers import classes, read
from contemplate.run import Pending, Read, Run, Said
from contemplate.types import Decision, Question, StopReason

Cards = str | tuple[str, ...]
"""One card for all the seats, or several that the seats take in turn."""


@dataclass(frozen=True)
class Panel:
    """Where the panel stands between two steps. Turns in it may still be pending.

    Attributes:
        positions: each seat's latest answer, in seat order.
        earlier: the positions before those, oldest first.
        critiques: the critiques since the last revision, by the id of each position whose answer they criticise.
        decision: the last decision.
        first_decision: the same vote over the first positions, where they were revised.
        stopped: the stop test that fired, if one did.
    """

    positions: tuple[Pending, ...] = ()
    earlier: tuple[tuple[Pending, ...], ...] = ()
    critiques: dict[str, tuple[Pending, ...]] = field(default_factory=dict)
    decision: Decision | None = None
    first_decision: Decision | None = None
    stopped: StopReason | None = None

    @property
    def first(self) -> tuple[Pending, ...]:
        """Each seat's first, independent answer."""
        return self.earlier[0] if self.earlier else self.positions

    def moved(self, positions: Sequence[Pending]) -> Self:
        """The panel after its seats took new positions."""
        earlier = (*self.earlier, self.positions) if self.positions else ()
        return replace(self, positions=tuple(positions), earlier=earlier, critiques={})


class Step(BaseModel):
    """One verb of a recipe: its parameters, and what it does.

    A step lays out turns and hands on the panel. It awaits only what it must read to know what to lay out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    needs_positions: ClassVar[bool] = True
    """Whether there must be answers before this step."""

    do: str

    @property
    def leaves(self) -> int:
        """How many steps this is, those inside it counted."""
        return 1

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards that it uses."""
        return ()

    @abstractmethod
    async def __call__(self, run: Run, panel: Panel) -> Panel:
        """Lay out this step's turns; return where the panel stands then."""


async def perform(steps: Sequence[Step], run: Run, panel: Panel) -> Panel:
    """Do `steps` one after the other, until they are through or the budget is spent."""
    number = run.number
    for step in steps:
        if run.work.exhausted:
            break
        panel = await step(run.at(number, step.do), panel)
        number += step.leaves
    return panel


def names_of(cards: Cards) -> tuple[str, ...]:
    """The cards as a tuple."""
    return (cards,) if isinstance(cards, str) else cards


def distinct(positions: Sequence[Pending]) -> list[list[Pending]]:
    """Positions that said an answer, grouped by it; groups and members in seat order. All must be over."""
    said = [position for position in positions if position.turn.answer is not None]
    indices, _ = classes([position.turn.answer for position in said if position.turn.answer is not None])
    groups: dict[int, list[Pending]] = {}
    for position, index in zip(said, indices, strict=True):
        groups.setdefault(index, []).append(position)
    return list(groups.values())


def reader(question: Question) -> Read:
    """Reads the answer to `question` from a reply."""

    def read_answer(text: str) -> Said | None:
        answer = read(text, question)
        return None if answer is None else Said(answer=answer)

    return read_answer
