"""A command line in a fresh home, in this process or in one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from command import COMMAND, Cli, Said, Started
from contemplate.cli import run
from contemplate.models.backends.providers import PROVIDERS
from contemplate.models.backends.weights import cache_dir
from loopback import Loopback


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home to work in, with no settings and no keys; only weights that were fetched are not fetched again."""
    cache = cache_dir()
    for name in [name for name in os.environ if name.startswith(("CONTEMPLATE_", "XDG_"))]:
        monkeypatch.delenv(name)
    for name in {key for provider in PROVIDERS.values() for key in provider.keys}:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CONTEMPLATE_CACHE", str(cache))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command in this process."""

    def call(*arguments: str) -> Said:
        capsys.readouterr()
        status = run(list(arguments))
        said = capsys.readouterr()
        return Said(int(status), said.out, said.err)

    return call


def _heed_signals() -> None:
    """As from a shell: a test run that is started by `nohup` or in the background passes on that it ignores some."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_DFL)


@pytest.fixture
def started() -> Iterator[Started]:
    """Starts a command in a process of its own."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **more: Any) -> subprocess.Popen[str]:
        settings: dict[str, Any] = {
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
            "preexec_fn": _heed_signals,
        }
        process: subprocess.Popen[str] = subprocess.Popen([*COMMAND, *arguments], **(settings | more))
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def served(loopback: Loopback) -> tuple[str, ...]:
    """The options that name the loopback server."""
    return ("--model", "m", "--base-url", loopback.url)


@pytest.fixture
def wait_for() -> Callable[[Callable[[], object]], None]:
    """Waits until something is so."""

    def wait(condition: Callable[[], object]) -> None:
        ends = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < ends, "waited in vain"
            time.sleep(0.01)

    return wait
