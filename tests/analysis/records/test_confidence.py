"""How sure the posterior is of recorded votes: what the tables on confidence are made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.records import Votes
from contemplate.voting.witnesses import NOTHING, Evidence, Knowledge
from recorded_confidence import Constants, Said, by_succession, fitted, halves, knowing, likeliest, said, share, sure

TIED = Votes("q", (1, 0, None, 0, 1, 2), frozenset({0}), members=("m",) * 6)


def of(*counts: int) -> Said:
    """A question of one member, whose first answer is right."""
    return Said(Evidence(answers=len(counts), samples={"m": counts}), 0, frozenset({0}))


def test_answers_are_numbered_as_they_stand() -> None:
    """Of the samples that are drawn; what nobody answers is left out."""
    question = said(TIED, 5)

    assert question == Said(Evidence(answers=2, samples={"m": (2, 2)}), 1, frozenset({1}))
    assert said(Votes("q", (None, 0), frozenset(), members=("m", "m")), 1) is None


def test_of_equals_the_answer_seen_first_wins() -> None:
    """Whether it is right or not."""
    question = of(2, 2, 1)

    assert (0.4, True) == sure(question, share)
    assert (3 / 7, True) == sure(question, by_succession)


@given(counts=st.lists(st.integers(1, 12), min_size=1, max_size=6), accuracy=st.floats(0.01, 0.99))
def test_the_constants_as_built_are_the_posterior(counts: list[int], accuracy: float) -> None:
    """So that what is fitted is compared with what is."""
    known = Knowledge(accuracy=accuracy)

    assert knowing(known)(of(*counts)) == pytest.approx(fitted(Constants(accuracy, 2, 2))(of(*counts)))


def test_part_of_what_is_known_lies_between() -> None:
    """None of it is to know nothing, and half of it is half of the way."""
    known = Knowledge(accuracy=0.9)

    assert knowing(NOTHING)(of(3, 1)) == knowing(known, 0)(of(3, 1))
    assert knowing(Knowledge(accuracy=0.7))(of(3, 1)) == pytest.approx(knowing(known, 0.5)(of(3, 1)))


def test_a_record_is_learned_from_by_halves() -> None:
    """Of a panel that agrees, each half teaches that it is good."""
    questions = [of(4, 1)] * 40

    assert len(questions) == len(halves(questions))
    assert halves(questions)[0].confidence > sure(of(4, 1), knowing(NOTHING)).confidence


def test_more_votes_are_likelier_by_whatever_constants_are_fitted() -> None:
    """The scatter is at least the spread."""
    found = likeliest([of(3, 1), of(2, 2), of(1, 1, 1)])

    assert found.scatter >= found.spread
