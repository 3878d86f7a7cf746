"""A thin client of the chat completions protocol that OpenAI set and most servers speak.

How an answer is classified, where the protocol leaves it open:

* 2xx with `choices`, however odd: a `Completion`; it was paid for, and its `finish` says what is wrong with it.
* 2xx that is an HTML page: `RejectedError`. A wrong base URL answers like this, and no retry mends that.
* 2xx that is otherwise no JSON: `UnreachableError`, sent. The reply broke off; it may be billed, and is worth a retry.
* 2xx over `max_response_bytes`: a `ReplyError`. It may be billed, and would be as long again.
* 3xx: `RejectedError`. Following a redirect could take the key to another host.
* 429 for an empty account: `RejectedError`. Waiting does not fill it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

import aiohttp

from contemplate.errors import (
    CallError,
    InputError,
    RejectedError,
    ReplyError,
    TimedOutError,
    UnreachableError,
    UnsupportedError,
)
from contemplate.models.backends.abilities import Abilities, Ability, fields
from contemplate.models.backends.address import check_base_url
from contemplate.models.backends.base import BaseBackend
from contemplate.models.backends.parts import as_sent, unsendable
from contemplate.models.backends.reply import call_error, read_completions, read_error
from contemplate.models.backends.sessions import Sessions, reason
from contemplate.text import one_line
from contemplate.types import Completion, Json, Request, Text, ToolCall, ToolResult

Headers = Mapping[str, str]

_OK = range(200, 300)
_REDIRECT = range(300, 400)
_BAD_REQUEST = 400
_UNAUTHORISED = {401, 403}
_HTTP_ERRORS = {str(status) for status in range(400, 600)}

_OPTIONAL = {"temperature", "top_p", "stop", "seed", "random_seed"}
_SENDS = (Text, ToolCall, ToolResult)
_LIMIT_FIELDS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


class OpenAIBackend(BaseBackend):
    """One endpoint that speaks OpenAI's protocol. Connections are opened as calls need them, and kept alive."""

    def __init__(  # noqa: PLR0913 - all but the first are named, and have defaults
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        name: str | None = None,
        timeout: float = 120.0,
        max_tokens_field: str = "max_tokens",
        seed_field: str | None = "seed",
        prefix: str = "",
        key_variable: str | None = None,
        max_response_bytes: int = 16 * 2**20,
        lacks: Collection[Ability] = (),
        may_be_down: bool = False,
    ) -> None:
        """Remember the endpoint; nothing is opened yet.

        Args:
            base_url: the address before `/chat/completions`, as `http://localhost:8000/v1`.
            api_key: sent as a bearer token, to this endpoint only.
            name: what limits are kept under; by default the host and port.
            timeout: seconds for one attempt, whole.
            max_tokens_field: what the endpoint calls the limit on completion tokens.
            seed_field: what it calls the sampling seed; None where it takes none.
            prefix: what stands before the endpoint's own name of a model, as `openai/`.
            key_variable: the environment variable that the key comes from, for advice in errors.
            max_response_bytes: the longest reply that is read.
            lacks: what is known to be missing there; the rest is learned.
            may_be_down: somebody has to have started it, so that `ready` sees whether it answers.

        Raises:
            EndpointError: `base_url` is malformed.
            InputError: `api_key` can't stand in a header.
        """
        self.base_url = check_base_url(base_url)
        self._key = (api_key or "").strip()
        if not (self._key.isascii() and self._key.isprintable()):
            msg = f"the key in {key_variable or 'api_key'} has characters that no key has"
            raise InputError(msg)
        self._endpoint = name or urlsplit(self.base_url).netloc
        self._sessions = Sessions(self.base_url, self._key, timeout)
        self._timeout = timeout
        self._limit_field, self._seed_field, self._prefix = max_tokens_field, seed_field, prefix
        self._key_variable = key_variable
        self._max_bytes = max_response_bytes
        self._refused_fields: defaultdict[str, set[str]] = defaultdict(set)
        self._abilities = Abilities(lacks)
        self._to_be_seen = may_be_down

    @property
    def endpoint(self) -> str:
        """The host and port, or the name given."""
        return self._endpoint

    async def complete(self, request: Request) -> Completion:
        """Make one call.

        A field that the endpoint refuses for this model and can do without (reasoning models take no temperature) is
        left out, now and from then on; such a refusal costs nothing.

        Raises:
            UnsupportedError: a message holds bytes, or the endpoint refuses a schema for the reply or log-probabilities; from
                then on without a call.
            CallError: see `contemplate.models.backends.base.Backend`, and the head of this module.
        """
        return (await self.complete_many(request, 1))[0]

    async def complete_many(self, request: Request, n: int) -> list[Completion]:
        """Make one call for `n` samples, as `complete` makes it for one.

        Raises:
            CallError: see `contemplate.models.backends.base.SamplingBackend`, and the head of this module.
        """
        if (missing := self.refuses(request, n)) is not None:
            raise missing
        while True:
            body = self._body(request, n)
            status, headers, content = await self._post(json.dumps(body).encode(), request.model)
            if status in _OK:
                return self._read(content, headers, request, n)
            said, who = read_error(content, self._key), self._who(request.model)
            if (missing := self._abilities.learn(request, who, status, said, n)) is not None:
                raise missing
            if status != _BAD_REQUEST or not self._learns(request.model, body, content):
                raise self._refusal(status, headers, content, request.model)

    def refuses(self, request: Request, samples: int = 1) -> UnsupportedError | None:
        """What so many `samples` of `request` need and its model is known to lack, or None."""
        who = self._who(request.model)
        return unsendable(request, who, _SENDS) or self._abilities.missing(request, who, samples)

    async def ready(self, model: str) -> None:  # noqa: ARG002 - its server is that of all its models
        """See once whether anything answers at the base URL, where that is in doubt.

        Raises:
            EndpointError: nothing does.
        """
        if self._to_be_seen:
            await self.ping()
            self._to_be_seen = False

    async def ping(self) -> None:
        """See whether anything answers at the base URL.

        Raises:
            EndpointError: nothing does.
        """
        await self._sessions.ping()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._sessions.aclose()

    def _body(self, request: Request, n: int) -> Json:
        sampling = request.sampling
        body: Json = {
            "model": request.model.removeprefix(self._prefix),
            "messages": [sent for message in request.messages for sent in as_sent(message)],
            self._limit_field: sampling.max_tokens,
        }
        optional = {"temperature": sampling.temperature, "top_p": sampling.top_p, "stop": list(sampling.stop) or None}
        if self._seed_field is not None:
            optional[self._seed_field] = request.seed
        body |= {field: value for field, value in optional.items() if value is not None} | fields(request, n)
        for field in self._refused_fields.get(request.model, ()):
            value = body.pop(field, None)
            if field in _LIMIT_FIELDS:
                body[_LIMIT_FIELDS[field]] = value
        return body

    def _learns(self, model: str, body: Json, content: bytes) -> bool:
        """Whether the endpoint refused just a field of `body` that it can do without; if so, remember that."""
        param = read_error(content).param
        refused = self._refused_fields[model]
        other_name = _LIMIT_FIELDS.get(param)
        if param not in body or (param not in _OPTIONAL and (other_name is None or other_name in refused)):
            return False
        refused.add(param)
        return True

    async def _post(self, data: bytes, model: str) -> tuple[int, Headers, bytes]:
        try:
            async with self._sessions.current().post(
                f"{self.base_url}/chat/completions", data=data, allow_redirects=False
            ) as response:
                return response.status, response.headers, await self._content(response, model)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            msg = f"{self._who(model)}: no connection ({reason(error)})"
            raise UnreachableError(msg) from None
        except TimeoutError:
            msg = f"{self._who(model)}: no reply within {self._timeout:g} s"
            raise TimedOutError(msg) from None
        except (aiohttp.ClientError, OSError) as error:
            msg = f"{self._who(model)}: the connection broke off ({reason(error)})"
            raise UnreachableError(msg, sent=True) from None

    async def _content(self, response: aiohttp.ClientResponse, model: str) -> bytes:
        chunks, size = [], 0
        async for chunk in response.content.iter_any():
            chunks.append(chunk)
            size += len(chunk)
            if size > self._max_bytes:
                msg = f"{self._who(model)}: the reply is over {self._max_bytes} bytes"
                raise ReplyError(msg)
        return b"".join(chunks)

    def _read(self, content: bytes, headers: Headers, request: Request, n: int) -> list[Completion]:
        try:
            payload = json.loads(content)
        except (ValueError, RecursionError):
            raise self._no_json(content, headers, request.model) from None
        if isinstance(payload, dict) and "choices" in payload:
            return read_completions(payload, request, n)
        if isinstance(payload, dict) and "error" in payload:  # a gateway that has answered before its provider failed
            code = read_error(content).code
            raise self._refusal(int(code) if code in _HTTP_ERRORS else _BAD_REQUEST, headers, content, request.model)
        msg = f"{self._who(request.model)}: the answer is no chat completion; is the base URL right?"
        raise RejectedError(msg)

    def _no_json(self, content: bytes, headers: Headers, model: str) -> CallError:
        if "html" in headers.get("content-type", "") or content.lstrip()[:1] == b"<":
            return RejectedError(f"{self._who(model)}: a web page answers, and no API; is the base URL right? Most end in /v1")
        return UnreachableError(f"{self._who(model)}: the reply is broken JSON", sent=True)

    def _refusal(self, status: int, headers: Headers, content: bytes, model: str) -> CallError:
        who = self._who(model)
        if status in _REDIRECT:
            where = one_line(headers.get("location", "elsewhere"), 200)
            return RejectedError(f"{who}: redirected to {where}, and not followed; give the final address as base URL")
        error = call_error(status, content, headers, who, self._key)
        if status in _UNAUTHORISED and self._key_variable:
            return RejectedError(f"{error}; check the key in {self._key_variable}")
        return error

    def _who(self, model: str) -> str:
        return f"{self._endpoint}, model {one_line(model, 80)!r}"
