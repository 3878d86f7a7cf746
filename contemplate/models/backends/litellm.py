"""Every provider that does not speak OpenAI's protocol, through litellm.

The only module that imports litellm, and only when a call needs it: that takes seconds and 170 MB. What it is told, and why:

* before the import: not to download its price list, and not to read a `.env` file into the environment;
* with each call: no retries of its own (they are ours), a timeout (its own is 6,000 s), to drop what a model does not take,
  and nothing besides the fields listed here (it forwards whatever it does not know);
* its errors are read by status, and quoted without keys; its zero usage means that nobody counted.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from types import ModuleType
from typing import Any, ClassVar, cast
from weakref import WeakSet

import anyio
import anyio.to_thread

from contemplate.errors import (
    CallError,
    FieldRefusedError,
    MissingKeyError,
    RejectedError,
    TimedOutError,
    UnknownNameError,
    UnreachableError,
    UnsupportedError,
    redact,
)
from contemplate.models.backends.abilities import Abilities, Ability, fields
from contemplate.models.backends.base import BaseBackend
from contemplate.models.backends.learned import Learned
from contemplate.models.backends.masking import masked
from contemplate.models.backends.parts import SENT, as_sent, unsendable
from contemplate.models.backends.refusals import ErrorBody, error_of
from contemplate.models.backends.reply import read_completion
from contemplate.text import one_line
from contemplate.types import Completion, Json, Request

_EXCERPT = 300
_LONGEST_WORDS = 2_000
_FIRST_SERVER_ERROR = 500
_SECRET_ENDINGS = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD")
_LONGEST_CHAIN = 10
_HINT = (
    "Write PROVIDER/MODEL as litellm does (anthropic/claude-sonnet-4-5), or give the base URL of your own server (--base-url)."
)
_NOT_SENT = {"ConnectError", "ConnectTimeout", "ClientConnectorError", "ConnectionRefusedError", "gaierror"}
_BROKE_OFF = {"APIConnectionError", "TransportError", "ClientError", "JSONDecodeError"}
"""Names of exceptions, at any level of their families, that a connection which failed before or after sending ends in."""
_FLUSH_SECONDS = 2.0


class LiteLLMBackend(BaseBackend):
    """One provider through litellm."""

    _calling: ClassVar[WeakSet[LiteLLMBackend]] = WeakSet()
    """Backends that have called and are not closed. litellm keeps its connections in one place for the whole process, so
    that only the last one may close them."""

    def __init__(self, provider: str, *, base_url: str | None = None, api_key: str | None = None, timeout: float = 120.0) -> None:
        """Remember the provider; nothing is imported yet.

        Args:
            provider: what stands before the slash in the names of its models.
            base_url: another address than the provider's own, as of a gateway.
            api_key: instead of the one in the provider's environment variable.
            timeout: seconds for one attempt, whole.
        """
        self._provider = provider
        self._key = api_key
        self._base_url = base_url
        self._timeout = timeout
        self._checked: set[str] = set()
        self._abilities = Abilities()
        self._learned = Learned()

    @property
    def endpoint(self) -> str:
        """The provider."""
        return self._provider

    async def ready(self, model: str) -> None:
        """See what can be seen before a call: whether litellm knows the provider, and whether its key is there.

        Raises:
            UnknownNameError: litellm has no such provider.
            MissingKeyError: the provider needs a key, and the environment has none.
        """
        if model not in self._checked:
            for ability in await anyio.to_thread.run_sync(_check, model, self._key is not None):
                self._abilities.lacks(model, ability, "litellm knows of no such field for it")
            self._checked.add(model)

    def refuses(self, request: Request, samples: int = 1) -> UnsupportedError | None:
        """The error for what so many `samples` of `request` need and its model is known to lack, or None; known after `ready`."""
        who = self._who(request.model)
        return unsendable(request, who, SENT) or self._abilities.missing(request, who, samples)

    async def complete(self, request: Request) -> Completion:
        """Make one call.

        Raises:
            FieldRefusedError: the model refuses what a call can do without; it is left out from then on.
            UnsupportedError: the model does not take what a message holds, or no schema for the reply, or gives no
                log-probabilities.
            CallError, InputError: see `contemplate.models.backends.base.Backend`.
        """
        await self.ready(request.model)
        if (missing := self.refuses(request)) is not None:
            raise missing
        litellm = _litellm()
        self._calling.add(self)
        who, arguments = self._who(request.model), self._learned.adapted(request.model, self._arguments(request))
        with anyio.move_on_after(self._timeout):
            try:
                response = await litellm.acompletion(**arguments)
            except (litellm.exceptions.openai.OpenAIError, litellm.exceptions.httpx.HTTPError) as error:
                raise self._refused(error, request, arguments) or _call_error(error, who, self._secrets()) from None
            return read_completion(_payload(response, self._secrets()), request, who)
        msg = f"{who}: no reply within {self._timeout:g} s"
        raise TimedOutError(msg)

    async def aclose(self) -> None:
        """Close litellm's connections and end its logging task, unless another backend uses them."""
        if self not in self._calling:
            return
        self._calling.discard(self)
        if self._calling:
            return
        litellm = _litellm()
        await litellm.close_litellm_async_clients()
        litellm.in_memory_llm_clients_cache.flush_cache()
        worker = importlib.import_module("litellm.litellm_core_utils.logging_worker").GLOBAL_LOGGING_WORKER
        with anyio.move_on_after(_FLUSH_SECONDS):
            await worker.flush()
        await worker.stop()

    def _who(self, model: str) -> str:
        return f"{self._provider}, model {one_line(model, 80)!r}"

    def _refused(self, error: Exception, request: Request, arguments: Json) -> RejectedError | None:
        """The error that the refusal `error` stands for, if it is about what the model lacks or can be asked without."""
        status = getattr(error, "status_code", None)
        if not isinstance(status, int):
            return None
        said, who = _said(error, self._secrets()), self._who(request.model)
        if (missing := self._abilities.learn(request, who, status, said)) is not None:
            return missing
        field = self._learned.learn(request.model, arguments, status, said)
        if field is None:
            return None
        return FieldRefusedError(f"{who}: {said.message} (to be asked in another way: {field})", field=field)

    def _secrets(self) -> list[str]:
        return [*_secrets(), self._key] if self._key else _secrets()

    def _arguments(self, request: Request) -> Json:
        """The arguments for litellm; nothing else is ever given to it."""
        sampling = request.sampling
        optional = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "stop": list(sampling.stop) or None,
            "seed": request.seed,
            "api_base": self._base_url,
            "api_key": self._key,
        }
        return (
            {
                "model": request.model,
                "messages": [sent for message in request.messages for sent in as_sent(message)],
                "max_tokens": sampling.max_tokens,
                "timeout": self._timeout,
                "num_retries": 0,
                "max_retries": 0,
                "drop_params": True,
            }
            | {field: value for field, value in optional.items() if value is not None}
            | fields(request)
        )


