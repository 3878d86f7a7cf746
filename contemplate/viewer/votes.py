"""The decisions of a run: each ballot as it was read, what was merged and why, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contemplate.text.visible import clipped
from contemplate.trace.words import words_of
from contemplate.types import Decision, HowRead, Turn
from contemplate.viewer.model import BallotView, DecisionView
from contemplate.viewer.reading import Reading
from contemplate.viewer.story import tally

_READ: dict[HowRead, str] = {
    "stated": "stated in the form that was asked for",
    "boxed": "read from a box in the reply",
    "last": "the last candidate in the reply, as nothing was stated",
}
_MOST = 500
"""How many ballots or merges of one decision are shown."""
_SHOWN = 12
"""How many turns that one ballot names are shown."""


def decisions(reading: Reading) -> tuple[DecisionView, ...]:
    """All decisions on record, the last one, which decided, first."""
    found = [(number, turn) for number, turn in enumerate(reading.turns) if turn.decision is not None]
    return tuple(_decision(reading, number, turn, turn.decision) for number, turn in reversed(found) if turn.decision is not None)


def _decision(reading: Reading, number: int, turn: Turn, decision: Decision) -> DecisionView:
    counted = [
        reading.numbers[other] for other, kind in reading.run.turns[number][1] if kind == "counted" and other in reading.numbers
    ]
    return DecisionView(
        turn=number,
        title=turn.id,
        winner=None if decision.winner is None else clipped(decision.winner, 400),
        rule=decision.rule,
        figures=tuple(_figures(decision)),
        notes=tuple(_notes(decision)),
        tally=tally(reading, decision),
        ballots=tuple(_ballots(reading, counted[:_MOST])),
        more=max(len(counted) - _MOST, 0) + max(len(decision.merges) - _MOST, 0),
        merges=tuple((clipped(one.answer), clipped(one.into), clipped(one.reason)) for one in decision.merges[:_MOST]),
    )


def _figures(decision: Decision) -> Iterator[tuple[str, str]]:
    yield "margin", f"{decision.margin:.2f}"
    if decision.winner is not None:
        yield "confidence", f"{decision.confidence:.2f}"
    if decision.quorum > 1:
        yield "quorum", str(decision.quorum)


def _notes(decision: Decision) -> Iterator[str]:
    if decision.reason:
        yield clipped(decision.reason, 400)
    if decision.ties:
        how = {"none": "and was not broken", None: "and was not broken"}.get(
            decision.tie_break, f"broken by {decision.tie_break}"
        )
        yield f"A tie for the first place, {how}: {', '.join(clipped(answer, 80) for answer in decision.ties[:10])}."
    if decision.abstentions:
        yield f"No readable answer from {', '.join(decision.abstentions[:50])}."
    if decision.dissent:
        yield f"For another answer: {', '.join(decision.dissent[:50])}."


def _ballots(reading: Reading, counted: Sequence[int]) -> Iterator[BallotView]:
    """What was counted, by seat; by turn where one of the seats was counted twice."""
    seats = [reading.turns[number].seat for number in counted]
    once = len(set(seats)) == len(seats)
    for number in counted:
        turn = reading.turns[number]
        choice, read = _read(reading, turn)
        name = turn.seat if once and turn.seat else clipped(turn.id, 120)
        yield BallotView(turn=number, seat=name, choice=choice, group=reading.group(turn), read=read)


def _read(reading: Reading, turn: Turn) -> tuple[str, str]:
    """What a turn that was counted says, and how that was read."""
    if turn.failure is not None:
        return "nothing", f"failed ({turn.failure.kind}): {clipped(turn.failure.message, 200)}"
    if (filled_in := _filled_in(reading, turn)) is not None:
        return filled_in
    if turn.verdict is not None:
        return turn.verdict, "a verdict"
    if turn.answer is None:
        return "nothing", "no answer could be read"
    how = "printed by its program" if turn.programs else _READ[turn.answer.how]
    same = "" if turn.answer.value == turn.answer.text or reading.is_open else f", taken as {clipped(turn.answer.value, 80)}"
    return words_of(turn.answer, 160), how + same


def _filled_in(reading: Reading, turn: Turn) -> tuple[str, str] | None:
    """A ballot on the turns of others; None if it is none."""
    found = turn.found
    if found.ranking:
        return " > ".join(_named(reading, other) for other in found.ranking[:_SHOWN]), "a ranking, best first"
    if found.approved is not None:
        return ", ".join(_named(reading, other) for other in found.approved[:_SHOWN]) or "nobody", "approval"
    if found.points is not None:
        return ", ".join(f"{_named(reading, other)}: {given:g}" for other, given in list(found.points.items())[:_SHOWN]), "points"
    if turn.chose is not None:
        return _named(reading, turn.chose), "a choice" + (", unread: the first one shown" if found.unread else "")
    return None


def _named(reading: Reading, other: str) -> str:
    """A turn that a ballot names, by its seat and its answer."""
    number = reading.numbers.get(other)
    if number is None:
        return clipped(other, 60)
    turn = reading.turns[number]
    return f"{turn.seat or turn.id} ({words_of(turn.answer, 40)})" if turn.answer is not None else turn.id
