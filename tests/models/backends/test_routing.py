"""Routing: which backend a name leads to, with which key and address, and at what price."""

from __future__ import annotations

import time

import anyio
import pytest

from builders import a_request
from contemplate.errors import EndpointError, InputError, MissingKeyError, UnknownNameError
from contemplate.models.backends.litellm import LiteLLMBackend
from contemplate.models.backends.local import LocalBackend
from contemplate.models.backends.openai import OpenAIBackend
from contemplate.models.backends.prices import PriceList
from contemplate.models.backends.providers import PROVIDERS
from contemplate.models.backends.routing import Router
from contemplate.models.backends.scripted import ScriptedBackend
from contemplate.types import Price
from loopback import Loopback

KEYS = sorted({key for provider in PROVIDERS.values() for key in provider.keys} | {"CONTEMPLATE_API_KEY"})


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without any key."""
    for key in KEYS:
        monkeypatch.delenv(key, raising=False)


async def test_a_given_backend_answers_for_all() -> None:
    """A backend given explicitly wins over everything, and stays its owner's to close."""
    given = ScriptedBackend(["x"])
    router = Router(base_url="http://localhost:1/v1", backend=given)
    for model in ("local/smollm2", "openai/gpt-5", "anything", ""):
        await router.ready(model)
        assert given is router.backend(model)
        assert router.endpoint_of(model) is None
    assert (None, Price(prompt=1, completion=2)) == (
        await router.price("anything"),
        await Router(backend=given, prices={"anything": Price(prompt=1, completion=2)}).price("anything"),
    )
    await router.aclose()


