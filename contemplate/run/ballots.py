"""Ballots: how a vote is counted, and what a turn and a ballot say in it."""

from __future__ import annotations

from dataclasses import dataclass

from contemplate.types import Answer, Ballot, Turn
from contemplate.voting import TieRule


@dataclass(frozen=True)
class Counting:
    """The way to count a vote; see the step `vote`."""

    rule: str = "plurality"
    threshold: float | None = None
    ties: TieRule = "random"


def ballot_of(turn: Turn) -> Ballot:
    """A seat's position as its vote."""
    return Ballot.made(seat=turn.seat, turn=turn.id, answer=turn.answer)


def answers_on(ballot: Ballot) -> tuple[Answer, ...]:
    """The answers on a ballot."""
    chosen = () if ballot.answer is None else (ballot.answer,)
    return (*chosen, *ballot.ranking, *ballot.approved, *(row.answer for row in ballot.points))
