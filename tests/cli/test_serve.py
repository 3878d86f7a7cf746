"""`contemplate serve` as a process: what it prints, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from command import COMMAND, Cli
from loopback import Loopback


@contextmanager
def serving(url: str, folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """A server in a process of its own, its address, and the lines that it said so far."""
    command = [*COMMAND, "serve", "--port", "0", "--model", "m", "--base-url", url, "--ledger", str(folder / "l.db"), *options]
    env = {**os.environ, "HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)
    assert process.stderr is not None
    try:
        lines = [process.stderr.readline(), process.stderr.readline()]
        found = re.search(r"serving at http://[^:]+:(\d+)", lines[0])
        assert found, lines
        yield process, f"http://127.0.0.1:{found[1]}", lines
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def post(url: str, body: dict[str, Any], token: str = "") -> tuple[int, Any]:
    """The status and the body of a reply."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(f"{url}/v1/chat/completions", json.dumps(body).encode(), headers)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:  # noqa: S310
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


CHAT = {"model": "contemplate/single", "messages": [{"role": "user", "content": "What is 40 + 2?"}]}


def test_a_server_that_everybody_reaches_prints_a_token_once(loopback: Loopback, tmp_path: Path) -> None:
    """It lets in, and nothing else does; what a day may take is kept in a file; SIGTERM ends it with status 0."""
    with serving(loopback.url, tmp_path, "--host", "0.0.0.0", "--daily-calls", "1") as (process, url, lines):
        token = re.search(r"shown this once: (\S+)", lines[1])
        assert token
        refused = post(url, CHAT)
        answered = post(url, CHAT, token[1])
        over = post(url, {**CHAT, "seed": 1}, token[1])
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        said = process.stderr.read() if process.stderr else ""

    assert (refused[0], refused[1]["error"]["code"]) == (401, "invalid_api_key")
    assert answered[1]["choices"][0]["message"]["content"] == "42"
    assert (over[0], over[1]["error"]["code"]) == (429, "daily_budget_exceeded")
    assert "every run was finished, or is stored" in said
    (kept,) = (tmp_path / "contemplate").glob("serve-*.json")
    assert json.loads(kept.read_text())["spent"]["printed"]["calls"] == 1
    assert kept.stat().st_mode & 0o077 == 0


def test_sigterm_lets_a_run_end(loopback: Loopback, tmp_path: Path) -> None:
    """The client that waits has its answer."""
    loopback.delay = 1.0
    with serving(loopback.url, tmp_path) as (process, url, lines):
        command = ["curl", "-sN", "--max-time", "20", f"{url}/v1/chat/completions", "-d", json.dumps({**CHAT, "stream": True})]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as asking:
            assert asking.stdout is not None
            first = asking.stdout.readline()
            process.send_signal(signal.SIGTERM)
            rest = asking.stdout.read()
        assert process.wait(20) == 0

    assert "no token is asked for" in lines[1]
    assert "chat.completion.chunk" in first
    assert '"content":"42"' in rest
    assert rest.endswith("data: [DONE]\n\n")


def test_without_the_extra(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "starlette", None)

    assert cli("serve").err == "contemplate: starlette is not installed: pip install 'contemplate-ai[server]'\n"


def test_what_is_typed_wrong(cli: Cli, tmp_path: Path) -> None:
    """In one line, with what to do."""
    tokens = tmp_path / "tokens"
    tokens.write_text("")

    assert "no token in it" in cli("serve", "--token-file", str(tokens)).err
    assert "--daily-usd -1" in cli("serve", "--daily-usd", "-1").err
    assert "can't listen at" in cli("serve", "--host", "203.0.113.1", "--port", "1").err
