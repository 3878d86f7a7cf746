"""Decisions that somebody takes beside a count: who agrees, how far the winner is ahead, how sure it makes us."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.types import Answer, Ballot, Decision, Question, Tally
from contemplate.voting import decide, weigh
from contemplate.voting.decision import composed, ruled, stands, undecided, with_mean_ranks

NUMBER = Question(text="What is 6 * 7?", kind="number")


def answer(value: str, text: str = "", how: str = "stated") -> Answer:
    """An answer, written as its canonical form unless said otherwise."""
    return Answer.model_validate({"kind": "text", "text": text or value, "value": value, "how": how})


def ballots(votes: str) -> list[Ballot]:
    """One ballot a character; a dash abstains."""
    return [
        Ballot(seat=f"seat-{place}", turn=f"{place}", answer=None if vote == "-" else answer(vote))
        for place, vote in enumerate(votes, 1)
    ]


def held(votes: str) -> Mapping[str, Answer]:
    """What each seat holds that does not abstain."""
    return {ballot.seat: ballot.answer for ballot in ballots(votes) if ballot.answer is not None}


def ruling(votes: str, value: str, **how: object) -> Decision:
    """The decision of somebody who named `value`, beside a vote."""
    return ruled(decide(ballots(votes)), answer(value), held(votes), rule="synthesis", **how)  # type: ignore[arg-type]


def test_the_whole_decision() -> None:
    """Every field: the tally, the abstentions and the quorum are the panel's."""
    counted = decide(ballots("ABA-A"), quorum=3)

    decision = ruled(counted, answer("B", how="boxed"), held("ABA-A"), rule="moderator")

    assert decision == Decision(
        rule="moderator",
        winner="B",
        value="B",
        how="boxed",
        tally=counted.tally,
        margin=0.0,
        abstentions=("seat-4",),
        dissent=("seat-1", "seat-3", "seat-5"),
        confidence=float(Fraction(2, 7)),
        quorum=3,
    )


@pytest.mark.parametrize(
    ("votes", "value", "margin", "confidence", "dissent"),
    [
        ("AAB", "A", 1 / 3, 3 / 5, ("seat-3",)),
        ("AAB", "B", 0, 2 / 5, ("seat-1", "seat-2")),
        ("ABAA", "A", 1 / 2, 4 / 6, ("seat-2",)),
        ("AB", "A", 0, 2 / 4, ("seat-2",)),
        ("AA", "A", 1, 3 / 4, ()),
        ("A-", "A", 1, 2 / 4, ()),
        ("ABA", "Z", 0, 1 / 5, ("seat-1", "seat-2", "seat-3")),
        ("--", "Z", 0, 1 / 4, ()),
    ],
)
def test_what_it_is_worth(votes: str, value: str, margin: float, confidence: float, dissent: tuple[str, ...]) -> None:
    """By the panel's own vote, worked out by hand."""
    decision = ruling(votes, value)

    assert (decision.margin, decision.confidence, decision.dissent) == (
        pytest.approx(margin),
        pytest.approx(confidence),
        dissent,
    )


@given(st.text("ABC-", min_size=1, max_size=9), st.sampled_from("ABCZ"))
def test_a_ruling_agrees_with_its_tally(votes: str, value: str) -> None:
    """Whoever is named the winner: margin, dissent and confidence can be counted again on the ballots."""
    decision = ruling(votes, value)

    behind, most = votes.count(value), max((votes.count(other) for other in "ABC" if other != value), default=0)
    cast = len(votes) - votes.count("-")
    assert decision.margin == pytest.approx(max(0, behind - most) / cast if cast else 0)
    assert decision.dissent == tuple(f"seat-{place}" for place, vote in enumerate(votes, 1) if vote not in {value, "-"})
    assert decision.confidence == pytest.approx((behind + 1) / (len(votes) + 2))


