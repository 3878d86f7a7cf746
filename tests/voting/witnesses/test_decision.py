"""The decision by evidence: a vote where nothing is known, and otherwise the likeliest answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import ballots
from contemplate.errors import InputError
from contemplate.voting import decide
from contemplate.voting.witnesses import NOTHING, Critic, Evidence, Knowledge, Verdicts, believe

GOOD = Knowledge(critics={"c": Critic(sensitivity=0.85, specificity=0.85)})


def evidence(votes: str, accepts: str = "", rejects: str = "") -> Evidence:
    """Votes for answers, each a letter, and what a critic said of them."""
    answers = list(dict.fromkeys(votes.replace("-", "")))
    said = Verdicts(accepts=tuple(map(accepts.count, answers)), rejects=tuple(map(rejects.count, answers)))
    return Evidence(answers=len(answers), samples={"m": tuple(map(votes.count, answers))}, verdicts={"c": said})


@given(votes=st.text("ABC-", min_size=1, max_size=12), seed=st.integers(0, 20), accepts=st.text("ABC", max_size=5))
def test_where_nothing_is_known_it_is_the_plurality(votes: str, seed: int, accepts: str) -> None:
    """The same winner, the same ties broken alike, whatever an unknown critic says."""
    believed = believe(ballots(votes), evidence(votes, accepts), NOTHING, seed=seed)
    voted = decide(ballots(votes), seed=seed)

    assert (believed.winner, believed.ties, believed.tie_break) == (voted.winner, voted.ties, voted.tie_break)
    assert (believed.dissent, believed.abstentions) == (voted.dissent, voted.abstentions)
    assert [row.answer for row in believed.tally] == [row.answer for row in voted.tally]


def test_evidence_goes_over_the_vote_and_says_so() -> None:
    """Three for A, which is rejected; two for B, which is accepted."""
    decision = believe(ballots("AAABB"), evidence("AAABB", accepts="B", rejects="A"), GOOD)

    assert (decision.winner, decision.rule) == ("B", "posterior (over the vote)")
    assert {row.answer: row.shares for row in decision.tally} == {"A": {"votes": 0.6}, "B": {"votes": 0.4}}
    assert decision.confidence == decision.tally[0].weight
    assert decision.dissent == ("seat-1", "seat-2", "seat-3")


def test_a_tie_of_votes_falls_to_the_evidence_and_says_so() -> None:
    """Then it is a tie no more."""
    decision = believe(ballots("AABB"), evidence("AABB", accepts="B"), GOOD)

    assert (decision.winner, decision.rule, decision.ties) == ("B", "posterior (over a tie of votes)", ())


def test_a_tie_that_stays_falls_to_the_seed_and_says_so() -> None:
    """Or to nobody."""
    drawn = believe(ballots("AABB"), evidence("AABB"), GOOD)
    left = believe(ballots("AABB"), evidence("AABB"), GOOD, ties="none")

    assert (drawn.ties, drawn.tie_break, drawn.winner in {"A", "B"}) == (("A", "B"), "random", True)
    assert (left.winner, left.tie_break, left.confidence) == (None, "none", 0)


def test_below_the_floor_there_is_no_answer() -> None:
    """The reason says how likely it would have been."""
    decision = believe(ballots("ABC"), evidence("ABC"), NOTHING, floor=0.9)

    assert decision.winner is None
    assert decision.reason is not None
    assert "0.9 is asked for" in decision.reason


def test_nobody_answered() -> None:
    """There is nothing to be believed, and too few to decide."""
    decision = believe(ballots("--"), evidence("--"), NOTHING, quorum=1)

    assert decision.winner is None
    assert decision.reason == "0 of 2 seats gave an answer, the quorum is 1"


def test_the_evidence_must_be_that_of_the_ballots() -> None:
    """One line says how it is not."""
    with pytest.raises(InputError, match="2 different answers, and the evidence 1"):
        believe(ballots("AB"), evidence("A"), NOTHING)


def test_bare_votes_show_no_shares() -> None:
    """They would only say once more how the votes are spread; beside a verdict that counts they say something."""
    plain = believe(ballots("AAB"), evidence("AAB", accepts="B"), NOTHING)
    judged = believe(ballots("AAB"), evidence("AAB", accepts="A"), GOOD)

    assert [row.shares for row in plain.tally] == [{}, {}]
    assert [row.shares for row in judged.tally] == [{"votes": pytest.approx(2 / 3)}, {"votes": pytest.approx(1 / 3)}]
