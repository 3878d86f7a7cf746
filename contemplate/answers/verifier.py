"""math-verify in processes of its own, with a hard limit of time and memory.

Text of a model is parsed in a worker process alone. A worker that takes too long is killed, and the two expressions that it
was asked about stay different.

math-verify comes with the extra `math`. Without it the canonical forms decide alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

SECONDS = 5.0
"""The longest that one comparison may take, in seconds."""
MEMORY = 1 << 30
"""The most memory of a worker, in bytes of address space."""
WORKERS = 2

_START_SECONDS = 60.0
_LINE = 1_000
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")


class Verifier:
    """A few worker processes, started when they are first needed, and ended with the `async with` block.

    What was found out is kept for as long as the object is there, so that no pair is compared twice.

    Args:
        workers: how many comparisons run at a time.
        seconds: the longest that one comparison may take.
        memory: the most memory of a worker, in bytes.
    """

    def __init__(self, *, workers: int = WORKERS, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._memory = seconds, memory
        self._found: dict[tuple[str, str], bool] = {}
        self._idle: list[_Worker] = []
        self._free = anyio.Semaphore(workers)
        self._missing = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        while self._idle:
            await self._idle.pop().stop()

    async def equal(self, one: str, other: str) -> bool:
        """Whether math-verify finds the expressions equal, both ways round; not if it takes too long or is not installed."""
        pair = (min(one, other), max(one, other))
        if pair not in self._found:
            async with self._free:
                if pair not in self._found:
                    self._found[pair] = await self._ask(pair)
        return self._found[pair]

    async def _ask(self, pair: tuple[str, str]) -> bool:
        if self._missing:
            return False
        worker = self._idle.pop() if self._idle else await _Worker.start(self._memory, self._seconds)
        if worker is None:
            self._missing = True
            return False
        answer = None
        try:
            with anyio.move_on_after(self._seconds):
                answer = await worker.ask(pair)
        finally:
            if answer is None:
                await worker.stop()
            else:
                self._idle.append(worker)
        return answer or False


class _Worker:
    """One process of `math_worker.py`."""

    def __init__(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        self._process = process
        self._lines = BufferedByteReceiveStream(process.stdout)

    @classmethod
    async def start(cls, memory: int, seconds: float) -> _Worker | None:
        """A worker that is ready, or None where there can be none."""
        program = Path(__file__).with_name("math_worker.py")
        try:
            process = await anyio.open_process(
                [sys.executable, "-P", str(program), str(memory), str(int(seconds) + 1)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ}
                | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
            )
        except OSError:  # no further process, or no interpreter of our own
            return None
        worker, said = cls(process), None
        try:
            with anyio.move_on_after(_START_SECONDS):
                said = await worker.line()
        finally:
            if said != "ready":
                await worker.stop()
        return worker if said == "ready" else None

    async def ask(self, pair: tuple[str, str]) -> bool | None:
        """The verdict of the process on a pair; None if the process ended instead."""
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        try:
            await self._process.stdin.send((json.dumps(pair) + "\n").encode())
        except anyio.BrokenResourceError:
            return None
        said = await self.line()
        return said if isinstance(said, bool) else None

    async def line(self) -> object:
        """The next line that it writes; None at the end."""
        try:
            return json.loads(await self._lines.receive_until(b"\n", _LINE))
        except (anyio.IncompleteRead, anyio.EndOfStream, anyio.DelimiterNotFound, anyio.BrokenResourceError, ValueError):
            return None

    async def stop(self) -> None:
        """End it, whatever it is doing, and wait until it has ended."""
        with anyio.CancelScope(shield=True):
            if self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
            await self._process.aclose()
