"""Ranked pairs: the strongest pairwise majorities are locked in first, and who is then above all others wins."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from contemplate.voting.pairs import Matrix, narrowest_leads, preferences
from contemplate.voting.rule import BallotForm, Count, Poll, leaders

Pair = tuple[int, int]

Order = tuple[int, ...]
"""What is locked in, closed under "above": for each class the set, as bits, of itself and those that it stands above."""

_MOST_ANSWERS = 8
_MOST_ORDERS = 200


class RankedPairs:
    """Pairs of answers are locked in from the strongest majority down, each unless it would close a circle.

    The strength of a pair is its winning votes, by weight; of equal ones the pair with fewer votes against it is the
    stronger. Pairs as strong as each other that can't all be locked are tried in every order, and an answer shares the first
    place if it stands below nobody in one of them: so no answer is favoured, and more support never costs a win. (To find
    these is NP-hard; with more than 8 answers, or 200 different outcomes, the pairs of one strength that close a circle among
    themselves are left out together.)

    The score is how many answers do not stand above it at its best. The margin is the winner's narrowest lead in a pair, as a
    share of the weight of all ballots; 0 if it lost one.

    References:
        Tideman, Independence of clones as a criterion for voting rules, 1987; Brill and Fischer, The price of neutrality for
        the ranked pairs method, 2012, for ties.
    """

    name = "ranked-pairs"
    summary = "pairwise majorities are locked in from the most winning votes down, without circles; who is above all others wins"
    reference = "Tideman 1987; Brill and Fischer 2012"
    form: BallotForm = "ranking"
    weighted = True
    default_threshold = None

    def count(self, poll: Poll) -> Count:
        """Count the votes of a poll."""
        above, options = preferences(poll), range(poll.options)
        orders: set[Order] = {tuple(1 << option for option in options)}
        for group in _by_strength(above):
            orders = _locked(orders, group, _MOST_ORDERS if poll.options <= _MOST_ANSWERS else 1)
        fewest = [min(sum(order[y] >> x & 1 for y in options if y != x) for order in orders) for x in options]
        scores = tuple(Fraction(poll.options - 1 - count) for count in fewest)
        return Count(scores, leaders(scores), leads=narrowest_leads(above, poll))


def _by_strength(above: Matrix) -> list[list[Pair]]:
    """The pairs with a majority, winner first, in groups of equal strength from the strongest down."""
    groups: defaultdict[tuple[Fraction, Fraction], list[Pair]] = defaultdict(list)
    for x, row in enumerate(above):
        for y, votes in enumerate(row):
            if votes > above[y][x]:
                groups[votes, -above[y][x]].append((x, y))
    return [groups[strength] for strength in sorted(groups, reverse=True)]


def _locked(orders: set[Order], group: list[Pair], most: int) -> set[Order]:
    """The orders that `orders` can become when the pairs of a group are locked in, in any order, up to `most`."""
    seen, todo, done = set(orders), sorted(orders), set[Order]()
    while todo:
        order = todo.pop()
        still = [(x, y) for x, y in group if not order[y] >> x & 1]
        everything = _with(order, still)
        order = _with(order, [(x, y) for x, y in still if not everything[y] >> x & 1])
        circular = [(x, y) for x, y in still if everything[y] >> x & 1 and not (order[y] >> x & 1 or order[x] >> y & 1)]
        following = [_with(order, [pair]) for pair in circular] if len(seen) < most else []
        if not following:
            done.add(order)
        todo += [one for one in following if one not in seen]
        seen.update(following)
    return done


def _with(order: Order, pairs: list[Pair]) -> Order:
    """`order` with `pairs` locked in."""
    bits = list(order)
    for x, y in pairs:
        bits = [below | bits[y] if below >> x & 1 else below for below in bits]
    return tuple(bits)
