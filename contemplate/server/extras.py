"""What a client may say of a run beyond OpenAI's protocol: under `contemplate` in the body, or in headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from contemplate.models.budget import Budget
from contemplate.server.parts import FileBody
from contemplate.server.refused import RefusedError
from contemplate.text import one_line
from contemplate.types import AnswerKind, FocusMode, Privacy

HEADER = "x-contemplate-"
_HEADERS = {
    "budget-calls": ("budget", "calls"),
    "budget-tokens": ("budget", "tokens"),
    "budget-usd": ("budget", "usd"),
    "deadline": ("deadline",),
    "seats": ("seats",),
    "answer": ("answer",),
    "privacy": ("privacy",),
    "focus": ("focus",),
    "refine": ("refine",),
}


class Body(BaseModel):
    """A part of a request; what is not known in it says nothing."""

    model_config = ConfigDict(extra="ignore")


class StrictBody(BaseModel):
    """A part of a request in which every word is ours."""

    model_config = ConfigDict(extra="forbid")


class BudgetBody(StrictBody):
    """Caps on a run."""

    calls: Annotated[int, Field(gt=0)] | None = None
    tokens: Annotated[int, Field(gt=0)] | None = None
    usd: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


def _unasked(given: object) -> object:
    """Whether to refine, of which the command line has a third word."""
    if given == "ask":
        raise ValueError("true or false is expected; nobody is there to be asked whether a refined question is right")
    return given


class Extras(StrictBody):
    """What may be said of a run.

    Attributes:
        deadline: seconds; the same as `budget.seconds`.
        seats: of the panel, where the strategy lets that be set.
        answer: the kind of answer.
        choices: of a multiple choice.
        parameters: of the strategy.
        documents: what the question comes with.
        criteria: by what the answer is scored, as "correct:3,short:1".
        focus: what each agent is shown of the documents; None: as the strategy says.
        refine: a model puts the question more tightly first, and that is taken; nobody can be asked about it here.
    """

    budget: BudgetBody | None = None
    deadline: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    seats: Annotated[int, Field(ge=1, le=1000)] | None = None
    answer: AnswerKind | None = None
    choices: tuple[str, ...] = ()
    privacy: Privacy = "any"
    parameters: dict[str, str | int | float | bool] = Field(default_factory=dict)
    documents: tuple[FileBody, ...] = ()
    criteria: Annotated[str, Field(max_length=2000)] | None = None
    focus: FocusMode | None = None
    refine: Annotated[bool, BeforeValidator(_unasked)] = False

    def settings(self) -> dict[str, object]:
        """The values for the strategy's parameters."""
        return {**self.parameters, **({} if self.seats is None else {"seats": self.seats})}

    def caps(self, most: Budget) -> Budget:
        """The caps on a run: those given, and none above the server's own."""
        given = self.budget or BudgetBody()
        return Budget(
            calls=_least(given.calls, most.calls),
            tokens=_least(given.tokens, most.tokens),
            usd=_least(given.usd, most.usd),
            seconds=_least(given.seconds, self.deadline, most.seconds),
        )


def _least(*caps: Any) -> Any:  # noqa: ANN401 - whole numbers or not, as they come
    return min((cap for cap in caps if cap is not None), default=None)


def with_headers(body: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    """A body with what headers say under `contemplate`; where both say something, the body does.

    Raises:
        RefusedError: a header begins as ours do and is none.
    """
    said: dict[str, Any] = {}
    for name, value in headers.items():
        if not name.startswith(HEADER):
            continue
        if (path := _HEADERS.get(name.removeprefix(HEADER))) is None:
            known = ", ".join(f"{HEADER}{one}" for one in _HEADERS)
            raise RefusedError(f"no header {one_line(name, 60)}; there are {known}", param=one_line(name, 60))
        inner = said.setdefault(path[0], {}) if len(path) > 1 else said
        inner[path[-1]] = value
    if not said:
        return body
    own = body.get("contemplate") or {}
    if not isinstance(own, dict):
        return body
    budget = (
        {**said.get("budget", {}), **(own.get("budget") or {})} if isinstance(own.get("budget") or {}, dict) else own["budget"]
    )
    return {**body, "contemplate": {**said, **own, **({"budget": budget} if budget else {})}}


def explained(error: ValidationError) -> RefusedError:
    """The first mistake in a body, as one line with the field that it is in."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "body"
    if first["type"] == "extra_forbidden":
        return RefusedError(f"{where}: there is no such field", param=where)
    message = str(first["msg"]).removeprefix("Value error, ")
    return RefusedError(f"{where}: {message[:1].lower()}{message[1:]}", param=where)
