"""The verbs of a recipe, one file each."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Annotated, Any

from pydantic import Field, SerializeAsAny, ValidatorFunctionWrapHandler, WrapValidator

from contemplate.steps.base import Panel, Step, perform
from contemplate.steps.critique import Critique
from contemplate.steps.judge import Judge
from contemplate.steps.propose import Propose
from contemplate.steps.repeat import Repeat
from contemplate.steps.revise import Revise
from contemplate.steps.stops import Agreement, Stable
from contemplate.steps.synthesize import Synthesize
from contemplate.steps.vote import Vote

VERBS: dict[str, type[Step]] = {
    "propose": Propose,
    "critique": Critique,
    "revise": Revise,
    "vote": Vote,
    "judge": Judge,
    "synthesize": Synthesize,
    "repeat": Repeat,
}
"""The verbs that contemplate brings. Others are found through the entry point group `contemplate.steps`."""


def verb(name: str) -> type[Step] | None:
    """The step of that name: one of ours, or one that an installed package declares."""
    if name in VERBS:
        return VERBS[name]
    for entry in entry_points(group="contemplate.steps", name=name):
        found = entry.load()
        if isinstance(found, type) and issubclass(found, Step):
            return found
    return None


def _any_step(value: Any, ours: ValidatorFunctionWrapHandler) -> Step:  # noqa: ANN401 - what a recipe may hold
    if isinstance(value, Step):
        return value
    name = value.get("do") if isinstance(value, dict) else None
    if isinstance(name, str) and name not in VERBS and (theirs := verb(name)) is not None:
        return theirs.model_validate(value)
    step: Step = ours(value)
    return step


AnyStep = Annotated[
    SerializeAsAny[Annotated[Propose | Critique | Revise | Vote | Judge | Synthesize | Repeat, Field(discriminator="do")]],
    WrapValidator(_any_step),
]
"""One step of a recipe, told apart by `do`."""

Repeat.model_rebuild(_types_namespace={"AnyStep": AnyStep})

__all__ = [
    "VERBS",
    "Agreement",
    "AnyStep",
    "Critique",
    "Judge",
    "Panel",
    "Propose",
    "Repeat",
    "Revise",
    "Stable",
    "Step",
    "Synthesize",
    "Vote",
    "perform",
    "verb",
]
