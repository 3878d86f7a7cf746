"""What a run of high stakes asks for before it answers, and what came of that."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contemplate.types.base import Value

Verdict = Literal["sound", "flawed", "unclear", "failed"]


class Stakes(Value):
    """What is asked for before an answer is given where much hangs on it.

    Attributes:
        floor: the confidence, in [0, 1], under which no answer is given.
        verifications: how often the answer is worked out again by somebody who did not give it; all must accept it.
    """

    floor: Annotated[float, Field(ge=0, le=1)] = 0.8
    verifications: Annotated[int, Field(ge=1, le=10)] = 2


class Verification(Value):
    """One verification of the answer.

    Attributes:
        turn: its id.
        model: who verified.
        other_family: whether none of those who gave the answer is of its family, by their names.
        verdict: "sound" if it was accepted; "failed" where nothing came.
    """

    turn: str
    model: str
    other_family: bool
    verdict: Verdict


class Scrutiny(Value):
    """What became of an answer on which much hangs.

    Attributes:
        floor: the confidence that was asked for.
        confidence: of the panel's decision.
        verifications: of the answer, in their order.
        given: whether the answer is given.
        uncertain: what speaks against giving it, a line each; none where it is given.
        disagree: who holds what, a line for each answer, the panel's first.
        notes: what a reader should know besides, as that no model of another family was there.
    """

    floor: float
    confidence: float
    verifications: tuple[Verification, ...] = ()
    given: bool
    uncertain: tuple[str, ...] = ()
    disagree: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Flip(Value):
    """A change with which a run would have ended otherwise.

    Attributes:
        change: what is different, as "without seat-2".
        kind: of what: a seat, a critique or verification ("turn"), an assumption that was put otherwise.
        answer: what it would have ended with; None: without an answer.
        run: the id of the fork that shows it.
    """

    change: str
    kind: Literal["seat", "turn"]
    answer: str | None
    run: str
