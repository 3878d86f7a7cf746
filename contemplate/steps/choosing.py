"""From one position that was chosen, to the decision for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contemplate.run import Counting, PendingTurn, Run
from contemplate.steps.base import Panel
from contemplate.types import Answer, Decision, Turn


async def choose(run: Run, panel: Panel, chosen: PendingTurn, rule: str, by: Sequence[PendingTurn] = ()) -> Panel:
    """Decide for the answer of `chosen`, however many others gave it; it alone stays on the panel.

    The decision keeps the tally of the panel's own answers, and says who of them dissents.

    Args:
        run: the run, at the step that chose.
        panel: among whose positions it was.
        chosen: a position with a text; where no answer could be read from that, the whole text is the answer.
        rule: what the decision is called.
        by: the turns that led to it; none means the positions themselves.
    """
    counted = await run.vote(panel.positions, Counting(), "vote")
    decision = _for(counted, chosen.turn, rule, len(panel.positions))
    run.record_decision(decision, [turn.id for turn in by or panel.positions], "decision")
    return replace(panel, positions=(chosen,), decision=decision, chosen=chosen.id)


def _for(counted: Decision, turn: Turn, rule: str, seats: int) -> Decision:
    agree = next((row.seats for row in counted.tally if turn.seat in row.seats), (turn.seat,))
    whole = (turn.text or "").strip()
    answer = turn.answer or Answer(kind="text", text=whole, value=whole, how="last")
    return counted.model_copy(
        update={
            "rule": rule,
            "winner": answer.text,
            "value": answer.value,
            "margin": 0.0,
            "ties": (),
            "tie_break": None,
            "dissent": tuple(seat for row in counted.tally if row.seats != agree for seat in row.seats),
            "confidence": (len(agree) + 1) / (seats + 2),
            "reason": None,
        }
    )
