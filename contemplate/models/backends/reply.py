"""Reading what an OpenAI-compatible provider sends back: replies, and refusals to give one.

Pure functions, total over whatever JSON comes. A reply that is there is never an error here, however odd: it was
paid for, so it becomes a `Completion` whose `finish` says what is wrong with it.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from contemplate import thinking
from contemplate.errors import CallError, OverloadedError, RejectedError, redact
from contemplate.models.backends.logprobs import read_logprobs, sound
from contemplate.models.backends.parts import message_bound, part_bound, read_tool_calls
from contemplate.text import one_line, token_bound
from contemplate.types import Completion, Finish, Logprobs, Request, Tokens, ToolCall, canonical_json

_TEMPLATE_TOKENS = 64
_MOST_TOKENS = 10**9
_LONGEST_ERROR = 65_536
_EXCERPT = 200
_MOST_BYTES = 8
"""Bytes of text for each token; no tokenizer in use has more on average."""

_FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "eos": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filter",
    "refusal": "refusal",
}

_PASSING = {408, 425, 429}
_FIRST_SERVER_ERROR = 500
_OUT_OF_MONEY = {"insufficient_quota", "billing_hard_limit_reached"}


class ErrorBody(NamedTuple):
    """What the body of an error says.

    Attributes:
        code: the provider's own code, if it gives one.
        param: the field of the request that it complains about.
        message: one line, redacted and cut short.
    """

    code: str
    param: str
    message: str


class _Choice(NamedTuple):
    """One of the samples in a reply."""

    text: str = ""
    finish: Finish = "other"
    reasoning: str | None = None
    logprobs: Logprobs | None = None
    tool_calls: tuple[ToolCall, ...] = ()

    @property
    def size(self) -> int:
        """The most tokens that it can have, by its bytes."""
        return token_bound(self.text) + token_bound(self.reasoning or "") + sum(map(part_bound, self.tool_calls))


def estimated_tokens(request: Request, text: str) -> Tokens:
    """An upper bound on what a call took, for a provider that does not say.

    The reply is bounded by its bytes and `max_tokens`.
    """
    return _estimated(request, token_bound(text), 1)


def worst_case(request: Request, samples: int = 1) -> Tokens:
    """The most that a call can take: its prompt, each part bounded by its bytes and what a template may add, and `max_tokens`.

    Args:
        request: what is asked.
        samples: how many replies it asks for; the prompt is billed once.
    """
    prompt = sum(map(message_bound, request.messages)) + _TEMPLATE_TOKENS
    if request.reply_schema is not None:  # providers put it into the prompt
        prompt += token_bound(canonical_json(request.reply_schema))
    return Tokens(prompt=prompt, completion=samples * request.sampling.max_tokens, estimated=True)


def read_completion(payload: Mapping[str, object], request: Request) -> Completion:
    """The completion in the body of a chat completion, `payload`."""
    return read_completions(payload, request, 1)[0]


def read_completions(payload: Mapping[str, object], request: Request, most: int) -> list[Completion]:
    """The completions in the body of a chat completion, `payload`: at least one, at most `most`.

    A provider counts the tokens of all samples together. The prompt's stand on the first one; the others are shared out by
    the lengths of the replies, so that the parts are estimates and their sum is what the provider said. One that counts
    those of the first sample alone (llama.cpp) is noticed; then the sum is an estimate too.
    """
    choices = payload.get("choices")
    came = [_choice(choice, request) for choice in choices[:most]] if isinstance(choices, list) else []
    came = came or [_Choice()]
    model = payload.get("model")
    named = sound(model) if isinstance(model, str) else ""
    tokens = _tokens(payload.get("usage"), request, came)
    if len(came) > 1 and _counts_one(tokens, came, payload.get("timings")):
        tokens = _times_all(tokens, came, request)
    return [
        Completion(
            text=choice.text,
            tokens=part,
            finish=choice.finish,
            model=named,
            reasoning=choice.reasoning,
            logprobs=choice.logprobs,
            tool_calls=choice.tool_calls,
        )
        for choice, part in zip(came, _shared_out(tokens, [choice.size for choice in came]), strict=True)
    ]


def _choice(choice: object, request: Request) -> _Choice:
    if not isinstance(choice, dict):
        return _Choice()
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    text, thought = _without_thinking(_joined(message.get("content")))
    apart = _joined(message.get("reasoning_content")) or _joined(message.get("reasoning"))
    within = _thought_apart(message.get("content"))
    reasoning = "\n".join(part for part in (apart, within, thought) if part) or None
    finish = _finish(choice.get("finish_reason"))
    if refusal := _joined(message.get("refusal")):
        text, finish = text or refusal, "refusal"
    return _Choice(text, finish, reasoning, read_logprobs(choice.get("logprobs"), request), read_tool_calls(message))


def _shared_out(tokens: Tokens, sizes: list[int]) -> list[Tokens]:
    """`tokens` as one part for each of `sizes`, whose sum it is."""
    if len(sizes) == 1:
        return [tokens]
    whole = sum(sizes)
    sizes, whole = (sizes, whole) if whole else ([1] * len(sizes), len(sizes))
    ends = [tokens.completion * sum(sizes[: place + 1]) // whole for place in range(len(sizes))]
    return [
        Tokens(prompt=0 if place else tokens.prompt, completion=end - (ends[place - 1] if place else 0), estimated=True)
        for place, end in enumerate(ends)
    ]


def call_error(status: int, body: bytes, headers: Mapping[str, str], who: str, *secrets: str) -> CallError:
    """The error that an HTTP answer other than 2xx stands for.

    Args:
        status: the HTTP status.
        body: what came with it.
        headers: its headers.
        who: the endpoint and the model, for the message.
        secrets: texts that must not be in the message.
    """
    said = read_error(body, *secrets)
    message = f"{who} answered {status}" + (f": {said.message}" if said.message else "")
    if (status in _PASSING or status >= _FIRST_SERVER_ERROR) and said.code not in _OUT_OF_MONEY:
        return OverloadedError(message, retry_after=retry_after(headers))
    return RejectedError(message)


def read_error(body: bytes, *secrets: str) -> ErrorBody:
    """What the body of an error says; a body that is no JSON is its own message, one over 64 KiB says nothing."""
    text = body.decode("utf-8", "replace") if len(body) <= _LONGEST_ERROR else ""
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        payload = None
    error = payload.get("error", payload) if isinstance(payload, dict) else None
    code = param = ""
    if isinstance(error, dict):
        code, param = (str(error.get(field) or "") for field in ("code", "param"))
        text = str(error.get("message") or error.get("detail") or text)
    elif isinstance(error, str):
        text = error
    # Blotted out before it is cut: half a key would no longer look like one.
    return ErrorBody(code, param, one_line(redact(text, *secrets), _EXCERPT))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a provider asks us to wait, from `retry-after-ms` or Retry-After (seconds or an HTTP date)."""
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _seconds(value)
    return seconds if seconds is not None else _seconds_until(value, headers.get("date"))


