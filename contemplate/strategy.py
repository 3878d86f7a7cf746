"""A strategy: the steps of a contemplation. A recipe is one, written down."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contemplate.steps import AnyStep, Propose, Repeat, Step


class Strategy(BaseModel):
    """Steps, and what they are called.

    `Strategy(steps=[Propose(seats=5), Vote(rule="majority")])` is the same thing as a recipe with those steps;
    `contemplate.recipes.dump` and `load` go from one to the other and back.

    Attributes:
        name: what it is called in traces.
        summary: one line on what it does.
        paper: whom it follows, as "arXiv:2305.14325".
        quorum: how many seats must give a readable answer; with fewer the run ends without one.
        steps: what is done, in order.
        digest: SHA-256 of the recipe's text; empty for a strategy built in Python.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "custom"
    summary: str = ""
    paper: str | None = None
    quorum: Annotated[int, Field(ge=1, le=1000)] = 1
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1)]
    digest: str = ""

    @model_validator(mode="after")
    def _makes_sense(self) -> Strategy:
        answers = False
        for number, step in enumerate(self.steps, 1):
            if not answers and _first_leaf(step).needs_positions:
                msg = f"step {number} ({_first_leaf(step).do}) needs answers, and no 'propose' comes before it"
                raise ValueError(msg)
            answers = True
        seats = self.seats
        if seats < self.quorum:
            msg = f"a quorum of {self.quorum} can't be reached by {seats} seat{'s' * (seats != 1)}"
            raise ValueError(msg)
        return self

    @property
    def seats(self) -> int:
        """How many seats the panel has: those of the last `propose`."""
        proposing = [step for step in self.leaves() if isinstance(step, Propose)]
        return proposing[-1].seats if proposing else 1

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards that the steps use, each once, in order."""
        return tuple(dict.fromkeys(card for step in self.steps for card in step.cards))

    def leaves(self) -> list[Step]:
        """The steps with those inside `repeat` laid flat."""
        return list(_flat(self.steps))

    def to_dict(self) -> dict[str, Any]:
        """The recipe as JSON values: what is given, defaults left out."""
        row: dict[str, Any] = self.model_dump(mode="json", exclude_defaults=True, exclude={"steps", "name", "digest"})
        return {**row, "steps": [_step_row(step) for step in self.steps]}


def _flat(steps: tuple[Step, ...]) -> list[Step]:
    return [leaf for step in steps for leaf in (_flat(step.steps) if isinstance(step, Repeat) else [step])]


def _first_leaf(step: Step) -> Step:
    return _first_leaf(step.steps[0]) if isinstance(step, Repeat) else step


def _step_row(step: Step) -> dict[str, Any]:
    row: dict[str, Any] = {"do": step.do, **step.model_dump(mode="json", exclude_defaults=True, exclude={"do", "steps"})}
    if isinstance(step, Repeat):
        if step.until is not None:
            row["until"] = {"test": step.until.test, **step.until.model_dump(mode="json", exclude_defaults=True)}
        row["steps"] = [_step_row(inner) for inner in step.steps]
    return row
