"""Replies as a file: what a ledger holds, to be published beside an experiment, so that anybody repeats it without a call.

A file is JSON Lines, compressed by gzip if its name ends in `.gz`. The first line says what it is; each further one holds one
reply: the key, the request whole, and the completion, in the order of the keys. The key is worked out again from the request
when it is read, so that no reply can be put under a request that it does not belong to. Pictures and sound that requests name
stand behind the replies, each once, in Base64, in the order of their digests; these are worked out again, too.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple
from zlib import error as BrokenZlib  # noqa: N812 - an exception

from pydantic import ValidationError

from contemplate.errors import InputError
from contemplate.files import open_regular
from contemplate.ledger.base import Ledger
from contemplate.ledger.codec import dump_value
from contemplate.types import Completion, Request

FORMAT = 1
MAX_LINE = 32_000_000
"""The longest line, in bytes: a request and its reply, or ten minutes of sound."""

_BATCH = 200
_HEAD = {"contemplate": "replies", "format": FORMAT}


class Stored(NamedTuple):
    """A reply and what it answers."""

    request: Request
    completion: Completion


class Imported(NamedTuple):
    """The number of replies that an import brought, and of those that were there already."""

    new: int
    known: int


async def export_replies(ledger: Ledger, path: Path, keys: Sequence[str] | None = None, *, overwrite: bool = False) -> int:
    """Write replies to a file, private to its owner, whole or not at all.

    Args:
        ledger: open.
        path: of the file; `.gz` compresses it.
        keys: of the replies; None for all.
        overwrite: whether a file that is there may be replaced.

    Returns:
        How many there are. A key under which nothing, or nothing of use, is kept is left out.

    Raises:
        InputError: the file is there already, or can't be written.
        StorageError: the ledger can't be read.
    """
    count = 0
    with _written(path, overwrite=overwrite) as out:
        out.write(json.dumps(_HEAD).encode() + b"\n")
        named: set[str] = set()
        async for stored in _replies(ledger, sorted(set(keys)) if keys is not None else await ledger.keys()):
            out.write(_line(stored))
            named.update(blob.sha256 for message in stored.request.messages for blob in message.blobs)
            count += 1
        for sha256 in sorted(named):
            if (content := await ledger.blob(sha256)) is not None:
                out.write(b'{"blob":"%s","content":"%s"}\n' % (sha256.encode(), base64.b64encode(content)))
    return count


async def import_replies(ledger: Ledger, path: Path) -> Imported:
    """Keep the replies of a file. A key that has a reply keeps it; no run and no cost comes with them.

    The whole file is read and checked before anything is kept, so that one that is damaged at its end changes nothing.

    Raises:
        InputError: with the line: it is no such file, of a newer version, cut off, or changed.
    """
    for _ in _read(path):
        pass
    new = known = 0
    batch: list[Stored] = []

    async def keep() -> None:
        nonlocal new, known
        added = await ledger.adopt(batch)
        new, known = new + added, known + len(batch) - added
        batch.clear()

    for stored in _read(path):
        if isinstance(stored, bytes):
            await ledger.keep_blob(stored)
            continue
        batch.append(stored)
        if len(batch) == _BATCH:
            await keep()
    await keep()
    return Imported(new, known)


async def keys_of_run(ledger: Ledger, run: str) -> list[str]:
    """The keys of the replies that a run read, and of the results of its tools, those that it found in the ledger among them."""
    turns = [turn for turn, _ in await ledger.turns(run)]
    keys = (*(call.key for turn in turns for call in turn.calls), *(use.key for turn in turns for use in turn.tools))
    return [key for key in keys if key]


async def _replies(ledger: Ledger, keys: Sequence[str]) -> AsyncIterator[Stored]:
    for key in keys:
        request, completion = await ledger.request(key), await ledger.completion(key)
        if request is not None and completion is not None and not completion.void:
            yield Stored(request, completion)


def _line(stored: Stored) -> bytes:
    parts = (_bytes(dump_value(stored.request)), _bytes(dump_value(stored.completion)))
    return b'{"key":"%s","request":%s,"completion":%s}\n' % (stored.request.key.encode(), *parts)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


@contextmanager
def _written(path: Path, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """A file to be written beside `path`, which takes its place when all is in it."""
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise InputError(f"{path}: it is a folder, or no file")
    if path.exists() and not overwrite:
        raise InputError(f"{path}: it is there already; --force writes over it")
    temporary = None
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(handle, "wb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as out:
                    yield out  # type: ignore[misc]  # a file of bytes
            else:
                yield raw
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: it can't be written ({error.strerror or error})") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _read(path: Path) -> Iterator[Stored | bytes]:
    """The replies in a file, one at a time, and then the pictures and sound that they name."""
    try:
        with open_regular(path) as start:
            packed = start.read(2) == b"\x1f\x8b"
            start.seek(0)
            with gzip.open(start, "rb") if packed else start as file:
                _check_head(file.readline(MAX_LINE), path)
                for number, line in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), 2):
                    yield _stored(line, f"{path}:{number}")
    except (OSError, EOFError, BrokenZlib) as error:
        raise InputError(f"{path}: it can't be read ({getattr(error, 'strerror', None) or error})") from None


def _check_head(line: bytes, path: Path) -> None:
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        head = None
    if not isinstance(head, dict) or head.get("contemplate") != _HEAD["contemplate"]:
        raise InputError(f"{path}: it is no file of replies (contemplate ledger export writes one)")
    if head.get("format") != FORMAT:
        raise InputError(
            f"{path}: its format is {head.get('format')!r}, and this version reads {FORMAT}: take a newer contemplate"
        )


def _stored(line: bytes, where: str) -> Stored | bytes:
    if len(line) > MAX_LINE:
        raise InputError(f"{where}: the line is longer than {MAX_LINE:,} bytes")
    if not line.endswith(b"\n"):
        raise InputError(f"{where}: the file breaks off here; nothing of it was kept")
    try:
        row = json.loads(line.decode("utf-8", "surrogatepass"))
        if "blob" in row:
            return _blob(row["blob"], base64.b64decode(row["content"], validate=True), where)
        request, completion = Request.model_validate(row["request"]), Completion.model_validate(row["completion"])
        key = row["key"]
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError) as error:
        why = f"no {error.args[0]}" if isinstance(error, KeyError) else type(error).__name__
        raise InputError(f"{where}: it is no reply of a ledger ({why}); nothing of the file was kept") from None
    if key != request.key:
        raise InputError(f"{where}: the key is not that of its request: somebody has changed it; nothing of the file was kept")
    return Stored(request, completion)


def _blob(sha256: object, content: bytes, where: str) -> bytes:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError(f"{where}: the digest is not that of its bytes: somebody has changed it; nothing of the file was kept")
    return content
