"""What is different in a fork: a run that is done again from what another one had, with something changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from contemplate.ledger.base import StoredTurn
from contemplate.types import Ballot, Failure, Program, Tokens, ToolUse, Turn, Value, seat_number

if TYPE_CHECKING:
    from contemplate.trace.course import Course

LEFT_OUT = "left-out"
"""The kind of failure of a turn that a fork leaves out."""


class Changes(Value):
    """The changes that a fork makes to the run that it is forked from, and those which that one had made already.

    Attributes:
        without_seats: the numbers of the panel's seats that are left out.
        without_turns: the ids of turns that are left out.
        edits: what agents say in place of what they said, by the ids of their turns.
        models: the models of the panel's seats, by number.
        rule: how votes are counted.
        parameters: values of the recipe's parameters.
    """

    without_seats: tuple[Annotated[int, Field(ge=1)], ...] = ()
    without_turns: tuple[str, ...] = ()
    edits: dict[str, str] = Field(default_factory=dict)
    models: dict[int, str] = Field(default_factory=dict)
    rule: str | None = None
    parameters: dict[str, str | int | float | bool] = Field(default_factory=dict)

    @model_serializer(mode="wrap")
    def _only_changes(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value}

    def __bool__(self) -> bool:
        """Whether anything is changed."""
        return bool(self.model_dump())

    def over(self, before: Changes) -> Changes:
        """These changes on top of those `before`."""
        return Changes(
            without_seats=tuple(sorted({*before.without_seats, *self.without_seats})),
            without_turns=tuple(dict.fromkeys((*before.without_turns, *self.without_turns))),
            edits={**before.edits, **self.edits},
            models={**before.models, **self.models},
            rule=self.rule if self.rule is not None else before.rule,
            parameters={**before.parameters, **self.parameters},
        )

    def __str__(self) -> str:
        """One line."""
        said = [
            *(f"without seat {seat}" for seat in self.without_seats),
            *(f"without turn {turn}" for turn in self.without_turns),
            *(f"turn {turn} edited" for turn in self.edits),
            *(f"seat {seat} is {model}" for seat, model in sorted(self.models.items())),
            *([f"rule {self.rule}"] if self.rule is not None else []),
            *(f"{name}={value}" for name, value in self.parameters.items()),
        ]
        return ", ".join(said) or "nothing changed"

    # --- while the run goes ---------------------------------------------------------------------------

    def present(self, ballots: Sequence[Ballot]) -> list[Ballot]:
        """The ballots of the seats that are not left out: those that are do not even abstain."""
        return [ballot for ballot in ballots if seat_number(ballot.seat) not in self.without_seats]

    def without_effect(self, trace: Course) -> list[str]:
        """The turns that were to be changed, and that were never laid out."""
        return [turn for turn in (*self.without_turns, *self.edits) if turn not in trace]

    def left_out(self, turn: Turn) -> Failure | None:
        """The failure of a turn that is left out; None for any other."""
        if seat_number(turn.seat) in self.without_seats:
            return Failure(kind=LEFT_OUT, message=f"{turn.seat} is left out of this fork")
        if turn.id in self.without_turns:
            return Failure(kind=LEFT_OUT, message="this turn is left out of this fork")
        return None


NO_CHANGES = Changes()


@dataclass
class Origin:
    """The run that a fork comes from; in a replay of the fork, the fork itself as it is on record.

    The ledger's replies are found by the keys of requests, and these hold the number of the draw. So a turn keeps the number that
    it had there, whoever else speaks now; a turn that is new gets one that nobody had.

    Attributes:
        stored: its turns, by id, each with what it saw.
        moved: the seats that have another model now.
        same_prompts: whether a turn that sees the same is asked the same: its recipe is as it was.
    """

    stored: Mapping[str, StoredTurn]
    moved: frozenset[int] = frozenset()
    same_prompts: bool = True
    _fresh: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        """Find the numbers that are taken."""
        self._fresh = Counter()
        for turn, _ in self.stored.values():
            self._fresh[turn.card] = max(self._fresh[turn.card], turn.draw + 1)

    @classmethod
    def of(cls, stored: Sequence[StoredTurn], *, moved: frozenset[int] = frozenset(), same_prompts: bool = True) -> Self:
        """The origin that has these turns."""
        return cls({turn.id: (turn, sees) for turn, sees in stored}, moved, same_prompts)

    def draw(self, outline: Turn) -> int:
        """The number of the draw of a turn."""
        if (known := self._same(outline)) is not None:
            return known.draw
        self._fresh[outline.card] += 1
        return self._fresh[outline.card] - 1

    def failure(self, outline: Turn, trace: Course) -> Failure | None:
        """The failure of a turn whose call failed there, if all that it sees is as it was; it would only be paid for again.

        One for which the budget had no room is asked now.
        """
        known = self._same(outline)
        if known is None or known.failure is None or known.calls or known.failure.kind in {"budget", LEFT_OUT}:
            return None
        sees = self.stored[outline.id][1]
        same = self.same_prompts and not known.edited and sorted(sees) == sorted(trace.saw(outline.id))
        return known.failure if same and all(self._unchanged(trace, other) for other, _ in sees) else None

    def was_spared(self, outline: Turn) -> bool:
        """Whether a turn was laid out there and turned out not to be needed."""
        return outline.id in self.stored and self.stored[outline.id][0].status == "cancelled"

    def turn(self, turn_id: str) -> Turn | None:
        """The turn there, or None."""
        return self.stored[turn_id][0] if turn_id in self.stored else None

    def program(self, turn_id: str, code: str) -> Program | None:
        """What came of a program there; None if it was not run."""
        ran = self.stored[turn_id][0].programs if turn_id in self.stored else ()
        return next((program for program in ran if program.code == code), None)

    def tools(self, turn_id: str) -> tuple[ToolUse, ...]:
        """The calls of tools that a turn made there."""
        return self.stored[turn_id][0].tools if turn_id in self.stored else ()

    def _same(self, outline: Turn) -> Turn | None:
        """The turn there that an agent with the same card and model had."""
        known = self.stored[outline.id][0] if outline.id in self.stored else None
        return known if known and known.card == outline.card and seat_number(outline.seat) not in self.moved else None

    def _unchanged(self, trace: Course, turn_id: str) -> bool:
        """Whether a turn says what it said there, whoever says it now."""
        now = trace.turn(turn_id) if turn_id in trace else None
        return now is not None and turn_id in self.stored and _said(now) == _said(self.stored[turn_id][0])


def _said(turn: Turn) -> Turn:
    return turn.model_copy(update={"calls": (), "tokens": Tokens(), "edited": False})
