"""What is said of turns and outcomes, in one line each; the live panel and the plain lines share it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from contemplate.cli.claims import counted, lines_of, scored, scores_of, seats_of
from contemplate.cli.location import Location
from contemplate.text import one_line
from contemplate.trace.governed import governed_words, policy_lines, stakes_lines
from contemplate.trace.outcome import Outcome
from contemplate.types import Decision, Tally, Turn, Usage

_FAILURE = 300
"""The longest that is said of a failure, in characters: what to do about it often stands at its end."""
_MOST_FAILURES = 3


def said_of(turn: Turn, width: int = 100) -> str:
    """What a turn came to, and whether that was put into its agent's mouth."""
    return f"{_said(turn, width)}{' (edited)' if turn.edited else ''}"


def _said(turn: Turn, width: int) -> str:
    if turn.failure is not None:
        return f"failed: {one_line(turn.failure.message, _FAILURE)}"
    if turn.decision is not None:
        return decided(turn.decision, width)
    if turn.verdict is not None:
        return f"finds it {turn.verdict}{wrong_step(turn)}"
    if turn.chose is not None:
        return f"chooses {turn.chose}"
    if turn.answer is not None:
        sure = "" if turn.confidence is None else f" ({turn.confidence:.0%} sure)"
        how = ", by a program" if turn.programs else ""
        return f"answers {one_line(turn.answer.text, width)}{how}{sure}"
    return _found(turn, width)


def _found(turn: Turn, width: int) -> str:  # noqa: PLR0911 - one for each thing that can be found
    """What was found in a turn that holds no answer and no verdict."""
    if (governed := governed_words(turn, width)) is not None:
        return governed
    if turn.verb == "refine":
        refinement = turn.found.refinement
        return turn.found.reason or "" if refinement is None else f"the question: {one_line(refinement.question, width)}"
    if turn.found.claims is not None:
        return counted(turn.found.claims)
    if turn.found.entailments is not None:
        follow = sum(one.follows for one in turn.found.entailments)
        return f"finds that {follow} of {len(turn.found.entailments)} sentences follow from their claims"
    if turn.found.assessment is not None:
        final = turn.found.assessment.answer
        return "no answer to score" if final is None else f"the answer: {scored(final)}"
    if turn.found.scored is not None:
        count = len(turn.found.scored)
        return f"scores {count} repl{'y' if count == 1 else 'ies'}{''.join(f'; {note}' for note in turn.found.notes)}"
    if turn.found.criteria is not None:
        return f"proposes {', '.join(f'{one_line(one.name, 30)} {one.weight:g}' for one in turn.found.criteria)}"
    found = turn.found.model_dump(mode="json", exclude={"words", "digest", "composition"})
    return one_line(", ".join(f"{name} {value}" for name, value in found.items()), width) if found else turn.status


def wrong_step(turn: Turn) -> str:
    """The step that a critic marks, and the first one that is computed wrong, to stand behind a verdict; empty for none."""
    computed = next((check.step for check in turn.found.step_checks or () if not check.holds), None)
    parts = [f"step {turn.found.wrong_step}"] if turn.found.wrong_step else []
    parts += [f"step {computed} is computed wrong"] if computed is not None else []
    return f" ({', '.join(parts)})" if parts else ""


def decided(decision: Decision, width: int = 100) -> str:
    """What a vote came to."""
    if decision.winner is None:
        return f"no winner: {decision.reason or 'a tie'}"
    if decision.rule == "composition":
        sides = f"{decision.tally[0].votes if decision.tally else 0} for, {len(decision.dissent)} against"
        return f"{decision.rule}: {one_line(decision.winner, width)} ({sides})"
    return f"{decision.rule}: {one_line(decision.winner, width)} ({tally(decision)})"


def tally(decision: Decision) -> str:
    """The votes, the heaviest answer first."""
    votes = [f"{row.votes} for {one_line(row.answer, 40)}{_shares(row)}" for row in decision.tally]
    if decision.abstentions:
        votes.append(f"{len(decision.abstentions)} without an answer")
    tie = f"; a tie, broken by {decision.tie_break}" if decision.ties and decision.tie_break not in {None, "none"} else ""
    return ", ".join(votes) + tie


