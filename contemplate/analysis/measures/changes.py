"""Measures of what changed minds: flips, who moves whom, and which critiques were taken up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contemplate.analysis.measures.answers import classes_of
from contemplate.answers import is_right
from contemplate.types import Question, Turn

if TYPE_CHECKING:
    from contemplate.trace.trace import Trace


@dataclass(frozen=True, slots=True)
class Change:
    """A seat that changed its answer.

    Attributes:
        seat: who.
        before, after: the ids of the turns with the old answer and the new one.
        gave_up, took: these answers.
        read: the ids of the turns of others that it had read.
        was_right, is_right: whether they are the gold answer; None where that is not known.
    """

    seat: str
    before: str
    after: str
    gave_up: str
    took: str
    read: tuple[str, ...]
    was_right: bool | None = None
    is_right: bool | None = None


def changes(trace: Trace, question: Question | None = None) -> tuple[Change, ...]:
    """The flips of a run (`Trace.flips`): who went from what to what after reading whom; right or wrong where gold is known.

    Debate by itself is expected to turn as many to the wrong as to the right.

    References:
        arXiv:2508.17536 (beliefs in a debate are a martingale).
    """
    return tuple(
        Change(
            seat=flip.seat,
            before=flip.before.id,
            after=flip.after.id,
            gave_up=_answer(flip.before),
            took=_answer(flip.after),
            read=tuple(turn.id for turn in flip.read),
            was_right=_right(flip.before, question),
            is_right=_right(flip.after, question),
        )
        for flip in trace.flips()
    )


def _answer(turn: Turn) -> str:
    return "" if turn.answer is None else turn.answer.text


def _right(turn: Turn, question: Question | None) -> bool | None:
    if question is None or question.gold is None:
        return None
    try:
        return is_right(turn.answer, question)
    except ValueError:  # the gold answer is none that its kind can read
        return None


@dataclass(frozen=True, slots=True)
class Influence:
    """One seat's effect on another.

    Attributes:
        source: who was read.
        reader: who read.
        read: how often it read an answer of `source` that was not its own.
        moved: how often it took that answer then.
        credit: the same, each time shared equally by all that it read who held the answer that it took.
    """

    source: str
    reader: str
    read: int
    moved: int
    credit: float


def persuasion(trace: Trace) -> tuple[Influence, ...]:
    """Who moves whom: for each two seats, how often one read the other's different answer, and how often it took that.

    `moved / read` is the rate at which the source persuades this reader. A reader who takes an answer that nobody it read holds
    was moved by none of them. The definition is this project's own; pairs that never disagreed are left out.
    """
    of = classes_of(trace)
    held: dict[str, Turn] = {}
    read: dict[tuple[str, str], int] = {}
    moved: dict[tuple[str, str], list[float]] = {}
    for turn in trace.turns:
        if turn.id not in of or not turn.seat:
            continue
        before = held.get(turn.seat)
        held[turn.seat] = turn
        if before is None:
            continue
        others = {other.seat: of[other.id] for other in _seen(trace, turn) if other.id in of and other.seat != turn.seat}
        different = {seat: index for seat, index in others.items() if index != of[before.id] and seat}
        taken = [seat for seat, index in different.items() if index == of[turn.id]]
        for seat in different:
            read[seat, turn.seat] = read.get((seat, turn.seat), 0) + 1
        for seat in taken:
            moved.setdefault((seat, turn.seat), []).append(1 / len(taken))
    return tuple(
        Influence(source, reader, times, len(moved.get((source, reader), ())), sum(moved.get((source, reader), ())))
        for (source, reader), times in sorted(read.items())
    )


@dataclass(frozen=True, slots=True)
class Uptake:
    """What became of critiques that found fault.

    Attributes:
        faulted: how many found an answer flawed.
        read: of those, how many the author had read when it answered again.
        taken: of those, after how many it gave another answer.
    """

    faulted: int
    read: int
    taken: int

    @property
    def share(self) -> float | None:
        """The share of the critiques that were read which were taken up, in [0, 1]; None if none was read."""
        return self.taken / self.read if self.read else None


def uptake(trace: Trace) -> Uptake:
    """How many critiques were taken up: the author read that its answer is flawed, and then gave another one.

    That says nothing of whether the critique was right: critics that are believed too readily turn right to wrong as well.
    The definition is this project's own.
    """
    of = classes_of(trace)
    faulted = [judged for judged in trace.verdicts() if judged.turn.verdict == "flawed"]
    read = taken = 0
    for judged in faulted:
        readers = (trace.turn(turn_id) for turn_id in trace.successors(judged.turn.id))
        again = next((turn for turn in readers if turn is not None and turn.seat == judged.about.seat and turn.id in of), None)
        if again is not None:
            read += 1
            taken += of[again.id] != of[judged.about.id]
    return Uptake(len(faulted), read, taken)


def _seen(trace: Trace, turn: Turn) -> list[Turn]:
    found = (trace.turn(other) for other, _ in trace.saw(turn.id))
    return [other for other in found if other is not None]
