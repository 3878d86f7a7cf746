"""A ruling: somebody says what the answer is, and the seats' own answers stand beside it."""

from __future__ import annotations

from collections.abc import Sequence

from contemplate.answers import classes
from contemplate.run import Counting, PendingTurn, Run
from contemplate.types import Answer, Decision


async def ruled(
    run: Run,
    answer: Answer | None,
    positions: Sequence[PendingTurn],
    rule: str,
    by: Sequence[str],
    unread: str = "no answer was given",
) -> Decision:
    """Put a decision for `answer` on record.

    It keeps the tally of the seats' own answers, and says who of them dissents.

    Args:
        run: seen from the step.
        answer: what was ruled; without it the seats' own vote stands.
        positions: the seats' own answers.
        rule: what the decision is called.
        by: the ids of the turns that ruled.
        unread: why the seats' own vote stands, if it does.
    """
    counted = await run.vote(positions, Counting(ties="first-seen"), "vote")
    if answer is None:
        return counted.model_copy(update={"reason": counted.reason or unread})
    said = [position for position in positions if position.turn.answer is not None]
    answers = [answer, *(position.turn.answer for position in said if position.turn.answer is not None)]
    places, _ = classes(answers, await run.equal(answers))
    agree = [place == places[0] for place in places[1:]]
    decision = counted.model_copy(
        update={
            "rule": rule,
            "winner": answer.text,
            "value": answer.value,
            "reason": None,
            "margin": 1.0,
            "ties": (),
            "tie_break": None,
            "dissent": tuple(position.seat for position, same in zip(said, agree, strict=True) if not same),
            "confidence": (sum(agree) + 1) / (len(positions) + 2),
        }
    )
    run.record_decision(decision, by, "decision")
    return decision