@given(st.text("ABC-", min_size=1, max_size=9))
def test_who_rules_for_the_winner_of_the_vote_changes_nothing(votes: str) -> None:
    """But for the name, it is the decision that the vote alone comes to; so the two are measured in one way."""
    alone = decide(ballots(votes), ties="first-seen")

    if alone.value is None:
        return
    beside = ruled(alone, answer(alone.value), held(votes), rule=alone.rule)
    assert beside == alone.model_copy(update={"ties": (), "tie_break": None})


@given(st.text("ABC-", min_size=1, max_size=9))
def test_a_judge_makes_a_tie_as_sure_as_the_seed_does(votes: str) -> None:
    """A tie that a judge breaks is worth what it is when it is broken at random."""
    by_seed, left = decide(ballots(votes), ties="random"), decide(ballots(votes), ties="judge")

    if by_seed.value is None or not left.ties:
        return
    by_judge = ruled(left, answer(by_seed.value), held(votes), rule=left.rule, breaks_tie=True)
    assert by_judge == by_seed.model_copy(update={"tie_break": "judge"})
    assert by_judge.confidence > 0


def test_another_wording_is_found_in_the_tally() -> None:
    """What a model judged to say the same agrees, and so does what was counted as that."""
    said = {"seat-1": answer("jane austen"), "seat-2": answer("austen"), "seat-3": answer("brontë")}
    judged = {frozenset(("jane austen", "austen")), frozenset(("miss austen", "jane austen"))}
    counted = decide([Ballot(seat=seat, turn=seat, answer=one) for seat, one in said.items()], judged=judged)

    decision = ruled(counted, answer("miss austen"), said, rule="synthesis", judged=judged)

    assert (decision.winner, decision.dissent, decision.confidence) == ("miss austen", ("seat-3",), 3 / 5)
    assert decision.margin == pytest.approx(1 / 3)


def test_a_wording_of_the_first_round_is_found_in_the_tally() -> None:
    """The tally of `evidence` writes an answer as it was first given, when nobody writes it so any more."""
    half, same = answer("1/2", "0.5"), answer("1/2", "1/2")
    first = [Ballot(seat="seat-1", turn="a", answer=half), Ballot(seat="seat-2", turn="b", answer=answer("3"))]
    final = [Ballot(seat="seat-1", turn="c", answer=same), Ballot(seat="seat-2", turn="d", answer=answer("3"))]
    counted = weigh(first, final, {}, weights={"first": 1, "final": 1}, ties="judge")

    decision = ruled(counted, same, {"seat-1": same, "seat-2": answer("3")}, rule="evidence", breaks_tie=True)

    assert counted.ties == ("0.5", "3")
    assert (decision.dissent, decision.confidence) == (("seat-2",), 0.5)


def test_an_answer_that_stands_in_several_rows() -> None:
    """A tally may have a row for each seat: all that hold the winner agree, and the best of their rows counts."""
    rows = [Tally(answer=text, votes=1, weight=weight, seats=(seat,)) for text, weight, seat in ROWS]
    said = {seat: answer(text) for text, _, seat in ROWS}

    decision = ruled(undecided("accepted", rows), answer("A"), said, rule="accepted", confidence=Fraction(6, 7))

    assert (decision.margin, decision.dissent, decision.confidence) == (pytest.approx(3 / 9), ("seat-2",), 6 / 7)


ROWS = [("A", 5.0, "seat-1"), ("B", 2.0, "seat-2"), ("A", 2.0, "seat-3")]


def test_a_tally_without_weight() -> None:
    """Values that are all 0 leave nobody ahead."""
    rows = [Tally(answer="A", votes=1, weight=0, seats=("seat-1",))]

    assert ruled(undecided("first-state", rows), answer("A"), held("A"), rule="first-state").margin == 0


def test_seats_that_are_in_no_row() -> None:
    """Somebody who is behind neither of two texts has not abstained, and is a seat all the same."""
    assert ruling("A", "A", seats=3).confidence == pytest.approx(2 / 5)


