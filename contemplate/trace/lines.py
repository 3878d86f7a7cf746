"""A trace file, line by line: read within bounds, and refused in one line where it is broken.

The first line says what was asked ("run"), each further one is a turn, and the last one is the outcome.
`contemplate.trace.outcome.Outcome.write_trace` writes it. The last line also holds a digest of each line, that of what came of it
last, so that a file in which something was changed afterwards is told from one that was written so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn, Self, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from contemplate._version import __version__
from contemplate.errors import InputError
from contemplate.files import open_regular
from contemplate.ledger.base import StoredTurn
from contemplate.text import one_line
from contemplate.trace.clock import Clock
from contemplate.types import Decision, EdgeKind, Json, Question, Turn, Usage, Value

V = TypeVar("V", bound=Value)

TraceFormat = Literal[1]
TRACE_FORMAT: TraceFormat = 1
"""The version of trace files. It goes up when a reader of the old form would misread the new one."""

LONGEST = 32 * 1024 * 1024
"""The longest line that is read, in bytes: several replies of a million tokens."""
MOST = 1_000_000
"""The most turns that are read."""
DIGESTS = "digests"
"""The key of the last line that holds the digests of all lines; files of earlier versions have none."""
_CLOCK = tuple(Clock.model_fields)
_SIGHTS: TypeAdapter[tuple[tuple[str, EdgeKind], ...]] = TypeAdapter(tuple[tuple[str, EdgeKind], ...])


class DamagedTraceError(InputError):
    """A trace file of which the beginning can be read, and something further on can't: it was cut off, or changed."""


class TraceHead(Value):
    """The first line of a trace file, about the run.

    Other keys of that line are left out, those of a later version among them: none changes what the turns mean, or the format
    would have another number.

    Attributes:
        format: the version of the file.
        run: the run's id.
        models: the seats took them in turn.
        contemplate: the version that wrote the file.
        recipe: the digest of the recipe, and `cards` those of the cards, by name.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: TraceFormat
    run: str
    question: Question
    strategy: str
    models: tuple[str, ...]
    seed: int
    contemplate: str = ""
    recipe: str | None = None
    cards: dict[str, str] = Field(default_factory=dict)


class Ended(Value):
    """The fields that any outcome has; the rest of the line is kept as it stands."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    answer: str | None
    confidence: float = Field(ge=0, le=1)
    stopped: str
    detail: str | None = None
    usage: Usage
    decision: dict[str, Any] | None

    @model_validator(mode="after")
    def _decided(self) -> Self:
        """A decision can be read; its winner and confidence are those of the outcome."""
        if self.decision is None:
            return self
        try:
            Decision.model_validate({**self.decision, "winner": self.answer, "confidence": self.confidence})
        except ValidationError as error:
            msg = f"decision: {_problem(error)}"
            raise ValueError(msg) from None
        return self


@dataclass(frozen=True)
class TraceLines:
    """The contents of a trace file.

    Attributes:
        head: the first line.
        turns: each turn with what it saw, and its times where the file has them.
        outcome: the last line (`Outcome.to_dict`).
    """

    head: TraceHead
    turns: tuple[tuple[StoredTurn, Clock | None], ...]
    outcome: Json


def trace_text(head: Json, rows: Iterable[Json], outcome: Json) -> str:
    """The text of a trace file.

    Args:
        head: what was asked: the fields of `TraceHead`, and more about the run.
        rows: one for each turn (`Trace.rows`).
        outcome: what the run came to (`Outcome.to_dict`).
    """
    lines = [json.dumps(row, ensure_ascii=True) for row in ({"type": "run", "format": TRACE_FORMAT, **head}, *rows)]
    digests = [*(digest(line.encode()) for line in lines), digest_of(outcome)]
    last = json.dumps({"type": "outcome", **outcome, DIGESTS: digests}, ensure_ascii=True)
    return "".join(line + "\n" for line in (*lines, last))


def digest(line: bytes) -> str:
    """The beginning of the SHA-256 of a line, without its end."""
    return hashlib.sha256(line).hexdigest()[:12]


def digest_of(outcome: Json) -> str:
    """The digest of what a run came to, whatever the order of its words."""
    return digest(json.dumps(outcome, sort_keys=True, ensure_ascii=True).encode())


def read_lines(path: Path | str) -> TraceLines:
    """Read a trace file.

    A turn is taken whole or not at all: one that holds what this version does not know is refused, since a trace that lacks a
    part of what was said would be compared and counted as if it were the whole.

    Raises:
        DamagedTraceError: it is broken, and `contemplate.trace.partial.PartialTrace` would read what is whole.
        InputError: it can't be read, is no trace file, or is of a later format; in one line, with the file and the number of the
            line.
    """
    return TraceReader(Path(path)).read()


