"""A panel as a tool or as the model of a pydantic-ai agent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

from contemplate.api import Options, solve, stream
from contemplate.catalogue.strategy import Strategy
from contemplate.errors import InputError
from contemplate.installed import library
from contemplate.integrations.chat import Asked, about, answered, asked
from contemplate.orchestration.orchestrator import DEFAULT_STRATEGY
from contemplate.trace.events import RunEnded, TurnEnded
from contemplate.trace.outcome import Outcome
from contemplate.types import Json

_PACKAGE = "pydantic-ai-slim"
_ROLES = {"system-prompt": "system", "user-prompt": "user", "text": "assistant", "thinking": ""}


def tool(
    strategy: Strategy | str = DEFAULT_STRATEGY,
    *,
    answer: Any = None,  # noqa: ANN401 - a kind, as of `solve`
    name: str = "contemplate",
    **options: Any,  # noqa: ANN401 - those of `solve`
) -> Any:  # noqa: ANN401 - a Tool of a library that need not be there
    """A tool with which an agent asks a panel a question; it is told the answer, the confidence, and who dissents.

    Args:
        strategy: as of `solve`.
        answer: the kind of answer, as of `solve`.
        name: of the tool.
        **options: as of `solve`; `seed` and all others are the same for each call.

    Raises:
        InputError: pydantic-ai is not installed.
    """
    pydantic_ai = library("pydantic_ai", package=_PACKAGE)

    async def contemplate(question: str) -> Json:
        """Have a panel of agents work on a hard question until there is one answer.

        Args:
            question: the whole question, with all that is needed to answer it: the panel sees nothing else.
        """
        outcome: Outcome[Any] = await solve(question, strategy, answer=answer, **options)
        return {"answer": answered(outcome), **about(outcome)}

    return pydantic_ai.Tool(contemplate, name=name, takes_ctx=False)


def model(strategy: Strategy | str = DEFAULT_STRATEGY, **options: Any) -> Any:  # noqa: ANN401 - a Model of a library that need not be there
    """A model, for `Agent(model)`, that is a panel: messages are its question, and an output type the form of its answer.

    Streamed, what the seats say comes as thinking, and then the answer. A panel calls no tools of the agent's.

    Args:
        strategy: as of `solve`.
        **options: as of `solve`.

    Raises:
        InputError: pydantic-ai is not installed. When it is asked: the agent has tools, or the chat holds more than words.
    """
    function = library("pydantic_ai.models.function", package=_PACKAGE)
    messages = library("pydantic_ai.messages", package=_PACKAGE)
    usage = library("pydantic_ai.usage", package=_PACKAGE)
    name = f"contemplate/{strategy if isinstance(strategy, str) else strategy.name}"
    profile = {"supports_json_schema_output": True, "default_structured_output_mode": "native", "supports_tools": False}

    def response(outcome: Outcome[Any]) -> Any:  # noqa: ANN401
        took = usage.RequestUsage(input_tokens=outcome.usage.prompt_tokens, output_tokens=outcome.usage.completion_tokens)
        details = {"contemplate": about(outcome)}
        return messages.ModelResponse([messages.TextPart(_text(outcome))], usage=took, provider_details=details)

    async def ask(said: Sequence[Any], info: Any) -> Any:  # noqa: ANN401
        question, given = _prepared(said, info, options)
        return response(await solve(question.question, strategy, **given))

    async def ask_streaming(said: Sequence[Any], info: Any) -> AsyncIterator[Any]:  # noqa: ANN401
        question, given = _prepared(said, info, options)
        async with aclosing(stream(question.question, strategy, **given)) as events:  # type: ignore[type-var]
            async for event in events:
                if isinstance(event, TurnEnded) and event.turn.text:
                    yield {0: function.DeltaThinkingPart(content=f"[{event.turn.seat}] {event.turn.text}\n\n")}
                elif isinstance(event, RunEnded):
                    yield _text(event.outcome)

    return function.FunctionModel(ask, stream_function=ask_streaming, model_name=name, profile=profile)


def _prepared(said: Sequence[Any], info: Any, options: dict[str, Any]) -> tuple[Asked, Options]:  # noqa: ANN401
    """The question of a request, and the options that it is asked with."""
    if info.function_tools or info.output_tools:
        raise InputError("a panel calls no tools of the agent's: give the agent a model, and the panel as a tool")
    told = [(_role(part), _words(part)) for message in said for part in message.parts if _role(part)]
    system = [("system", info.instructions)] if info.instructions else []
    question, wanted = asked([*system, *told]), {**options}
    if (form := info.model_request_parameters.output_object) is not None:
        wanted |= {"answer": "json", "schema": form.json_schema}
    settings = info.model_settings or {}
    if (seed := settings.get("seed")) is not None:
        wanted["seed"] = seed
    return question, {**question.options, **wanted}  # type: ignore[typeddict-item]


def _role(part: Any) -> str:  # noqa: ANN401
    return _ROLES.get(part.part_kind, str(part.part_kind))


def _words(part: Any) -> str:  # noqa: ANN401
    """The words of a part of a message.

    Raises:
        InputError: it holds something else.
    """
    content = getattr(part, "content", None)
    if isinstance(content, str):
        return content
    if isinstance(content, list | tuple) and all(isinstance(one, str) for one in content):
        return "\n".join(content)
    raise InputError(f"a panel is asked in words; the chat holds a {part.part_kind} that is none")


def _text(outcome: Outcome[Any]) -> str:
    """The answer as an agent reads it: of an object, its JSON."""
    answer = answered(outcome)
    return json.dumps(outcome.value, ensure_ascii=False) if outcome.question.kind == "json" else str(answer)
