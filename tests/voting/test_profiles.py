"""Properties of the rules on generated profiles of rankings, approvals and points, partial and empty ones among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import an_answer
from contemplate.types import Answer, Ballot, Points
from contemplate.voting import RULES, TieRule, decide

Ranking = tuple[str, ...]

NAMES = "ABCD"
RANKING = st.lists(st.sampled_from(NAMES), unique=True, max_size=4).map(tuple)
PROFILE: st.SearchStrategy[list[Ranking]] = st.lists(RANKING, max_size=9)
RULE = st.sampled_from(sorted(RULES))
RANKED = st.sampled_from(["borda", "copeland", "ranked-pairs", "instant-runoff"])


@dataclass(frozen=True)
class Said:
    """What a generated ballot holds, in letters."""

    answer: str | None
    ranking: Ranking
    approved: Ranking
    points: tuple[tuple[str, int], ...]
    weight: int


SOME = st.lists(st.sampled_from(NAMES), max_size=5).map(tuple)
BALLOT = st.builds(
    Said,
    answer=st.none() | st.sampled_from(NAMES),
    ranking=st.just(()) | SOME,
    approved=st.just(()) | SOME,
    points=st.just(()) | st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 12)), max_size=5).map(tuple),
    weight=st.integers(0, 4),
)
MIXED = st.lists(BALLOT, max_size=7)


def answer(name: str) -> Answer:
    """One of the answers."""
    return an_answer(name)


def cast(profile: Sequence[Ranking]) -> list[Ballot]:
    """One ballot for each ranking."""
    return [Ballot(seat=f"{place}", turn="", ranking=tuple(map(answer, ranking))) for place, ranking in enumerate(profile)]


def mixed(profile: Sequence[Said], renaming: dict[str, str] | None = None) -> list[Ballot]:
    """One ballot for each of `profile`."""
    names = {name: answer((renaming or {}).get(name, name)) for name in NAMES}
    return [
        Ballot(
            seat=f"{place}",
            turn="",
            answer=names[said.answer] if said.answer else None,
            ranking=tuple(names[name] for name in said.ranking),
            approved=tuple(names[name] for name in said.approved),
            points=tuple(Points(answer=names[name], points=number) for name, number in said.points),
            weight=said.weight,
        )
        for place, said in enumerate(profile)
    ]


def first_place(profile: Sequence[Ranking], rule: str) -> set[str]:
    """The answers that share the first place."""
    decision = decide(cast(profile), rule=rule, ties="none")
    return {decision.winner} if decision.winner else set(decision.ties)


def above(profile: Sequence[Ranking], x: str, y: str) -> int:
    """How many put `x` above `y`."""
    return sum(x in ranking and (y not in ranking or ranking.index(x) < ranking.index(y)) for ranking in profile)


@settings(max_examples=200)
@given(profile=MIXED, rule=RULE, ties=st.sampled_from(["random", "none", "judge"]), data=st.data())
def test_anonymity(profile: list[Said], rule: str, ties: TieRule, data: st.DataObject) -> None:
    """Who cast a ballot, and where it stands, changes nothing."""
    one, other = (decide(mixed(said), rule=rule, ties=ties, seed=2) for said in (profile, data.draw(st.permutations(profile))))

    assert (one.rule, one.winner, one.margin, one.confidence) == (other.rule, other.winner, other.margin, other.confidence)
    assert {(row.answer, row.votes, row.weight) for row in one.tally} == {
        (row.answer, row.votes, row.weight) for row in other.tally
    }


@settings(max_examples=200)
@given(profile=MIXED, rule=RULE, names=st.permutations(NAMES))
def test_neutrality(profile: list[Said], rule: str, names: list[str]) -> None:
    """Renaming the answers renames the result, ties and all."""
    renaming = dict(zip(NAMES, names, strict=True))
    one, other = (decide(mixed(profile, new), rule=rule, ties="none") for new in (None, renaming))

    assert other.winner == (one.winner and renaming[one.winner])
    assert {renaming[name] for name in one.ties} == set(other.ties)
    assert {(renaming[row.answer], row.weight) for row in one.tally} == {(row.answer, row.weight) for row in other.tally}


@settings(max_examples=200)
@given(profile=MIXED, rule=RULE, ties=st.sampled_from(["random", "none", "judge", "first-seen"]), quorum=st.integers(1, 4))
def test_any_ballots_are_counted(profile: list[Said], rule: str, ties: TieRule, quorum: int) -> None:
    """Partial, empty and mixed ballots never crash, each seat votes or abstains, and figures are in range."""
    decision = decide(mixed(profile), rule=rule, ties=ties, quorum=quorum)
    seats = {seat for row in decision.tally for seat in row.seats}

    assert not seats & set(decision.abstentions)
    assert seats | set(decision.abstentions) == {str(place) for place in range(len(profile))}
    assert 0 <= decision.margin <= 1
    assert 0 <= decision.confidence < 1
    assert [row.weight for row in decision.tally] == sorted((row.weight for row in decision.tally), reverse=True)
    assert (decision.winner is None) == (decision.reason is not None)
    if decision.winner is not None:
        assert decision.tally[0].weight == next(row.weight for row in decision.tally if row.answer == decision.winner)
        assert decision.margin == 0 or not decision.ties


@settings(max_examples=200)
@given(profile=MIXED, rule=RULE, weight=st.integers(0, 9))
def test_abstentions_never_count(profile: list[Said], rule: str, weight: int) -> None:
    """One more empty ballot changes neither winner, tally nor margin; if it weighs as much as any, it makes nobody surer."""
    empty = Said(None, (), (), (), weight)
    one, other = (decide(mixed(said), rule=rule, seed=4) for said in (profile, [*profile, empty]))

    assert (one.winner, one.margin, one.ties, one.tally) == (other.winner, other.margin, other.ties, other.tally)
    if one.winner is not None and weight >= max(said.weight for said in profile):
        assert other.confidence <= one.confidence


@settings(max_examples=300)
@given(rule=RULE, top=st.sampled_from(NAMES), others=st.lists(RANKING, min_size=1, max_size=7))
def test_unanimity(rule: str, top: str, others: list[Ranking]) -> None:
    """What all who vote put first wins, by every rule."""
    decision = decide(cast([(top, *(name for name in other if name != top)) for other in others]), rule=rule, ties="none")

    assert (decision.winner, decision.dissent) == (top, ())


@pytest.mark.parametrize("rule", ["ranked-pairs", "copeland"])
@settings(max_examples=300)
@given(profile=PROFILE)
def test_condorcet(rule: str, profile: list[Ranking]) -> None:
    """What beats every other answer in a pairwise majority wins, and only that has a margin."""
    named = sorted({name for ranking in profile for name in ranking})
    best = {x for x in named if all(above(profile, x, y) > above(profile, y, x) for y in named if x != y)}

    if best:
        assert first_place(profile, rule) == best
    assert (decide(cast(profile), rule=rule).margin > 0) == bool(best)


@settings(max_examples=300)
@given(profile=st.lists(RANKING, min_size=1, max_size=9), more=RANKING, seed=st.integers(0, 3))
def test_later_no_harm(profile: list[Ranking], more: Ranking, seed: int) -> None:
    """In an instant runoff it never harms an answer on a ballot to name others below it."""
    longer = [profile[0] + tuple(name for name in more if name not in profile[0]), *profile[1:]]
    before, after = (first_place(rankings, "instant-runoff") for rankings in (profile, longer))
    drawn, then = (decide(cast(rankings), rule="instant-runoff", seed=seed).winner for rankings in (profile, longer))

    assert before & set(profile[0]) <= after
    if drawn in profile[0] and before == after:
        assert then == drawn


@pytest.mark.parametrize("rule", ["plurality", "borda", "ranked-pairs"])
@settings(max_examples=300)
@given(profile=st.lists(RANKING, min_size=1, max_size=9), place=st.integers(0, 8), to=st.integers(0, 3), data=st.data())
def test_monotonicity(rule: str, profile: list[Ranking], place: int, to: int, data: st.DataObject) -> None:
    """A winner that is raised on a ballot still wins, and one that shares the first place still does."""
    if not (before := first_place(profile, rule)):
        return
    winner, place = data.draw(st.sampled_from(sorted(before))), place % len(profile)
    old = profile[place]
    rest = [name for name in old if name != winner]
    at = min(to, old.index(winner) if winner in old else len(old))
    after = first_place([*profile[:place], (*rest[:at], winner, *rest[at:]), *profile[place + 1 :]], rule)

    assert winner in after
    assert len(before) > 1 or after == before


@settings(max_examples=200)
@given(profile=PROFILE, rule=RANKED)
def test_weights_are_copies(profile: list[Ranking], rule: str) -> None:
    """A ballot of weight 2 counts like two ballots."""
    heavy = [ballot.model_copy(update={"weight": 2.0}) for ballot in cast(profile[:2])] + cast(profile[2:])
    one, other = (decide(ballots, rule=rule, ties="none") for ballots in (heavy, cast([*profile[:2], *profile])))

    assert (one.winner, one.ties, one.margin) == (other.winner, other.ties, other.margin)


def locked(pairs: Sequence[tuple[str, str]]) -> set[str]:
    """Who stands below nobody when `pairs` are locked in one after another, by the book."""
    below: dict[str, set[str]] = {name: {name} for name in NAMES}
    for x, y in pairs:
        if x not in below[y]:
            for under in below.values():
                if x in under:
                    under.update(below[y])
    return {x for x in NAMES if not any(x in below[y] for y in NAMES if y != x)}


@settings(max_examples=100, deadline=None)
@given(profile=st.lists(st.permutations(NAMES).map(tuple), min_size=1, max_size=9))
def test_ranked_pairs_by_the_book(profile: list[Any]) -> None:
    """The first place is shared by just those that win when equal pairs are locked in some order."""
    strengths: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for x, y in permutations(NAMES, 2):
        if (votes := above(profile, x, y)) > (against := above(profile, y, x)):
            strengths.setdefault((votes, -against), []).append((x, y))
    orders = product(*(list(permutations(strengths[strength])) for strength in sorted(strengths, reverse=True)))

    assert first_place(profile, "ranked-pairs") == {winner for order in orders for winner in locked(sum(order, ()))}
