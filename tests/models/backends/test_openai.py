"""The OpenAI-compatible client against a real server on loopback: what it sends, and how it reads each kind of answer."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading

import anyio
import pytest

from builders import a_request
from contemplate.errors import (
    CallError,
    EndpointError,
    FieldRefusedError,
    InputError,
    OverloadedError,
    RejectedError,
    ReplyError,
    TimedOutError,
    UnreachableError,
    UnsupportedError,
)
from contemplate.models.backends.base import Backend
from contemplate.models.backends.openai import OpenAIBackend
from contemplate.types import Completion, Request, Tokens
from loopback import Loopback, Reply, Seen

KEY = "sk-test-0123456789abcdef"


async def ask(server: Loopback, request: Request | None = None, **options: object) -> Completion:
    """One call on a backend of its own."""
    backend = OpenAIBackend(server.url, api_key=KEY, **options)  # type: ignore[arg-type]
    try:
        return await backend.complete(request or a_request(seed=7))
    finally:
        await backend.aclose()


async def test_a_call_whole(loopback: Loopback) -> None:
    """A plain call: body and headers as the protocol wants them, reply, tokens and model read back."""
    completion = await ask(
        loopback,
        a_request(model="provider/m", seed=7, temperature=0.5, top_p=0.9, max_tokens=9, stop=("END",)),
        prefix="provider/",
    )
    sent = {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "max_tokens": 9,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop": ["END"],
        "seed": 7,
        "stream": False,
    }
    assert (sent, KEY) == (loopback.seen[0].body, loopback.seen[0].key)
    assert Completion(text=str(loopback.script), tokens=Tokens(prompt=6, completion=8), model="m") == completion


async def test_what_is_not_set_is_not_sent(loopback: Loopback) -> None:
    """Sampling that is left to the provider is left out; names of fields are the provider's."""
    await ask(loopback, max_tokens_field="max_completion_tokens", seed_field="random_seed")
    assert {"model", "messages", "max_completion_tokens", "random_seed", "stream"} == set(loopback.seen[0].body)


async def test_it_is_a_backend(loopback: Loopback) -> None:
    """It has the protocol's shape, and is named after its host and port."""
    backend = OpenAIBackend(loopback.url)
    assert isinstance(backend, Backend)
    assert loopback.url == f"http://{backend.endpoint}/v1"
    await backend.aclose()
    await backend.aclose()


async def test_one_connection_is_kept_alive(loopback: Loopback) -> None:
    """Calls one after another share a connection, and 64 at once are 64 in flight."""
    backend = OpenAIBackend(loopback.url)
    loopback.delay = 1
    async with anyio.create_task_group() as group:
        for _ in range(64):
            group.start_soon(backend.complete, a_request())
    await backend.aclose()
    assert (64, 64) == (loopback.peak, loopback.finished)


@pytest.mark.parametrize(
    ("status", "headers", "error", "wait"),
    [
        (429, {"Retry-After": "7"}, OverloadedError, 7.0),
        (429, {"Retry-After": "7", "retry-after-ms": "1500"}, OverloadedError, 1.5),
        (503, {"Date": "Fri, 20 Nov 2026 10:00:00 GMT", "Retry-After": "Fri, 20 Nov 2026 10:00:30 GMT"}, OverloadedError, 30.0),
        (500, {"Retry-After": "soon"}, OverloadedError, None),
        (529, {}, OverloadedError, None),
        (408, {}, OverloadedError, None),
        (400, {}, RejectedError, None),
        (404, {}, RejectedError, None),
        (307, {"Location": "http://elsewhere.example/v1"}, RejectedError, None),
    ],
)
async def test_statuses(
    loopback: Loopback, status: int, headers: dict[str, str], error: type[CallError], wait: float | None
) -> None:
    """Each status is the error that says whether and when to come back; none is followed or retried here."""
    loopback.script = loopback.reply(status=status, headers=headers, body=b'{"error": {"message": "no luck"}}')
    with pytest.raises(error) as caught:
        await ask(loopback)
    assert (wait, 1) == (caught.value.retry_after, len(loopback.seen))


