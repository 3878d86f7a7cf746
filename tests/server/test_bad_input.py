"""What is wrong is told in OpenAI's shape: a status, a type, one line; without a path, a key or a traceback."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from contemplate import ScriptedBackend
from contemplate.errors import ContemplateError, InputError, LedgerError, MissingKeyError, ProgramError, RecipeError, StorageError
from contemplate.server.problems import body_of, harmless, refusal
from loopback import Loopback
from serving import asked, served

CHAT = "/v1/chat/completions"
FORM = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"$ref": "https://evil.example/schema"}}}
PICTURE = [{"type": "image_url", "image_url": {"url": "https://evil.example/a.png"}}]
NO_FILE = [{"type": "file", "file": {"filename": "a.bin", "file_data": "data:application/x;base64,AAAA"}}]
ELSEWHERE = [{"type": "file", "file": {"file_id": "file-123"}}]

WRONG: dict[str, tuple[Any, int, str | None, str]] = {
    "no strategy": (asked("x", "multiagent-debat"), 404, "model_not_found", "did you mean contemplate/multiagent-debate"),
    "a path": (asked("x", "/etc/passwd.yaml"), 404, "model_not_found", "no model called"),
    "a model nobody allowed": (asked("x", "single@openai/gpt-5"), 404, "model_not_found", "no model called 'openai/gpt-5'"),
    "an address": (asked("x", "single@m@http://evil.example/v1"), 404, "model_not_found", "no model called"),
    "a near model": (asked("x", "single@a-modl"), 404, "model_not_found", "did you mean 'a-model'"),
    "no JSON": (b"{", 400, "invalid_json", "no JSON"),
    "no object": (b"[1]", 400, "invalid_json", "no JSON object"),
    "no UTF-8": (b'{"model": "\xff"}', 400, "invalid_json", "no JSON"),
    "nested without end": (b"[" * 200_000, 400, "invalid_json", "no JSON"),
    "no messages": ({"model": "single"}, 400, None, "messages: field required"),
    "empty messages": ({"model": "single", "messages": []}, 400, None, "messages"),
    "no question": ({"model": "single", "messages": [{"role": "assistant", "content": "x"}]}, 400, None, "last message"),
    "an empty question": (asked("  "), 400, None, "last message"),
    "no such role": ({"model": "single", "messages": [{"role": "tool", "content": "x"}]}, 400, None, "messages.0.role"),
    "n": (asked("x", n=1000), 400, None, "at most 8"),
    "a wrong type": (asked("x", n="many"), 400, None, "n: "),
    "tools": (asked("x", tools=[{"type": "function"}]), 400, None, "calls no tools"),
    "logprobs": (asked("x", logprobs=True), 400, None, "logprobs"),
    "a schema elsewhere": (asked("x", response_format=FORM), 400, None, "only references within it"),
    "no schema": (asked("x", response_format={"type": "json_schema"}), 400, None, "no schema"),
    "no such form": (asked("x", response_format={"type": "xml"}), 400, None, "json_schema is expected"),
    "our own field": (asked("x", contemplate={"seets": 3}), 400, None, "contemplate.seets: there is no such field"),
    "a cap": (asked("x", contemplate={"budget": {"usd": -1}}), 400, None, "greater than 0"),
    "seats where there are none": (asked("x", contemplate={"seats": 3}), 400, None, "no parameter of single called 'seats'"),
    "too many seats": (asked("x", "self-consistency", contemplate={"seats": 1001}), 400, None, "contemplate.seats"),
    "a parameter": (asked("x", "self-consistency", contemplate={"parameters": {"seats": "many"}}), 400, None, "seats"),
    "no such focus": (
        asked("x", contemplate={"focus": "half"}),
        400,
        None,
        "contemplate.focus: input should be 'full', 'digest' or",
    ),
    "refine": (asked("x", contemplate={"refine": "ask"}), 400, None, "contemplate.refine: true or false is expected; nobody is"),
    "no such refining": (
        asked("x", contemplate={"refine": "maybe"}),
        400,
        None,
        "contemplate.refine: input should be a valid bool",
    ),
    "a private question": (asked("x", contemplate={"privacy": "local"}), 400, None, "local"),
    "a kind without choices": (asked("x", contemplate={"answer": "choice"}), 400, None, "choice"),
    "a picture": (
        {"model": "single", "messages": [{"role": "user", "content": PICTURE}]},
        400,
        "unsupported_content",
        "pictures",
    ),
    "no such file type": (
        {"model": "single", "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}, *NO_FILE]}]},
        400,
        "unsupported_file",
        "a.bin: neither UTF-8 text nor PDF",
    ),
    "a file elsewhere": ({"model": "single", "messages": [{"role": "user", "content": ELSEWHERE}]}, 400, None, "file_data"),
}


async def test_a_chat_that_is_wrong() -> None:
    """Nothing is called, and the line says what is wrong; to a stream it is said with the same status."""
    backend = ScriptedBackend(lambda _: "Answer: 42")
    said: dict[str, tuple[Any, ...]] = {}
    async with served(backend) as client:
        for case, (body, _, _, words) in WRONG.items():
            status, reply, _ = await client.post(CHAT, body)
            streamed = (await client.post(CHAT, {**body, "stream": True}))[0] if isinstance(body, dict) else status
            error = reply["error"]
            assert set(error) == {"message", "type", "param", "code"}
            assert "/tmp" not in error["message"]
            said[case] = (status, streamed, error["code"], words if words in error["message"] else error["message"])

    assert said == {case: (status, status, code, words) for case, (_, status, code, words) in WRONG.items()}
    assert backend.requests == []


async def test_too_large() -> None:
    """By what it says of its length, and by what comes; and a chat that is too long."""
    async with served(settings={"max_body": 2000, "max_messages": 3}) as client:
        said, body, _ = await client.post(CHAT, asked("x" * 3000))

        async def pieces() -> Any:
            for _ in range(10):
                yield b" " * 500

        async with client.session.post(f"{client.url}{CHAT}", data=pieces()) as reply:
            came = reply.status
        long, chat, _ = await client.post(CHAT, {"model": "single", "messages": [{"role": "user", "content": "x"}] * 4})

    assert (said, body["error"]["code"]) == (413, "request_too_large")
    assert came == 413
    assert (long, chat["error"]["message"]) == (400, "messages: there are 4; at most 3 are taken")


async def test_what_is_not_there() -> None:
    """Paths, methods, runs."""
    async with served() as client:
        nothing, path, _ = await client.get("/v2/models")
        method, _, _ = await client.get(CHAT)
        run = [(await client.get(f"/api/runs/{name}"))[0] for name in ("20200101-000000-abcdef", "..%2f..%2fetc", "last")]
        model, _, _ = await client.get("/v1/models/nothing")
        limits = [(await client.get(f"/api/runs?limit={limit}"))[1]["error"]["param"] for limit in ("x", "-1", "0", "")]

    assert (nothing, path["error"]["code"]) == (404, "not_found")
    assert method == 405
    assert run == [404, 404, 404]
    assert model == 404
    assert limits == ["limit"] * 4


async def test_a_run_without_a_budget_for_its_answer() -> None:
    """It is not sent again by clients: that would cost once more."""
    body = asked("What is 6 * 7?", contemplate={"budget": {"tokens": 10}})
    async with served() as client:
        status, reply, headers = await client.post(CHAT, body)

    assert (status, reply["error"]["type"], reply["error"]["code"]) == (402, "insufficient_quota", "budget_exceeded")
    assert headers["X-Should-Retry"] == "false"


async def test_a_run_that_is_out_of_time() -> None:
    """A deadline without an answer."""
    async with served(ScriptedBackend(lambda _: "Answer: 42", delay=30)) as client:
        status, reply, _ = await client.post(CHAT, asked("What is 6 * 7?", contemplate={"deadline": 0.05}))

    assert (status, reply["error"]["code"]) == (504, "deadline_exceeded")


async def test_a_backend_that_is_down() -> None:
    """It is none of the client's business where it is."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with served(base_url=f"http://127.0.0.1:{port}/v1") as client:
            status, reply, headers = await client.post(CHAT, asked("What is 6 * 7?"))
            events = await client.stream(CHAT, asked("What is 6 * 7?", stream=True)) if status == 200 else []

    assert (status, reply["error"]["code"]) == (503, "backend_unreachable")
    assert str(port) not in reply["error"]["message"]
    assert "Retry-After" in headers
    assert events == []


