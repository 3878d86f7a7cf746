"""Reading the replies that an OpenAI-compatible provider sends back.

Pure functions, total over whatever JSON comes. A reply that is there is never an error here, however odd: it was
paid for, so it becomes a `Completion` whose `finish` says what is wrong with it. One that is not there, or that the
provider broke off, is a failed call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from contemplate.errors import UnreachableError
from contemplate.models.backends.endings import Ending, ending
from contemplate.models.backends.logprobs import read_logprobs, sound
from contemplate.models.backends.parts import message_bound, part_bound, read_tool_calls
from contemplate.models.backends.refusals import ErrorBody, call_error, read_error
from contemplate.models.backends.waits import retry_after
from contemplate.text import one_line, thinking, token_bound
from contemplate.types import Completion, Logprobs, Request, Tokens, ToolCall, canonical_json

__all__ = [
    "ErrorBody",
    "call_error",
    "estimated_tokens",
    "read_completion",
    "read_completions",
    "read_error",
    "retry_after",
    "worst_case",
]

_TEMPLATE_TOKENS = 64
_MOST_TOKENS = 10**9
_MOST_BYTES = 8
"""Bytes of text for each token; no tokenizer in use has more on average."""
_LONGEST_ENDING = 80

_APART = {"thinking", "reasoning", "reasoning_text", "redacted_thinking", "summary_text", "thought"}
"""The types of the parts of a reply that are no reply."""


class _Choice(NamedTuple):
    """One of the samples in a reply."""

    text: str
    finish: Ending
    reasoning: str | None = None
    logprobs: Logprobs | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    ended: str = ""

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
    prompt += sum(token_bound(canonical_json(tool.model_dump(mode="json"))) for tool in request.tools)
    return Tokens.made(prompt=prompt, completion=samples * request.sampling.max_tokens, estimated=True)


def read_completion(payload: Mapping[str, object], request: Request, who: str = "the endpoint") -> Completion:
    """The completion in the body of a chat completion, `payload`; see `read_completions`."""
    return read_completions(payload, request, 1, who)[0]


def read_completions(payload: Mapping[str, object], request: Request, most: int, who: str = "the endpoint") -> list[Completion]:
    """The completions in the body of a chat completion, `payload`: at least one, at most `most`.

    Behind those that are whole stands a void one for each that the provider broke off.
    A provider counts the tokens of all samples together. The prompt's stand on the first one; the others are shared out by
    the lengths of the replies, so that the parts are estimates and their sum is what the provider said. One that counts
    those of the first sample alone (llama.cpp) is noticed; then the sum is an estimate too.

    Raises:
        UnreachableError: there is no reply in it, or none that the provider did not break off. It may be billed.
    """
    choices = payload.get("choices")
    there = list(_choices(choices[:most] if isinstance(choices, list) else [], request))
    came = [choice for choice in there if choice.finish != "broken"]
    if not came:
        why = "broke the reply off" if there else "sent no reply"
        said = f" (finish_reason {there[0].ended!r})" if there and there[0].ended else ""
        raise UnreachableError(f"{who} {why}{said}", sent=True)
    model = payload.get("model")
    named = sound(model) if isinstance(model, str) else ""
    tokens = _tokens(payload.get("usage"), request, came)
    if len(came) > 1 and _counts_one(tokens, came, payload.get("timings")):
        tokens = _times_all(tokens, came, request)
    whole = [
        Completion.made(
            text=choice.text,
            tokens=part,
            finish="other" if choice.finish == "broken" else choice.finish,
            model=named,
            reasoning=choice.reasoning,
            logprobs=choice.logprobs,
            tool_calls=choice.tool_calls,
            ended=choice.ended if choice.finish == "other" else "",
        )
        for choice, part in zip(
            came, [tokens] if len(came) == 1 else _shared_out(tokens, [one.size for one in came]), strict=True
        )
    ]
    broken = len(there) - len(came)
    return whole + [Completion(text="", finish="other")] * broken if broken else whole


def _choices(choices: list[object], request: Request) -> Iterator[_Choice]:
    """The replies among `choices`; what neither says anything nor why it ended is none."""
    for choice in choices:
        if not isinstance(choice, dict):
            continue
        if choice.get("finish_reason") is not None or _says(choice.get("message")):
            yield _choice(choice, request)


def _says(message: object) -> bool:
    return any(value for name, value in message.items() if name != "role") if isinstance(message, dict) else bool(message)


def _choice(choice: Mapping[str, object], request: Request) -> _Choice:
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    text, thought = _without_thinking(_joined(message.get("content")))
    apart = _joined(message.get("reasoning_content")) or _joined(message.get("reasoning"))
    parts = _thinking_among(message.get("content"))
    reasoning = "\n".join(part for part in (apart, parts, thought) if part) or None
    reason, calls = choice.get("finish_reason"), read_tool_calls(message)
    finish = ending(reason)
    if refusal := _joined(message.get("refusal")):
        text, finish = text or refusal, "refusal"
    logprobs = read_logprobs(choice.get("logprobs"), request)
    odd = reason is not None and finish in {"other", "broken"}
    return _Choice(text, finish, reasoning, logprobs, calls, _word(reason) if odd else "")


def _word(reason: object) -> str:
    return one_line(sound(reason if isinstance(reason, str) else repr(reason)), _LONGEST_ENDING)


def _shared_out(tokens: Tokens, sizes: list[int]) -> list[Tokens]:
    """`tokens` as one part for each of `sizes`, whose sum it is."""
    if len(sizes) == 1:
        return [tokens]
    whole = sum(sizes)
    sizes, whole = (sizes, whole) if whole else ([1] * len(sizes), len(sizes))
    ends = [tokens.completion * sum(sizes[: index + 1]) // whole for index in range(len(sizes))]
    parts = [end - begin for begin, end in zip([0, *ends], ends, strict=False)]
    first = Tokens(prompt=tokens.prompt, completion=parts[0], estimated=True, cached=tokens.cached)
    return [first, *(Tokens(completion=part, estimated=True) for part in parts[1:])]


def _joined(content: object) -> str:
    """The text of a message's content: a string, or a list of parts, of which those that hold thinking are left out."""
    if isinstance(content, str):
        return sound(content)
    if not isinstance(content, list):
        return ""
    said = [part for part in content if not (isinstance(part, dict) and part.get("type") in _APART)]
    texts = (part.get("text") if isinstance(part, dict) else part for part in said)
    return sound("".join(text for text in texts if isinstance(text, str)))


