"""Ballots of one form read in another, and the rules for approvals, points, comparisons and consensus."""

from __future__ import annotations

import pytest

from builders import an_answer, approvals, ballots, points, rankings
from contemplate.errors import InputError
from contemplate.types import Answer, Ballot, Points
from contemplate.voting import RULES, decide


def test_approval() -> None:
    """The most approvals win; a seat stands behind all that it approves of."""
    decision = decide(approvals("AB", "B", "BC", "C", ""), rule="approval")

    assert [(row.answer, row.weight, row.seats) for row in decision.tally] == [
        ("B", 3, ("seat-1", "seat-2", "seat-3")),
        ("C", 2, ("seat-3", "seat-4")),
        ("A", 1, ("seat-1",)),
    ]
    assert (decision.winner, decision.dissent, decision.abstentions) == ("B", ("seat-4",), ("seat-5",))
    assert decision.margin == 0.25
    assert decision.confidence == pytest.approx((3 + 1) / (5 + 2))


def test_cumulative() -> None:
    """The most points win; seats stand behind what they gave most, and confidence goes by shares of points."""
    decision = decide(points({"A": 4, "B": 6}, {"A": 10}, {"C": 5, "B": 5}, {"A": 0}), rule="cumulative")

    assert [(row.answer, row.weight, row.seats) for row in decision.tally] == [
        ("A", 14, ("seat-2",)),
        ("B", 11, ("seat-1", "seat-3")),
        ("C", 5, ("seat-3",)),
    ]
    assert (decision.winner, decision.dissent, decision.abstentions) == ("A", ("seat-1", "seat-3"), ("seat-4",))
    assert decision.margin == pytest.approx(3 / 30)
    assert decision.confidence == pytest.approx((1.4 + 1) / (4 + 2))


def test_nobody_has_more_than_ten_points() -> None:
    """A ballot that gives 1,000 points says as much as one that gives 10; one that gives 2 counts for 2."""
    decision = decide(points({"A": 900, "B": 100}, {"B": 10}, {"A": 2}), rule="cumulative")

    assert {row.answer: row.weight for row in decision.tally} == {"A": 11, "B": 11}


def test_pairwise() -> None:
    """Pairs won come first, then the share of comparisons; a comparison of two others is neither for nor against."""
    cast = rankings("2 A>B, 1 B>A, 1 B>C, 1 C>A, 2 C>B")
    decision = decide(cast, rule="pairwise")

    assert [(row.answer, row.weight) for row in decision.tally] == [("C", 2), ("A", 1), ("B", 0)]
    assert [row.shares["won"] for row in decision.tally] == pytest.approx([3 / 4, 2 / 4, 2 / 6])
    assert (decision.winner, decision.dissent) == ("C", ("seat-4",))
    assert decision.margin == pytest.approx(1 / 3)
    assert decision.confidence == pytest.approx((3 + 1) / (4 + 2))


def test_pairwise_goes_on_by_the_share_won() -> None:
    """In a cycle all win one pair; who won the most of its comparisons is first."""
    decision = decide(rankings("3 A>B, 2 B>C, 1 C>B, 1 C>A"), rule="pairwise", ties="none")

    assert [row.weight for row in decision.tally] == [1, 1, 1]
    assert (decision.winner, decision.ties) == ("A", ())


def test_one_judge_of_many_pairs() -> None:
    """A seat that compared several pairs is named once, and a comparison of equals says nothing."""
    a, b, half = (
        Answer(kind="number", text=text, value=value, how="stated") for text, value in [("1", "1"), ("2", "2"), ("2.0", "2")]
    )
    cast = [Ballot(seat="judge", turn=str(place), ranking=pair) for place, pair in enumerate([(a, b), (a, half), (b, half)])]
    decision = decide(cast, rule="pairwise")

    assert (decision.winner, decision.tally[0].seats, decision.tally[0].votes) == ("1", ("judge",), 2)
    assert decide(cast[2:], rule="pairwise").winner is None
    assert decide(cast[2:], rule="pairwise").abstentions == ("judge",)


