"""A panel as a provider of litellm: models are called `contemplate/STRATEGY`, or `contemplate/STRATEGY@MODEL,MODEL`."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from contemplate.api import Options, solve, solve_sync
from contemplate.errors import ContemplateError, InputError
from contemplate.installed import library
from contemplate.integrations.chat import Asked, about, answered, asked
from contemplate.text import one_line
from contemplate.trace.outcome import Outcome
from contemplate.types import Sampling

_MODEL = re.compile(r"(?!.*://)[a-z0-9][a-z0-9-]*(@[\w.:/+-]+(, ?[\w.:/+-]+)*)?", re.ASCII)
"""Names of recipes and models. Paths and addresses are for whoever runs this, and not for whoever names a model in a call."""
_SAMPLED = ("temperature", "top_p", "max_tokens", "stop")


def register(name: str = "contemplate", **options: Any) -> Any:  # noqa: ANN401 - a handler of a library that need not be there
    """Make panels callable through litellm: `litellm.completion("contemplate/self-consistency", messages)` and `acompletion`.

    `response_format` with a JSON Schema, `seed`, `temperature`, `top_p`, `max_tokens` and `stop` are heeded. The address, key and
    headers of a call are not: they never reach a model. A stream holds the whole answer in one piece. The reply's message has the
    facts about the run in `provider_specific_fields["contemplate"]`.

    Args:
        name: of the provider.
        **options: as of `solve`, for every call.

    Returns:
        The handler. Registered again under the same name, it takes the place of the one before.

    Raises:
        InputError: litellm is not installed.
    """
    litellm = library("litellm")
    handler = _handler(litellm, options)
    others = [item for item in litellm.custom_provider_map if item["provider"] != name]
    litellm.custom_provider_map = [*others, {"provider": name, "custom_handler": handler}]
    library("litellm.utils").custom_llm_setup()
    return handler


def _handler(litellm: Any, options: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """The handler of calls."""

    class Panels(litellm.CustomLLM):  # type: ignore[misc]
        """Answers litellm's calls with panels."""

        def completion(self, model: str, messages: Sequence[Any], model_response: Any, optional_params: Any, **_: Any) -> Any:  # noqa: ANN401
            with _as_litellms(litellm, model):
                question, strategy, given = _prepared(model, messages, optional_params, options)
                return _filled(model_response, model, solve_sync(question.question, strategy, **given))

        async def acompletion(
            self,
            model: str,
            messages: Sequence[Any],
            model_response: Any,  # noqa: ANN401
            optional_params: Any,  # noqa: ANN401
            **_: Any,  # noqa: ANN401
        ) -> Any:  # noqa: ANN401
            with _as_litellms(litellm, model):
                question, strategy, given = _prepared(model, messages, optional_params, options)
                return _filled(model_response, model, await solve(question.question, strategy, **given))

        def streaming(self, **call: Any) -> Iterator[Any]:  # noqa: ANN401
            yield _chunk(self.completion(**call))

        async def astreaming(self, **call: Any) -> AsyncIterator[Any]:  # noqa: ANN401
            yield _chunk(await self.acompletion(**call))

    return Panels()


class _as_litellms:  # noqa: N801 - a context manager
    """Raises our errors as litellm's, with a status that says whose fault it is."""

    def __init__(self, litellm: Any, model: str) -> None:  # noqa: ANN401
        self._litellm, self._model = litellm, model

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        if isinstance(error, ContemplateError):
            status = 400 if isinstance(error, InputError) else 500
            raise library("litellm.llms.custom_llm").CustomLLMError(status, str(error)) from error


def _prepared(
    model: str, messages: Sequence[Any], wanted: Mapping[str, Any], options: Mapping[str, Any]
) -> tuple[Asked, str, Options]:
    """The question of a call, its strategy, and the options that it is asked with."""
    if not _MODEL.fullmatch(model):
        raise InputError(
            f"model {one_line(model, 80)!r}: a panel is called STRATEGY or STRATEGY@MODEL,MODEL, without paths or addresses"
        )
    strategy, _, named = model.partition("@")
    question = asked((str(message.get("role")), _words(message)) for message in messages)
    given: dict[str, Any] = {**question.options, **options}
    if named:
        given["models"] = [one.strip() for one in named.split(",")]
    if wanted.get("seed") is not None:
        given["seed"] = wanted["seed"]
    sampled: dict[str, Any] = {name: wanted[name] for name in _SAMPLED if wanted.get(name) is not None}
    if isinstance(sampled.get("stop"), str):
        sampled["stop"] = (sampled["stop"],)
    if sampled:
        given["sampling"] = Sampling(**sampled)
    return question, strategy, {**given, **_form(wanted.get("response_format"))}  # type: ignore[typeddict-item]


def _form(wanted: Any) -> dict[str, Any]:  # noqa: ANN401 - what a client sends
    """The kind of answer that a `response_format` asks for."""
    if isinstance(wanted, type) and hasattr(wanted, "model_json_schema"):
        return {"answer": "json", "schema": wanted.model_json_schema()}
    if not isinstance(wanted, dict) or wanted.get("type") in (None, "text"):
        return {}
    schema = wanted.get("json_schema")
    return {"answer": "json", "schema": schema.get("schema") if isinstance(schema, dict) else None}


def _words(message: Mapping[str, Any]) -> str:
    """The words of a message.

    Raises:
        InputError: it holds something else.
    """
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts: list[Any] = content if isinstance(content, list) else [None]
    if all(isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str) for part in parts):
        return "\n".join(part["text"] for part in parts)
    raise InputError("a panel is asked in words; a message holds something else")


def _filled(response: Any, model: str, outcome: Outcome[Any]) -> Any:  # noqa: ANN401
    """The response with the answer."""
    answer, usage = answered(outcome), outcome.usage
    text = json.dumps(outcome.value, ensure_ascii=False) if outcome.question.kind == "json" else answer
    response.model = model
    message = response.choices[0].message
    message.content, response.choices[0].finish_reason = text, "stop"
    message.provider_specific_fields = {"contemplate": about(outcome)}
    response.usage = library("litellm").Usage(
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        total_tokens=usage.prompt_tokens + usage.completion_tokens,
    )
    return response


def _chunk(response: Any) -> dict[str, Any]:  # noqa: ANN401
    """A response as the one piece of a stream."""
    usage, choice = response.usage, response.choices[0]
    return {
        "text": choice.message.content,
        "finish_reason": "stop",
        "is_finished": True,
        "index": 0,
        "tool_use": None,
        "usage": {name: getattr(usage, name) for name in ("prompt_tokens", "completion_tokens", "total_tokens")},
        "provider_specific_fields": choice.message.provider_specific_fields,
    }