async def test_a_strategy_that_needs_what_the_model_lacks(loopback: Loopback) -> None:
    """As log-probabilities."""
    loopback.modes["logprobs"] = "refuses"
    async with served(base_url=loopback.url) as client:
        status, reply, _ = await client.post(CHAT, asked("What is 6 * 7?", "deepconf", contemplate={"seats": 2}))

    assert status in {400, 502}
    assert "logprobs" in reply["error"]["message"] or "log-probabilities" in reply["error"]["message"]


async def test_a_bug_is_told_nobody() -> None:
    """Neither its words nor a traceback."""
    async with served() as client:
        client.engine.orchestrator.specify = lambda *_: 1 / 0  # type: ignore[assignment,method-assign]
        status, reply, headers = await client.post(CHAT, asked("What is 6 * 7?"))
        await asyncio.sleep(0)

    assert (status, reply["error"]["code"]) == (500, "internal")
    assert "division" not in reply["error"]["message"]
    assert headers["X-Request-ID"].startswith("req_")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (MissingKeyError("openai/gpt-5", "OPENAI_API_KEY"), 503),
        (LedgerError("/home/ada/ledger.db: no ledger"), 404),
        (StorageError("/home/ada/ledger.db: the disk is full"), 503),
        (ProgramError("asking: KeyError: '/home/ada'"), 500),
        (RecipeError("/home/ada/strategies/x.yaml", "a whole number was expected", line=3, where="steps.1.seats"), 400),
        (InputError("/home/ada/notes.md: no such file"), 400),
    ],
)
def test_no_error_leaks_a_path(error: ContemplateError, status: int) -> None:
    """Nor the name of a key's variable."""
    refused = refusal(error)
    said = body_of(refused)["error"]["message"]

    assert refused.status == status
    assert "ada" not in said
    assert "OPENAI_API_KEY" not in said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/home/x/a.md: no such file", "a.md: no such file"),
        (r"C:\Users\ada\a.md is wrong", "a.md is wrong"),
        ("see ~/secret/a.txt", "see a.txt"),
        ("no connection to http://10.0.0.5:8000/v1: refused", "no connection to its server refused"),
        ("and/or 1/2 stay", "and/or 1/2 stay"),
        ("the key sk-abcdefghijklmnop", "the key [redacted]"),
        ("two\nlines", "two lines"),
    ],
)
def test_what_is_left_of_a_message(said: str, told: str) -> None:
    """Names of files, and no folders, addresses or keys."""
    assert harmless(said) == told


def test_a_path_of_the_project_is_not_told(tmp_path: Path) -> None:
    """Wherever it is."""
    assert str(tmp_path) not in harmless(f"{tmp_path / 'x.toml'}: no TOML")
