"""A panel as a module of a DSPy program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import create_model

from contemplate.api import solve, solve_sync
from contemplate.catalogue.strategy import Strategy
from contemplate.errors import InputError
from contemplate.installed import library
from contemplate.integrations.chat import about, answered
from contemplate.orchestration.orchestrator import DEFAULT_STRATEGY
from contemplate.trace.outcome import Outcome

_KINDS: dict[object, str] = {int: "number", float: "number", bool: "boolean"}


def module(
    signature: Any,  # noqa: ANN401 - a text or a class of a library that need not be there
    strategy: Strategy | str = DEFAULT_STRATEGY,
    **options: Any,  # noqa: ANN401 - those of `solve`
) -> Any:  # noqa: ANN401 - a dspy.Module
    """A module that has a panel fill in a signature's outputs; it takes the inputs by name, as every module does.

    One output that is a number, a truth value or one of several texts is asked for as that kind of answer, and voted on as such;
    one text as a text; several outputs, and other types, as an object of that form. The prediction holds the outputs, and the
    facts about the run as `contemplate`. The panel asks the models of `options` or of the settings, and not the one that DSPy is
    configured with.

    Args:
        signature: as `dspy.Predict` takes it: "question -> answer: int", or a class.
        strategy: as of `solve`.
        **options: as of `solve`.

    Raises:
        InputError: DSPy is not installed. When it is called: an input is missing.
        NoAnswerError: when it is called: the panel came to no answer.
    """
    dspy = library("dspy", package="dspy")
    form = library("dspy.signatures", package="dspy").ensure_signature(signature)
    wanted = {**_wanted(form), **options}

    class Contemplate(dspy.Module):  # type: ignore[misc, name-defined]
        """A panel that fills in the outputs of a signature."""

        def __init__(self) -> None:
            super().__init__()
            self.signature = form

        def forward(self, **inputs: Any) -> Any:  # noqa: ANN401
            return self._prediction(solve_sync(_question(form, inputs), strategy, **wanted))

        async def aforward(self, **inputs: Any) -> Any:  # noqa: ANN401
            outcome: Outcome[Any] = await solve(_question(form, inputs), strategy, **wanted)
            return self._prediction(outcome)

        def _prediction(self, outcome: Outcome[Any]) -> Any:  # noqa: ANN401
            return dspy.Prediction(**_outputs(form, outcome), contemplate=about(outcome))

    return Contemplate()


def _wanted(form: Any) -> dict[str, Any]:  # noqa: ANN401
    """The kind of answer that a signature's outputs are."""
    outputs = {name: field.annotation for name, field in form.output_fields.items()}
    (first, *more) = outputs.values()
    if not more and first in _KINDS:
        return {"answer": _KINDS[first]}
    if not more and first is str:
        return {}
    if not more and get_origin(first) is Literal and all(isinstance(one, str) for one in get_args(first)):
        return {"answer": "choice", "choices": get_args(first)}
    described: dict[str, Any] = {name: (field.annotation, field) for name, field in form.output_fields.items()}
    return {"answer": create_model(str(form.__name__), **described)}


def _question(form: Any, inputs: Mapping[str, Any]) -> str:  # noqa: ANN401
    """The task and the inputs as one text."""
    if missing := [name for name in form.input_fields if name not in inputs]:
        raise InputError(f"the module needs the input {missing[0]!r}: give it by name")
    if strange := [name for name in inputs if name not in form.input_fields]:
        raise InputError(f"the module takes no input {strange[0]!r}; it takes {', '.join(form.input_fields)}")
    texts = {name: inputs[name] if isinstance(inputs[name], str) else _json(inputs[name]) for name in form.input_fields}
    given = "\n\n".join(f"{name}: {text}" for name, text in texts.items())
    return f"{form.instructions}\n\n{given}"


def _json(value: object) -> str:
    return json.dumps(
        value, ensure_ascii=False, default=lambda one: one.model_dump(mode="json") if hasattr(one, "model_dump") else str(one)
    )


def _outputs(form: Any, outcome: Outcome[Any]) -> dict[str, Any]:  # noqa: ANN401
    """The signature's outputs in an outcome."""
    answer, (first, *more) = answered(outcome), form.output_fields.items()
    value: Any = outcome.value
    if outcome.answer_type is not None:
        return {name: getattr(value, name) for name in form.output_fields}
    if more or first[1].annotation not in _KINDS:
        return {first[0]: value if get_origin(first[1].annotation) is Literal else answer}
    return {first[0]: first[1].annotation(value)}
