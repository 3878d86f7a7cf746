"""A thin client of the chat completions protocol that OpenAI set and most servers speak.

How an answer is classified, where the protocol leaves it open:

* 2xx with a reply in `choices`, however odd: a `Completion`; it was paid for, and its `finish` says what is wrong with it.
* 2xx with an error in it: the error that its status should have been (`refusals.status_inside`).
* 2xx with neither, or with a reply that the provider broke off: `UnreachableError`, sent; so is a 2xx that is broken JSON.
  It may be billed, and is worth a retry.
* 2xx that streams, though nobody asked for that: put together, and read as if it had come at once.
* 2xx that is an HTML page: `RejectedError`. A wrong base URL answers like this, and no retry mends that.
* 2xx over `max_response_bytes`: a `ReplyError`. It may be billed, and would be as long again.
* 3xx: `RejectedError`. Following a redirect could take the key to another host.
* 400 or 422 for a field that a call can do without: `FieldRefusedError`. The next call is made without it.
* 429 for an empty account, or for a quota of a day: `RejectedError`. Waiting does not fill it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from contemplate.errors import (
    CallError,
    FieldRefusedError,
    InputError,
    RejectedError,
    ReplyError,
    TimedOutError,
    UnreachableError,
    UnsupportedError,
    redact,
)
from contemplate.models.backends.abilities import Abilities, Ability, fields
from contemplate.models.backends.address import check_base_url
from contemplate.models.backends.allowance import Allowance, allowance_in
from contemplate.models.backends.base import BaseBackend
from contemplate.models.backends.learned import Learned
from contemplate.models.backends.masking import MaskedText, masked, may_hold
from contemplate.models.backends.parts import SENT, as_sent, unsendable
from contemplate.models.backends.refusals import error_of, read_error, status_inside
from contemplate.models.backends.reply import read_completions
from contemplate.models.backends.sessions import Sessions, reason
from contemplate.models.backends.streaming import Assembled, Events, OnText, folded
from contemplate.text import one_line
from contemplate.text.encoding import decode, encode
from contemplate.types import Completion, Json, Request

Headers = Mapping[str, str]

_OK = range(200, 300)
_REDIRECT = range(300, 400)
_UNAUTHORISED = {401, 403}

_EVENTS = "text/event-stream"


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
        self._url = URL(f"{self.base_url}/chat/completions")
        self._endpoint = name or urlsplit(self.base_url).netloc
        self._sessions = Sessions(self.base_url, self._key, timeout)
        self._timeout = timeout
        self._limit_field, self._seed_field, self._prefix = max_tokens_field, seed_field, prefix
        self._key_variable = key_variable
        self._max_bytes = max_response_bytes
        self._learned = Learned()
        self._abilities = Abilities(lacks)
        self._to_be_seen = may_be_down
        self._allowance: Allowance | None = None
        self._called: dict[str, str] = {}

    @property
    def endpoint(self) -> str:
        """The host and port, or the name given."""
        return self._endpoint

    @property
    def allowance(self) -> Allowance | None:
        """What the last reply said is left of the endpoint's limits."""
        return self._allowance

    async def complete(self, request: Request) -> Completion:
        """Make one call.

        Raises:
            FieldRefusedError: the endpoint refuses for this model a field that a call can do without (reasoning models take no
                temperature, some no system message); it is left out from then on, so that the same call is worth making again.
            UnsupportedError: the endpoint refuses pictures, sound, a schema for the reply or log-probabilities; from then on
                without a call.
            CallError: see `contemplate.models.backends.base.Backend`, and the head of this module.
        """
        return (await self.complete_many(request, 1))[0]

    async def complete_many(self, request: Request, n: int) -> list[Completion]:
        """Make one call for `n` samples, as `complete` makes it for one.

        Raises:
            CallError: see `contemplate.models.backends.base.SamplingBackend`, and the head of this module.
        """
        return await self._complete(request, n, None)

    async def complete_streaming(self, request: Request, on_text: OnText) -> Completion:
        """Make one call, as `complete` does, and tell the pieces of the reply as the server writes it.

        Raises:
            CallError: as for `complete`; a stream that breaks off before its end is an `UnreachableError`, and may be billed.
        """
        return (await self._complete(request, 1, on_text))[0]

    async def _complete(self, request: Request, n: int, on_text: OnText | None) -> list[Completion]:
        if (missing := self.refuses(request, n)) is not None:
            raise missing
        body = self._learned.adapted(request.model, self._body(request, n, streaming=on_text is not None))
        status, headers, content = await self._post(encode(body), request.model, on_text)
        self._allowance = allowance_in(headers)
        if status in _OK:
            payload, content = self._payload(content, headers, request.model)
            if (within := status_inside(payload)) is None:
                return read_completions(self._checked(payload, request.model), request, n, self._who(request.model))
            status = within
        raise self._refusal(status, headers, content, request, body, n)

    def refuses(self, request: Request, samples: int = 1) -> UnsupportedError | None:
        """What so many `samples` of `request` need and its model is known to lack, or None."""
        who = self._who(request.model)
        return unsendable(request, who, SENT) or self._abilities.missing(request, who, samples)

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

    def _body(self, request: Request, n: int, *, streaming: bool = False) -> Json:
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
        return body | ({"stream": True, "stream_options": {"include_usage": True}} if streaming else {"stream": False})

    async def _post(self, data: bytes, model: str, on_text: OnText | None) -> tuple[int, Headers, bytes]:
        try:
            async with self._sessions.current().post(self._url, data=data, allow_redirects=False) as response:
                streamed = on_text is not None and response.status in _OK and response.content_type == _EVENTS
                if on_text is not None and streamed:
                    return response.status, response.headers, await self._streamed(response, model, on_text)
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
        chunks: list[bytes] = []
        size, stream = 0, response.content
        while chunk := await stream.readany():
            size += len(chunk)
            if size > self._max_bytes:
                raise self._too_long(model)
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _too_long(self, model: str) -> ReplyError:
        return ReplyError(f"{self._who(model)}: the reply is over {self._max_bytes} bytes")

    async def _streamed(self, response: aiohttp.ClientResponse, model: str, on_text: OnText) -> bytes:
        """The body that would have come at once, put together from the events of a stream."""
        told = MaskedText(on_text, self._key)
        events, whole = Events(), Assembled(told)
        async for chunk in self._chunks(response, model):
            for data in events.feed(chunk):
                whole.take(data)
        for data in events.rest():
            whole.take(data)
        told.end()
        return self._ended(whole, model, asked_for=True)

    async def _chunks(self, response: aiohttp.ClientResponse, model: str) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > self._max_bytes:
                raise self._too_long(model)
            yield chunk

    def _payload(self, content: bytes, headers: Headers, model: str) -> tuple[object, bytes]:
        """What a body says, and the body: where it is a stream of events, the one that would have come at once."""
        if (whole := folded(content)) is not None:
            content = self._ended(whole, model)
        try:
            payload = decode(content)
            return masked(payload, [self._key]) if may_hold(content, self._key) else payload, content
        except (ValueError, RecursionError):
            raise self._no_json(content, headers, model) from None

    def _checked(self, payload: object, model: str) -> Json:
        if isinstance(payload, dict) and "choices" in payload:
            return payload
        msg = f"{self._who(model)}: the answer is no chat completion; is the base URL right?"
        raise RejectedError(msg)

    def _ended(self, whole: Assembled, model: str, *, asked_for: bool = False) -> bytes:
        """The body that a stream makes, if it came to its end, and whole."""
        payload = whole.payload
        if "choices" in payload and not whole.ended:
            raise UnreachableError(f"{self._who(model)}: the stream broke off before its end", sent=True)
        if why := whole.garbled:
            msg = f"{self._who(model)}: the stream is garbled ({why})"
            if not asked_for:
                raise UnreachableError(msg, sent=True)
            self._learned.does_without(model, "stream")
            raise FieldRefusedError(f"{msg}; to be asked without one", field="stream", billed=True)
        return encode(payload)

    def _no_json(self, content: bytes, headers: Headers, model: str) -> CallError:
        if "html" in headers.get("content-type", "") or content.lstrip()[:1] == b"<":
            return RejectedError(f"{self._who(model)}: a web page answers, and no API; is the base URL right? Most end in /v1")
        return UnreachableError(f"{self._who(model)}: the reply is broken JSON", sent=True)

    def _refusal(self, status: int, headers: Headers, content: bytes, request: Request, body: Json, n: int) -> CallError:
        """The error that an answer stands for, which is learned from first."""
        who, said = self._who(request.model), read_error(content, self._key)
        if status in _REDIRECT:
            where = one_line(redact(headers.get("location", "elsewhere"), self._key), 200)
            return RejectedError(f"{who}: redirected to {where}, and not followed; give the final address as base URL")
        if (missing := self._abilities.learn(request, who, status, said, n)) is not None:
            return missing
        message = f"{who} answered {status}" + (f": {said.message}" if said.message else "")
        if (field := self._learned.learn(request.model, body, status, said)) is not None:
            return FieldRefusedError(f"{message} (to be asked in another way: {field})", field=field)
        if status in _UNAUTHORISED and self._key_variable:
            return RejectedError(f"{message}; check the key in {self._key_variable}")
        return error_of(status, said, headers, message)

    def _who(self, model: str) -> str:
        who = self._called.get(model)
        if who is None:
            who = self._called[model] = f"{self._endpoint}, model {one_line(model, 80)!r}"
        return who