def test_nothing_has_won_yet() -> None:
    """No margin, no confidence, no dissent; a tie that stands says so."""
    rows = [Tally(answer=text, votes=1, weight=5, seats=(text,)) for text in "AB"]

    decision = undecided("mean-score", rows, ties=("A", "B"), abstentions=("seat-3",), quorum=2, reason="both have 5")

    assert (decision.winner, decision.margin, decision.confidence, decision.dissent) == (None, 0, 0, ())
    assert (decision.tie_break, decision.abstentions, decision.quorum) == ("none", ("seat-3",), 2)


def test_the_vote_stands() -> None:
    """The panel's own decision, with the reason why nobody ruled; a vote that nothing won keeps its own reason."""
    won, tied = decide(ballots("AAB")), decide(ballots("AB"), ties="none")

    assert stands(won, "no answer") == won.model_copy(update={"reason": "no answer"})
    assert stands(tied, "no answer") == tied


def test_mean_ranks_stand_in_the_tally() -> None:
    """Each row has the mean of its seats' places; one whose replies were not ranked has none."""
    decision = with_mean_ranks(decide(ballots("AAB")), {"seat-1": 1.0, "seat-2": 2.0})

    assert [row.mean_rank for row in decision.tally] == [1.5, None]


def test_the_whole_answer_is_kept() -> None:
    """Text, canonical form and where it was read; the kind is the question's."""
    kept = Answer(kind="number", text="42.0", value="42", how="last")

    decision = ruled(undecided("judge", ()), kept, {}, rule="judge")

    assert decision.answer_to(NUMBER) == kept
    assert undecided("judge", ()).answer_to(NUMBER) is None


@pytest.mark.parametrize(("how", "written"), [("stated", False), ("boxed", True), ("last", True)])
def test_what_is_usual_is_not_written(how: str, written: bool) -> None:
    """A decision for a stated answer is written as earlier versions wrote it, and all are read back as they were."""
    decision = ruled(undecided("judge", ()), answer("A", how=how), {}, rule="judge")

    row = decision.model_dump(mode="json")

    assert ("how" in row) is written
    assert Decision.model_validate_json(decision.model_dump_json()) == decision


# --- open answers -----------------------------------------------------------------------------------------


def an_open_one(value: str) -> Answer:
    """An open answer."""
    return answer(value).model_copy(update={"kind": "open"})


@pytest.mark.parametrize(("written", "confidence"), [("X", Fraction(1, 2)), ("A", Fraction(2, 3)), ("C", Fraction(3, 4))])
def test_nobody_dissents_from_an_open_answer(written: str, confidence: Fraction) -> None:
    """Nobody was asked; only those count whose own words it is: none, one or two of five here."""
    counted = decide(ballots("ABCC-"))

    decision = ruled(counted, an_open_one(written), held("ABCC"), rule="synthesis")

    assert (decision.dissent, decision.abstentions) == ((), ("seat-5",))
    assert decision.confidence == pytest.approx(float(confidence))
    assert decision.tally == counted.tally


def test_an_open_answer_of_claims() -> None:
    """Who is for what it rests on agrees, who is against any of it dissents, who takes no side abstains."""
    seats = [f"seat-{number}" for number in range(1, 6)]

    decision = composed(an_open_one("X"), seats[:3], seats[3:4], seats=seats, confidence=Fraction(3, 4), quorum=2, reason="r")

    assert decision == Decision(
        rule="composition",
        winner="X",
        value="X",
        tally=(Tally(answer="X", votes=3, weight=3.0, seats=tuple(seats[:3])),),
        margin=0.5,
        abstentions=("seat-5",),
        dissent=("seat-4",),
        confidence=0.75,
        quorum=2,
        reason="r",
    )


def test_an_open_answer_of_claims_that_nobody_takes_a_side_on() -> None:
    """It has no lead."""
    assert composed(an_open_one("X"), (), (), seats=("seat-1",), confidence=Fraction(1, 3)).margin == 0