class TraceReader:
    """Reads one file, and knows on which line it is.

    Attributes:
        number: of the line that was read last, from 1.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.number = 0
        self._digests: list[str] = []
        self._refusal = InputError

    def read(self) -> TraceLines:
        """The whole file."""
        with closing(self._rows()) as rows:
            return self._lines(rows)

    def _lines(self, rows: Iterator[Json]) -> TraceLines:
        head = self._head(next(rows, {}))
        self._refusal = DamagedTraceError
        turns: dict[str, tuple[StoredTurn, Clock | None]] = {}
        for row in rows:
            if row.get("type") == "outcome":
                outcome = {name: value for name, value in row.items() if name not in {"type", DIGESTS}}
                self._value(Ended, outcome)
                self._check_digests(row.get(DIGESTS), outcome)
                if next(rows, None) is not None:
                    raise self._error("a trace file ends with its outcome, and here it goes on")
                return TraceLines(head, tuple(turns.values()), outcome)
            if len(turns) == MOST:
                raise self._error(f"a trace file holds at most {MOST:,} turns")
            if row.get("type") != "turn":
                raise self._error("expected a turn or the outcome")
            stored, clock = self._turn(row, head)
            self._check(stored, turns)
            turns[stored[0].id] = stored, clock
        raise self._error("the file ends here without an outcome: it was cut off")

    def _head(self, row: Json) -> TraceHead:
        if row.get("type") != "run" or not isinstance(number := row.get("format"), int):
            raise self._error("no trace file: its first line does not say what was run (contemplate ask --trace writes one)")
        if number > TRACE_FORMAT:
            by = f"contemplate {one_line(str(row.get('contemplate', 'of a later version')), 30)}"
            raise self._error(f"format {number}, written by {by}; contemplate {__version__} reads format {TRACE_FORMAT}")
        return self._value(TraceHead, row)

    def _turn(self, row: Json, head: TraceHead) -> tuple[StoredTurn, Clock | None]:
        fields = {name: value for name, value in row.items() if name not in {"type", "sees", *_CLOCK}}
        times = {name: row[name] for name in _CLOCK if name in row}
        writer = one_line(head.contemplate, 30) or "of an unknown version"
        turn = self._value(Turn, fields, f"; the file was written by contemplate {writer}")
        try:
            sees = _SIGHTS.validate_python(row.get("sees"))
        except ValidationError as error:
            raise self._error(f"sees: {_problem(error)}") from None
        return (turn, sees), self._value(Clock, times) if times else None

    def _check(self, stored: StoredTurn, before: dict[str, Any]) -> None:
        """Refuse a turn that stands there twice, or saw what is not before it."""
        turn, sees = stored
        if turn.id in before:
            raise self._error(f"turn {one_line(turn.id)} stands there twice")
        if missing := [other for other, _ in sees if other not in before]:
            raise self._error(f"turn {one_line(turn.id)} saw {one_line(missing[0])}, and there is no such turn before it")

    def _check_digests(self, written: object, outcome: Json) -> None:
        """Refuse a file in which a line is not as it was written."""
        if written is None:
            return
        if not isinstance(written, list):
            raise self._error(f"{DIGESTS}: expected a list, a digest for each line")
        found = [*self._digests[:-1], digest_of(outcome)]
        for number, pair in enumerate(zip(found, written, strict=False), 1):
            if pair[0] != pair[1]:
                self.number = number
                raise self._error("changed since it was written: the line does not fit its digest, which is on the last line")
        if len(found) != len(written):
            raise self._error(f"the file had {len(written)} lines when it was written, and now has {len(found)}")

    def _value(self, kind: type[V], row: Json, hint: str = "") -> V:
        try:
            return kind.model_validate(row)
        except ValidationError as error:
            raise self._error(f"{_problem(error)}{hint}") from None

    def _rows(self) -> Generator[Json]:
        """The objects of the file, one a line."""
        try:
            with open_regular(self._path) as lines:
                while line := lines.readline(LONGEST + 1):
                    self.number += 1
                    if len(line) > LONGEST:
                        raise self._error(f"longer than {LONGEST:,} bytes")
                    self._digests.append(digest(line.rstrip(b"\r\n")))
                    yield self._object(line)
        except OSError as error:
            raise InputError(f"{self._path} can't be read: {error.strerror or error}") from None

    def _object(self, line: bytes) -> Json:
        try:
            row = json.loads(line.decode(), parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            problem = getattr(error, "reason", None) or getattr(error, "msg", None) or error
            raise self._error(f"no JSON object ({one_line(str(problem))})") from None
        if not isinstance(row, dict):
            raise self._error("no JSON object")
        return row

    def _error(self, problem: str) -> InputError:
        """The error for a trace file, with the file and the line."""
        return self._refusal(f"{self._path}:{max(self.number, 1)}: {problem}")


def _no_number(name: str) -> NoReturn:
    msg = f"{name} is no JSON"
    raise ValueError(msg)


def _problem(error: ValidationError) -> str:
    """The first thing that is wrong with a value: where, and what."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = one_line(".".join(map(str, first["loc"])))
    what = (
        "no field that this version knows" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
    )
    return f"{where + ': ' if where else ''}{one_line(what, 200)}"