async def test_a_base_url_takes_all_but_the_embedded(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a base URL the name is sent as it stands, with the key meant for it and no provider's own."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai-secret-0123456789")
    monkeypatch.setenv("CONTEMPLATE_API_KEY", "mine-0123456789")
    router = Router(base_url=loopback.url + "/")
    models = ["openai/gpt-5", "plain", "org/name"]
    for model in models:
        await router.ready(model)
        await router.backend(model).complete(a_request(model=model))
    await router.aclose()
    assert [("mine-0123456789", model) for model in models] == [(seen.key, seen.body["model"]) for seen in loopback.seen]
    assert (1, loopback.url, None) == (loopback.pings, router.endpoint_of("plain"), await router.price("openai/gpt-4o"))
    assert isinstance(router.backend("local/smollm2"), LocalBackend)
    assert router.endpoint_of("local/smollm2") is None


async def test_no_key_is_sent_where_none_was_given(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider's key never goes to a base URL."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai-secret-0123456789")
    router = Router(base_url=loopback.url)
    await router.backend("openai/gpt-5").complete(a_request(model="openai/gpt-5"))
    await router.aclose()
    assert [""] == [seen.key for seen in loopback.seen]


async def test_known_providers(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider's prefix leads to its address with its key, its own field names, and the name without the prefix."""
    mistral = PROVIDERS["mistral"].model_copy(update={"base_url": loopback.url})
    monkeypatch.setitem(PROVIDERS, "mistral", mistral)
    monkeypatch.setenv("MISTRAL_API_KEY", "mistral-key-0123456789")
    router = Router()
    backend = router.backend("mistral/small")
    await router.ready("mistral/small")
    await backend.complete(a_request(model="mistral/small").model_copy(update={"seed": 5}))
    await router.aclose()
    seen = loopback.seen[0]
    assert ("mistral", "small", 5, "mistral-key-0123456789") == (
        backend.endpoint,
        seen.body["model"],
        seen.body["random_seed"],
        seen.key,
    )
    assert (0, None) == (loopback.pings, router.endpoint_of("mistral/small"))


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_each_provider(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each known provider makes a backend with its key, and says which key is missing without."""
    keys = PROVIDERS[name].keys
    if keys:
        with pytest.raises(MissingKeyError, match=keys[0]):
            Router().backend(f"{name}/model")
        monkeypatch.setenv(keys[-1], "key-0123456789")
    router = Router()
    backend = router.backend(f"{name}/model")
    assert isinstance(backend, OpenAIBackend)
    assert (name, PROVIDERS[name].base_url) == (backend.endpoint, backend.base_url)
    assert backend is router.backend(f"{name}/other")


def test_others_go_to_litellm() -> None:
    """Any other prefix is litellm's, one backend for each."""
    router = Router()
    backend = router.backend("anthropic/claude-sonnet-4-5")
    assert isinstance(backend, LiteLLMBackend)
    assert ("anthropic", backend) == (backend.endpoint, router.backend("anthropic/other"))
    assert backend is not router.backend("gemini/flash")


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("gpt-5", "did you mean 'openai/gpt-5'"),
        ("claude-sonnet-4-5", "did you mean 'anthropic/claude-sonnet-4-5'"),
        ("smollm2", "did you mean 'local/smollm2'"),
        ("local/smolm2", "did you mean 'local/smollm2'"),
        ("zebra", "known: local/smollm2"),
        ("openai/", "PROVIDER/MODEL"),
        ("/gpt-5", "PROVIDER/MODEL"),
        ("", "PROVIDER/MODEL"),
        ("x" * 10_000, "--base-url"),
    ],
)
def test_names_that_lead_nowhere(model: str, says: str) -> None:
    """A name that does not say where its model is gets one line that says how to write it."""
    with pytest.raises(UnknownNameError, match=says) as caught:
        Router().backend(model)
    assert len(str(caught.value)) < 400


async def test_an_address_where_nobody_answers() -> None:
    """A base URL that does not answer is seen before the first call."""
    router = Router(base_url="http://127.0.0.1:1/v1")
    with pytest.raises(EndpointError, match=r"base URL http://127\.0\.0\.1:1/v1: nothing answers there \(connection refused\)"):
        await router.ready("m")
    await router.aclose()


def test_a_malformed_address() -> None:
    """A malformed base URL is seen at once."""
    with pytest.raises(EndpointError):
        Router(base_url="localhost:8000")


async def test_many_ask_at_once(loopback: Loopback) -> None:
    """However many ask whether it is ready, the address is tried once."""
    router = Router(base_url=loopback.url)
    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(router.ready, f"model-{number % 2}")
    await router.aclose()
    assert 1 == loopback.pings


async def test_being_ready_is_cheap(loopback: Loopback) -> None:
    """Every call asks; from the second time on that takes microseconds."""
    router = Router(base_url=loopback.url)
    await router.ready("m")
    before = time.process_time()
    for _ in range(1000):
        await router.ready("m")
        await router.price("m")
    assert time.process_time() - before < 0.5
    await router.aclose()


async def test_prices() -> None:
    """The user's own price first; what runs here is free; then litellm's list; else unknown."""
    own = Price(prompt=1, completion=2)
    router = Router(prices={"openai/gpt-4o": own})
    assert own == await router.price("openai/gpt-4o")
    assert Price(prompt=0, completion=0) == await router.price("local/smollm2") == await router.price("ollama/qwen3")
    assert Price(prompt=0.15, completion=0.6) == await router.price("openai/gpt-4o-mini")
    assert await router.price("openai/no-such-model") is None
    assert await router.price("groq/gpt-4o") is None


def test_a_price_list_with_nonsense_in_it() -> None:
    """An entry without both prices is no price."""
    entries = {
        "p/a": {"input_cost_per_token": 1e-6},
        "p/b": "x",
        "p/c": {"input_cost_per_token": "1", "output_cost_per_token": -1},
    }
    assert [None] * 4 == [PriceList(entries).price(f"p/{name}") for name in "abcd"]


def test_what_is_no_backend_is_refused() -> None:
    """Before anything is asked of it."""
    with pytest.raises(InputError, match="3 is no backend: one has 'endpoint', 'complete' and 'aclose'"):
        Router(backend=3)  # type: ignore[arg-type]
