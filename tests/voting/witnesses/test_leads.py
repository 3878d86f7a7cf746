"""Who of two members is right more often, learned from what they answer to the same questions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contemplate.voting.witnesses import Evidence, Lead, Lesson, known_lead, learn
from contemplate.voting.witnesses.leads import leads
from simulated_programs import CHAIN, PROGRAM, Begin, Programs, lesson

WORSE = Programs("worse", 0.15, own_errors=True)
AS_RIGHT = (Programs("own errors", own_errors=True), Programs("same errors"))


def simulated(programs: Programs, seed: int, count: int = 200) -> list[Lesson]:
    """Three chains and two programs for each of so many questions."""
    return [lesson(Begin(programs, 0.6, seed).panel(f"leads/{number}")) for number in range(count)]


def of(truth: int | None = None, **samples: tuple[int, ...]) -> Lesson:
    """A question, with the votes of each member."""
    return Lesson(evidence=Evidence(answers=len(next(iter(samples.values()))), samples=samples), truth=truth)


def test_who_is_clearly_worse_is_told_apart() -> None:
    """In most of ten learnings, by about as much as it is, and the other way in none."""
    found = [leads(simulated(WORSE, seed))[CHAIN][PROGRAM] for seed in range(10)]

    assert sum(one.lead > 2 * one.error for one in found) >= 6
    assert not any(one.lead < -2 * one.error for one in found)
    assert sum(one.lead for one in found) / 10 == pytest.approx(0.15, abs=0.05)


@pytest.mark.parametrize("programs", AS_RIGHT, ids=lambda programs: programs.name)
def test_who_is_asked_less_often_is_not_found_worse_for_it(programs: Programs) -> None:
    """Programs give two of five answers, and are as right."""
    found = [leads(simulated(programs, seed))[CHAIN][PROGRAM] for seed in range(10)]

    assert sum(one.lead for one in found) / 10 == pytest.approx(0, abs=0.03)
    assert sum(abs(one.lead) > 2 * one.error for one in found) <= 1


def test_what_is_learned_of_two_is_what_is_known() -> None:
    """A program that is clearly worse is known to be."""
    assert known_lead(PROGRAM, CHAIN, learn(simulated(WORSE, 3))) < 0


def test_where_the_truth_is_known_they_are_held_against_it() -> None:
    """One right 30 times of 40, one 10 times, in questions of their own; what even questions take off is little."""
    lessons = [of(0, a=(1, 0), b=(0, 1))] * 30 + [of(0, a=(0, 1), b=(1, 0))] * 10
    expected = Lead(lead=20 / 44, error=((32 * (24 / 44) ** 2 + 12 * (64 / 44) ** 2) ** 0.5) / 44, questions=40)

    assert expected.model_dump() == pytest.approx(leads(lessons)["a"]["b"].model_dump())


def test_the_truth_need_not_stand() -> None:
    """Then both are wrong."""
    assert leads([of(2, a=(1, 0), b=(0, 1))])["a"]["b"].lead == 0


def test_others_agree_on_what_two_are_held_against() -> None:
    """Two members with a vote each, and two others who agree with the first."""
    lessons = [of(a=(1, 0), b=(0, 1), c=(1, 0), d=(1, 0))] * 20

    assert leads(lessons)["a"]["b"].lead > 0.5
    assert leads(lessons)["a"]["c"].lead == 0


def test_what_one_member_repeats_is_no_lead() -> None:
    """It may be a mistake, as nobody else gives it."""
    assert leads([of(sure=(3, 0, 0), unsure=(0, 1, 1))] * 40)["sure"]["unsure"].lead == 0


@pytest.mark.parametrize("lessons", [[], [of(a=(2, 1))], [of(a=(1,)), of(b=(1,))]], ids=["nothing", "alone", "never together"])
def test_who_answered_no_question_together_has_no_lead(lessons: list[Lesson]) -> None:
    """There is nothing to compare."""
    assert not leads(lessons)


votes = st.lists(st.tuples(*(st.tuples(*(st.integers(0, 3),) * 3),) * 3), min_size=1, max_size=6)


@given(votes)
def test_nobody_is_favoured_for_a_name_or_a_place(rows: list[tuple[tuple[int, int, int], ...]]) -> None:
    """Whoever stands first, one's lead over the other is the other's arrears; all of it is a difference of chances."""
    one_way = leads([of(a=a, b=b, c=c) for a, b, c in rows])
    other_way = leads([of(c=c, b=b, a=a) for a, b, c in rows])

    for name, over in one_way.items():
        for other, lead in over.items():
            mirrored = other_way[other][name]
            assert lead.lead == pytest.approx(-mirrored.lead)
            assert lead.error == pytest.approx(mirrored.error)
            assert lead.questions == mirrored.questions
