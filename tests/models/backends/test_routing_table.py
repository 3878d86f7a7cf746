"""Routing as a table: backends by pattern, models with addresses, keys, prices and timeouts of their own."""

from __future__ import annotations

import pytest

from contemplate import BaseBackend, Limits, Model, Price
from contemplate.errors import InputError, MissingKeyError, TimedOutError
from contemplate.models.backends.base import SamplingBackend
from contemplate.models.backends.litellm import LiteLLMBackend
from contemplate.models.backends.local import LocalBackend
from contemplate.models.backends.routing import Router
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.types import Completion, Message, Request
from loopback import Loopback


def a_request(model: str) -> Request:
    """A request of one message."""
    return Request(model=model, messages=(Message(role="user", content="Hi"),))


class Least:
    """The least that a backend of somebody's own may be."""

    endpoint = "least"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def complete(self, request: Request) -> Completion:
        """Say the same to all."""
        self.asked.append(request.model)
        return Completion(text="Answer: 1")

    async def aclose(self) -> None:
        """Nothing is open."""


class Own(BaseBackend):
    """A backend of somebody's own that takes part in getting ready."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @property
    def endpoint(self) -> str:
        """Always the same."""
        return "own"

    async def ready(self, model: str) -> None:
        """Note the model, or refuse it."""
        if model == "acme/broken":
            raise InputError("acme/broken can't be called")
        self.seen.append(model)

    async def complete(self, request: Request) -> Completion:
        """Say what was asked for."""
        return Completion(text=request.model)


# --- backends by pattern -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "expected"),
    [("acme/large", "acme/large"), ("acme/lite", "acme/l*"), ("acme/x", "acme/*"), ("other", "*"), ("local/smollm2", "*")],
)
def test_the_nearest_pattern_wins(model: str, expected: str) -> None:
    """A full name, then the longest pattern, whatever the order in which they were given."""
    table = {pattern: ScriptedBackend([]) for pattern in ("*", "acme/*", "acme/l*", "acme/large")}
    assert table[expected] is Router(backends=table).backend(model)


def test_a_backend_goes_before_an_address() -> None:
    """Its requests have no address in their keys."""
    mine = ScriptedBackend([])
    models = {"m": Model("m", "http://localhost:1/v1")}
    router = Router("http://localhost:2/v1", backends={"m": mine}, models=models)
    assert (mine, None) == (router.backend("m"), router.endpoint_of("m"))
    assert "http://localhost:2/v1" == router.endpoint_of("other")


def test_one_backend_for_all_is_a_pattern() -> None:
    """A longer one goes before it."""
    everything, acme = ScriptedBackend([]), ScriptedBackend([])
    router = Router(backend=everything, backends={"acme/*": acme})
    assert [acme, everything] == [router.backend(model) for model in ("acme/a", "b")]


async def test_a_backend_of_ones_own_gets_ready() -> None:
    """Once for each model, before its first call."""
    own = Own()
    router = Router(backends={"acme/*": own})
    for model in ("acme/a", "acme/a", "acme/b"):
        await router.ready(model)
    assert ["acme/a", "acme/b"] == own.seen
    with pytest.raises(InputError, match="can't be called"):
        await router.ready("acme/broken")


async def test_the_least_that_a_backend_may_be() -> None:
    """It gets the usual answers for what it does not say, and the model's own name instead of the label."""
    least = Least()
    router = Router(backends={"*": least}, models={"label": Model("m", label="label")})
    backend = router.backend("label")
    await router.ready("label")
    await backend.complete(a_request("label"))
    assert (["m"], None, None, "least") == (least.asked, backend.limits, backend.refuses(a_request("label")), backend.endpoint)
    assert not isinstance(backend, SamplingBackend)


def test_a_model_with_limits_is_counted_apart() -> None:
    """Limits are kept under its own name then."""
    router = Router(backend=Own(), models={"m": Model("m", limits=Limits(concurrency=1))})
    assert ("m", "own") == (router.backend("m").endpoint, router.backend("other").endpoint)


# --- addresses, keys, prices, timeouts ---------------------------------------------------------------