def _seconds_until(value: str, date: str | None) -> float | None:
    """Seconds from `date` (by the provider's own clock, if it sent it) to the HTTP date `value`."""
    try:
        then = parsedate_to_datetime(value).timestamp()
        now = parsedate_to_datetime(date).timestamp() if date else time.time()
    except (ValueError, OverflowError):
        return None
    return max(then - now, 0.0)


def _seconds(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return max(number, 0.0) if math.isfinite(number) else None


def _finish(reason: object) -> Finish:
    if reason is None:
        return "stop"
    return _FINISHES.get(reason, "other") if isinstance(reason, str) else "other"


def _joined(content: object) -> str:
    """The text of a message's content: a string, or a list of parts, of which those that hold thinking are left out."""
    if isinstance(content, str):
        return sound(content)
    if not isinstance(content, list):
        return ""
    texts = (part.get("text") if isinstance(part, dict) else part for part in content if not _is_thought(part))
    return sound("".join(text for text in texts if isinstance(text, str)))


def _is_thought(part: object) -> bool:
    return isinstance(part, dict) and part.get("type") in {"thinking", "reasoning"}


def _thought_apart(content: object) -> str:
    """The thinking in a message's parts: each holds it under its own type, as "text", or in parts again."""
    parts = filter(_is_thought, content) if isinstance(content, list) else ()
    held = (part.get(part["type"]) or part.get("text") or part.get("summary") for part in parts if isinstance(part, dict))
    return "\n".join(filter(None, map(_joined, held)))


def _without_thinking(text: str) -> tuple[str, str]:
    """The reply and the thinking that opens it, in whatever tags the model writes it."""
    thought, rest = thinking.opening(text)
    return rest, thought


def _tokens(usage: object, request: Request, came: list[_Choice]) -> Tokens:
    """What `usage` says; what it leaves out, or puts at zero against the facts, is estimated."""
    counts = usage if isinstance(usage, dict) else {}
    prompt, completion = _count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens"))
    size = sum(choice.size for choice in came)
    if prompt and (completion or (completion == 0 and not size)):
        return Tokens(prompt=prompt, completion=completion)
    estimate = _estimated(request, size, len(came))
    return Tokens(prompt=prompt or estimate.prompt, completion=completion or estimate.completion, estimated=True)


def _estimated(request: Request, size: int, samples: int) -> Tokens:
    worst = worst_case(request, samples)
    return worst.model_copy(update={"completion": min(size, worst.completion)})


def _counts_one(tokens: Tokens, came: list[_Choice], timings: object) -> bool:
    """Whether `tokens` are those of the first of several samples, by what llama.cpp says beside them or by their number."""
    if isinstance(timings, dict) and timings.get("predicted_n") == tokens.completion:
        return True
    return sum(choice.size for choice in came) > _MOST_BYTES * tokens.completion


def _times_all(tokens: Tokens, came: list[_Choice], request: Request) -> Tokens:
    """Those of the first sample, as many more as the others are longer."""
    size = sum(choice.size for choice in came)
    completion = min(-(-tokens.completion * size // max(came[0].size, 1)), worst_case(request, len(came)).completion)
    return Tokens(prompt=tokens.prompt, completion=max(completion, tokens.completion), estimated=True)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS else None
