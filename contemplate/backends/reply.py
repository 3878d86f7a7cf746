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

from contemplate.errors import CallError, OverloadedError, RejectedError, redact
from contemplate.text import one_line, token_bound
from contemplate.types import Completion, Finish, Request, Tokens

_TEMPLATE_TOKENS = 64
_TOKENS_PER_MESSAGE = 16
_MOST_TOKENS = 10**9
_LONGEST_ERROR = 65_536
_EXCERPT = 200

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


def estimated_tokens(request: Request, text: str) -> Tokens:
    """An upper bound on what a call took, for a provider that does not say.

    The reply is bounded by its bytes and `max_tokens`.
    """
    worst = worst_case(request)
    return worst.model_copy(update={"completion": min(token_bound(text), worst.completion)})


def worst_case(request: Request) -> Tokens:
    """The most that a call can take: its prompt, bounded by its bytes and what a chat template may add, and `max_tokens`."""
    prompt = sum(token_bound(message.content) + _TOKENS_PER_MESSAGE for message in request.messages) + _TEMPLATE_TOKENS
    return Tokens(prompt=prompt, completion=request.sampling.max_tokens, estimated=True)


def read_completion(payload: Mapping[str, object], request: Request) -> Completion:
    """The completion in the body of a chat completion, `payload`."""
    choices = payload.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    model = payload.get("model")
    named = _sound(model) if isinstance(model, str) else ""
    if not isinstance(choice, dict):
        return Completion(text="", finish="other", model=named, tokens=_tokens(payload.get("usage"), request, ""))
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    text, thought = _without_thinking(_joined(message.get("content")))
    apart = _joined(message.get("reasoning_content")) or _joined(message.get("reasoning"))
    reasoning = "\n".join(part for part in (apart, thought) if part) or None
    finish = _finish(choice.get("finish_reason"))
    if refusal := _joined(message.get("refusal")):
        text, finish = text or refusal, "refusal"
    tokens = _tokens(payload.get("usage"), request, text + (reasoning or ""))
    return Completion(text=text, tokens=tokens, finish=finish, model=named, reasoning=reasoning)


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
    """The text of a message's content: a string, or a list of parts."""
    if isinstance(content, str):
        return _sound(content)
    if not isinstance(content, list):
        return ""
    texts = (part.get("text") if isinstance(part, dict) else part for part in content)
    return _sound("".join(text for text in texts if isinstance(text, str)))


def _sound(text: str) -> str:
    """`text` without lone surrogates, which JSON can spell and UTF-8 can't hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def _without_thinking(text: str) -> tuple[str, str]:
    """The reply and the thinking before it. Some templates swallow the opening tag; a reply cut off lacks the closing one."""
    head = text.lstrip()
    opened = head.startswith("<think>")
    thought, closing, rest = head.removeprefix("<think>").partition("</think>")
    if closing and (opened or "<think>" not in thought):
        return rest.lstrip(), thought.strip()
    return ("", thought.strip()) if opened else (text, "")


def _tokens(usage: object, request: Request, text: str) -> Tokens:
    """What `usage` says; what it leaves out, or puts at zero against the facts, is estimated."""
    counts = usage if isinstance(usage, dict) else {}
    prompt, completion = _count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens"))
    if prompt and (completion or (completion == 0 and not text)):
        return Tokens(prompt=prompt, completion=completion)
    estimate = estimated_tokens(request, text)
    return Tokens(prompt=prompt or estimate.prompt, completion=completion or estimate.completion, estimated=True)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS else None
