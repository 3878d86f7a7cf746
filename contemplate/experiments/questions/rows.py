"""The rows of a file, one at a time: JSON Lines, CSV, or a JSON list; plain, or compressed by gzip.

At no time is more than one row held, and a row that is too long is refused before it is read whole.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from zlib import error as BrokenZlib  # noqa: N812 - an exception

from contemplate.errors import InputError
from contemplate.files import open_regular
from contemplate.text import one_line

MAX_ROW = 4_000_000
"""The longest row, in bytes (of a JSON list: characters)."""

_CHUNK = 1 << 16
_ENDINGS = (".jsonl", ".ndjson", ".csv", ".tsv", ".json")


@dataclass(frozen=True)
class QuestionRow:
    """One row of a source.

    Attributes:
        where: where it stands, for people, as `questions.csv:12`.
        number: counted from 1, without empty lines.
        fields: what stands in it, by name.
    """

    where: str
    number: int
    fields: Mapping[str, object]


def file_rows(path: Path) -> Iterator[QuestionRow]:
    """The rows of a file, by the ending of its name.

    Raises:
        InputError: with the line: it can't be read, is no UTF-8 text, or not what its name says.
    """
    ending = Path(path.name.removesuffix(".gz")).suffix.lower()
    if ending not in _ENDINGS:
        raise InputError(f"{path}: questions are read from {', '.join(_ENDINGS)} (and .gz of each), or from another source")
    try:
        with open_regular(path) as start:
            packed = start.read(2) == b"\x1f\x8b"
            start.seek(0)
            with gzip.open(start, "rb") if packed else start as file:
                yield from _rows(cast("BinaryIO", file), str(path), ending)
    except (OSError, EOFError, BrokenZlib) as error:
        raise InputError(f"{path}: it can't be read: {getattr(error, 'strerror', None) or error}") from None


def _rows(file: BinaryIO, name: str, ending: str) -> Iterator[QuestionRow]:
    if ending in {".csv", ".tsv"}:
        return _cells(file, name, "\t" if ending == ".tsv" else ",")
    if ending == ".json":
        first = file.read(_CHUNK).removeprefix(codecs.BOM_UTF8).lstrip()[:1]
        file.seek(0)
        if first != b"{":  # else it is JSON Lines, however it is called
            return _Listed(file, name).rows()
    return _objects(file, name)


def _lines(file: BinaryIO, name: str) -> Iterator[tuple[int, str]]:
    """The lines of a file with their numbers, decoded one by one."""
    number = 0
    while line := file.readline(MAX_ROW + 1):
        number += 1
        if len(line) > MAX_ROW:
            raise InputError(f"{name}:{number}: the row is longer than {MAX_ROW:,} bytes")
        try:
            yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"{name}:{number}: it is no UTF-8 text: {error.reason} at byte {error.start + 1}") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"the field {one_line(twice, 40)!r} stands there twice"
        raise ValueError(msg)
    return found


def _refused(word: str) -> object:
    msg = f"{word} is no JSON value"
    raise ValueError(msg)


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refused)


def _problem(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON: {error.msg[:1].lower()}{error.msg[1:]} (character {error.colno})"
    return "it is nested too deep" if isinstance(error, RecursionError) else f"it is not JSON: {error}"


def _object(value: object, where: str, number: int) -> QuestionRow:
    if not isinstance(value, dict):
        raise InputError(
            f'{where}: a question is an object with fields, as {{"question": ...}}, not {one_line(str(value), 40)!r}'
        )
    return QuestionRow(where, number, value)


def _objects(file: BinaryIO, name: str) -> Iterator[QuestionRow]:
    count = 0
    for number, line in _lines(file, name):
        if not line.strip():
            continue
        count += 1
        where = f"{name}:{number}"
        try:
            value = _DECODER.decode(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where}: {_problem(error)}") from None
        yield _object(value, where, count)


def _cells(file: BinaryIO, name: str, delimiter: str) -> Iterator[QuestionRow]:
    csv.field_size_limit(max(csv.field_size_limit(), MAX_ROW))  # one limit for the whole process; ours is that of a row
    lines = (line for _, line in _lines(file, name))
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    header: list[str] = []
    count, start = 0, 1
    try:
        for cells in reader:
            where, start = f"{name}:{start}", reader.line_num + 1
            if not cells:
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                if twice := [cell for cell in header if cell and header.count(cell) > 1]:
                    raise InputError(f"{where}: the column {one_line(twice[0], 40)!r} stands there twice")
                continue
            if len(cells) != len(header):
                raise InputError(
                    f"{where}: there are {len(cells)} cells, and {len(header)} columns: {one_line(', '.join(header))}"
                )
            count += 1
            yield QuestionRow(where, count, {column: cell for column, cell in zip(header, cells, strict=True) if column})
    except csv.Error as error:
        raise InputError(f"{name}:{start}: it is not CSV: {error}") from None


class _Listed:
    """The objects of a JSON list. Of the text, what has not been taken yet is held."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text, self._at, self._line, self._ended = "", 0, 1, False

    def rows(self) -> Iterator[QuestionRow]:
        """Each object of the list."""
        if self._next() != "[":
            raise InputError(f"{self._name}:{self._line}: a .json file is a list of questions, or one question a line")
        self._take(self._at + 1)
        number = 0
        while self._next() != "]":
            if number:
                if self._next() != ",":
                    raise InputError(f"{self._name}:{self._line}: it is not JSON: a ',' or the end of the list is missing")
                self._take(self._at + 1)
                self._next()
            number += 1
            where = f"{self._name}:{self._line}"
            yield _object(self._value(where), where, number)
        self._take(self._at + 1)
        if self._next():
            raise InputError(f"{self._name}:{self._line}: there is more behind the end of the list")

    def _value(self, where: str) -> object:
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                held = len(self._text) - self._at
                if not isinstance(error, json.JSONDecodeError) or self._ended:
                    raise InputError(f"{where}: {_problem(error)}") from None
                if held > MAX_ROW:
                    raise InputError(f"{where}: it is not JSON, or longer than {MAX_ROW:,} characters: {error.msg}") from None
                self._more(held)  # twice as much each time, so that a long row is not tried too often
            else:
                self._take(end)
                return value

    def _next(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            rest = self._at
            while rest < len(self._text) and self._text[rest] in " \t\r\n":
                rest += 1
            self._take(rest)
            if rest < len(self._text) or self._ended:
                return self._text[rest : rest + 1]
            self._more(0)

    def _take(self, end: int) -> None:
        self._line += self._text.count("\n", self._at, end)
        self._at = end

    def _more(self, size: int) -> None:
        data = self._file.read(max(size, _CHUNK))
        try:
            text = self._decode(data, final=not data)
        except UnicodeDecodeError as error:
            line = self._line + self._text.count("\n", self._at) + error.object.count(b"\n", 0, error.start)
            raise InputError(f"{self._name}:{line}: it is no UTF-8 text: {error.reason}") from None
        self._text, self._at, self._ended = self._text[self._at :] + text, 0, not data
