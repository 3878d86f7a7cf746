"""A run in a few words: what a turn came to, how an answer won, what it cost. Pages and notebooks share them."""

from __future__ import annotations

from contemplate.text.visible import clipped
from contemplate.trace.markdown import Report
from contemplate.types import Answer, Decision, Turn, Usage

DOING = {
    "propose": "working alone",
    "compute": "writing programs",
    "gather": "at work",
    "critique": "criticising",
    "revise": "thinking again",
    "verify": "verifying",
    "judge": "judging",
    "compare": "comparing",
    "rank": "ranking",
    "score": "scoring",
    "refine": "putting the question more tightly",
    "assess": "scoring",
    "select": "choosing",
    "synthesize": "writing the answer",
    "compose": "writing the answer",
}
"""What an agent is doing whose turn goes on, by the verb of its step."""
SHORT = 18
"""So many characters, or fewer, leave no room for the reason of a failure."""


def words_of(answer: Answer | None, width: int = 80) -> str:
    """An answer on one line."""
    return "no answer" if answer is None else clipped(answer.text, width)


def brief(turn: Turn, width: int) -> str:
    """What a turn came to, in at most `width` characters."""
    if turn.failure is not None:
        return clipped(f"failed: {turn.failure.message}", width) if width > SHORT else "failed"
    if turn.decision is not None:
        return clipped(turn.decision.winner or "no winner", width)
    answer = None if turn.answer is None else words_of(turn.answer, width)
    return next(filter(None, (turn.verdict, answer, _found(turn, width))), None) or clipped(turn.text or turn.status, width)


def _found(turn: Turn, width: int) -> str | None:
    """What was found in a turn that holds no answer and no verdict, in a few words."""
    found = turn.found
    told = (
        turn.chose and clipped(f"chose {turn.chose}", width),
        None if found.claims is None else f"{len(found.claims)} claims",
        None if found.refinement is None else clipped(found.refinement.question, width),
        None if found.score is None else f"score {found.score:g}",
        None if found.opinions is None else f"{len(found.opinions)} opinions",
    )
    return next(filter(None, told), None)


def verdict(report: Report, decision: Decision | None) -> str:
    """How the answer won, or why there is none, in one line."""
    if report.answer is None:
        return f"No answer: {clipped(report.detail or (decision.reason if decision else None) or report.stopped, 300)}."
    if decision is None:
        return f"Nothing was voted on; the run ended as {report.stopped}."
    return _won(decision)


def _won(decision: Decision) -> str:
    votes = sum(row.votes for row in decision.tally) + len(decision.abstentions)
    if not decision.tally or not votes:
        return f"Decided by {decision.rule}."
    held = next((row for row in decision.tally if row.answer == decision.winner), decision.tally[0])
    if decision.rule == "composition":
        against = len(decision.dissent)
        return f"Composed of claims that stand: {seat_count(held.votes)} for it, {against or 'none'} against something in it."
    first = f"Won by {decision.rule} with {held.votes} of {votes} vote{'s' * (votes != 1)}"
    others = [row for row in decision.tally if row is not held]
    next_best = f", the next has {others[0].votes}" if others else ", without a rival"
    tie = f"; a tie, broken by {decision.tie_break}" if decision.ties and decision.tie_break not in {None, "none"} else ""
    return f"{first}{next_best} (margin {decision.margin:.2f}){tie}."


def seat_count(count: int) -> str:
    """So many seats."""
    return f"{count} seat{'s' * (count != 1)}"


def spent(usage: Usage) -> str:
    """What a run took, as a sentence."""
    cost = "at a price that is not known" if usage.usd is None else f"${usage.usd:.4f}" if usage.usd else "$0"
    cached = f", {usage.cached_calls:,} more answered from the ledger at no cost" if usage.cached_calls else ""
    tokens = f"{usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens (prompts + replies)"
    tools = f"; {usage.tool_calls:,} call{'s' * (usage.tool_calls != 1)} of tools" if usage.tool_calls else ""
    return f"{usage.calls:,} call{'s' * (usage.calls != 1)}{cached}; {tokens}{tools}; {cost}; {usage.seconds:.1f} s."
