"""The options of one question, besides its text and the strategy: all surfaces share them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from contemplate.models.backends.model import Model
from contemplate.models.budget import Budget
from contemplate.trace.events import Observer
from contemplate.types import AnswerKind, Json, Sampling


@dataclass(frozen=True)
class RunOptions:
    """The options of one question.

    Attributes:
        answer: the kind of answer, where the question is a text; "choice" if there are choices, "json" if there is a schema,
            else "text". A pydantic model is "json" with that model's schema.
        choices: the options of a multiple choice, where the question is a text.
        schema: the JSON Schema of the answer, where the question is a text.
        parameters: values for the recipe's parameters.
        seed: everything random comes from it, in [0, 2**63).
        budget: caps on this question.
        sampling: how replies are drawn, where a card does not say; only what is set in it counts.
        models: instead of the orchestrator's.
    """

    answer: AnswerKind | type[BaseModel] | None = None
    choices: tuple[str, ...] = ()
    schema: Json | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    seed: int = 0
    budget: Budget | None = None
    sampling: Sampling | None = None
    models: tuple[str | Model, ...] = ()


def observers_of(on_event: Observer | Sequence[Observer] | None) -> tuple[Observer, ...]:
    """The observers that were given, as none, as one or as several."""
    if on_event is None:
        return ()
    return (on_event,) if callable(on_event) else tuple(on_event)
