"""How sure the posterior is of recorded votes: what the tables on confidence are made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.analysis.records import Votes
from contemplate.voting.witnesses import NOTHING, Evidence, Knowledge, Lesson, learn
from contemplate.voting.witnesses.posterior import read
from recorded_confidence import (
    PUBLISHED,
    Constants,
    Said,
    by_samples,
    by_succession,
    fitted,
    halves,
    held,
    knowing,
    likeliest,
    logs,
    published,
    said,
    share,
    sure,
    whole,
)

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


@given(
    counts=st.lists(st.integers(1, 12), min_size=1, max_size=6),
    accuracies=st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)),
    scatters=st.tuples(st.floats(2, 64), st.floats(2, 64)),
)
def test_how_likely_votes_are(counts: list[int], accuracies: tuple[float, float], scatters: tuple[float, float]) -> None:
    """By what is known, as learning weighs it, and by the whole formula: the same but for a constant."""

    def weighed(known: Knowledge) -> float:
        return read(of(*counts).evidence, known).likelihood(None)

    def told(known: Knowledge) -> float:
        return whole(logs(tuple(counts), Constants(known.accuracy, 2, known.scatter)))

    one, other = (Knowledge(accuracy=accuracy, scatter=scatter) for accuracy, scatter in zip(accuracies, scatters, strict=True))

    assert weighed(one) - weighed(other) == pytest.approx(told(one) - told(other), abs=1e-6)


@pytest.mark.parametrize("name", PUBLISHED)
def test_of_weak_models_what_is_learned_is_near_the_truth(name: str) -> None:
    """Without right answers: how often samples are right, and a confidence that is worth more than to know nothing, or nearly."""
    questions = by_samples({name: published(*PUBLISHED[name])})[name, None]
    learned = learn([Lesson(evidence=question.evidence) for question in questions]).members["m"]
    right = sum(question.counts[answer] for question in questions for answer in question.right)
    made = sum(sum(question.counts) for question in questions)

    assert learned.accuracy == pytest.approx(right / made, abs=2 * learned.error)
    by_halves, by_nothing = halves(questions), [sure(question, knowing(NOTHING)) for question in questions]
    assert held(by_halves).brier.score < held(by_nothing).brier.score + 0.02