def _shares(row: Tally) -> str:
    """What stands behind an answer besides votes, where a decision weighs several things."""
    shares = ", ".join(f"{name} {share:.0%}" for name, share in row.shares.items())
    rank = f" (mean rank {row.mean_rank:.2f})" if row.mean_rank is not None else ""
    return rank + (f" ({shares}: {row.weight:.2f})" if shares else "")


def spent(usage: Usage, *, short: bool = False, reserved: int = 0, most: int | None = None) -> str:
    """What a run took; in `short`, for a narrow screen, a price that nobody knows is "$?".

    Calls that are `reserved`, as they are under way, are not among those that were used; it may take `most`.
    """
    unknown = "$?" if short else "unknown price"
    money = unknown if usage.usd is None else f"${usage.usd:.4f}" if usage.usd else "$0"
    cached = f" + {usage.cached_calls} from the ledger" if usage.cached_calls and not short else ""
    tokens = usage.prompt_tokens + usage.completion_tokens
    number = f"{usage.calls:,}" if most is None else f"{usage.calls:,} of {most:,}"
    calls = f"{number} call{'' if number == '1' else 's'}{f' (+{reserved} reserved)' if reserved else ''}"
    reread = usage.cached_tokens / usage.prompt_tokens if usage.cached_tokens and not short else 0
    again = f" ({reread:.0%} of prompts from the cache)" if reread else ""
    return f"{calls}{cached}, {tokens:,} tokens{again}, {money}, {usage.seconds:.1f} s"


def summary(outcome: Outcome, location: Location) -> list[tuple[str, str]]:
    """An outcome as labelled lines, the answer first; an open answer is none of them, as it has lines of its own."""
    lines: list[tuple[str, str]] = []
    if outcome.answer is None:
        lines.append(("answer", f"none ({outcome.detail or outcome.stopped})"))
    elif outcome.question.kind != "open":
        lines.append(("answer", outcome.answer))
    if outcome.answer is not None:
        lines.append(("confidence", f"{outcome.confidence:.2f}"))
    lines += _votes(outcome)
    lines += [*lines_of(outcome.claims, outcome.composition), *scores_of(outcome.assessment)]
    lines += [*policy_lines(outcome.policy), *stakes_lines(outcome.scrutiny, outcome.flips)]
    lines += [("failed", failure) for failure in _failures(outcome)]
    return [
        *lines,
        ("stopped", outcome.stopped),
        ("used", spent(outcome.usage)),
        ("trace", location.command("show", outcome.run)),
    ]


def _votes(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """What the seats hold of the answer; open answers that are all different were no votes for anything."""
    decision, composition = outcome.decision, outcome.composition
    if decision is not None and composition is not None:
        yield from seats_of(decision, outcome.claims, composition)
        return
    for name, vote in (("votes", decision), ("first votes", outcome.first_decision)):
        if vote is not None and any(row.votes > 1 or outcome.question.kind != "open" for row in vote.tally):
            yield name, tally(vote)
    if outcome.turned and (first := outcome.first_decision) is not None and first.winner is not None:
        yield "turned", f"by what the seats told each other: the first votes were for {one_line(first.winner, 60)}"
    if outcome.dissent:
        views = [f"{turn.seat}: {one_line(turn.answer.text, 60)}" for turn in outcome.dissent if turn.answer is not None]
        yield "dissent", "; ".join(views)


def _failures(outcome: Outcome) -> list[str]:
    """The most common reasons of failed turns, each with how many it failed."""
    reasons = Counter(turn.failure.message for turn in outcome.course.turns if turn.failure is not None)
    counts = reasons.most_common()
    said = [f"{'1 turn' if n == 1 else f'{n} turns'}: {one_line(reason, _FAILURE)}" for reason, n in counts[:_MOST_FAILURES]]
    return [*said, *([f"and for {len(counts) - _MOST_FAILURES} more reasons"] if len(counts) > _MOST_FAILURES else [])]
