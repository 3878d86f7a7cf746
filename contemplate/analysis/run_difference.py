"""Two stored runs side by side: settings, outcomes, and the first turn at which each seat says something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from contemplate.ledger.base import RunRecord, StoredTurn
from contemplate.text import one_line
from contemplate.trace.difference import Difference
from contemplate.trace.reading import decisions
from contemplate.types import Json, Tally, Turn, Usage

if TYPE_CHECKING:
    from contemplate.trace.trace import Trace

_PLAIN = ("tokens", "calls", "draw", "model", "place", "sees")
"""The fields of a turn in which nothing is said: they are named only where nothing else differs."""


@dataclass(frozen=True)
class RunSide:
    """One of two runs.

    Attributes:
        run: its id; `state`: whether it is over; `stopped`: why it ended.
        answer: what it came to, with `confidence` and `margin` in [0, 1].
        tally: the classes of answers of the last decision, heaviest first.
        usage: what it took.
    """

    run: str
    state: str
    stopped: str | None
    answer: str | None
    confidence: float | None
    margin: float | None
    tally: tuple[Tally, ...]
    usage: Usage


@dataclass(frozen=True)
class SeatDifference:
    """The first turn at which a seat, or whoever decides, differs between two runs.

    Attributes:
        seat: who; empty for what is worked out from turns, as a vote.
        turn: the turn's id.
        fields: what differs of it; empty where only one run has it.
        this, other: what it came to in the one and in the other; None where there is no such turn.
    """

    seat: str
    turn: str
    fields: tuple[str, ...]
    this: str | None
    other: str | None


@dataclass(frozen=True)
class RunDifference:
    """Two runs side by side.

    Attributes:
        this, other: the runs.
        settings: what was set otherwise, by its path in the stored spec: as the one has it, and the other.
        seats: the first difference of each seat, in layout order.
        differences: the turns that differ, those that only one run has among them, in layout order.
    """

    this: RunSide
    other: RunSide
    settings: Mapping[str, tuple[Any, Any]]
    seats: tuple[SeatDifference, ...]
    differences: tuple[Difference, ...]

    @property
    def turns(self) -> int:
        """How many turns differ."""
        return len(self.differences)

    @property
    def same_answer(self) -> bool:
        """Whether both came to the same words."""
        return self.this.answer == self.other.answer

    def to_dict(self) -> Json:
        """Both as JSON values."""
        sides = {name: _side_row(side) for name, side in (("this", self.this), ("other", self.other))}
        settings = {name: list(pair) for name, pair in self.settings.items()}
        return {**sides, "settings": settings, "seats": [asdict(seat) for seat in self.seats], "turns": self.turns}


def side_by_side(found: RunDifference) -> Iterator[tuple[str, str | None, str | None]]:
    """What is worth knowing of two runs, a row each: its name, and as the one and the other have it, in words.

    What they took is not among them: a terminal has fewer words for it than a page.
    """
    this, other = found.this, found.other
    yield "run", this.run, other.run
    yield "answer", this.answer, other.answer
    yield "confidence", _share(this.confidence), _share(other.confidence)
    yield "margin", _share(this.margin), _share(other.margin)
    yield "tally", _counted(this), _counted(other)
    yield "stopped", this.stopped or this.state, other.stopped or other.state


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _counted(side: RunSide) -> str:
    return ", ".join(f"{row.votes} for {one_line(row.answer, 30)}" for row in side.tally)


def _side_row(side: RunSide) -> Json:
    tally = [row.model_dump(mode="json") for row in side.tally]
    return {**side.__dict__, "tally": tally, "usage": side.usage.model_dump(mode="json")}


def run_difference(this: tuple[RunRecord, Sequence[StoredTurn]], other: tuple[RunRecord, Sequence[StoredTurn]]) -> RunDifference:
    """Two stored runs side by side.

    Args:
        this: the one, with its turns.
        other: the other.
    """
    from contemplate.trace.trace import Trace

    traces = Trace.of(this[1]), Trace.of(other[1])
    differences = traces[0].diff(traces[1])
    return RunDifference(
        this=_side(*this),
        other=_side(*other),
        settings=dict(_settings(this[0].spec, other[0].spec)),
        seats=tuple(_first(differences, *traces)),
        differences=tuple(differences),
    )


def _side(record: RunRecord, stored: Sequence[StoredTurn]) -> RunSide:
    outcome, taken = record.outcome or {}, decisions(stored)
    last = next((one for one in reversed(taken) if one.winner == outcome.get("answer")), taken[-1] if taken else None)
    return RunSide(
        run=record.run,
        state=record.state,
        stopped=outcome.get("stopped"),
        answer=outcome.get("answer"),
        confidence=outcome.get("confidence"),
        margin=None if last is None else last.margin,
        tally=() if last is None else last.tally,
        usage=Usage.model_validate(outcome.get("usage", {})),
    )


# --- settings -----------------------------------------------------------------------------------------


def _settings(this: Json, other: Json) -> Iterator[tuple[str, tuple[Any, Any]]]:
    ours, theirs = dict(_flat(this)), dict(_flat(other))
    for path in sorted(ours.keys() | theirs.keys()):
        if path != "secret" and ours.get(path) != theirs.get(path):
            yield path, (ours.get(path), theirs.get(path))


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON values
    """The values in a spec by their paths; of a card what it says is left to its digest."""
    if isinstance(value, dict) and path.startswith("cards.") and "digest" in value:
        yield f"{path}.digest", value["digest"]
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value):
        for number, inner in enumerate(value, 1):
            yield from _flat(inner, f"{path}.{number}")
    elif value not in (None, [], {}):
        yield path, value


# --- turns --------------------------------------------------------------------------------------------


def _first(differences: Sequence[Difference], this: Trace, other: Trace) -> Iterator[SeatDifference]:
    """The first difference of each seat: one in what was said before one in how it was asked."""
    by_seat: dict[str, list[Difference]] = {}
    for difference in differences:
        turn = _turn(this, difference) or _turn(other, difference)
        by_seat.setdefault("" if turn is None else turn.seat, []).append(difference)
    for seat, found in by_seat.items():
        one = next((difference for difference in found if not set(difference.fields) <= set(_PLAIN) or difference.only), found[0])
        fields = tuple(name for name in one.fields if name not in _PLAIN) or one.fields
        yield SeatDifference(seat, one.turn, fields, _came(_turn(this, one)), _came(_turn(other, one)))


def _turn(trace: Trace, difference: Difference) -> Turn | None:
    return trace.turn(difference.turn) if difference.turn in trace else None


def _came(turn: Turn | None) -> str | None:
    """What a turn came to, in a few words."""
    if turn is None:
        return None
    if turn.decision is not None:
        return turn.decision.winner or "no winner"
    if turn.failure is not None:
        return f"failed: {turn.failure.message}"
    return turn.answer.text if turn.answer else turn.verdict or turn.text or turn.status
