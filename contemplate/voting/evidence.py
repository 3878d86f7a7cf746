"""Evidence: first votes, final votes and independent verification are weighed together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import isfinite
from typing import Final

from contemplate.errors import InputError
from contemplate.types import Ballot, Decision
from contemplate.voting.decision import Terms, TieRule, conclude
from contemplate.voting.forms import Judged, as_written
from contemplate.voting.rule import Count, Vote, leaders
from contemplate.voting.tabulation import Tabulation, tabulate

KINDS: Final = ("first", "final", "verification")
"""What is weighed."""

_FINEST_SHARE = 10_000

Shares = tuple[Fraction, ...]
"""One for each class of answers; they sum to 1."""


def weigh(
    first: Sequence[Ballot],
    final: Sequence[Ballot],
    passed: Mapping[str, float],
    *,
    weights: Mapping[str, float],
    quorum: int = 1,
    ties: TieRule = "random",
    seed: int = 0,
    judged: Judged = (),
) -> Decision:
    """Decide by what a panel said at first, what it says in the end, and which answers hold when they are checked.

    The score of an answer is the mean of its shares of the three, by `weights`: its share of the first votes, of the final votes
    (both by the ballots' weights), and of all checks passed. With weights 1, 1 and 2 a minority that alone survives
    verification wins. What says nothing is left out with its weight: a vote in which all abstain, and verification if no
    answer passed. The tally keeps the shares of those that were weighed.

    Args:
        first: the panel's ballots before it talked.
        final: its ballots in the end; quorum, abstentions, seats and dissent are theirs.
        passed: for the canonical value of an answer, the share of its independent verifications that it passed, in [0, 1].
            An answer that is not in it passed none; for one that was checked in several wordings the mean counts.
        weights: of "first", "final" and "verification", >= 0; 0, or none given, leaves one out.
        quorum: how many final ballots must hold an answer, at least 1.
        ties: as in `decide`; "first-seen" goes by `first`, then `final`.
        seed: for a draw.
        judged: as in `decide`.

    Returns:
        A decision by the rule "evidence". Its confidence is the mean of the winner's score and of the rule of succession
        over the final votes, (votes for it + 1) / (seats + 2), so that neither votes nor checks alone make it sure.

    Raises:
        InputError: a weight, a share or the quorum is out of range, or there is nothing of such a name to be weighed.
    """
    terms = Terms("evidence", quorum, ties, seed)
    wanted = _weights(weights)
    both = tabulate([*first, *final], "choice", judged)
    tabulation = replace(both, ballots=tuple(final), votes=both.votes[len(first) :])
    shares = {
        "first": _of_votes(both.votes[: len(first)], len(both.options)),
        "final": _of_votes(tabulation.votes, len(both.options)),
        "verification": _of_checks(both, passed),
    }
    used = [(name, share) for name, share in shares.items() if share is not None and wanted[name]]
    count = _count(used, wanted, len(both.options))
    return conclude(
        tabulation, count, terms, lambda option: (tabulation.confidence(option, weighted=True) + count.scores[option]) / 2
    )


def _count(used: Sequence[tuple[str, Shares]], weights: Mapping[str, Fraction], options: int) -> Count:
    if not used:
        return Count((Fraction(0),) * options, (), "there is nothing to be weighed")
    whole = sum((weights[name] for name, _ in used), Fraction(0))
    scores = tuple(
        sum((weights[name] * shares[option] for name, shares in used), Fraction(0)) / whole for option in range(options)
    )
    return Count(scores, leaders(scores), shares=tuple(used))


def _weights(weights: Mapping[str, float]) -> dict[str, Fraction]:
    for name, weight in weights.items():
        if name not in KINDS:
            raise InputError(f"{name!r} can't be weighed; {', '.join(KINDS)} can")
        if not (isfinite(weight) and weight >= 0):
            raise InputError(f"the weight of {name!r} is {weight}; it must be a number of at least 0")
    if not any(weights.values()):
        raise InputError(f"nothing is weighed: one of {', '.join(KINDS)} must have a weight above 0")
    return {name: as_written(weights.get(name, 0)) for name in KINDS}


def _of_votes(votes: Sequence[Vote | None], options: int) -> Shares | None:
    """Each class's share of the votes; None if they say nothing."""
    tally = [Fraction(0)] * options
    for vote in votes:
        if vote is not None:
            tally[vote.choice] += vote.weight
    return _normalised(tally)


def _of_checks(tabulation: Tabulation, passed: Mapping[str, float]) -> Shares | None:
    """Each class's share of the checks passed; None if none was."""
    for value, share in passed.items():
        if not 0 <= share <= 1:
            raise InputError(f"the answer {value[:80]!r} passed {share} of its checks; that must be a share, in [0, 1]")
    exact = {value: Fraction(share).limit_denominator(_FINEST_SHARE) for value, share in passed.items()}  # 1/3, not its float
    found = [[exact[value] for value in sorted(values & exact.keys())] for values in tabulation.answers]
    return _normalised([sum(shares, Fraction(0)) / len(shares) if shares else Fraction(0) for shares in found])


def _normalised(parts: Sequence[Fraction]) -> Shares | None:
    whole = sum(parts, Fraction(0))
    return tuple(part / whole for part in parts) if whole else None
