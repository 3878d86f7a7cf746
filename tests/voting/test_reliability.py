"""Reliability learned without right answers: recovered from made-up panels, and deaf to copies."""

from __future__ import annotations

import random
from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contemplate.errors import InputError
from contemplate.voting.reliability import learn

SKILLS = {"good": 0.9, "fair": 0.75, "middling": 0.7, "poor": 0.55, "weak": 0.5}


def panel(skills: dict[str, float], questions: int = 600, options: int = 4, seed: int = 1) -> list[dict[str, int | None]]:
    """Independent members; the right answer of every question is 0, and one in twenty is left out."""
    draw = random.Random(seed)
    return [
        {
            member: None if draw.random() < 0.05 else 0 if draw.random() < skill else draw.randrange(1, options)
            for member, skill in skills.items()
        }
        for _ in range(questions)
    ]


def right(winners: tuple[int | None, ...]) -> float:
    """The share of winners that is right."""
    return winners.count(0) / len(winners)


def test_recovers_what_made_the_answers() -> None:
    """The most skilled weighs most, the two least skilled least; abstentions are not answers."""
    asked = panel(SKILLS)
    found = learn(asked, alternatives=[4] * len(asked))

    by_weight = [one.member for one in sorted(found.members, key=lambda one: -one.weight)]
    assert "good" == by_weight[0]
    assert {"poor", "weak"} == set(by_weight[3:])
    assert [sum(question[one.member] is not None for question in asked) for one in found.members] == [
        one.answered for one in found.members
    ]


def test_intervals_hold_the_truth() -> None:
    """Nominally 95 %; over 100 estimates at least 88."""
    held = [
        one.low < SKILLS[one.member] < one.high
        for seed in range(20)
        for one in learn(panel(SKILLS, questions=300, seed=seed), alternatives=[4] * 300).members
    ]

    assert 100 == len(held)
    assert sum(held) >= 88


def test_beats_plurality_and_the_best_member() -> None:
    """Five members of unequal skill."""
    asked = panel(SKILLS, questions=2000)
    found = learn(asked)

    def plurality(question: dict[str, int | None]) -> float:
        votes = [answer for answer in question.values() if answer is not None]
        first = [answer for answer in set(votes) if votes.count(answer) == max(map(votes.count, votes))] if votes else []
        return (0 in first) / len(first) if first else 0.0

    assert right(found.winners) > sum(map(plurality, asked)) / len(asked) + 0.01
    assert right(found.winners) > sum(question["good"] == 0 for question in asked) / len(asked) + 0.01


def test_standard_errors_are_those_of_a_known_truth_where_it_is_known() -> None:
    """Nine good members leave no doubt about what is right, so the error is that of a proportion."""
    found = learn(panel({str(member): 0.8 for member in range(9)}, questions=1000))

    for one in found.members:
        assert one.error == pytest.approx((one.accuracy * (1 - one.accuracy) / one.answered) ** 0.5, rel=0.15)


@pytest.mark.parametrize("member", SKILLS)
@pytest.mark.parametrize("labelled", [True, False])
def test_ten_copies_count_as_one(member: str, labelled: bool) -> None:
    """Said to be copies, or found to be: no winner changes, and nobody else's weight."""
    asked = panel(SKILLS, questions=200)
    copies = [f"{member} {number}" for number in range(9)]
    crowd = [{**question, **dict.fromkeys(copies, question[member])} for question in asked]
    alone, together = learn(asked), learn(crowd, groups=dict.fromkeys(copies, member) if labelled else None)

    assert alone.winners == together.winners
    weights = {one.member: one.weight for one in together.members}
    for one in alone.members:
        assert weights[one.member] * (10 if one.member == member else 1) == pytest.approx(one.weight, rel=1e-4)


def test_copies_with_a_little_noise_are_found() -> None:
    """Ten that differ from a weak member in one answer of fifty share one voice, or nearly so."""
    asked, draw = panel(SKILLS), random.Random(2)
    crowd = []
    for question in asked:
        noisy = {f"copy {n}": draw.randrange(4) if draw.random() < 0.02 else question["weak"] for n in range(9)}
        crowd.append({**question, **noisy})

    found = learn(crowd)
    voices = {one.member: one.voice for one in found.members}

    assert 0.1 == pytest.approx(voices["weak"])
    assert 1.0 == voices["good"]
    assert right(found.winners) == pytest.approx(right(learn(asked).winners), abs=0.01)


def test_good_members_are_not_taken_for_copies() -> None:
    """Two that are right 98 times of 100 agree nearly always, but not in their mistakes."""
    found = learn(panel({"one": 0.98, "two": 0.98, "three": 0.6, "four": 0.6, "five": 0.6}, questions=1000))

    assert [1.0] * 5 == [one.voice for one in found.members]


@settings(max_examples=40)
@given(st.lists(st.lists(st.none() | st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=12))
def test_any_answers_give_finite_estimates(rows: list[list[int | None]]) -> None:
    """Chances in (0, 1) that add up, winners that somebody chose, weights that are not negative."""
    asked = [dict(zip("abc", row, strict=True)) for row in rows]
    if not any(answer is not None for row in rows for answer in row):
        with pytest.raises(InputError, match="nobody answered"):
            learn(asked)
        return
    found = learn(asked)

    for one in found.members:
        assert 0 < one.low <= one.accuracy <= one.high < 1
        assert one.weight >= 0
    for row, chances, winner in zip(rows, found.posteriors, found.winners, strict=True):
        assert set(chances) == {answer for answer in row if answer is not None}
        assert not chances or sum(chances.values()) == pytest.approx(1)
        assert winner in row or winner is None


def test_the_order_of_questions_does_not_matter() -> None:
    """Nor does it matter in which order the classes are numbered."""
    asked = panel(SKILLS, questions=200)
    turned = learn([{member: None if answer is None else 3 - answer for member, answer in one.items()} for one in asked[::-1]])

    assert [3 - (winner or 0) for winner in turned.winners[::-1]] == list(learn(asked).winners)


def test_a_vote_weighs_its_log_odds() -> None:
    """With the number of alternatives of the question at hand; a hopeless member weighs nothing."""
    one = next(one for one in learn(panel(SKILLS)).members if one.member == "good")

    assert one.vote(5) == pytest.approx(log(one.accuracy * 4 / (1 - one.accuracy)))
    assert one.vote(2) == pytest.approx(log(one.accuracy / (1 - one.accuracy)))


def test_alternatives_for_each_question() -> None:
    """One number a question."""
    with pytest.raises(InputError, match="2 questions, and numbers of alternatives for 1"):
        learn([{"a": 0}, {"a": 0}], alternatives=[4])
