"""Routes of models: worked out once from a model's name, from what was said of it, and from a table of backends.

The first of these that fits holds:

1. the table of backends: a pattern without `*` before one with it, then the longest, then the one given first;
2. a base URL of the model's own;
3. its name, if it is that of an embedded model;
4. the base URL of the run;
5. the provider that its name begins with.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

import anyio
import anyio.to_thread

from contemplate.errors import MissingKeyError
from contemplate.models.backends.adapted import adapted
from contemplate.models.backends.address import check_base_url, is_loopback_url
from contemplate.models.backends.base import Backend, BaseBackend
from contemplate.models.backends.model import ModelSpec
from contemplate.models.backends.prices import PriceList
from contemplate.models.backends.providers import PROVIDERS
from contemplate.models.names import leads_nowhere, provider_of
from contemplate.types import Modality, Price, Privacy

KEY_VARIABLE = "CONTEMPLATE_API_KEY"
"""Where the key for the base URL of a run comes from. No provider's key, and no other model's, is ever sent there."""
DEFAULT_TIMEOUT = 120.0
"""Seconds for one attempt over a network, where nobody says otherwise."""

_FREE = Price(prompt=0, completion=0)


@dataclass(frozen=True)
class Route:
    """The route of a model's calls.

    Attributes:
        model: what is known of the model.
        backend: answers its calls.
        endpoint: the base URL that stands in the keys of its requests; None for a provider known by name, an embedded
            model, or a backend that was given.
        location: what models that share a backend have in common.
    """

    model: ModelSpec
    backend: BaseBackend
    endpoint: str | None
    location: Hashable


class Router:
    """Finds the route of each model, makes backends as they are needed, and closes those at the end."""

    def __init__(
        self,
        base_url: str | None = None,
        backend: Backend | None = None,
        *,
        backends: Mapping[str, Backend] | None = None,
        models: Mapping[str, ModelSpec] | None = None,
        prices: Mapping[str, Price] | None = None,
        timeout: float | None = None,
        api_key: str | None = None,
    ) -> None:
        """Decide who answers; nothing is opened yet.

        Args:
            base_url: where every model is found that has no address of its own and is not embedded.
            backend: answers for every model; the same as `{"*": backend}`.
            backends: answer for the models whose names fit, by pattern, as "acme/*". They stay the caller's to close.
            models: what is known of models, by what they are called; others are called by their own names.
            prices: the user's own, by model; they go before those that are known.
            timeout: seconds for one attempt, where the model does not say; None: `DEFAULT_TIMEOUT`, and longer for embedded ones.
            api_key: the key for `base_url`; None: that of `KEY_VARIABLE`.

        Raises:
            EndpointError: `base_url` is malformed.
        """
        self._base_url = None if base_url is None else check_base_url(base_url)
        given = {**({} if backend is None else {"*": backend}), **(backends or {})}
        self._given = {pattern: adapted(given[pattern]) for pattern in sorted(given, key=_precedence)}
        self._models = {} if models is None else models
        self._prices = dict(prices or {})
        self._timeout = timeout
        self._key = api_key
        self._routes: dict[str, Route] = {}
        self._backends: dict[Hashable, BaseBackend] = {}
        self._ready: set[str] = set()
        self._locks: defaultdict[Hashable, anyio.Lock] = defaultdict(anyio.Lock)
        self._known_prices: dict[str, Price | None] = {}
        self._plain: dict[str, ModelSpec] = {}  # what is known of models of which nothing was said: their names
        self._labels: dict[str, tuple[ModelSpec, Privacy]] = {}
        self._price_list: PriceList | None = None

    def route(self, model: str) -> Route:
        """The route of the calls of `model`.

        Raises:
            UnknownNameError: the name says nothing about where the model is.
            MissingKeyError: it needs a key, and the environment has none.
        """
        if model not in self._routes:
            self._routes[model] = self._found(model)
        return self._routes[model]

    def backend(self, model: str) -> BaseBackend:
        """The backend that answers for `model`; see `route`."""
        return self.route(model).backend

    def endpoint_of(self, model: str) -> str | None:
        """The base URL that stands in the keys of requests for `model`; see `Route`. It is known also where there is no route."""
        spec = self._spec(model)
        if self._pattern(spec) is not None or spec.embedded:
            return None
        return spec.base_url or self._base_url

    def privacy_of(self, model: str) -> Privacy:
        """The label of a model: its own, else "local" where it is embedded or its address is this machine, else "any".

        Where a backend that was given sends things, nobody knows.
        """
        spec = self._spec(model)
        known = self._labels.get(model)
        if known is None or known[0] is not spec:
            known = self._labels[model] = (spec, self._label(model, spec))
        return known[1]

    def _label(self, model: str, spec: ModelSpec) -> Privacy:
        if spec.privacy is not None:
            return spec.privacy
        if spec.local is not None or self._pattern(spec) is not None:
            return "local" if spec.local else "any"
        provider = PROVIDERS.get(provider_of(spec.name))
        url = self.endpoint_of(model) or (provider.base_url if provider is not None else "")
        return "local" if spec.embedded or is_loopback_url(url) else "any"

    async def ready(self, model: str) -> None:
        """See whatever can be seen before the first call; costs nothing from the second time on.

        That is: keys, names, whether anything answers at a base URL or from a server on this machine. An embedded model
        is fetched and started.

        Raises:
            InputError: the model can't be called as things are.
            UnreachableError: an embedded model can't be fetched or started.
        """
        if model in self._ready:
            return
        route = self.route(model)
        async with self._locks[route.location]:
            if model not in self._ready:
                await route.backend.ready(model)
                self._ready.add(model)

    async def price(self, model: str) -> Price | None:
        """The price of `model`; None where nobody knows it. What runs on this machine costs nothing."""
        if model not in self._known_prices:
            self._known_prices[model] = await self._look_up(model)
        return self._known_prices[model]

    async def window(self, model: str) -> int | None:
        """The most tokens that a prompt of `model` and the reply to it may have together; None where nobody knows it.

        Of an embedded model it is known for certain; of one of a provider known by name it is what is published.
        """
        spec = self._spec(model)
        if self._pattern(spec) is not None or self.endpoint_of(model) is not None:
            return None
        if spec.embedded:
            from contemplate.models.backends.local_models import local_model

            return local_model(spec.name).context
        return (await self._listed()).window(spec.name)

    async def accepts(self, model: str) -> frozenset[Modality] | None:
        """What messages to `model` may hold: as was said of it, text alone where it is embedded, else as is published.

        None where nobody knows: it is sent what there is, and what it refuses is learned.
        """
        spec = self._spec(model)
        if "accepts" in spec.model_fields_set:
            return frozenset((*spec.accepts, "text"))
        if self._pattern(spec) is not None:
            return None
        if spec.embedded:
            return frozenset({"text"})
        return None if self.endpoint_of(model) is not None else (await self._listed()).accepts(spec.name)

    async def aclose(self) -> None:
        """Close all backends that were made here."""
        backends, self._backends = list(self._backends.values()), {}
        self._ready.clear()
        self._routes.clear()
        for backend in backends:
            await backend.aclose()

    def _spec(self, model: str) -> ModelSpec:
        known = self._models.get(model) or self._plain.get(model)
        if known is None:  # any name: errors come later
            known = self._plain[model] = ModelSpec.model_construct(_fields_set={"name"}, name=model)
        return known

    def _pattern(self, spec: ModelSpec) -> str | None:
        """The pattern of the backend that was given for a model, if one was."""
        return next((pattern for pattern in self._given if fnmatchcase(spec.name, pattern)), None)

    def _found(self, model: str) -> Route:
        spec = self._spec(model)
        pattern = self._pattern(spec)
        if pattern is not None:
            location: Hashable = ("given", pattern)
            backend = self._given[pattern]
        else:
            if not spec.name.strip():
                raise leads_nowhere(model)
            location, backend = self._made(model, spec)
        own = {"name": spec.name if spec.name != model else None, "endpoint": model if spec.limits is not None else None}
        return Route(spec, adapted(backend, **own), self.endpoint_of(model), location)

    def _made(self, model: str, spec: ModelSpec) -> tuple[Hashable, BaseBackend]:
        """The backend made for a model, and its location: models that share it have address, key and patience in common."""
        timeout, key = spec.timeout or self._timeout, spec.secret(model)
        url = None if spec.embedded else spec.base_url or self._base_url
        where = url or (spec.name if spec.embedded else provider_of(spec.name))
        location = (where, key, spec.base_url is not None, timeout)
        if location not in self._backends:
            if spec.embedded:
                from contemplate.models.backends.local import LocalBackend

                self._backends[location] = LocalBackend(spec.name, timeout=timeout)
            elif url is not None:
                self._backends[location] = self._at(url, spec, key, timeout or DEFAULT_TIMEOUT)
            else:
                self._backends[location] = _of_provider(spec, key, timeout or DEFAULT_TIMEOUT)
        return location, self._backends[location]

    def _at(self, url: str, spec: ModelSpec, key: str | None, timeout: float) -> BaseBackend:
        """The backend of an address. The key of the run is for the address of the run alone."""
        from contemplate.models.backends.openai import OpenAIBackend

        variable = spec.key_variable
        if key is None and spec.base_url is None:
            key, variable = self._key or os.environ.get(KEY_VARIABLE), KEY_VARIABLE
        return OpenAIBackend(url, api_key=key, key_variable=variable, timeout=timeout, may_be_down=True)

    async def _look_up(self, model: str) -> Price | None:
        spec = self._spec(model)
        own = spec.price or self._prices.get(model) or self._prices.get(spec.name)
        if own is not None:
            return own
        if spec.local or (spec.embedded and self._pattern(spec) is None):
            return _FREE
        if self._pattern(spec) is not None or self.endpoint_of(model) is not None:
            return None
        provider = provider_of(spec.name)
        if provider in PROVIDERS and not PROVIDERS[provider].keys:
            return _FREE
        return (await self._listed()).price(spec.name)

    async def _listed(self) -> PriceList:
        if self._price_list is None:
            self._price_list = await anyio.to_thread.run_sync(PriceList.load)
        return self._price_list


def _of_provider(spec: ModelSpec, key: str | None, timeout: float) -> BaseBackend:
    """The backend of a provider known by name, with its own key, or else the one in the environment."""
    name = provider_of(spec.name)
    if not name or not spec.name.partition("/")[2]:
        raise leads_nowhere(spec.name)
    if name not in PROVIDERS:
        from contemplate.models.backends.litellm import LiteLLMBackend

        return LiteLLMBackend(name, api_key=key, timeout=timeout)
    from contemplate.models.backends.openai import OpenAIBackend

    provider = PROVIDERS[name]
    variable = spec.key_variable
    if key is None:
        variable = next((variable for variable in provider.keys if os.environ.get(variable)), None)
        if provider.keys and variable is None:
            raise MissingKeyError(spec.name, " or ".join(provider.keys))
        key = os.environ[variable] if variable else None
    return OpenAIBackend(
        provider.base_url,
        api_key=key,
        key_variable=variable,
        name=name,
        prefix=f"{name}/",
        max_tokens_field=provider.max_tokens_field,
        seed_field=provider.seed_field,
        lacks=provider.lacks,
        timeout=timeout,
        may_be_down=not provider.keys,
    )


def _precedence(pattern: str) -> tuple[bool, int]:
    """The rank of a pattern among others: the nearer to a name the earlier."""
    return "*" in pattern, -len(pattern)
