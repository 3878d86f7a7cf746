"""Model calls: what is asked, what came back, and what it costs."""

from __future__ import annotations

import hashlib
from functools import cache
from json.encoder import encode_basestring
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from contemplate.types.base import Value, canonical_json, once
from contemplate.types.messages import Message, Modality, ToolCall
from contemplate.types.tools import ToolSpec

Finish = Literal["stop", "length", "refusal", "filter", "other"]


class Sampling(Value):
    """The sampling of a reply. What is None is left to the provider.

    Attributes:
        temperature: in [0, 2].
        top_p: in (0, 1].
        max_tokens: the most completion tokens; the worst case that a budget reserves.
        stop: texts that end the reply.
    """

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 1024
    stop: tuple[str, ...] = ()

    @once
    def canonical(self) -> str:
        """Its canonical JSON."""
        return canonical_json(self.model_dump(mode="json"))


class Request(Value):
    """One model call, whole.

    Attributes:
        model: as the user named it, `provider/name`, or any name behind a base URL.
        endpoint: the base URL that the user gave, without credentials; None for a provider known by name.
        seed: the provider's sampling seed, in [0, 2**31).
        draw: which of several otherwise identical samples this is, from 0.
        reply_schema: a JSON Schema that the reply must satisfy, where the endpoint can see to it.
        logprobs: how many of the likeliest tokens to report at each position of the reply, from 1 to 20; None for none.
        tools: that are offered in the protocol's own form; left out of the JSON where there are none.
    """

    model: str
    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    endpoint: str | None = None
    seed: int | None = None
    draw: int = 0
    reply_schema: dict[str, Any] | None = None
    logprobs: Annotated[int, Field(ge=1, le=20)] | None = None
    tools: tuple[ToolSpec, ...] = ()

    @model_serializer(mode="wrap")
    def _without_what_is_rare(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        row: dict[str, Any] = handler(self)
        return row if self.tools else {name: value for name, value in row.items() if name != "tools"}

    @property
    def has_parts(self) -> bool:
        """Whether a message is made of parts, so that not every backend can send it."""
        return any(not isinstance(message.content, str) for message in self.messages)

    @property
    def modalities(self) -> frozenset[Modality]:
        """What a model has to take to be sent it, besides text."""
        return frozenset(blob.modality for message in self.messages for blob in message.blobs)

    @once
    def key(self) -> str:
        """The content key: equal for equal requests, on every machine."""
        unused = {name for name in ("reply_schema", "logprobs", "tools") if getattr(self, name) in (None, ())}
        fields = ",".join([f'"{name}":{self._canonical(name)}' for name in _sorted_fields(Request) if name not in unused])
        return hashlib.sha256(f"{{{fields}}}".encode("utf-8", "surrogatepass")).hexdigest()

    def _canonical(self, name: str) -> str:
        """The canonical JSON of a field. What many requests have in common, messages and sampling, is written once."""
        if name == "messages":
            return f"[{','.join([message.canonical for message in self.messages])}]"
        value = getattr(self, name)
        if value is None:
            return "null"
        if isinstance(value, str):
            return encode_basestring(value)
        if type(value) is int:
            return str(value)
        if isinstance(value, Sampling):
            return value.canonical
        return canonical_json(self.model_dump(mode="json", include={name})[name])


@cache
def _sorted_fields(kind: type[Value]) -> tuple[str, ...]:
    return tuple(sorted(kind.model_fields))


class Tokens(Value):
    """The tokens that one call used.

    Attributes:
        estimated: the provider did not say, so the counts are our own upper estimate.
        cached: those of the prompt that the server had read before and did not read again, where it says so; left out of the
            JSON where there are none.
    """

    prompt: Annotated[int, Field(ge=0)] = 0
    completion: Annotated[int, Field(ge=0)] = 0
    estimated: bool = False
    cached: Annotated[int, Field(ge=0)] = 0

    def __add__(self, other: Tokens) -> Tokens:
        """Both together; an estimate if one of them is."""
        return Tokens.made(
            prompt=self.prompt + other.prompt,
            completion=self.completion + other.completion,
            estimated=self.estimated or other.estimated,
            cached=self.cached + other.cached,
        )

    @model_serializer(mode="wrap")
    def _without_what_is_rare(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        row: dict[str, Any] = handler(self)
        return row if self.cached else {name: value for name, value in row.items() if name != "cached"}

    @property
    def total(self) -> int:
        """Prompt and completion together."""
        return self.prompt + self.completion


class Logprobs(Value):
    """The log-probabilities of a reply's tokens. Natural logarithms, in the order of the tokens.

    Attributes:
        chosen: log P of the token that was drawn.
        confidence: minus the mean log P of the k likeliest tokens at that position, k as asked for: high where the
            distribution is peaked (arXiv:2508.15260).
        first: log P of the likeliest tokens at the first position, by token.
    """

    chosen: tuple[float, ...]
    confidence: tuple[float, ...]
    first: dict[str, float]


class Completion(Value):
    """The reply to one call, with what it used.

    Attributes:
        text: the reply.
        finish: why it ended; "length" means cut off.
        model: the model as the provider names it.
        reasoning: the thinking that some models give apart from the reply.
        logprobs: of the reply's tokens, if they were asked for and the endpoint gives them.
        tool_calls: the tools that the model wants called, in its order; left out of the JSON where there are none.
        ended: the provider's own word for the end where it is none of those of `finish`, "other" then; left out of the JSON
            where there is none.
    """

    text: str
    tokens: Tokens = Tokens()
    finish: Finish = "stop"
    model: str = ""
    reasoning: str | None = None
    logprobs: Logprobs | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    ended: str = ""

    @property
    def void(self) -> bool:
        """Whether it holds nothing at all, and is no reply; earlier releases kept the bodies of errors as such."""
        return self.finish == "other" and not (self.text or self.reasoning or self.tool_calls or self.ended)

    @model_serializer(mode="wrap")
    def _without_what_is_rare(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        row: dict[str, Any] = handler(self)
        for name in ("tool_calls", "ended"):
            if not getattr(self, name):
                row.pop(name, None)
        return row


class Price(Value):
    """US dollars for a million tokens."""

    prompt: Annotated[float, Field(ge=0)]
    completion: Annotated[float, Field(ge=0)]

    def usd(self, tokens: Tokens) -> float:
        """The price of `tokens`."""
        return (tokens.prompt * self.prompt + tokens.completion * self.completion) / 1e6
