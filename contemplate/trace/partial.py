"""What is whole of a trace file that was cut off or damaged, and what is missing."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from contemplate.errors import InputError
from contemplate.files import open_regular
from contemplate.ledger.base import StoredTurn
from contemplate.text import one_line
from contemplate.trace import lines
from contemplate.trace.clock import Clock
from contemplate.trace.lines import DIGESTS, Ended, TraceHead, TraceReader, digest, digest_of
from contemplate.trace.trace import Trace
from contemplate.types import Json

_TOLD = 20
"""So many things that are missing are named one by one."""


@dataclass(frozen=True)
class PartialTrace:
    """The whole parts of a trace file.

    Attributes:
        head: what was asked, of whom, and by which version.
        trace: the turns that are whole, each with what it saw of them, and its times.
        outcome: what the run came to; None where that is missing.
        missing: what is not there or was left out, a printable line each; none for a file that is whole.
    """

    head: TraceHead
    trace: Trace
    outcome: Json | None
    missing: tuple[str, ...]

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Open a trace file, whole or not.

        A line is taken whole or not at all. One that no longer fits the digest that the last line has of it is left out, since
        nobody can tell what stood there; so is what a turn saw of turns that are missing.

        Raises:
            InputError: it can't be read, its first line is not that of a trace file, or it is of a later format.
        """
        return cls(*_PartialReader(Path(path)).parts())


@dataclass(frozen=True)
class _Line:
    """A turn that could be read, and where it stands."""

    number: int
    digest: str
    stored: StoredTurn
    clock: Clock | None


class _PartialReader(TraceReader):
    """Reads one file to its end, whatever is wrong with a line."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._missing: list[str] = []
        self._more = 0

    def parts(self) -> tuple[TraceHead, Trace, Json | None, tuple[str, ...]]:
        """What was asked, the turns, the outcome, and what is missing."""
        with closing(self._content()) as content:
            return self._parts(content)

    def _parts(self, content: Iterator[bytes]) -> tuple[TraceHead, Trace, Json | None, tuple[str, ...]]:
        first = next(content, b"")
        head = self._head(self._object(first))
        turns: list[_Line] = []
        outcome: Json | None = None
        digests: object = None
        for line in content:
            if outcome is not None:
                self._lacks("stands behind the outcome, with which a trace file ends; left out")
                break
            try:
                row = self._object(line)
                if row.get("type") == "outcome":
                    outcome, digests = self._outcome(row), row.get(DIGESTS)
                elif row.get("type") == "turn" and len(turns) < lines.MOST:
                    turns.append(_Line(self.number, digest(line.rstrip(b"\r\n")), *self._turn(row, head)))
                else:
                    raise self._error("neither a turn nor the outcome, or a turn too many")
            except InputError as error:
                self._lacks(f"left out: {str(error).removeprefix(f'{self._path}:{self.number}: ')}")
        if outcome is None:
            self._tell("there is no outcome: the file was cut off, or its last line is damaged")
        kept, outcome = self._checked(turns, digest(first.rstrip(b"\r\n")), outcome, digests)
        trace = Trace.timed(self._linked(kept))
        told = (*self._missing, *([f"{self._more:,} more lines are missing or damaged"] if self._more else []))
        return head, trace, outcome, told

    def _content(self) -> Generator[bytes]:
        """The lines of the file; one that is too long is passed over."""
        try:
            with open_regular(self._path) as file:
                while line := file.readline(lines.LONGEST + 1):
                    self.number += 1
                    if len(line) <= lines.LONGEST:
                        yield line
                        continue
                    while line and not line.endswith(b"\n"):
                        line = file.readline(lines.LONGEST)
                    if self.number == 1:
                        raise self._error(f"longer than {lines.LONGEST:,} bytes")
                    self._lacks(f"left out: longer than {lines.LONGEST:,} bytes")
        except OSError as error:
            raise InputError(f"{self._path} can't be read: {error.strerror or error}") from None

    def _outcome(self, row: Json) -> Json:
        outcome = {name: value for name, value in row.items() if name not in {"type", DIGESTS}}
        self._value(Ended, outcome)
        return outcome

    def _checked(
        self, turns: Sequence[_Line], first: str, outcome: Json | None, written: object
    ) -> tuple[list[_Line], Json | None]:
        """The turns and the outcome that are as they were written, as far as the last line tells."""
        if outcome is None or not isinstance(written, list) or not all(isinstance(one, str) for one in written):
            return list(turns), outcome
        known = set(written[:-1])
        kept = [line for line in turns if line.digest in known]
        for line in turns:
            if line.digest not in known:
                self._lacks(f"left out: turn {one_line(line.stored[0].id)} was changed since it was written", line.number)
        if first not in known:
            self._lacks("what was asked was changed since it was written", 1)
        lost = len(written) - 2 - len(turns)
        if lost > 0:
            self._tell(f"{lost:,} of the {len(written) - 2:,} turns that were written can't be read")
        if not written or written[-1] != digest_of(outcome):
            self._tell("the outcome was changed since it was written, and is left out")
            return kept, None
        return kept, outcome

    def _linked(self, turns: Sequence[_Line]) -> Iterator[tuple[StoredTurn, Clock | None]]:
        """The turns without those that stand there twice, each with what it saw of those before it."""
        before: set[str] = set()
        for line in turns:
            turn, sees = line.stored
            if turn.id in before:
                self._lacks(f"left out: turn {one_line(turn.id)} stands there twice", line.number)
                continue
            there = tuple(sight for sight in sees if sight[0] in before)
            if len(there) < len(sees):
                unknown = ", ".join(dict.fromkeys(one_line(other) for other, _ in sees if other not in before))
                self._lacks(f"turn {one_line(turn.id)} saw what is missing: {one_line(unknown, 200)}", line.number)
            before.add(turn.id)
            yield (turn, there), line.clock

    def _lacks(self, what: str, number: int | None = None) -> None:
        """Note what is wrong with a line; by default, with the one that was read last."""
        self._tell(f"line {number or self.number}: {what}")

    def _tell(self, what: str) -> None:
        if len(self._missing) < _TOLD:
            self._missing.append(one_line(what, 300))
        else:
            self._more += 1
