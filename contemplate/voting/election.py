"""One count of ballots by one rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from contemplate.errors import InputError
from contemplate.types import Ballot, Decision
from contemplate.voting.decision import Terms, conclude
from contemplate.voting.forms import Judged
from contemplate.voting.rule import Count, Poll, Rule
from contemplate.voting.tabulation import Tabulation, tabulate

_FINEST_THRESHOLD = 10_000


def elect(rule: Rule, ballots: Sequence[Ballot], threshold: float | None, terms: Terms, judged: Judged) -> Decision:
    """Count `ballots` by `rule`.

    Raises:
        InputError: the threshold, a weight or points are out of range.
    """
    share = _threshold(rule, threshold)
    tabulation = tabulate(ballots, rule.form, judged)
    count = _counted(rule, tabulation, share) if tabulation.cast else Count((), ())
    return conclude(tabulation, count, terms, lambda option: tabulation.confidence(option, weighted=rule.weighted))


def _counted(rule: Rule, tabulation: Tabulation, threshold: Fraction | None) -> Count:
    count = rule.count(Poll(len(tabulation.options), tabulation.cast, threshold))
    if rule.weighted and not any(vote.weight for vote in tabulation.cast):
        return replace(count, refusal="every ballot has the weight 0")
    return count


def _threshold(rule: Rule, threshold: float | None) -> Fraction | None:
    """The exact fraction that is meant: 0.55 as a float is a little more than 11/20, and would turn away 11 votes of 20."""
    if threshold is None:
        return rule.default_threshold
    if rule.default_threshold is None:
        raise InputError(f"the rule {rule.name!r} takes no threshold; 'supermajority' and 'hybrid' do")
    if not 0 < threshold <= 1:
        raise InputError(f"the threshold is {threshold}; it must be above 0 and at most 1")
    return Fraction(threshold).limit_denominator(_FINEST_THRESHOLD) or Fraction(1, _FINEST_THRESHOLD)
