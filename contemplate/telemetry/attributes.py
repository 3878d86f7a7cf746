"""The attributes of spans: what the conventions for generative AI call them, and what else a contemplation has.

Names with `gen_ai.` are those of OpenTelemetry's semantic conventions for generative AI, which are still being developed; names
with `contemplate.` are our own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from contemplate.text import one_line
from contemplate.trace.events import CallEnded, CallStarted, RunStarted
from contemplate.types import Completion, Message, Question, Request, Turn, Usage

Scalar = str | bool | int | float
Attributes = dict[str, Scalar | Sequence[str]]

_PROVIDERS = {
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
"""The conventions' names of providers, where these are not our own."""

_LONGEST_NAME = 200
"""How much of what a server calls its model is told, in characters."""

_FINISHES = {"filter": "content_filter", "refusal": "content_filter"}
"""The conventions' words for the end of a reply, where these are not our own."""


def provider(model: str) -> str:
    """The provider of a model, from its name; "openai" for a name alone, which is asked by OpenAI's protocol."""
    prefix, slash, _ = model.partition("/")
    return _PROVIDERS.get(prefix, prefix) if slash else "openai"


def of_run(event: RunStarted) -> Attributes:
    """What is known of a run when it starts."""
    return {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": event.strategy,
        "contemplate.run": event.run,
        "contemplate.models": list(event.models),
        "contemplate.answer.kind": event.question.kind,
    }


def of_usage(usage: Usage) -> Attributes:
    """What a run took."""
    taken: Attributes = {
        "gen_ai.usage.input_tokens": usage.prompt_tokens,
        "gen_ai.usage.output_tokens": usage.completion_tokens,
        "contemplate.calls": usage.calls,
        "contemplate.calls.cached": usage.cached_calls,
    }
    return taken if usage.usd is None else {**taken, "contemplate.cost.usd": usage.usd}


def of_turn(turn: Turn, *, cached: bool) -> Attributes:
    """What a turn came to, but for its words."""
    known: Attributes = {
        "contemplate.turn": turn.id,
        "contemplate.verb": turn.verb,
        "contemplate.status": turn.status,
        "contemplate.cached": cached,
        "gen_ai.usage.input_tokens": turn.tokens.prompt,
        "gen_ai.usage.output_tokens": turn.tokens.completion,
    }
    optional: dict[str, Scalar | None] = {
        "contemplate.card": turn.card or None,
        "contemplate.round": turn.round or None,
        "contemplate.verdict": turn.verdict,
        "error.type": None if turn.failure is None else turn.failure.kind,
    }
    return {**known, **{name: value for name, value in optional.items() if value is not None}}


def of_call(event: CallStarted) -> Attributes:
    """What is asked of which model, but for the words."""
    known = {**of_model(event.model, event.endpoint), "contemplate.turn": event.turn, "contemplate.call": event.call}
    known["contemplate.attempt"] = event.attempt
    if event.samples > 1:
        known["gen_ai.request.choice.count"] = event.samples
    return known if event.request is None else {**known, **_of_request(event.request)}


def of_model(model: str, endpoint: str) -> Attributes:
    """Who is asked, and where; of a metric, too."""
    known: Attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider(model),
        "gen_ai.request.model": model.partition("/")[2] or model,
    }
    host, _, port = endpoint.rpartition(":")
    if host and port.isdecimal():
        return {**known, "server.address": host, "server.port": int(port)}
    return {**known, "server.address": endpoint} if "." in endpoint else known


def _of_request(request: Request) -> Attributes:
    sampling = request.sampling
    asked: dict[str, Scalar | Sequence[str] | None] = {
        "gen_ai.request.max_tokens": sampling.max_tokens,
        "gen_ai.request.temperature": sampling.temperature,
        "gen_ai.request.top_p": sampling.top_p,
        "gen_ai.request.stop_sequences": list(sampling.stop) or None,
        "gen_ai.request.seed": request.seed,
        "gen_ai.output.type": "text" if request.reply_schema is None else "json",
    }
    return {name: value for name, value in asked.items() if value is not None}


def of_reply(event: CallEnded) -> Attributes:
    """What came of a call, but for the words."""
    came: Attributes = {"contemplate.status": event.status}
    if event.tokens is not None:
        came |= {"gen_ai.usage.input_tokens": event.tokens.prompt, "gen_ai.usage.output_tokens": event.tokens.completion}
        if event.tokens.cached:
            came["gen_ai.usage.cache_read.input_tokens"] = event.tokens.cached
    if event.usd is not None:
        came["contemplate.cost.usd"] = event.usd
    if (failed := failure(event)) is not None:
        came["error.type"] = failed
    if event.completions:
        came["gen_ai.response.finish_reasons"] = [_finish(one) for one in event.completions]
        if model := event.completions[0].model:
            came["gen_ai.response.model"] = one_line(model, _LONGEST_NAME)
    return came


def failure(event: CallEnded) -> str | None:
    """The kind of a call's failure, "cancelled" for one that was cut off; None where it was answered."""
    return None if event.status == "answered" else "cancelled" if event.status == "cancelled" else event.kind or "_OTHER"


def _finish(completion: Completion) -> str:
    return _FINISHES.get(completion.finish, completion.finish)


# --- content, where it is asked for ---------------------------------------------------------------------


def asked(messages: Iterable[Message]) -> Attributes:
    """The words that a model is asked with: those of the system apart, as the conventions have it."""
    told = [message for message in messages if message.text]
    system = [_part(message.text) for message in told if message.role == "system"]
    others = [{"role": message.role, "parts": [_part(message.text)]} for message in told if message.role != "system"]
    content: Attributes = {"gen_ai.input.messages": _json(others)}
    return {**content, "gen_ai.system_instructions": _json(system)} if system else content


def posed(question: Question) -> Attributes:
    """The question of a run, with what came before it."""
    return asked((*question.history, Message(role="user", content=question.text)))


def said(texts: Iterable[tuple[str, str]]) -> Attributes:
    """The words of replies, each with why it ended."""
    replies = [{"role": "assistant", "parts": [_part(text)], "finish_reason": finish} for text, finish in texts]
    return {"gen_ai.output.messages": _json(replies)}


def replied(completions: Iterable[Completion]) -> Attributes:
    """The words of what came back."""
    return said((one.text, _finish(one)) for one in completions)


def _part(text: str) -> dict[str, str]:
    return {"type": "text", "content": text}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
