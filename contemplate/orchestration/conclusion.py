"""The outcome of a run when it is over, however it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from contemplate.orchestration.run_spec import RunSpec
from contemplate.run.replaying import AFTER_THE_END
from contemplate.run.run import Run
from contemplate.steps import Panel
from contemplate.trace.outcome import Outcome
from contemplate.types import Decision, StopReason, Turn, seat_number

if TYPE_CHECKING:
    from contemplate.trace.course import Course
    from contemplate.trace.trace import Trace


def outcome_of(plan: RunSpec, run: Run, panel: Panel, *, short: str | None, late: bool) -> Outcome:
    """The outcome of a run.

    Args:
        plan: what was to be done.
        run: the run, which is over.
        panel: where the panel stood after the last step that was done.
        short: why it ended for want of live seats, if it did.
        late: its deadline ended it.
    """
    state = run.state
    stopped: StopReason = "deadline" if late else state.exhausted or ("quorum" if short else panel.stopped or "completed")
    cut = stopped in {"deadline", "budget"}
    decision = _standing(state.trace) if cut else panel.decision
    if decision is None:
        spoke = {seat_number(seat) for seat in state.trace.positions()}
        seats = [f"seat-{number}" for number in sorted({*range(1, plan.strategy.seats + 1), *spoke} - {0})]
        decision = replace(run, step=f"{AFTER_THE_END}vote").vote_of_last_words(seats)
    if decision.winner is None:
        short = short or decision.reason
        if _all_unreachable(state.trace.turns):
            stopped = "unreachable"
        elif not cut and len(decision.abstentions) > plan.spare_seats:
            stopped = "quorum"
    return Outcome(
        answer=decision.winner,
        confidence=decision.confidence,
        decision=decision,
        first_decision=panel.first_decision,
        stopped=stopped,
        usage=state.usage,
        trace=cast("Trace", state.trace),  # once somebody asks for it
        question=plan.question,
        strategy=plan.strategy.name,
        models=plan.models,
        seed=plan.seed,
        run=state.config.id,
        detail=short,
        origin=plan.head(),
    )


def unanswered(plan: RunSpec, run: Run, stopped: StopReason, why: str) -> Outcome:
    """The outcome of a run in which nothing was asked, or nothing may be answered."""
    return Outcome(
        answer=None,
        confidence=0.0,
        decision=None,
        first_decision=None,
        stopped=stopped,
        usage=run.state.usage,
        trace=cast("Trace", run.state.trace),
        question=plan.question,
        strategy=plan.strategy.name,
        models=plan.models,
        seed=plan.seed,
        run=run.state.config.id,
        detail=why,
        origin=plan.head(),
    )


def _standing(trace: Course) -> Decision | None:
    """In a run that was cut short, the last decision taken, if it counted all there was and nothing was said since."""
    for turn in reversed(trace.turns):
        if turn.answer is not None:
            return None
        if turn.decision is not None and turn.decision.winner is not None:
            counted = [trace.turn(other) for other, kind in trace.saw(turn.id) if kind == "counted"]
            return turn.decision if not any(map(_cut_off, counted)) else None
    return None


def _cut_off(turn: Turn | None) -> bool:
    """Whether a turn came to nothing because time or money ran out."""
    return turn is None or turn.status == "cancelled" or (turn.failure is not None and turn.failure.kind == "budget")


def _all_unreachable(turns: Sequence[Turn]) -> bool:
    failures = [turn.failure for turn in turns if turn.failure is not None]
    return bool(failures) and all(failure.kind == "unreachable" for failure in failures)
