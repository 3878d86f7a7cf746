"""Programs that a model wrote, run by an interpreter that can reach nothing outside of itself, in a process of its own.

The interpreter is pydantic-monty (extra `tools`): it has no files, no network, and no modules but its own. Here it has no clock
either, sleeping takes no time, and what is random begins with the same seed, so that a program does the same each time. Each
run has limits of time, memory, output and recursion, and a worker process that ends with it.

pydantic-monty 1.4 has an asynchronous interface, too. It is not used: with it, Python now and then aborts when it exits. A thread
waits for the worker instead; where nobody waits any more, the worker is killed.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from contemplate.errors import InputError
from contemplate.text import one_line, printable
from contemplate.types import Program, ProgramFailure

if TYPE_CHECKING:
    import pydantic_monty

_INSTALL = "pip install 'contemplate-ai[tools]'"
_MISSING = f"programs need pydantic-monty: {_INSTALL}"
_GRACE = 2.0
"""Seconds past its time after which a worker that does not stop by itself is killed."""
_LONGEST_ERROR = 300
_SYSTEM_CALL = "is not supported in this environment"
_EXCEPTIONS: dict[type[BaseException], ProgramFailure] = {
    PermissionError: "forbidden",
    ImportError: "unsupported",
    NotImplementedError: "unsupported",
    RecursionError: "recursion",
}


@dataclass(frozen=True)
class ProgramLimits:
    """What one program may take.

    Attributes:
        seconds: of running; sleeping takes no time.
        memory: bytes of its values.
        recursion: how deep functions may call each other.
        output: bytes that it may print.
    """

    seconds: float = 5.0
    memory: int = 256 * 1024 * 1024
    recursion: int = 500
    output: int = 20_000

    def said(self, failed: ProgramFailure) -> str:
        """What is said of a program that passed one of them; empty for any other failure."""
        passed: dict[ProgramFailure, str] = {
            "time": f"it ran for more than {self.seconds:g} s",
            "memory": f"it took more than {self.memory / 1024**2:,.0f} MiB of memory",
            "recursion": f"its functions called each other more than {self.recursion} deep",
            "output": f"it printed more than {self.output:,} bytes",
        }
        return passed.get(failed, "")


@dataclass(frozen=True)
class Sandbox:
    """Runs programs, each in a process of its own, as many at once as there are processors.

    Attributes:
        limits: of each program.
    """

    limits: ProgramLimits = ProgramLimits()
    _free: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(os.cpu_count() or 1))

    async def run(self, code: str) -> Program:
        """What comes of a program; it never outlives the call.

        Raises:
            InputError: pydantic-monty is not installed, or not whole.
        """
        check_available()
        execution = _Execution(code, self.limits)
        try:
            return await anyio.to_thread.run_sync(execution.run, abandon_on_cancel=True, limiter=self._free)
        finally:
            execution.stop()


def available() -> bool:
    """Whether programs can be run here."""
    return find_spec("pydantic_monty") is not None


def check_available() -> None:
    """Refuse to go on where programs can't be run.

    Raises:
        InputError: pydantic-monty is not installed.
    """
    if not available():
        raise InputError(_MISSING)


class _Execution:
    """One program in one worker: run in a thread, and stopped from any other."""

    def __init__(self, code: str, limits: ProgramLimits) -> None:
        self._code, self._limits = code, limits
        self._lock = threading.Lock()
        self._worker: int | None = None
        self._stopped = False

    def run(self) -> Program:
        """Start a worker, run the program, and end the worker.

        Raises:
            InputError: there is no interpreter to start.
        """
        import pydantic_monty as monty

        printed = monty.CollectString(max_bytes=self._limits.output)
        try:
            with ExitStack() as ends:
                session = self._session(ends)
                self._works(session.worker_pid)
                try:
                    # The last value of a program is handed over, however large it is: let that be None.
                    session.feed_run(f"{self._code}\n\nNone\n", print_callback=printed)
                finally:
                    self._works(None)
        except monty.MontyError as error:
            return self._failure(error, printed.output)
        return Program(code=self._code, output=printable(printed.output))

    def _session(self, ends: ExitStack) -> pydantic_monty.MontySession:
        """A session in a worker of its own, which ends with `ends`."""
        import pydantic_monty as monty

        patience = self._limits.seconds + _GRACE
        try:
            pool = ends.enter_context(monty.Monty(max_processes=1, request_timeout=patience, feed_duration_limit_grace=None))
            return ends.enter_context(pool.checkout(limits=self._allowed(), os_policy=_POLICY))
        except (OSError, RuntimeError, IndexError) as error:  # not found; not started; 1.4 in a folder near the root
            msg = f"the interpreter of pydantic-monty can't be started ({one_line(str(error), 200)}); is it whole? {_INSTALL}"
            raise InputError(msg) from None

    def stop(self) -> None:
        """Kill the worker, if there still is one; the thread ends with it."""
        with self._lock:
            self._stopped = True
            if self._worker is not None:
                with suppress(OSError):  # it has just ended by itself
                    os.kill(self._worker, _KILL)

    def _works(self, worker: int | None) -> None:
        """Note which process works on it, or that none does any more."""
        with self._lock:
            self._worker = worker
        if self._stopped:
            self.stop()

    def _allowed(self) -> pydantic_monty.ResourceLimits:
        return {
            "max_feed_duration_secs": self._limits.seconds,
            "max_memory": self._limits.memory,
            "max_recursion_depth": self._limits.recursion,
            "max_suspensions": 100,
            "max_total_sleep_secs": 0.0,
        }

    def _failure(self, error: pydantic_monty.MontyError, printed: str) -> Program:
        failed, why = self._reason(error)
        if failed in {"time", "memory", "output", "crash"}:
            printed = ""
        return Program(code=self._code, output=printable(printed), failed=failed, error=one_line(why, _LONGEST_ERROR))

    def _reason(self, error: pydantic_monty.MontyError) -> tuple[ProgramFailure, str]:
        """How it failed, and why; what passed a limit is said in words that are the same each time."""
        import pydantic_monty as monty

        if isinstance(error, monty.MontyCrashedError):
            return ("time", self._limits.said("time")) if error.timed_out else ("crash", "it ended its interpreter")
        if isinstance(error, monty.MontySyntaxError):
            return "syntax", self._unparsed(error)
        if not isinstance(error, monty.MontyRuntimeError):
            return "crash", str(error)
        failed = _kind(error.exception(), f"> {self._limits.output} bytes")
        return failed, self._limits.said(failed) or _with_line(error)

    def _unparsed(self, error: pydantic_monty.MontySyntaxError) -> str:
        """What is wrong with the program; not with the line that was put behind it."""
        frames = error.traceback()
        beyond = frames and frames[-1].line > len(self._code.splitlines())
        return "SyntaxError: it ends in the midst of a statement" if beyond else _with_line(error)


def _kind(raised: BaseException, too_much_output: str) -> ProgramFailure:
    """How a program failed that ended with an exception."""
    message = str(raised)
    if isinstance(raised, TimeoutError | MemoryError) and "limit exceeded" in message:
        if isinstance(raised, TimeoutError):
            return "time"
        return "output" if message.endswith(too_much_output) else "memory"
    if isinstance(raised, RuntimeError) and _SYSTEM_CALL in message:
        return "forbidden"
    known: list[ProgramFailure] = [kind for exception, kind in _EXCEPTIONS.items() if isinstance(raised, exception)]
    return known[0] if known else "error"


def _with_line(error: pydantic_monty.MontyRuntimeError | pydantic_monty.MontySyntaxError) -> str:
    """An exception as Python words it, with the line where it was raised."""
    frames = error.traceback()
    said = error.display("type-msg")
    return f"line {frames[-1].line}: {said}" if frames else said


_POLICY: pydantic_monty.OSPolicy = {"datetime": "call_host", "sleep": "zero", "random_start": {"seed": 0}}
"""No clock (nobody answers for the host), no waiting, and no chance."""
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
