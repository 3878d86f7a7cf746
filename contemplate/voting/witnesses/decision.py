"""The decision that evidence comes to: the likeliest of the answers that stand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from contemplate.errors import InputError
from contemplate.types import Ballot, Decision
from contemplate.voting.decision import Terms, TieRule, conclude
from contemplate.voting.forms import Judged
from contemplate.voting.rule import Count, Poll, first_choices, leaders, leads
from contemplate.voting.tabulation import tabulate
from contemplate.voting.witnesses.evidence import Evidence
from contemplate.voting.witnesses.knowledge import Knowledge
from contemplate.voting.witnesses.posterior import read

RULE: Final = "posterior"

_DIGITS = 12
"""Chances that agree in so many digits are equal."""


def believe(
    ballots: Sequence[Ballot],
    evidence: Evidence,
    knowledge: Knowledge,
    *,
    quorum: int = 1,
    ties: TieRule = "random",
    seed: int = 0,
    judged: Judged = (),
    floor: float = 0.0,
) -> Decision:
    """Decide for the likeliest answer, given all that witnesses said and what is known of them.

    Where nothing is known of them it is the answer with the most votes, and a tie of votes is a tie. Where other evidence went
    over the votes, or broke their tie, the decision's rule says so.

    Args:
        ballots: the votes; quorum, abstentions, seats and dissent are theirs.
        evidence: the same votes by member, and verdicts; its answers are numbered as they first stand on ballots.
        knowledge: what is known of members and critics.
        quorum: how many ballots must hold an answer, at least 1.
        ties: as in `decide`.
        seed: for a draw.
        judged: as in `decide`.
        floor: how likely the winner must be, in [0, 1]; below it there is none.

    Returns:
        A decision by the rule "posterior". The weights of its tally are chances, which sum to less than 1, as an answer that
        nobody gave may be right; its confidence is that of the winner. Where more than bare votes was weighed, the tally shows
        the shares of the votes, too.

    Raises:
        InputError: the evidence is not that of the ballots, or the quorum is out of range.
    """
    tabulation = tabulate(ballots, "choice", judged)
    if len(tabulation.options) != evidence.answers:
        raise InputError(f"the ballots hold {len(tabulation.options)} different answers, and the evidence {evidence.answers}")
    terms = Terms(RULE, quorum, ties, seed)
    if not evidence.answers:
        return conclude(tabulation, Count((), (), "nobody gave an answer"), terms, lambda _: Fraction(0))
    reading = read(evidence, knowledge)
    chances = tuple(Fraction(round(chance, _DIGITS)) for chance in reading.chances()[:-1])
    first = leaders(chances)
    votes = first_choices(Poll(evidence.answers, tabulation.cast))
    plain = reading.votes == votes and not any(reading.signs)
    likeliest = float(max(chances))
    count = Count(
        chances,
        first,
        f"the likeliest answer has a chance of {likeliest:.2f}, and {floor:g} is asked for" if likeliest < floor else None,
        leads=leads(chances, sum(chances, Fraction(0))),
        shares=() if plain else (("votes", tuple(vote / len(tabulation.cast) for vote in votes)),),
        outcome=_over(first, leaders(votes)),
    )
    return conclude(tabulation, count, terms, lambda option: chances[option])


def _over(first: tuple[int, ...], voted: tuple[int, ...]) -> str | None:
    """What the evidence went over: the vote, or a tie of it; None if it is the vote."""
    if first == voted:
        return None
    return "over a tie of votes" if set(first) < set(voted) else "over the vote"
