"""litellm, the real one, against the loopback server: what it is let do, and how its replies and errors are read.

It is imported in a process of its own: the import takes seconds, and leaves loggers, warnings and exit handlers behind.
That process makes all the calls and prints what came of each as JSON; the tests look at that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from loopback import Loopback, Reply, Seen

pytestmark = pytest.mark.slow
"""litellm takes seconds to import."""

KEY = "made-up-key-0123456789abcdef"

CALLS = """
import asyncio, gc, json, sys, time
from contemplate.models.backends.litellm import LiteLLMBackend
from contemplate.errors import ContemplateError
from contemplate.types import Message, Request, Sampling

assert "litellm" not in sys.modules
url, names = sys.argv[1], sys.argv[2].split(",")
backend = LiteLLMBackend("openai", base_url=url, timeout=1.5)

def told(error):
    return {"error": type(error).__name__, "message": str(error), "retry_after": getattr(error, "retry_after", None),
            "billed": getattr(error, "may_be_billed", None)}

async def call(backend, name):
    try:
        return json.loads((await backend.complete(Request(
            model="openai/gpt-3.5-turbo" if "old" in name else "openai/gpt-4o", messages=(Message(role="user", content=name),),
            sampling=Sampling(temperature=0.5, max_tokens=64, stop=("END",)), seed=3,
            reply_schema={"type": "object", "properties": {"verdict": {"enum": ["sound"]}}} if "schema" in name else None,
            logprobs=2 if "logprobs" in name else None))).model_dump_json())
    except ContemplateError as error:
        return told(error)

async def ready(model):
    try:
        await LiteLLMBackend("any").ready(model)
        return {}
    except ContemplateError as error:
        return told(error)

async def longest_hold(work):
    longest = 0.0
    async def tick():
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            longest = max(longest, time.perf_counter() - before)
    ticking = asyncio.ensure_future(tick())
    await work
    ticking.cancel()
    return longest

async def main():
    models = ("antropic/claude-x", "anthropic/claude-sonnet-4-5", "bedrock/claude", "openai/gpt-4o")
    got = {model: await ready(model) for model in models}
    got["hold"] = await longest_hold(call(backend, "warm"))
    for name in names:
        got[name] = await call(backend, name)
    await backend.aclose()
    await backend.aclose()
    second = LiteLLMBackend("openai", base_url=url, timeout=5)
    got["second"] = await call(second, "plain")
    await second.aclose()
    nobody = LiteLLMBackend("openai", base_url="http://127.0.0.1:1/v1", timeout=5)
    got["refused"] = await call(nobody, "plain")
    await nobody.aclose()
    got["tasks"] = len(asyncio.all_tasks()) - 1
    return got

async def again():
    other = LiteLLMBackend("openai", base_url=url, timeout=5)
    try:
        return await call(other, "plain")
    finally:
        await other.aclose()

