"""Inspect's own models as a backend: what seats ask goes through them, into Inspect's log, cache and limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contemplate.errors import RejectedError, UnreachableError, UnsupportedError
from contemplate.installed import library
from contemplate.models.backends.base import BaseBackend
from contemplate.models.backends.reply import estimated_tokens
from contemplate.types import Completion, Request, Tokens
from contemplate.types.calls import Finish

PACKAGE = "inspect-ai"

_FINISHES: Mapping[str, Finish] = {
    "stop": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "filter",
}


def models_of(given: Sequence[Any] | str | None) -> dict[str, Any]:
    """Models of Inspect's by name; None for the one that its task is run with.

    Args:
        given: models, or names as Inspect has them, as "openai/gpt-5-mini".
    """
    get_model = library("inspect_ai.model", package=PACKAGE).get_model
    named = [None] if given is None else [given] if isinstance(given, str) else list(given)
    found = [get_model() if one is None else get_model(one) for one in named]
    return {str(model): model for model in found}


class InspectBackend(BaseBackend):
    """Answers by models of Inspect's.

    Attributes:
        limit: the error of Inspect's that says that a limit of the sample is reached; whoever asked the panel raises it again.
    """

    def __init__(self, models: Mapping[str, Any]) -> None:
        """Take the models, by name."""
        self._models = models
        self.limit: Exception | None = None

    @property
    def endpoint(self) -> str:
        """Always "inspect"."""
        return "inspect"

    def refuses(self, request: Request, samples: int = 1) -> UnsupportedError | None:  # noqa: ARG002 - it draws one at a time
        """The error for what is not asked through Inspect: schemas, log-probabilities, and messages that are more than words."""
        wanted = {"reply_schema": request.reply_schema, "logprobs": request.logprobs, "parts": request.has_parts}
        lacking = next((name for name, value in wanted.items() if value), None)
        return (
            None if lacking is None else UnsupportedError(f"{request.model} is not asked for that through Inspect", what=lacking)
        )

    async def complete(self, request: Request) -> Completion:
        """Make one call.

        Raises:
            RejectedError: a limit of Inspect's is reached; it is kept in `limit`.
            UnreachableError: the model gave an error in place of a reply.
            UnsupportedError: see `refuses`.
        """
        if (missing := self.refuses(request)) is not None:
            raise missing
        exceeded = library("inspect_ai.util", package=PACKAGE).LimitExceededError
        models = library("inspect_ai.model", package=PACKAGE)
        sampling = request.sampling
        config = models.GenerateConfig(
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            max_tokens=sampling.max_tokens,
            stop_seqs=list(sampling.stop) or None,
            seed=request.seed,
        )
        roles = {"system": models.ChatMessageSystem, "user": models.ChatMessageUser, "assistant": models.ChatMessageAssistant}
        said = [roles[message.role](content=message.text) for message in request.messages]
        try:
            output = await self._models[request.model].generate(said, config=config)
        except exceeded as error:
            self.limit = error
            raise RejectedError(f"a limit of Inspect's is reached: {error}") from None
        if output.error:
            raise UnreachableError(f"{request.model}: {output.error}", sent=True)
        return _completion(request, output)


def _completion(request: Request, output: Any) -> Completion:  # noqa: ANN401 - Inspect's
    """A reply of Inspect's as one of ours."""
    usage, tokens = output.usage, estimated_tokens(request, output.completion)
    if usage is not None:
        cached = usage.input_tokens_cache_read or 0
        prompt = usage.input_tokens + cached + (usage.input_tokens_cache_write or 0)
        tokens = Tokens(prompt=prompt, completion=usage.output_tokens, cached=cached)
    return Completion(
        text=output.completion, tokens=tokens, finish=_FINISHES.get(output.stop_reason, "other"), model=output.model or ""
    )
