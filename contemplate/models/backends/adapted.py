"""Backends under other names: for a label of the user's, and for classes that say less than a `BaseBackend` does."""

from __future__ import annotations

from contemplate.errors import InputError, UnsupportedError
from contemplate.models.backends.allowance import Allowance
from contemplate.models.backends.base import Backend, BaseBackend, ChoosyBackend, Limits, SamplingBackend
from contemplate.models.backends.parts import unsendable
from contemplate.models.backends.streaming import OnText
from contemplate.text import one_line
from contemplate.types import Completion, Request


def adapted(backend: Backend, *, name: str | None = None, endpoint: str | None = None) -> BaseBackend:
    """`backend`, so that all that may be asked of a `BaseBackend` can be asked of it.

    Args:
        backend: anything that completes requests. It is handed back as it is if there is nothing to adapt.
        name: what it knows the model by that requests call otherwise; None: the same.
        endpoint: the name under which limits are kept; None: its own.

    Raises:
        InputError: it is no backend.
    """
    if not isinstance(backend, Backend):
        raise InputError(f"{one_line(repr(backend), 60)} is no backend: one has 'endpoint', 'complete' and 'aclose'")
    if isinstance(backend, BaseBackend) and name is None and endpoint is None:
        return backend
    if isinstance(backend, SamplingBackend):
        return _AdaptedSampling(backend, name, endpoint)
    return _Adapted(backend, name, endpoint)


class _Adapted(BaseBackend):
    """Passes on what it is asked, and gives the usual answer to what the backend behind it does not know."""

    def __init__(self, inner: Backend, name: str | None, endpoint: str | None) -> None:
        self._inner, self._name, self._endpoint = inner, name, endpoint

    @property
    def endpoint(self) -> str:
        return self._endpoint or self._inner.endpoint

    @property
    def limits(self) -> Limits | None:
        found = getattr(self._inner, "limits", None)
        return found if isinstance(found, Limits) else None

    @property
    def allowance(self) -> Allowance | None:
        return self._inner.allowance if isinstance(self._inner, BaseBackend) else None

    async def ready(self, model: str) -> None:
        if isinstance(self._inner, BaseBackend):
            await self._inner.ready(self._name or model)

    def refuses(self, request: Request, samples: int = 1) -> UnsupportedError | None:
        if isinstance(self._inner, ChoosyBackend):
            return self._inner.refuses(self._named(request), samples)
        return unsendable(request, request.model, sends=())  # it may have been written when a message was always a text

    async def complete(self, request: Request) -> Completion:
        return await self._inner.complete(self._named(request))

    async def complete_streaming(self, request: Request, on_text: OnText) -> Completion:
        if isinstance(self._inner, BaseBackend):
            return await self._inner.complete_streaming(self._named(request), on_text)
        return await super().complete_streaming(request, on_text)

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _named(self, request: Request) -> Request:
        if self._name is None:
            return request
        fields = {field: getattr(request, field) for field in Request.model_fields}  # not a copy: that would keep the old key
        return Request(**{**fields, "model": self._name})


class _AdaptedSampling(_Adapted):
    """The same, of a backend that can draw several samples in one call."""

    async def complete_many(self, request: Request, n: int) -> list[Completion]:
        assert isinstance(self._inner, SamplingBackend)  # noqa: S101 - as `adapted` has seen
        return await self._inner.complete_many(self._named(request), n)