async def test_a_key_goes_to_its_own_address(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two models of one server have each its own key, and one without has none, not even that of the run's address."""
    monkeypatch.setenv("CONTEMPLATE_API_KEY", "of-the-run-0123456789")
    monkeypatch.setenv("MY_KEY", "from-the-environment")
    models = {
        "a": Model("m", loopback.url, label="a", key="key-of-a-0123456789"),
        "b": Model("m", loopback.url, label="b", key_variable="MY_KEY"),
        "c": Model("m", loopback.url, label="c"),
    }
    router = Router(loopback.url, models=models)
    for label in (*models, "d"):
        await router.ready(label)
        await router.backend(label).complete(a_request(label))
    await router.aclose()
    assert [
        ("m", "key-of-a-0123456789"),
        ("m", "from-the-environment"),
        ("m", ""),
        ("d", "of-the-run-0123456789"),
    ] == [(seen.body["model"], seen.key) for seen in loopback.seen]


def test_models_of_one_server_and_key_share_connections() -> None:
    """So that limits of the server hold for both."""
    url = "http://localhost:1/v1"
    router = Router(models={"a": Model("a", url), "b": Model("b", url), "c": Model("c", url, key="other-0123456789")})
    assert router.backend("a") is router.backend("b")
    assert router.backend("a") is not router.backend("c")


def test_a_key_that_the_environment_lacks() -> None:
    """One line says which."""
    router = Router(models={"m": Model("m", "http://localhost:1/v1", key_variable="NOT_THERE_1")})
    with pytest.raises(MissingKeyError, match="NOT_THERE_1"):
        router.backend("m")


async def test_a_key_for_a_provider(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model's own key goes before the environment's."""
    from contemplate.models.backends.providers import PROVIDERS

    monkeypatch.setitem(PROVIDERS, "groq", PROVIDERS["groq"].model_copy(update={"base_url": loopback.url}))
    monkeypatch.setenv("GROQ_API_KEY", "of-the-environment")
    router = Router(models={"groq/m": Model("groq/m", key="of-the-model-0123")})
    for model in ("groq/m", "groq/n"):
        await router.backend(model).complete(a_request(model))
    await router.aclose()
    assert [("m", "of-the-model-0123"), ("n", "of-the-environment")] == [(s.body["model"], s.key) for s in loopback.seen]


async def test_prices_by_model() -> None:
    """The model's own, then the user's under its label or its name, then nothing for what is local."""
    own, listed, free = Price(prompt=1, completion=1), Price(prompt=2, completion=2), Price(prompt=0, completion=0)
    url = "http://localhost:1/v1"
    models = {
        "own": Model("m", url, label="own", price=own),
        "listed": Model("m", url, label="listed"),
        "by-name": Model("named", url, label="by-name"),
        "local": Model("x", url, label="local", local=True),
        "unknown": Model("x", url, label="unknown"),
    }
    router = Router(models=models, prices={"own": listed, "listed": listed, "named": listed})
    assert [own, listed, listed, free, None] == [await router.price(model) for model in models]


async def test_a_server_that_answers_too_late(loopback: Loopback) -> None:
    """The timeout of the run holds where a model has none, and the model's own goes before it."""
    loopback.delay = 0.4
    router = Router(loopback.url, timeout=0.05, models={"slow": Model("slow", timeout=10)})
    with pytest.raises(TimedOutError, match=r"no reply within 0\.05 s"):
        await router.backend("m").complete(a_request("m"))
    assert "The answer is 42." in (await router.backend("slow").complete(a_request("slow"))).text
    await router.aclose()


def test_every_backend_gets_the_timeout() -> None:
    """That of litellm and the embedded one as well."""
    router = Router(timeout=7.0)
    litellm, local = router.backend("anthropic/m"), router.backend("local/smollm2")
    assert isinstance(litellm, LiteLLMBackend)
    assert isinstance(local, LocalBackend)
    assert [7.0, 7.0] == [litellm._timeout, local._timeout]
    assert 7.0 == litellm._arguments(a_request("anthropic/m"))["timeout"]
    assert 600.0 == LocalBackend()._timeout


def test_litellm_gets_a_model_s_own_key() -> None:
    """And nothing where it has none, so that the provider's own in the environment holds."""
    router = Router(models={"anthropic/m": Model("anthropic/m", key="of-the-model-0123")})
    backends = [router.backend("anthropic/m"), router.backend("anthropic/n")]
    assert ["of-the-model-0123", None] == [
        backend._arguments(a_request("anthropic/m")).get("api_key") for backend in backends if isinstance(backend, LiteLLMBackend)
    ]