def _thinking_among(content: object) -> str:
    """The thinking among the parts of a message's content, which stands in any of three fields, itself in parts perhaps."""
    parts = content if isinstance(content, list) else []
    apart = [part for part in parts if isinstance(part, dict) and part.get("type") in _APART]
    texts = (_joined(part.get("text")) or _joined(part.get("thinking")) or _joined(part.get("reasoning")) for part in apart)
    return "".join(texts)


def _without_thinking(text: str) -> tuple[str, str]:
    """The reply and the thinking that opens it, in whatever tags the model writes it."""
    thought, rest = thinking.opening(text)
    return rest, thought


def _tokens(usage: object, request: Request, came: list[_Choice]) -> Tokens:
    """The tokens in `usage`; what it leaves out, or puts at zero against the facts, is estimated."""
    counts = usage if isinstance(usage, dict) else {}
    prompt, completion = _count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens"))
    if prompt and (completion or (completion == 0 and not any(choice.size for choice in came))):
        details = counts.get("prompt_tokens_details")
        cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else None
        return Tokens.made(prompt=prompt, completion=completion, cached=min(cached or 0, prompt))
    estimate = _estimated(request, sum(choice.size for choice in came), len(came))
    return Tokens(prompt=prompt or estimate.prompt, completion=completion or estimate.completion, estimated=True)


def _estimated(request: Request, size: int, samples: int) -> Tokens:
    worst = worst_case(request, samples)
    return worst.altered(completion=min(size, worst.completion))


def _counts_one(tokens: Tokens, came: list[_Choice], timings: object) -> bool:
    """Whether `tokens` are those of the first of several samples, by what llama.cpp says beside them or by their number."""
    if isinstance(timings, dict) and timings.get("predicted_n") == tokens.completion:
        return True
    return sum(choice.size for choice in came) > _MOST_BYTES * tokens.completion


def _times_all(tokens: Tokens, came: list[_Choice], request: Request) -> Tokens:
    """The tokens of the first sample, as many more as the others are longer."""
    size = sum(choice.size for choice in came)
    completion = min(-(-tokens.completion * size // max(came[0].size, 1)), worst_case(request, len(came)).completion)
    return tokens.model_copy(update={"completion": max(completion, tokens.completion), "estimated": True})


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS else None
