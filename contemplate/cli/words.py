"""What is said of turns and outcomes, in one line each; the live panel and the plain lines share it."""

from __future__ import annotations

from contemplate.outcome import Outcome
from contemplate.text import one_line
from contemplate.types import Decision, Turn, Usage


def said_of(turn: Turn, width: int = 100) -> str:
    """What a turn came to."""
    if turn.failure is not None:
        return f"failed: {one_line(turn.failure.message, width)}"
    if turn.decision is not None:
        return decided(turn.decision, width)
    if turn.verdict is not None:
        return f"finds it {turn.verdict}"
    if turn.chose is not None:
        return f"chooses {turn.chose}"
    return f"answers {one_line(turn.answer.text, width)}" if turn.answer is not None else turn.status


def decided(decision: Decision, width: int = 100) -> str:
    """What a vote came to."""
    if decision.winner is None:
        return f"no winner: {decision.reason or 'a tie'}"
    return f"{decision.rule}: {one_line(decision.winner, width)} ({tally(decision)})"


def tally(decision: Decision) -> str:
    """The votes, the heaviest answer first."""
    votes = [f"{one_line(row.answer, 40)} x {row.votes}" for row in decision.tally]
    if decision.abstentions:
        votes.append(f"no answer x {len(decision.abstentions)}")
    return ", ".join(votes)


def spent(usage: Usage) -> str:
    """What a run took."""
    money = "unknown price" if usage.usd is None else f"${usage.usd:.4f}" if usage.usd else "$0"
    cached = f" + {usage.cached_calls} from the ledger" if usage.cached_calls else ""
    tokens = usage.prompt_tokens + usage.completion_tokens
    return f"{usage.calls} calls{cached}, {tokens:,} tokens, {money}, {usage.seconds:.1f} s"


def summary(outcome: Outcome) -> list[tuple[str, str]]:
    """An outcome as labelled lines, the answer first."""
    decision = outcome.decision
    lines = [("answer", outcome.answer if outcome.answer is not None else f"none ({outcome.detail or outcome.stopped})")]
    if outcome.answer is not None:
        lines.append(("confidence", f"{outcome.confidence:.2f}"))
    if decision is not None and decision.tally:
        tie = f"; tie broken by {decision.tie_break}" if decision.ties and decision.tie_break else ""
        lines.append(("votes", tally(decision) + tie))
    if outcome.first_decision is not None and outcome.first_decision.tally:
        lines.append(("first votes", tally(outcome.first_decision)))
    if decision is not None and decision.dissent:
        said = {turn.seat: turn for turn in outcome.dissent}
        views = [
            f"{seat}: {one_line(said[seat].answer.text, 60)}" for seat in decision.dissent if seat in said and said[seat].answer
        ]  # type: ignore[union-attr]  # checked in the same line
        lines.append(("dissent", "; ".join(views)))
    return [*lines, ("stopped", outcome.stopped), ("used", spent(outcome.usage)), ("trace", f"contemplate show {outcome.run}")]