@pytest.mark.parametrize(
    ("votes", "threshold", "rule", "winner"),
    [
        ("AAB", None, "hybrid (consensus)", "A"),
        ("AABC", None, "hybrid (plurality)", "A"),
        ("AAABB", 0.6, "hybrid (consensus)", "A"),
        ("AAABB", 0.61, "hybrid (plurality)", "A"),
        ("AABB", 0.5, "hybrid", None),
        ("---", None, "hybrid", None),
    ],
)
def test_hybrid(votes: str, threshold: float | None, rule: str, winner: str | None) -> None:
    """The decision says whether it was by consensus or by vote."""
    decision = decide(ballots(votes), rule="hybrid", threshold=threshold, ties="none")

    assert (decision.rule, decision.winner) == (rule, winner)


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"majority", "supermajority", "unanimity"}))
def test_a_first_choice_counts_by_every_rule(rule: str) -> None:
    """A choice, a ranking of one, an approval of one and all points for one say the same."""
    forms = [
        ballots("AAB"),
        rankings("2 A, 1 B"),
        approvals("A", "A", "B"),
        points({"A": 10}, {"A": 10}, {"B": 10}),
    ]
    decisions = {decide(cast, rule=rule, seed=3).model_dump_json() for cast in forms}

    assert len(decisions) == 1
    assert '"winner":"A"' in decisions.pop()


def test_what_has_no_first_choice_abstains() -> None:
    """Several approvals or level points are no choice; a ranking and the most points are."""
    assert decide(approvals("AB", "B"), rule="plurality").abstentions == ("seat-1",)
    assert decide(points({"A": 5, "B": 5}, {"A": 0}, {"A": 6, "B": 4}), rule="plurality").abstentions == ("seat-1", "seat-2")
    assert [row.answer for row in decide(rankings("2 A>B, 1 B>A"), rule="approval").tally] == ["A", "B"]
    assert decide(points({"A": 6, "B": 4}), rule="cumulative").tally[1].weight == 4


def test_the_form_asked_for_comes_first() -> None:
    """A ballot that holds several forms is read in the rule's own."""
    a, b = (an_answer(text) for text in "AB")
    cast = [Ballot(seat="1", turn="1", answer=a, ranking=(b, a), approved=(b,), points=(Points(answer=b, points=1),))]

    assert [decide(cast, rule=rule).winner for rule in ("plurality", "borda", "approval", "cumulative")] == ["A", "B", "B", "B"]


def test_weights_count_in_rankings() -> None:
    """A ballot of weight 3 is worth three."""
    one, three = rankings("1 A>B>C, 2 B>C>A"), rankings("3 A>B>C, 2 B>C>A")
    heavy = [one[0].model_copy(update={"weight": 3.0}), *one[1:]]

    for rule in ("borda", "copeland", "ranked-pairs", "instant-runoff", "approval", "cumulative"):
        first, second = decide(heavy, rule=rule), decide(three, rule=rule)
        assert [(row.answer, row.weight) for row in first.tally] == [(row.answer, row.weight) for row in second.tally]
        assert (first.winner, first.margin) == (second.winner, second.margin)


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if rule.weighted])
def test_ballots_without_weight_decide_nothing(rule: str) -> None:
    """Where weights count, votes of weight 0 have no winner."""
    cast = [ballot.model_copy(update={"weight": 0.0}) for ballot in rankings("2 A>B, 1 B>A")]
    decision = decide(cast, rule=rule)

    assert (decision.winner, decision.reason) == (None, "every ballot has the weight 0")


def test_endless_points() -> None:
    """Points without end are refused."""
    with pytest.raises(InputError, match="gives inf points"):
        decide(points({"A": float("inf")}), rule="cumulative")


def test_texts_judged_the_same() -> None:
    """What a model judged to say the same is one class, in the choice of a ballot too."""
    x, y, z = (an_answer(text, "text") for text in ("six", "half a dozen", "ten"))
    cast = [Ballot(seat="1", turn="", answer=x), Ballot(seat="2", turn="", approved=(x, y)), Ballot(seat="3", turn="", answer=z)]
    judged = [frozenset({"six", "half a dozen"})]

    assert decide(cast, ties="none").winner is None
    assert decide(cast, ties="none", judged=judged).winner == "six"


def test_a_tie_for_a_judge() -> None:
    """The tie is left standing, and the reason says who is to break it."""
    decision = decide(ballots("AB"), ties="judge")

    assert (decision.winner, decision.tie_break, decision.ties) == (None, "none", ("A", "B"))
    assert decision.reason == "2 answers share the first place; a judge is to break the tie"
    with pytest.raises(InputError, match="a tie can be broken"):
        decide(ballots("A"), ties="coin")  # type: ignore[arg-type]
