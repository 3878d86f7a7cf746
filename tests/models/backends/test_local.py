"""The embedded model: its names and errors, and, marked `embedded`, the real one."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import anyio
import pytest

from builders import a_request
from contemplate.errors import InputError, RejectedError, UnknownNameError, UnsupportedError
from contemplate.models.backends import embedded
from contemplate.models.backends.base import Backend
from contemplate.models.backends.local import LocalBackend
from contemplate.models.backends.local_models import LOCAL_MODELS
from contemplate.models.names import LOCAL_SLOTS
from contemplate.types import Request, Sampling

MODEL = "local/smollm2"
asked = partial(a_request, text="What is 2+2?", model=MODEL, max_tokens=24, temperature=0.8, seed=1)


def test_unknown_models() -> None:
    """A name that is none of the embedded models gets the nearest one."""
    with pytest.raises(UnknownNameError, match="did you mean 'local/smollm2'"):
        LocalBackend("local/smolm2")


async def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where xllamacpp is not installed, the error says what to install, before anything is fetched."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "xllamacpp" else find_spec(name, *more))
    with pytest.raises(InputError, match=r"pip install 'contemplate-ai\[local\]'"):
        await LocalBackend().complete(asked())


def test_weights_that_do_not_load(tmp_path: Path) -> None:
    """A file that is no model ends in one line, and no process is left."""
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"not a model")
    with pytest.raises(InputError, match=r"broken\.gguf can't be loaded: .*magic"):
        embedded.serve(path, slots=1, context=512)


@pytest.fixture
def backend() -> Iterator[LocalBackend]:
    """The real model, stopped afterwards."""
    yield LocalBackend()
    embedded.stop_all()


@pytest.mark.embedded
async def test_the_real_model(backend: LocalBackend) -> None:
    """It replies, counts its tokens, repeats itself for the same seed, and takes several calls at once."""
    assert isinstance(backend, Backend)
    first = await backend.complete(asked())
    assert (MODEL, False) == (first.model, first.tokens.estimated)
    assert first.text == (await backend.complete(asked())).text
    texts: list[str] = []

    async def call(seed: int) -> None:
        texts.append((await backend.complete(asked(seed=seed))).text)

    async with anyio.create_task_group() as group:
        for seed in range(2 * LOCAL_SLOTS):
            group.start_soon(call, seed)
    await backend.aclose()
    assert len(set(texts)) > 1


@pytest.mark.embedded
async def test_it_holds_replies_to_a_schema(backend: LocalBackend) -> None:
    """Even a model of this size writes what the schema says; a schema that makes no sense is refused for itself."""
    rule = {"type": "string", "enum": ["sound", "flawed"]}
    schema = {"type": "object", "properties": {"verdict": rule}, "required": ["verdict"], "additionalProperties": False}
    for seed in range(8):
        sampling = Sampling(max_tokens=100, temperature=0.8)
        given = {**dict(asked(seed=seed)), "reply_schema": schema, "sampling": sampling}
        completion = await backend.complete(Request(**given))
        text = completion.text.removeprefix("```json").removesuffix("```")
        assert json.loads(text)["verdict"] in rule["enum"]
    broken = {"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}}
    with pytest.raises(UnsupportedError, match="does not hold replies to a JSON Schema"):
        await backend.complete(Request(**{**dict(asked()), "reply_schema": broken}))
    assert backend.refuses(Request(**{**dict(asked()), "reply_schema": schema})) is None
    await backend.aclose()


@pytest.mark.embedded
async def test_it_gives_logprobs(backend: LocalBackend) -> None:
    """For each token of the reply, of the likeliest as many as were asked for."""
    completion = await backend.complete(Request(**{**dict(asked()), "logprobs": 5}))
    await backend.aclose()
    logprobs = completion.logprobs
    assert logprobs is not None
    assert len(logprobs.chosen) == len(logprobs.confidence) <= completion.tokens.completion
    assert 5 == len(logprobs.first)
    assert max(logprobs.chosen) <= 0 < min(logprobs.confidence)


@pytest.mark.embedded
async def test_loading_does_not_hold_the_loop(backend: LocalBackend) -> None:
    """While the model loads, the event loop goes on."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await anyio.sleep(0.005)
            longest = max(longest, time.perf_counter() - before)

    async with anyio.create_task_group() as group:
        group.start_soon(tick)
        await backend.ready()
        group.cancel_scope.cancel()
    await backend.aclose()
    assert longest < 0.5


@pytest.mark.embedded
async def test_a_prompt_that_is_too_long(backend: LocalBackend) -> None:
    """A prompt beyond the context is refused in one line that says how much fits."""
    with pytest.raises(RejectedError, match="longer than the 4096 tokens that local/smollm2 reads"):
        await backend.complete(asked(text="word " * 6000))
    await backend.aclose()


@pytest.mark.embedded
async def test_it_is_shared_and_comes_back(backend: LocalBackend) -> None:
    """Two backends share one process; when that is killed, the next call starts another."""
    other = LocalBackend()
    await backend.ready()
    await other.ready()
    servers = list(embedded._SERVERS.values())
    assert 1 == len(servers)
    servers[0].process.kill()
    servers[0].process.wait()
    assert (await backend.complete(asked())).text
    await backend.aclose()
    await other.aclose()


@pytest.mark.embedded
def test_it_does_not_outlive_its_parent() -> None:
    """A parent that is killed takes the model with it."""
    path = asyncio.run(LOCAL_MODELS[MODEL].file())
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom contemplate.models.backends.embedded import serve\n"
        "print(serve(Path(sys.argv[1]), slots=1, context=512).process.pid, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]
    except (ProcessLookupError, FileNotFoundError):
        return False
