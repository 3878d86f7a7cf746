"""A Ray to work on: one of our own on this machine, one that the program has already, or a cluster at an address."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import anyio

from contemplate import log
from contemplate.errors import InputError
from contemplate.errors.boundary import boundary
from contemplate.text import one_line

Module = Any
"""Ray's module. It is imported at run time, as that takes a second."""

_ANSWER_SECONDS = 30.0
_LAST_PORT = 65_535
_STORE_BYTES = 100 * 2**20
_PROBE = """
import sys, ray
try:
    ray.init(address=sys.argv[1], log_to_driver=False, configure_logging=False)
except BaseException as error:
    sys.exit(f"PROBE {type(error).__name__}: {error}")
"""


@dataclass(frozen=True)
class Cluster:
    """A Ray that is connected.

    Attributes:
        ray: its module.
        workers: how many processes to ask it for.
        machines: how many it has.
    """

    ray: Module
    workers: int
    machines: int


@asynccontextmanager
async def connected(address: str | None, workers: int | None, most: int) -> AsyncIterator[Cluster]:
    """Connect to the Ray at `address`, or start one here for the time of the block; one that the program has already is used.

    Args:
        address: None for this machine; "auto" for a cluster that was started here.
        workers: how many processes are wanted; None for as many as there are processors, and at most `most`.
        most: of them.

    Raises:
        InputError: Ray is not installed, there is none at the address, or it can't be started.
    """
    with ThreadPoolExecutor(1, "ray") as thread:  # Ray's processes end with the thread that started them: it has to stay
        do = partial(asyncio.get_running_loop().run_in_executor, thread)
        ray = await do(_imported)
        ours = not ray.is_initialized()
        if not ours and address is not None:
            raise InputError(f"Ray runs in this program already, so that {address} can't be connected to; leave the address out")
        if address is not None:
            await check_answers(address)
        with _hushed(active=ours):
            try:
                if ours:
                    await do(_start, ray, address, workers or min(os.cpu_count() or 1, most))
                machines = [node for node in await do(ray.nodes) if node["Alive"]]
                processors = sum(int(node["Resources"].get("CPU", 0)) for node in machines)
                yield Cluster(ray, workers or max(min(processors, most), 1), len(machines))
            finally:
                if ours:
                    with anyio.CancelScope(shield=True):
                        await do(ray.shutdown)


def _imported() -> Module:
    try:
        return import_module("ray")
    except ImportError:
        raise InputError("Ray is not installed: pip install 'contemplate-ai[ray]'") from None


async def check_answers(address: str) -> None:
    """See in a process of its own whether a cluster answers: Ray tries for minutes, and ends the process that asked in vain.

    Raises:
        InputError: it does not.
    """
    line = ""
    with anyio.move_on_after(_ANSWER_SECONDS):
        if await _answers(address):
            command = [sys.executable, "-c", _PROBE, address]
            found = await anyio.run_process(command, stdout=subprocess.DEVNULL, check=False)
            if found.returncode == 0:
                return
            said = found.stderr.decode(errors="replace").partition("PROBE ")[2]
            line = f": {one_line(said, 300)}" if said else ""
    raise InputError(f"no Ray cluster answers at {address}{line}; give the host:port that `ray start` printed, or auto")


async def _answers(address: str) -> bool:
    """Whether anything does. What is no host and port is left to Ray."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > _LAST_PORT or "/" in host:
        return True
    try:
        async with await anyio.connect_tcp(host.strip("[]"), int(port)):
            return True
    except OSError:
        return False


def _start(ray: Module, address: str | None, workers: int) -> None:
    """Connect, or start a Ray that nobody else is to use. Not on the main thread: there Ray would take over SIGTERM.

    Raises:
        InputError: it does not start.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    own = {"address": "local", "num_cpus": workers, "include_dashboard": False, "object_store_memory": _STORE_BYTES}
    with boundary("Ray can't be started") as caught:  # it raises bare exceptions, as when its processes are slow to come up
        ray.init(log_to_driver=False, configure_logging=False, **({"address": address} if address else own))
    if caught.error is not None:
        raise InputError(one_line(str(caught.error), 300)) from None


@contextmanager
def _hushed(*, active: bool) -> Iterator[None]:
    """Keep Ray from printing: standard output is for results, and that a worker died is mended and logged.

    Ray has no option for what its listener prints of errors; where that is called something else, it prints.
    """
    worker = sys.modules.get("ray._private.worker")
    if not active or worker is None:
        yield
        return
    logger, usual = logging.getLogger("ray"), getattr(worker, "print_to_stdstream", None)
    level = logger.level
    logger.setLevel(logging.ERROR)
    worker.__dict__["print_to_stdstream"] = _note
    try:
        yield
    finally:
        worker.__dict__["print_to_stdstream"] = usual
        logger.setLevel(level)


def _note(data: dict[str, Any], *_: object, **__: object) -> None:
    log.warning("ray says", lines=[one_line(str(line), 300) for line in data.get("lines", ())])
