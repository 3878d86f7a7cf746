"""Decisions that somebody, or something, takes; the seats' own answers are counted and stand beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from contemplate.run import Counting, PendingTurn, Run
from contemplate.steps.base import Panel
from contemplate.types import Answer, Decision
from contemplate.voting.decision import ruled, stands


def held_by(positions: Sequence[PendingTurn]) -> Mapping[str, Answer]:
    """The answer of each seat that gave one, in their order; `positions` are over."""
    return {position.seat: position.turn.answer for position in positions if position.turn.answer is not None}


async def record_ruling(
    run: Run, counted: Decision, answer: Answer, positions: Sequence[PendingTurn], rule: str, by: Sequence[str]
) -> Decision:
    """Put a decision for an answer that was written on record; it is held against the seats' own by what they mean.

    Args:
        run: seen from the step.
        counted: the vote over the seats' own answers.
        answer: what was written.
        positions: the seats' own answers, which are over.
        rule: what the decision is called.
        by: the ids of the turns that it comes from.
    """
    held = held_by(positions)
    decision = ruled(counted, answer, held, rule=rule, judged=await run.equal([answer, *held.values()]))
    run.record_decision(decision, by, "decision")
    return decision


async def follow_ruling(
    run: Run,
    answer: Answer | None,
    positions: Sequence[PendingTurn],
    rule: str,
    by: Sequence[str],
    unread: str = "no answer was given",
) -> Decision:
    """Count the seats' own answers, and put the decision for what was ruled on record.

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
        return stands(counted, unread)
    return await record_ruling(run, counted, answer, positions, rule, by)


async def choose(run: Run, panel: Panel, chosen: PendingTurn, rule: str, by: Sequence[PendingTurn] = ()) -> Panel:
    """Decide for the answer of `chosen`, however many others gave it; it alone stays on the panel.

    Args:
        run: the run, at the step that chose.
        panel: among whose positions it was.
        chosen: a position with a text; where no answer could be read from that, the whole text is the answer.
        rule: what the decision is called.
        by: the turns that led to it; none means the positions themselves.
    """
    counted = await run.vote(panel.positions, Counting(), "vote")
    whole = (chosen.turn.text or "").strip()
    answer = chosen.turn.answer or Answer(kind="text", text=whole, value=whole, how="last")
    decision = ruled(counted, answer, held_by(panel.positions), rule=rule, judged=run.found_equal)
    run.record_decision(decision, [turn.id for turn in by or panel.positions], "decision")
    return replace(panel, positions=(chosen,), decision=decision, chosen=chosen.id)
