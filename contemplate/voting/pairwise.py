"""Pairwise: ballots compare two answers each, and who beats the most others wins."""

from __future__ import annotations

from fractions import Fraction

from contemplate.voting.pairs import Matrix, preferences
from contemplate.voting.rule import BallotForm, Count, Poll


class Pairwise:
    """Each ballot says which of two answers is the better one; an answer's score is the pairs that it won, draws as half.

    A pair is won by the most of its own comparisons, by weight; one that nobody compared gives neither answer anything. Of
    equal scores the larger share of comparisons won goes first. The margin is the winner's narrowest lead in a pair that
    was compared, as a share of the comparisons of that pair; 0 if it lost one.

    References:
        arXiv:2411.19477 compares candidates in pairs, as a league and as a knockout.
    """

    name = "pairwise"
    summary = "ballots compare two answers each; the most pairs won wins, then the larger share of comparisons won"
    reference = "arXiv:2411.19477"
    form: BallotForm = "comparison"
    weighted = True
    default_threshold = None

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        above, options = preferences(poll, unranked_last=False), range(poll.options)
        results = [_results(above, x) for x in options]
        scores = tuple(sum((Fraction((lead > 0) - (lead < 0) + 1, 2) for lead in leads), Fraction(0)) for leads in results)
        won = tuple(_share(sum(above[x]), sum(row[x] for row in above)) for x in options)
        best = max(zip(scores, won, strict=True))
        return Count(
            scores,
            tuple(x for x in options if (scores[x], won[x]) == best),
            leads=tuple(max(min(leads, default=Fraction(1)), Fraction(0)) for leads in results),
            shares=(("won", won),),
        )


def _results(above: Matrix, x: int) -> list[Fraction]:
    """The leads of `x` in the pairs that it was compared in, each a share of that pair's comparisons, in [-1, 1]."""
    pairs = [(above[x][y], above[y][x]) for y in range(len(above)) if y != x]
    return [(wins - losses) / (wins + losses) for wins, losses in pairs if wins + losses]


def _share(won: Fraction | int, lost: Fraction | int) -> Fraction:
    return Fraction(won) / (won + lost) if won + lost else Fraction(0)