async def test_an_empty_account_is_not_worth_waiting_for(loopback: Loopback) -> None:
    """OpenAI says 429 there too."""
    loopback.script = loopback.reply(status=429, body=b'{"error": {"message": "quota", "code": "insufficient_quota"}}')
    with pytest.raises(RejectedError, match="quota"):
        await ask(loopback)


async def test_a_key_that_is_echoed_is_blotted_out(loopback: Loopback) -> None:
    """A provider that repeats the key in its refusal does not get it into our error; a hint where it comes from does."""

    def echo(seen: Seen) -> Reply:
        return loopback.reply(status=401, body=f'{{"error": {{"message": "bad key {seen.key}\\nof yours"}}}}'.encode())

    loopback.script = echo
    with pytest.raises(RejectedError) as caught:
        await ask(loopback, key_variable="SOME_KEY")
    message = str(caught.value)
    assert message.endswith("model 'm' answered 401: bad key [redacted] of yours; check the key in SOME_KEY")
    assert KEY not in message


async def test_refused_connections_were_not_sent() -> None:
    """Where nobody listens, nothing was sent, so nothing can be billed."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        backend = OpenAIBackend(f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
        with pytest.raises(UnreachableError, match="connection refused") as caught:
            await backend.complete(a_request())
        with pytest.raises(EndpointError, match="connection refused"):
            await backend.ping()
        await backend.aclose()
    assert not caught.value.may_be_billed


async def test_an_unknown_host_was_not_reached() -> None:
    """A name that no resolver knows is unreachable, in one line."""
    backend = OpenAIBackend("http://nowhere.invalid/v1")
    with pytest.raises(UnreachableError, match="no connection"):
        await backend.complete(a_request())
    await backend.aclose()


async def test_a_dropped_connection_may_be_billed(loopback: Loopback) -> None:
    """A reply that broke off half-way may be billed, and is worth another try."""
    loopback.script = loopback.reply(drop=True)
    with pytest.raises(UnreachableError, match="broke off") as caught:
        await ask(loopback)
    assert (True, True) == (caught.value.may_be_billed, caught.value.retryable)


async def test_a_hanging_server_times_out(loopback: Loopback) -> None:
    """No reply within the timeout is an error that may be billed."""
    loopback.script = loopback.reply(hang=True)
    with pytest.raises(TimedOutError, match=r"no reply within 0\.2 s"):
        await ask(loopback, timeout=0.2)


@pytest.mark.parametrize(
    ("body", "content_type", "error"),
    [
        (b"<html>Welcome</html>", "text/html", RejectedError),
        (b'{"choices": [', "application/json", UnreachableError),
        (b"[" * 100_000, "application/json", UnreachableError),
        (b"", "application/json", UnreachableError),
        (b"[]", "application/json", RejectedError),
        (b'{"object": "list"}', "application/json", RejectedError),
        (b'{"error": {"message": "upstream", "code": 502}}', "application/json", OverloadedError),
        (b'{"error": "no such thing"}', "application/json", RejectedError),
        (b"x" * 5000, "application/json", ReplyError),
    ],
)
async def test_what_is_no_completion(loopback: Loopback, body: bytes, content_type: str, error: type[CallError]) -> None:
    """A 200 that is no completion is an error of its own kind, billed where it may be."""
    loopback.script = loopback.reply(body=body, content_type=content_type)
    with pytest.raises(error) as caught:
        await ask(loopback, max_response_bytes=4000 if error is ReplyError else 2**20)
    assert (error in (UnreachableError, ReplyError)) == caught.value.may_be_billed


async def test_refused_fields_are_left_out(loopback: Loopback) -> None:
    """Reasoning models refuse a temperature and the old limit: each refusal is an error, and later calls go without."""

    def picky(seen: Seen) -> Reply:
        for field in ("temperature", "max_tokens"):
            if field in seen.body:
                return loopback.reply(status=400, body=f'{{"error": {{"message": "unsupported", "param": "{field}"}}}}'.encode())
        return loopback.reply()

    loopback.script = picky
    backend = OpenAIBackend(loopback.url)
    for field in ("temperature", "max_tokens"):
        with pytest.raises(FieldRefusedError) as caught:
            await backend.complete(a_request(temperature=0.7, max_tokens=5))
        assert field == caught.value.field
    await backend.complete(a_request(temperature=0.7, max_tokens=5))
    await backend.aclose()
    assert (3, 5) == (len(loopback.seen), loopback.seen[-1].body["max_completion_tokens"])


@pytest.mark.parametrize("param", ["messages", "max_tokens", "nothing", ""])
async def test_a_field_that_is_needed_is_not_left_out(loopback: Loopback, param: str) -> None:
    """A server that refuses whatever is sent ends in an error, not in a loop."""
    loopback.script = lambda seen: loopback.reply(
        status=400,
        body=f'{{"error": {{"param": "{"max_completion_tokens" if "max_completion_tokens" in seen.body else param}"}}}}'.encode(),
    )
    with pytest.raises(RejectedError):
        await ask(loopback)
    assert len(loopback.seen) <= 2


async def test_several_samples(loopback: Loopback) -> None:
    """As many as were asked for where the endpoint takes it, one where it does not, and an error where it says so."""
    loopback.script = lambda seen: f"sample {seen.sample}"
    backend = OpenAIBackend(loopback.url)
    counts = []
    for mode in ("takes", "ignores"):
        loopback.modes["n"] = mode  # type: ignore[assignment]  # one of the modes
        counts.append(len(await backend.complete_many(a_request(), 3)))
    loopback.modes["n"] = "refuses"
    for _ in range(2):
        with pytest.raises(UnsupportedError, match="gives one sample a request: it answered 400") as caught:
            await backend.complete_many(a_request(), 3)
        assert "n" == caught.value.what
    assert "sample 0" == (await backend.complete(a_request())).text
    await backend.aclose()
    assert ([3, 1], 4, [3, 3, 3, None]) == (counts, len(loopback.seen), [seen.body.get("n") for seen in loopback.seen])


async def test_what_a_provider_is_known_to_lack(loopback: Loopback) -> None:
    """It is not asked for it."""
    backend = OpenAIBackend(loopback.url, lacks=("logprobs",))
    request = Request(**{**dict(a_request()), "logprobs": 2})
    assert backend.refuses(a_request()) is None
    with pytest.raises(UnsupportedError, match="its provider has no such field"):
        await backend.complete(request)
    await backend.aclose()
    assert [] == loopback.seen


async def test_ping(loopback: Loopback) -> None:
    """Any HTTP answer counts."""
    for url in (loopback.url, loopback.url + "/elsewhere"):
        backend = OpenAIBackend(url)
        await backend.ping()
        await backend.aclose()
    assert 1 == loopback.pings


async def test_something_else_listens() -> None:
    """A port that speaks another language is no endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        thread = threading.Thread(target=_greet, args=(other,))
        thread.start()
        backend = OpenAIBackend(f"http://127.0.0.1:{other.getsockname()[1]}")
        with pytest.raises(EndpointError, match="does not speak HTTP"):
            await backend.ping()
        await backend.aclose()
        thread.join()


def _greet(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(b"220 mail.example ESMTP\r\n")


def test_it_outlives_a_loop(loopback: Loopback) -> None:
    """One backend serves several event loops, one after another, as a notebook makes them."""
    backend = OpenAIBackend(loopback.url)

    async def once() -> str:
        try:
            return (await backend.complete(a_request())).text
        finally:
            await backend.aclose()

    assert [loopback.script] * 2 == [asyncio.run(once()) for _ in range(2)]
    gc.collect()


@pytest.mark.parametrize("key", ["line\nbreak", "snow☃man"])
def test_a_key_that_is_no_header(key: str) -> None:
    """A key that can't be sent is refused in one line without it."""
    with pytest.raises(InputError) as caught:
        OpenAIBackend("http://localhost:1/v1", api_key=key)
    assert key not in str(caught.value)