got = asyncio.run(main())
got["another loop"] = asyncio.run(again())
gc.collect()
print(json.dumps(got))
"""


def replies(server: Loopback) -> dict[str, Reply]:
    """What the server says, by the text of the request."""
    reply = server.reply
    return {
        "warm": reply(),
        "plain": reply(text="four"),
        "schema": reply(text="four"),
        "old schema": reply(text="four"),
        "logprobs": reply(text="four five"),
        "logprobs refused": reply(
            status=400, body=b'{"error": {"message": "logprobs are off", "type": "invalid_request_error"}}'
        ),
        "logprobs again": reply(text="four"),
        "no usage": reply(text="four", usage=None),
        "null finish": reply(finish=None),
        "length": reply(finish="length"),
        "filter": reply(finish="content_filter"),
        "no choices": reply(choices=[]),
        "refusal": reply(text=None, message={"refusal": "I can't."}),
        "thinking": reply(text="4", message={"reasoning_content": "2+2"}),
        "busy": reply(status=429, headers={"Retry-After": "7"}, body=b'{"error": {"message": "slow down"}}'),
        "broken": reply(status=500, body=b'{"error": {"message": "oops"}}'),
        "unknown": reply(status=404, body=b'{"error": {"message": "no such model"}}'),
        "dropped": reply(drop=True),
        "hanging": reply(hang=True),
    }


@pytest.fixture(scope="module")
def came() -> Iterator[SimpleNamespace]:
    """What came of each call (`got`), what the server saw of each (`seen`), and what was printed beside it (`noise`)."""
    with Loopback() as server:
        said = replies(server)
        server.modes |= {"response_format": "takes", "logprobs": "takes"}

        def script(seen: Seen) -> Reply:
            name = seen.body["messages"][0]["content"]
            return said.get(name) or server.reply(status=401, body=f'{{"error": {{"message": "bad key {seen.key}"}}}}'.encode())

        server.script = script
        environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        done = subprocess.run(
            [sys.executable, "-c", CALLS, server.url, ",".join([*said, "echo"])],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=environment | {"OPENAI_API_KEY": KEY, "PYTHONPATH": str(Path(__file__).parents[3])},
        )
        assert 0 == done.returncode, done.stderr
        *noise, last = done.stdout.splitlines()
        yield SimpleNamespace(got=json.loads(last), seen=list(server.seen), noise=noise + done.stderr.splitlines())


def test_a_call_whole(came: SimpleNamespace) -> None:
    """Text, tokens and the model come back; what was sent is what was asked for and nothing else."""
    completion = came.got["plain"]
    assert ("four", "stop", False, 1) == (
        completion["text"],
        completion["finish"],
        completion["tokens"]["estimated"],
        completion["tokens"]["completion"],
    )
    sent = next(seen.body for seen in came.seen if seen.body["messages"][0]["content"] == "plain")
    expected = {"model": "gpt-4o", "max_tokens": 64, "temperature": 0.5, "stop": ["END"], "seed": 3}
    assert expected == {field: value for field, value in sent.items() if field != "messages"}


@pytest.mark.parametrize(
    ("name", "finish"),
    [("null finish", "stop"), ("length", "length"), ("filter", "filter"), ("refusal", "refusal")],
)
def test_finish(came: SimpleNamespace, name: str, finish: str) -> None:
    """All of these are given out as successes; the finish says what they are."""
    assert finish == came.got[name]["finish"]


def test_zero_usage_is_an_estimate(came: SimpleNamespace) -> None:
    """Zero tokens is what litellm says where the provider said nothing: that is estimated from above."""
    assert {"prompt": 8 + 16 + 64, "completion": 4, "estimated": True} == came.got["no usage"]["tokens"]


def test_refusal_and_reasoning(came: SimpleNamespace) -> None:
    """A refusal is the text of its reply; thinking stands apart."""
    assert ("I can't.", "2+2") == (came.got["refusal"]["text"], came.got["thinking"]["reasoning"])


@pytest.mark.parametrize(
    ("name", "error", "wait", "billed"),
    [
        ("busy", "OverloadedError", 7.0, False),
        ("broken", "OverloadedError", None, False),
        ("unknown", "RejectedError", None, False),
        ("dropped", "UnreachableError", None, True),
        ("hanging", "TimedOutError", None, True),
        ("refused", "UnreachableError", None, False),
        ("no choices", "UnreachableError", None, True),
    ],
)
def test_errors(came: SimpleNamespace, name: str, error: str, wait: float | None, billed: bool) -> None:
    """Each failure is of our own tree, with the wait that was asked for, and billed where it may be."""
    got = came.got[name]
    assert (error, wait, billed) == (got["error"], got["retry_after"], got["billed"])


def test_a_schema(came: SimpleNamespace) -> None:
    """It is sent as the protocol has it; a model that litellm knows to take none is not asked."""
    sent = next(seen.body["response_format"] for seen in came.seen if seen.body["messages"][0]["content"] == "schema")
    schema = {"type": "object", "properties": {"verdict": {"enum": ["sound"]}}}
    assert {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}} == sent
    assert '{"verdict": "sound"}' == came.got["schema"]["text"]
    assert "UnsupportedError" == came.got["old schema"]["error"]
    assert "old schema" not in {seen.body["messages"][0]["content"] for seen in came.seen}


def test_logprobs(came: SimpleNamespace) -> None:
    """They are read as from any server; a refusal is learned from."""
    expected = {"chosen": [-0.5, -0.5], "confidence": [0.75, 0.75], "first": {"four": -0.5, "four~": -1.0}}
    assert expected == came.got["logprobs"]["logprobs"]
    assert ["UnsupportedError"] * 2 == [came.got[name]["error"] for name in ("logprobs refused", "logprobs again")]
    assert "logprobs again" not in {seen.body["messages"][0]["content"] for seen in came.seen}


def test_one_request_for_each_call(came: SimpleNamespace) -> None:
    """Nothing is retried by litellm itself."""
    counts = [
        sum(seen.body["messages"][0]["content"] == name for seen in came.seen)
        for name in ("busy", "broken", "dropped", "hanging")
    ]
    assert [1, 1, 1, 1] == counts


def test_a_key_that_is_echoed_is_blotted_out(came: SimpleNamespace) -> None:
    """A refusal that repeats the key is quoted without it."""
    message = came.got["echo"]["message"]
    assert ("RejectedError", True, False) == (came.got["echo"]["error"], "[redacted]" in message, KEY in message)


def test_what_is_seen_before_a_call(came: SimpleNamespace) -> None:
    """A misspelt provider gets the nearest name and a missing key its variable; where a profile may do, nothing is said."""
    assert "did you mean 'anthropic/claude-x'" in came.got["antropic/claude-x"]["message"]
    assert "ANTHROPIC_API_KEY" in came.got["anthropic/claude-sonnet-4-5"]["message"]
    assert ({}, {}) == (came.got["bedrock/claude"], came.got["openai/gpt-4o"])


def test_it_can_be_closed_and_used_again(came: SimpleNamespace) -> None:
    """After one backend is closed, another works, in the same loop and in the next; no task stays behind."""
    assert ("four", "four", 0) == (came.got["second"]["text"], came.got["another loop"]["text"], came.got["tasks"])


def test_it_is_quiet(came: SimpleNamespace) -> None:
    """Neither litellm's advice nor its logs reach the user."""
    assert [] == came.noise


def test_the_first_call_does_not_hold_the_loop(came: SimpleNamespace) -> None:
    """What litellm loads late is loaded in a worker thread too."""
    assert came.got["hold"] < 0.5


def test_nothing_heavy_is_imported_with_the_backends() -> None:
    """Importing all backends imports neither litellm nor xllamacpp."""
    code = (
        "import sys, contemplate.models.backends.litellm, contemplate.models.backends.local, contemplate.models.backends.openai\n"
        "import contemplate.models.backends.routing, contemplate.models.backends.scripted\n"
        "print(sorted({'litellm', 'openai', 'xllamacpp', 'rich', 'filelock', 'httpx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert "[]" == done.stdout.strip()
