"""A strategy: the steps of a contemplation. A recipe is one, written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from contemplate.catalogue.validation import flat, problems
from contemplate.steps import AnyStep, Refine, Repeat, Step, verb
from contemplate.steps.base import Teaching
from contemplate.types import FocusMode, Value


class Strategy(Value):
    """Steps, and what they are called.

    `Strategy(steps=[Propose(seats=5), Vote(rule="majority")])` is the same thing as a recipe with those steps;
    `contemplate.catalogue.recipe.dump` and `load` go from one to the other and back.

    Attributes:
        name: what it is called in traces.
        summary: one line on what it does.
        paper: whom it follows, as "arXiv:2305.14325".
        quorum: how many seats must give a readable answer; with fewer the run ends without one.
        calls_per_seat: how many turns there may be for each seat, on average; what would come last and pass it (a
            verification, a judge) is left out. None: as many as the steps say.
        equivalence: whether free texts that differ in form may still be counted as one: "model": a model is asked about each
            pair, once; "form": only equal normal forms are.
        tools: the names of tools, or of tool servers, that all who answer may call; or those of single cards and seats, as
            `{critic: [calculator], seat-2: [python]}`. A card that names its own has these.
        focus: what each agent is shown of the documents: "full": all of them; "digest": what members found in the parts;
            "split": its own parts word for word, and of the others what was found in them.
        focus_tokens: the most of the documents that an agent is shown then, in tokens of about four bytes; None: half of what its
            model's window leaves, and 4,000 where that is not known.
        steps: what is done, in order.
        digest: SHA-256 of the recipe's text; empty for a strategy built in Python.
    """

    name: str = "custom"
    summary: str = ""
    paper: str | None = None
    quorum: Annotated[int, Field(ge=1, le=1000)] = 1
    calls_per_seat: Annotated[int, Field(ge=1, le=1000)] | None = None
    equivalence: Literal["model", "form"] = "model"
    tools: tuple[str, ...] | dict[str, tuple[str, ...]] = ()
    focus: FocusMode = "full"
    focus_tokens: Annotated[int, Field(ge=400, le=1_000_000)] | None = None
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1)]
    digest: str = ""

    if TYPE_CHECKING:  # what may be given: any steps, in any order, as a list too

        def __init__(  # noqa: PLR0913 - all are named
            self,
            *,
            steps: Sequence[Step],
            name: str = ...,
            summary: str = ...,
            paper: str | None = ...,
            quorum: int = ...,
            calls_per_seat: int | None = ...,
            equivalence: Literal["model", "form"] = ...,
            tools: Sequence[str] | Mapping[str, Sequence[str]] = ...,
            focus: FocusMode = ...,
            focus_tokens: int | None = ...,
            digest: str = ...,
        ) -> None: ...

    @model_validator(mode="after")
    def _can_work(self) -> Strategy:
        for problem in problems(self.steps, self.quorum):
            wrong = PydanticCustomError("mistake", "{problem}", {"problem": problem.problem})
            raise ValidationError.from_exception_data("Strategy", [{"type": wrong, "loc": problem.path, "input": None}])
        return self

    @property
    def seats(self) -> int:
        """How many seats the panel has: as many as the last step that makes one puts on it."""
        sizes = [size for step in self.leaves() if (size := step.panel_size)]
        return sizes[-1] if sizes else 1

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards that the steps use, each once, in order."""
        return tuple(dict.fromkeys(card for step in self.steps for card in step.cards))

    @property
    def logprobs(self) -> int:
        """How many of the likeliest tokens it asks to be reported at each position of a reply, at most; 0 for none."""
        return max((step.logprobs_wanted for step in self.leaves()), default=0)

    @property
    def learns(self) -> bool:
        """Whether votes weigh what a ledger teaches about the models (`voters: learned` and `consistency`)."""
        return any(step.learns for step in self.leaves())

    @property
    def taught(self) -> frozenset[Teaching]:
        """What its steps weigh of what a ledger teaches."""
        return frozenset(teaching for step in self.leaves() for teaching in step.taught)

    def refined(self, *, ask: bool = False) -> Strategy:
        """The strategy with a step before all others that puts the question more tightly; as it is where it has one."""
        if isinstance(self.steps[0], Refine):
            return self
        return self.model_copy(update={"steps": (Refine(ask=ask), *self.steps)})

    def leaves(self) -> list[Step]:
        """The steps with those inside `repeat` laid flat."""
        return list(flat(self.steps))

    def to_dict(self) -> dict[str, Any]:
        """The recipe as JSON values: what is given, defaults left out."""
        row: dict[str, Any] = self.model_dump(mode="json", exclude_defaults=True, exclude={"steps", "name", "digest"})
        return {**row, "steps": [_step_row(step) for step in self.steps]}


def to_store(steps: Sequence[Any]) -> list[Any]:
    """Steps of a recipe as runs store them: a word that came later is left out where it is what it was before (`Step.was`)."""

    def write(step: type[Step], row: dict[str, Any]) -> dict[str, Any]:
        words = {word: row.get(word, step.model_fields[word].default) for word in step.was}
        kept = {word: value for word, value in row.items() if word not in words}
        return kept | {word: value for word, value in words.items() if value != step.was[word]}

    return _each(steps, write)


def from_store(steps: Sequence[Any]) -> list[Any]:
    """Steps of a stored run as a recipe has them."""
    return _each(steps, lambda step, row: {**step.was, **row})


def _each(steps: Sequence[Any], change: Callable[[type[Step], dict[str, Any]], dict[str, Any]]) -> list[Any]:
    rows: list[Any] = []
    for row in steps:
        step = verb(row["do"]) if isinstance(row, dict) and isinstance(row.get("do"), str) else None
        if step is None:
            rows.append(row)
            continue
        inner = row.get("steps")
        rows.append(change(step, {**row, "steps": _each(inner, change)} if isinstance(inner, list) else row))
    return rows


def _step_row(step: Step) -> dict[str, Any]:
    row: dict[str, Any] = {"do": step.do, **step.model_dump(mode="json", exclude_defaults=True, exclude={"do", "steps"})}
    if (test := step.stop_test) is not None:
        named = {name: value for name, value in test if name in {"test", "rule"}}
        row["until"] = {**named, **test.model_dump(mode="json", exclude_defaults=True)}
    if isinstance(step, Repeat):
        row["steps"] = [_step_row(inner) for inner in step.steps]
    return row
