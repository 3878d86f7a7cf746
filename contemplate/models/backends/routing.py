"""Which backend answers for a model: decided by its name, and by the base URL where one was given."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from contemplate.errors import MissingKeyError, UnknownNameError
from contemplate.models.backends.address import check_base_url
from contemplate.models.backends.base import Backend
from contemplate.models.backends.prices import PriceList
from contemplate.models.backends.providers import PROVIDERS
from contemplate.text import one_line
from contemplate.types import Price

if TYPE_CHECKING:
    from contemplate.models.backends.openai import OpenAIBackend

KEY_VARIABLE = "CONTEMPLATE_API_KEY"
"""Where the key for a base URL comes from. No provider's own key is ever sent to an address that somebody typed."""

_LOCAL = "local"
_FREE = Price(prompt=0, completion=0)
_FAMILIES = {
    "gpt": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "claude": "anthropic",
    "gemini": "gemini",
    "mistral": "mistral",
    "deepseek": "deepseek",
    "grok": "xai",
    "command": "cohere",
    "llama": "ollama",
    "qwen": "ollama",
    "gemma": "ollama",
    "smollm2": _LOCAL,
}


class Router:
    """Finds the backend of each model, makes it once, and closes it at the end."""

    def __init__(
        self,
        base_url: str | None = None,
        backend: Backend | None = None,
        *,
        prices: Mapping[str, Price] | None = None,
        timeout: float = 120.0,
    ) -> None:
        """Decide who answers; nothing is opened yet.

        Args:
            base_url: where every model but the embedded ones is found.
            backend: answers for every model, whatever else is given. It stays the caller's to close.
            prices: the user's own, by model; they go before any other.
            timeout: seconds for one attempt.

        Raises:
            EndpointError: `base_url` is malformed.
        """
        self._base_url = None if base_url is None else check_base_url(base_url)
        self._given = backend
        self._prices = dict(prices or {})
        self._timeout = timeout
        self._backends: dict[str, Backend] = {}
        self._ready: set[str] = set()
        self._locks: defaultdict[str, anyio.Lock] = defaultdict(anyio.Lock)
        self._known_prices: dict[str, Price | None] = {}
        self._price_list: PriceList | None = None

    def backend(self, model: str) -> Backend:
        """The backend that answers for `model`.

        Raises:
            UnknownNameError: the name says nothing about where the model is.
            MissingKeyError: its provider needs a key, and the environment has none.
        """
        if self._given is not None:
            return self._given
        if not model.strip():
            raise _nowhere(model)
        location = self._location(model)
        if location not in self._backends:
            self._backends[location] = self._make(location, model)
        return self._backends[location]

    def endpoint_of(self, model: str) -> str | None:
        """The base URL that `model` is found at, if the user gave one and it holds for this model."""
        return None if self._given is not None or _provider(model) == _LOCAL else self._base_url

    async def ready(self, model: str) -> None:
        """See whatever can be seen before the first call; costs nothing from the second time on.

        That is: keys, names, whether anything answers at a base URL or from a server on this machine. An embedded model
        is fetched and started.

        Raises:
            InputError: the model can't be called as things are.
            UnreachableError: an embedded model can't be fetched or started.
        """
        if model in self._ready or self._given is not None:
            return
        backend = self.backend(model)
        async with self._locks[self._location(model)]:
            if model not in self._ready:
                await self._see(model, backend)
                self._ready.add(model)

    async def price(self, model: str) -> Price | None:
        """The price of `model`; None where nobody knows it. What runs on this machine costs nothing."""
        if model not in self._known_prices:
            self._known_prices[model] = await self._look_up(model)
        return self._known_prices[model]

    async def aclose(self) -> None:
        """Close all backends that were made here."""
        backends, self._backends = list(self._backends.values()), {}
        self._ready.clear()
        for backend in backends:
            await backend.aclose()

    def _location(self, model: str) -> str:
        """What models that share a backend have in common."""
        provider = _provider(model)
        if provider == _LOCAL:
            return model
        return provider if self._base_url is None else self._base_url

    def _make(self, location: str, model: str) -> Backend:
        if _provider(model) == _LOCAL:
            from contemplate.models.backends.local import LocalBackend

            return LocalBackend(model)
        if self._base_url is not None:
            from contemplate.models.backends.openai import OpenAIBackend

            key = os.environ.get(KEY_VARIABLE)
            return OpenAIBackend(self._base_url, api_key=key, key_variable=KEY_VARIABLE, timeout=self._timeout)
        if not location or not model.partition("/")[2]:
            raise _nowhere(model)
        if location in PROVIDERS:
            return self._known_provider(location, model)
        from contemplate.models.backends.litellm import LiteLLMBackend

        return LiteLLMBackend(location, timeout=self._timeout)

    def _known_provider(self, name: str, model: str) -> OpenAIBackend:
        from contemplate.models.backends.openai import OpenAIBackend

        provider = PROVIDERS[name]
        variable = next((variable for variable in provider.keys if os.environ.get(variable)), None)
        if provider.keys and variable is None:
            raise MissingKeyError(model, " or ".join(provider.keys))
        return OpenAIBackend(
            provider.base_url,
            api_key=os.environ[variable] if variable else None,
            key_variable=variable,
            name=name,
            prefix=f"{name}/",
            max_tokens_field=provider.max_tokens_field,
            seed_field=provider.seed_field,
            lacks=provider.lacks,
            timeout=self._timeout,
        )

    async def _see(self, model: str, backend: Backend) -> None:
        from contemplate.models.backends.litellm import LiteLLMBackend
        from contemplate.models.backends.local import LocalBackend
        from contemplate.models.backends.openai import OpenAIBackend

        location = self._location(model)
        if isinstance(backend, LocalBackend):
            await backend.ready()
        elif isinstance(backend, LiteLLMBackend):
            await backend.ready(model)
        elif isinstance(backend, OpenAIBackend) and location not in self._ready and self._may_be_down(location):
            await backend.ping()
            self._ready.add(location)

    def _may_be_down(self, location: str) -> bool:
        """Whether somebody has to have started the server: one at a base URL, or on this machine."""
        return location == self._base_url or not PROVIDERS[location].keys

    async def _look_up(self, model: str) -> Price | None:
        if model in self._prices:
            return self._prices[model]
        provider = _provider(model)
        if self._given is not None or (self._base_url is not None and provider != _LOCAL):
            return None
        if provider == _LOCAL or (provider in PROVIDERS and not PROVIDERS[provider].keys):
            return _FREE
        if self._price_list is None:
            self._price_list = await anyio.to_thread.run_sync(PriceList.load)
        return self._price_list.price(model)


def _provider(model: str) -> str:
    provider, slash, _ = model.partition("/")
    return provider if slash else ""


def _nowhere(model: str) -> UnknownNameError:
    """The error for a name that does not say where its model is."""
    family = next((provider for begin, provider in _FAMILIES.items() if model.lower().startswith(begin)), None)
    known = ["local/smollm2"] if family is None else [f"{family}/{model.lower()}"]
    hint = "(write PROVIDER/MODEL, as openai/gpt-5, anthropic/claude-sonnet-4-5 or ollama/qwen3, or give a --base-url)"
    what = "model"
    return UnknownNameError(what, one_line(model, 100), known, hint)
