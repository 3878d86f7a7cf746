"""What becomes of a question that was put more tightly: what is taken is shown to all who see the question from then on."""

from __future__ import annotations

from contemplate.run.pending import PendingTurn
from contemplate.run.reviewing import Draft, reviewed
from contemplate.run.run import Run
from contemplate.text import one_line
from contemplate.types import Found, Refinement

SAID = "said"
"""What the turn is called that holds what somebody said of it."""
_SHOWN = 300


async def settle(run: Run, pending: PendingTurn, *, ask: bool) -> None:
    """Take what a turn made of the question, if that can be read, and if somebody who is asked takes it.

    Args:
        run: at the step of the turn.
        pending: the turn.
        ask: whether somebody is asked.
    """
    refinement = (await pending).found.refinement
    if refinement is None:
        run.note("the question could not be put more tightly: it stays as it is")
    elif ask:
        refinement = await _asked(run, pending, refinement)
    else:
        run.note(f"the question, put more tightly by a model: {one_line(refinement.question, _SHOWN)}")
    run.state.refinement = refinement


async def _asked(run: Run, pending: PendingTurn, refinement: Refinement) -> Refinement | None:
    """What somebody says of it; what was said before of the same words counts again."""
    before, said = run.state.on_record(pending.id), run.state.on_record(f"{run.step}/{SAID}")
    if before is not None and said is not None and before.text == pending.turn.text:
        taken, why = said.found.refinement, said.found.reason or ""
    else:
        taken, why = await reviewed(run.state.services.review, Draft(run.question.text, refinement))
    run.record_found(Found(refinement=taken, reason=why or None), [pending.id], SAID)
    if why:
        run.note(why)
    return taken