def _litellm() -> Any:  # noqa: ANN401 - a module, whose types are not to be relied on
    """The module litellm, imported and silenced. The first time takes seconds: then in a worker thread only."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    module: ModuleType = importlib.import_module("litellm")
    vars(module)["suppress_debug_info"] = True
    vars(module)["telemetry"] = False
    if "LITELLM_LOG" not in os.environ:
        logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
    return module


@cache
def _warm_up() -> None:
    """Let litellm load what it loads on its first call, which holds the loop of whoever makes it for a second.

    The call goes to a port of this machine where nobody listens.
    """
    litellm = _litellm()
    nobody = {"api_base": "http://127.0.0.1:1/v1", "api_key": "none", "timeout": 1, "num_retries": 0, "max_retries": 0}
    with suppress(litellm.exceptions.openai.OpenAIError):
        litellm.completion(model="openai/none", messages=[{"role": "user", "content": ""}], **nobody, **{"no-log": True})


def _check(model: str, has_key: bool) -> list[Ability]:  # noqa: FBT001 - called in a thread, which takes no names
    """The abilities that litellm knows `model` to lack; it would leave them out without a word.

    Raises:
        InputError: it can't be called.
    """
    litellm = _litellm()
    try:
        litellm.get_llm_provider(model)
    except litellm.exceptions.BadRequestError:
        name = model.partition("/")[2] or model
        known = [f"{provider.value}/{name}" for provider in litellm.provider_list] + list(litellm.model_list)
        what = "model"
        raise UnknownNameError(what, model, known, _HINT) from None
    missing = [] if has_key else litellm.validate_environment(model)["missing_keys"]
    # Other variables (of AWS, Google, Azure) may be stood in for by a profile, a file or the machine's own identity.
    if missing and all(name.endswith("_API_KEY") for name in missing):
        raise MissingKeyError(model, " or ".join(missing))
    _warm_up()
    taken = litellm.get_supported_openai_params(model) or []
    lacks: list[Ability] = []
    if "response_format" not in taken or not litellm.supports_response_schema(model):
        lacks.append("reply_schema")
    if not {"logprobs", "top_logprobs"} <= set(taken):
        lacks.append("logprobs")
    if "tools" not in taken:
        lacks.append("tools")
    return lacks


def _payload(response: Any, secrets: Sequence[str]) -> Json:  # noqa: ANN401 - litellm's ModelResponse
    """The body of the reply as a provider of OpenAI's protocol would have sent it, without the keys that it may echo."""
    payload = cast("Json", masked(response.model_dump(warnings=False), secrets))
    for choice in payload.get("choices") or []:
        message = choice.get("message") or {}
        extra = message.get("provider_specific_fields") or {}
        message.setdefault("refusal", extra.get("refusal"))
    return payload


def _said(error: Exception, secrets: Sequence[str]) -> ErrorBody:
    """What an exception of litellm says, as the body of an error would."""
    words = one_line(redact(str(error), *secrets), _LONGEST_WORDS)
    param, kind, body = (getattr(error, name, None) for name in ("param", "type", "body"))
    return ErrorBody("", str(param or ""), one_line(words, _EXCERPT), words, str(kind or ""), body)


def _call_error(error: Exception, who: str, secrets: Sequence[str]) -> CallError:
    """The error that an exception of litellm stands for."""
    said = _said(error, secrets)
    message = f"{who}: {said.message}"
    kinds = {base.__name__ for base in type(error).__mro__}
    causes = {base.__name__ for cause in _chain(error) for base in type(cause).__mro__}
    if "APITimeoutError" in kinds:
        return TimedOutError(message)
    if causes & _NOT_SENT:
        return UnreachableError(message)
    status = getattr(error, "status_code", None)
    if not isinstance(status, int) or (status >= _FIRST_SERVER_ERROR and causes & _BROKE_OFF):
        return UnreachableError(message, sent=True)
    response = getattr(error, "response", None)
    headers = getattr(error, "litellm_response_headers", None) or getattr(response, "headers", None) or {}
    return error_of(status, said, dict(headers), message)


def _secrets() -> list[str]:
    return [value for name, value in os.environ.items() if name.upper().endswith(_SECRET_ENDINGS)]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """`error` and what led to it."""
    current: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if current is None:
            return
        yield current
        current = current.__cause__ or current.__context__
