"""The rules, by hand: who wins, and what is said when nobody does."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from builders import ballots
from contemplate.errors import InputError, UnknownNameError
from contemplate.types import Answer, Ballot, Decision, Merge, Tally
from contemplate.voting import RULES, TieRule, decide


@pytest.mark.parametrize(
    ("rule", "votes", "winner"),
    [
        ("plurality", "AABC", "A"),
        ("plurality", "A---", "A"),
        ("plurality", "BBA--A-B", "B"),
        ("majority", "AAB", "A"),
        ("majority", "AAB-----", "A"),
        ("majority", "AABC", None),
        ("majority", "AABB", None),
        ("supermajority", "AAB", "A"),
        ("supermajority", "AAAABB", "A"),
        ("supermajority", "AAABB", None),
        ("unanimity", "AAA", "A"),
        ("unanimity", "AA-", "A"),
        ("unanimity", "AAB", None),
    ],
)
def test_who_wins(rule: str, votes: str, winner: str | None) -> None:
    """Each rule counts as its name says, abstentions left out; without a winner there is a reason."""
    decision = decide(ballots(votes), rule=rule)

    assert decision.rule == rule
    assert decision.winner == winner
    assert (decision.reason is None) is (winner is not None)


def test_the_whole_decision() -> None:
    """Every field of a plain vote."""
    cast = ballots("ABA-A")

    assert decide(cast, quorum=3) == Decision(
        rule="plurality",
        winner="A",
        value="A",
        tally=(
            Tally(answer="A", votes=3, weight=3, seats=("seat-1", "seat-3", "seat-5")),
            Tally(answer="B", votes=1, weight=1, seats=("seat-2",)),
        ),
        margin=0.5,
        abstentions=("seat-4",),
        dissent=("seat-2",),
        confidence=float(Fraction(4, 7)),
        quorum=3,
    )


def test_weights() -> None:
    """Weighted voting goes by the sum of weights, the other rules by heads."""
    cast = ballots("ABB-", (0.5, 0.125, 0.25, 0.125))

    weighted, plain = decide(cast, rule="weighted"), decide(cast)

    assert (weighted.winner, [tally.weight for tally in weighted.tally], weighted.margin) == ("A", [0.5, 0.375], 0.125 / 0.875)
    assert weighted.confidence == pytest.approx((0.5 * 4 + 1) / 6)
    assert (plain.winner, [tally.weight for tally in plain.tally]) == ("B", [2, 1])


def test_nothing_weighs_anything() -> None:
    """A vote in which all weights are 0 has no winner."""
    decision = decide(ballots("AB", (0, 0)), rule="weighted")

    assert (decision.winner, decision.reason, decision.confidence) == (None, "every ballot has the weight 0", 0)


def test_huge_weights_stay_finite() -> None:
    """Weights whose sum no float can hold are still counted."""
    decision = decide(ballots("AAB", (1.7e308, 1.7e308, 1.7e308)), rule="weighted")

    assert decision.winner == "A"
    assert decision.margin == pytest.approx(1 / 3)


def test_answers_are_counted_by_meaning() -> None:
    """Equal answers written differently are one class, under the first one's text, with the reason."""
    answers = [
        Answer(kind="number", text=text, value=value, how="stated")
        for text, value in [("0.5", "1/2"), ("2", "2"), ("1/2", "1/2")]
    ]
    decision = decide([Ballot(seat=str(place), turn=str(place), answer=answer) for place, answer in enumerate(answers)])

    assert decision.winner == "0.5"
    assert decision.merges == (Merge(answer="1/2", into="0.5", reason="equal number"),)


def test_no_quorum() -> None:
    """Too few answers decide nothing; the tally is there all the same."""
    decision = decide(ballots("A-A--"), quorum=3)

    assert (decision.winner, decision.reason) == (None, "2 of 5 seats gave an answer, the quorum is 3")
    assert [tally.votes for tally in decision.tally] == [2]
    assert (decision.margin, decision.confidence, decision.dissent) == (0, 0, ())


@pytest.mark.parametrize("votes", ["", "---"])
@pytest.mark.parametrize("rule", RULES)
def test_nobody_votes(rule: str, votes: str) -> None:
    """Abstentions never win, by any rule."""
    decision = decide(ballots(votes), rule=rule)

    assert (decision.winner, decision.tally, len(decision.abstentions)) == (None, (), len(votes))


@pytest.mark.parametrize(("ties", "winners"), [("first-seen", {"B"}), ("random", {"A", "B"}), ("none", {None})])
def test_ties(ties: TieRule, winners: set[str | None]) -> None:
    """A tie is recorded, and broken as asked."""
    decisions = [decide(ballots("BACAB"), ties=ties, seed=seed) for seed in range(20)]

    assert {decision.winner for decision in decisions} == winners
    assert {decision.ties for decision in decisions} == {("B", "A")}
    assert {decision.tie_break for decision in decisions} == {ties}
    assert {decision.margin for decision in decisions} == {0}


@pytest.mark.parametrize("rule", ["majority", "supermajority", "unanimity"])
def test_no_rule_of_thresholds_breaks_a_tie(rule: str) -> None:
    """Where a share is demanded, a tie has no winner, and says so."""
    decision = decide(ballots("AABB"), rule=rule)

    assert (decision.winner, decision.ties, decision.tie_break) == (None, ("A", "B"), "none")


@pytest.mark.parametrize(
    ("votes", "threshold", "winner"),
    [
        ("A" * 11 + "B" * 9, 0.55, "A"),
        ("AAAB", 0.75, "A"),
        ("AAAB", 0.76, None),
        ("AAA", 1, "A"),
        ("AAB", 2 / 3, "A"),
        ("AABB", 0.5, None),
    ],
)
def test_thresholds_are_exact(votes: str, threshold: float, winner: str | None) -> None:
    """A share just reached is reached, whatever the float nearest to it is."""
    assert decide(ballots(votes), rule="supermajority", threshold=threshold).winner == winner


def test_an_unknown_rule() -> None:
    """The nearest name is offered."""
    with pytest.raises(UnknownNameError, match="did you mean 'plurality'"):
        decide([], rule="pluralty")


@pytest.mark.parametrize("threshold", [0, -1, 1.1, float("nan"), float("inf")])
def test_thresholds_out_of_range(threshold: float) -> None:
    """A threshold is a share above 0."""
    with pytest.raises(InputError, match="threshold"):
        decide(ballots("A"), rule="supermajority", threshold=threshold)


def test_input_that_makes_no_sense() -> None:
    """A threshold for a rule without one, no quorum, and an endless weight are refused."""
    with pytest.raises(InputError, match="takes no threshold"):
        decide(ballots("A"), rule="plurality", threshold=0.5)
    with pytest.raises(InputError, match="quorum"):
        decide(ballots("A"), quorum=0)
    with pytest.raises(InputError, match="has the weight inf"):
        decide(ballots("A", (float("inf"),)))


@pytest.mark.parametrize("name", RULES)
def test_each_rule_describes_itself(name: str) -> None:
    """A rule has its name, one line, and a reference."""
    rule = RULES[name]

    assert rule.name == name
    assert rule.summary
    assert "\n" not in rule.summary
    assert len(rule.summary) < 130
    assert re.search(r"arXiv:\d{4}\.\d{5}|\b(1[789]|20)\d\d\b", rule.reference)
