"""Replies written to a file, and taken from one."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate import InputError
from contemplate.ledger import Ledger, SQLiteLedger
from contemplate.ledger.exchange import export_replies, import_replies
from contemplate.types import Blob, Completion, Message, Request, Text, Tokens


async def _fill(ledger: Ledger, texts: list[str]) -> list[Request]:
    requests = [Request(model="m", messages=(Message(role="user", content=text),)) for text in texts]
    for number, request in enumerate(requests):
        await ledger.store(
            f"c-{number}", request, Completion(text=f"to {request.messages[0].text}", tokens=Tokens(), model="m"), 0.1
        )
    return requests


@pytest.fixture
async def other(tmp_path: Path) -> SQLiteLedger:
    """A second ledger, which is empty."""
    return await SQLiteLedger.open(tmp_path / "other.db")


@pytest.mark.parametrize("name", ["replies.jsonl", "replies.jsonl.gz"])
async def test_replies_travel(ledger: Ledger, other: SQLiteLedger, tmp_path: Path, name: str) -> None:
    """From a ledger of either kind to another; what is there already stays, and nothing is charged."""
    requests = await _fill(ledger, ["one", "two", "\ud800half", "drei"])
    await _fill(other, ["two"])
    assert await export_replies(ledger, tmp_path / name) == 4
    assert await import_replies(other, tmp_path / name) == (3, 1)
    assert [await other.completion(request.key) for request in requests] == [await ledger.completion(r.key) for r in requests]
    assert await other.request(requests[0].key) == requests[0]
    await other.aclose()


async def test_a_ledger_of_either_kind_takes_them(ledger: Ledger, other: SQLiteLedger, tmp_path: Path) -> None:
    """The other way round."""
    requests = await _fill(other, ["one", "two"])
    await export_replies(other, tmp_path / "x.jsonl")
    assert await import_replies(ledger, tmp_path / "x.jsonl") == (2, 0)
    assert await ledger.completion(requests[1].key) == await other.completion(requests[1].key)
    await other.aclose()


async def test_a_file_is_the_same_every_time(file_ledger: SQLiteLedger, tmp_path: Path) -> None:
    """In the order of the keys, without a time, private to its owner."""
    await _fill(file_ledger, ["b", "a", "c"])
    for name in ("x.jsonl.gz", "y.jsonl.gz"):
        await export_replies(file_ledger, tmp_path / name)
    assert (tmp_path / "x.jsonl.gz").read_bytes() == (tmp_path / "y.jsonl.gz").read_bytes()
    assert (tmp_path / "x.jsonl.gz").stat().st_mode & 0o777 == 0o600


async def test_only_some_keys(file_ledger: SQLiteLedger, tmp_path: Path) -> None:
    """Those that are asked for; one that is not there is left out."""
    requests = await _fill(file_ledger, ["a", "b"])
    assert await export_replies(file_ledger, tmp_path / "x.jsonl", [requests[0].key, requests[0].key, "0" * 64]) == 1


async def test_a_file_that_is_there_stays(file_ledger: SQLiteLedger, tmp_path: Path) -> None:
    """Unless it is said that it need not."""
    await _fill(file_ledger, ["a"])
    path = tmp_path / "x.jsonl"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="it is there already; --force"):
        await export_replies(file_ledger, path)
    assert path.read_text(encoding="utf-8") == "mine"
    await export_replies(file_ledger, path, overwrite=True)
    assert path.read_text(encoding="utf-8") != "mine"
    assert [one.name for one in tmp_path.glob(".x.jsonl*")] == []


async def test_an_empty_ledger(file_ledger: SQLiteLedger, other: SQLiteLedger, tmp_path: Path) -> None:
    """Gives a file with a first line only, which brings nothing."""
    assert await export_replies(file_ledger, tmp_path / "x.jsonl") == 0
    assert await import_replies(other, tmp_path / "x.jsonl") == (0, 0)


async def test_pictures_travel_with_the_replies_that_name_them(ledger: Ledger, other: SQLiteLedger, tmp_path: Path) -> None:
    """Each once; those that no exported reply names stay; bytes that were changed are refused with the rest."""
    shown, unseen = await ledger.keep_blob(b"a picture"), await ledger.keep_blob(b"another")
    blob = Blob(sha256=shown, mime="image/png", size=9)
    for number in range(2):
        request = Request(model="m", messages=(Message(role="user", content=(Text(text=str(number)), blob)),))
        await ledger.store(f"c-{number}", request, Completion(text="red", tokens=Tokens()), 0.1)
    path = tmp_path / "x.jsonl"

    assert await export_replies(ledger, path) == 2
    assert path.read_bytes().count(b'"blob":') == 1
    assert await import_replies(other, path) == (2, 0)
    assert (await other.blob(shown), await other.blob(unseen)) == (b"a picture", None)

    path.write_bytes(path.read_bytes().replace(base64.b64encode(b"a picture"), base64.b64encode(b"no picture")))
    third = await SQLiteLedger.open(":memory:")
    with pytest.raises(InputError, match=r":4: the digest is not that of its bytes"):
        await import_replies(third, path)
    assert await third.keys() == []
    await other.aclose()
    await third.aclose()


_CHANGES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "another reply's request": (
        lambda lines: [lines[0], lines[1].replace(b'"content":"a', b'"content":"x')],
        "key is not that of",
    ),
    "cut off": (lambda lines: [*lines[:-1], lines[-1][:-20]], r":4: the file breaks off here"),
    "no JSON": (lambda lines: [*lines, b"nonsense\n"], r":5: it is no reply"),
    "a field is missing": (lambda lines: [*lines, b'{"key": "x"}\n'], r":5: it is no reply of a ledger \(no request\)"),
    "no head": (lambda lines: lines[1:], "it is no file of replies"),
    "newer": (lambda lines: [b'{"contemplate":"replies","format":9}\n', *lines[1:]], "its format is 9, and this version reads 1"),
}


@pytest.mark.parametrize("change", _CHANGES)
async def test_a_changed_file_is_refused_whole(
    file_ledger: SQLiteLedger, other: SQLiteLedger, tmp_path: Path, change: str
) -> None:
    """With the line; and nothing of it is kept, not even what comes before that."""
    await _fill(file_ledger, ["a1", "a2", "a3"])
    path = tmp_path / "x.jsonl"
    await export_replies(file_ledger, path)
    how, message = _CHANGES[change]
    path.write_bytes(b"".join(how(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(InputError, match=message):
        await import_replies(other, path)
    assert await other.keys() == []
    await other.aclose()


async def test_a_packed_file_that_is_damaged(other: SQLiteLedger, tmp_path: Path) -> None:
    """One line, whatever gzip says."""
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps({"contemplate": "replies", "format": 1}).encode() + b"\n" * 50)[:-9])
    with pytest.raises(InputError, match=r"x.jsonl.gz"):
        await import_replies(other, path)
    await other.aclose()


@given(content=st.binary(max_size=200))
async def test_any_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """In one line, and not with another exception."""
    path = tmp_path_factory.mktemp("any") / "x.jsonl"
    path.write_bytes(content)
    ledger = await SQLiteLedger.open(":memory:")
    with pytest.raises(InputError):
        await import_replies(ledger, path)
    await ledger.aclose()
