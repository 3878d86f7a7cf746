"""The servers of embedded models: one process for each model, shared by everything in this process.

This is the one thing that two runs share without being handed it. A model takes 100 MB and more, and seconds to load;
a user who solves two questions, one after another or at once, expects it to be loaded once. Nothing else goes through
here: a server holds no state that one run could see of another but its prefix cache, which changes no reply.
"""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import secrets
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contemplate.errors import InputError, UnreachableError
from contemplate.text import one_line

_START_SECONDS = 180.0
_STOP_SECONDS = 5.0
_MOST_THREADS = 8
_CACHE_MIB = 512

_LOCK = threading.Lock()
_SERVERS: dict[tuple[int, Path], EmbeddedServer] = {}


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server.

    Attributes:
        url: its base URL, on loopback.
        key: without which it answers nobody; only this process knows it.
    """

    url: str
    key: str
    process: subprocess.Popen[str]

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End it."""
        if self.process.stdin is not None:
            with suppress(OSError):  # it died before it had read what was written
                self.process.stdin.close()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def check_installed() -> None:
    """See whether the embedded models can run here.

    Raises:
        InputError: the extra is not installed.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        msg = "embedded models need xllamacpp: pip install 'contemplate-ai[local]', or name another model (--model, --base-url)"
        raise InputError(msg)


def serve(path: Path, *, slots: int, context: int, threads: int | None = None) -> EmbeddedServer:
    """The server of the weights at `path`, started if it does not run. Blocks for seconds; call it in a worker thread.

    Args:
        path: a GGUF file.
        slots: how many calls it works on at once.
        context: tokens of prompt and reply together, for each slot.
        threads: to compute with; None: as many as do this machine good.

    Raises:
        InputError: llama.cpp can't load the file.
        UnreachableError: it does not start.
    """
    key = (os.getpid(), path)  # a forked child has the table but not the pipes: it starts its own
    with _LOCK:
        running = _SERVERS.get(key)
        if running is None or not running.alive:
            if running is not None:
                running.stop()
            running = _SERVERS[key] = _start(path, slots, context, threads or _threads())
        return running


def stop_all() -> None:
    """End every server that this process has started. Done by itself when the process ends."""
    with _LOCK:
        for key in [key for key in _SERVERS if key[0] == os.getpid()]:
            _SERVERS.pop(key).stop()


atexit.register(stop_all)


def _start(path: Path, slots: int, context: int, threads: int) -> EmbeddedServer:
    key = secrets.token_urlsafe(24)
    wanted = {"path": str(path), "slots": slots, "context": context, "key": key, "threads": threads, "cache_mib": _CACHE_MIB}
    process = subprocess.Popen(  # noqa: S603 - our own file, by our own interpreter
        [sys.executable, "-P", str(Path(__file__).with_name("llama_server.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
    )
    assert process.stdin is not None  # noqa: S101 - asked for above, like the next
    assert process.stdout is not None  # noqa: S101
    too_late = threading.Timer(_START_SECONDS, process.kill)
    too_late.start()
    try:
        process.stdin.write(json.dumps(wanted) + "\n")
        process.stdin.flush()
        said = json.loads(process.stdout.readline() or "{}")
    except (OSError, ValueError):
        said = {}
    finally:
        too_late.cancel()
    server = EmbeddedServer(f"{said.get('url', '')}/v1", key, process)
    if "url" not in said:
        server.stop()
        if "error" in said:
            raise InputError(f"model file {path} can't be loaded: {one_line(str(said['error']), 200)}")
        msg = f"the embedded model does not start: its process ended ({path})"
        raise UnreachableError(msg)
    return server


def _threads() -> int:
    """The number of threads to compute with. More than a few make a small model no faster.

    One core stays free: the threads wait for each other after each layer, so that one that is disturbed holds up all.
    On two cores with one of them busy, one thread made 57 tokens a second and two made 24; with both busy, 40 and 2; idle, 60
    and 97.
    `tests/benchmarks/threads.py` measures it.
    """
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(min(cores - 1, _MOST_THREADS), 1)
